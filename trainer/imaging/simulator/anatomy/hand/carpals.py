"""The eight carpal bones of a left hand, palm to the front; see ``bones.py`` for axes.

Blobs are placed so that they overlap a little, and parted midway into mating faces.
Carpal height is 0.54 of the third metacarpal (Youm et al., J Bone Joint Surg Am 1978); spaces 1.5
to 2 mm, the scapholunate one below 3 (Gilula, AJR 1979). The sizes of the bones are an
engineer's estimate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.limb.bone import Bony, fit, grown_together
from trainer.imaging.simulator.anatomy.loft import pebble, roughen, turned
from trainer.imaging.simulator.case import Case, generator
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import weave

Floats = NDArray[np.float64]

STEP = 0.05
_LIES = weave((0.2, 0, 1), 1.3)
# name, centre, half sizes, turn in the film's plane in degrees, squareness
_SHAPES = (
    ("scaphoid", (1.04, 0.12, 1.02), (0.56, 0.58, 0.98), 38, 2.3),
    ("lunate", (-0.06, 0.0, 0.68), (0.74, 0.74, 0.66), 0, 2.5),
    ("triquetrum", (-1.02, -0.15, 1.10), (0.56, 0.55, 0.66), -28, 2.4),
    ("pisiform", (-1.22, 1.12, 1.05), (0.38, 0.36, 0.44), 0, 2.1),
    ("trapezium", (1.88, 0.42, 2.15), (0.66, 0.58, 0.66), 30, 2.8),
    ("trapezoid", (1.13, -0.10, 2.55), (0.52, 0.58, 0.58), 0, 2.7),
    ("capitate", (0.30, -0.05, 2.18), (0.62, 0.70, 1.22), 0, 2.5),
    ("hamate", (-0.66, -0.05, 2.22), (0.70, 0.66, 0.90), -14, 2.5),
)
NAMES = tuple(shape[0] for shape in _SHAPES)
# the head of the capitate is a ball: its neighbours give way to it
_SOCKETS = (
    ("lunate", "capitate", 0.16),
    ("scaphoid", "capitate", 0.16),
    ("pisiform", "triquetrum", 0.16),
)
_JOINTS = (
    ("scaphoid", "lunate", 0.17), ("lunate", "triquetrum", 0.16), ("scaphoid", "trapezium", 0.17),
    ("scaphoid", "trapezoid", 0.17), ("trapezium", "trapezoid", 0.15),
    ("trapezoid", "capitate", 0.15),
    ("capitate", "hamate", 0.15), ("hamate", "triquetrum", 0.16), ("hamate", "lunate", 0.16),
    ("capitate", "triquetrum", 0.16),
)  # fmt: skip
# which carpal bones a long bone is cut to fit
MEETS = {
    "radius": ("scaphoid", "lunate"),
    "metacarpal 1": ("trapezium",),
    "metacarpal 2": ("trapezoid", "trapezium", "capitate"),
    "metacarpal 3": ("capitate", "trapezoid"),
    "metacarpal 4": ("hamate", "capitate"),
    "metacarpal 5": ("hamate",),
}


@remember(4)
def carpals(seed: int, s: float, worn: float, bridged: float) -> dict[str, Bony]:
    """Return the carpal bones of a hand.

    Parameters
    ----------
    seed : int
        Of what varies.
    s : float
        Size.
    worn : float
        Loss of joint space, 0..1.
    bridged : float
        1 for a lunotriquetral coalition, which is inborn and harmless.
    """
    made = {}
    for name, centre, radii, turn, square in _SHAPES:
        rng = generator(seed, f"carpal {name}")
        own = rng.normal(0, 1, 6)
        r = 1.17 * np.array(radii) * s * (1 + 0.03 * own[:3])
        f = Field(-r - 0.5, r + 0.5, STEP, 0.6)
        f.values = pebble(f, (0, 0, 0), r, square)
        if name == "hamate":  # its hook
            f.capsules(
                np.array([[0.12, 0.4, 0.05], [0.15, 0.95, 0.1]]) * s,
                np.array([0.33, 0.27]) * s,
                blend=0.2,
            )
        if name == "scaphoid":  # its waist
            f.ellipsoid(
                np.array([-0.62, 0, 0.1]) * s, np.array([0.28, 0.6, 0.45]) * s, blend=0.3, cut=True
            )
        roughen(f, rng, 0.022, (0.5, 0.2))
        at = np.array(centre) * s + 0.015 * own[3:]
        made[name] = Bony(name, f, 0.045 * s, turned(turn, "y"), at, _LIES)
    open_ = 0.9 * s * (1 - 0.6 * worn)
    made = fit(made, [(a, b, gap * open_) for a, b, gap in _SOCKETS], share=1)
    made = fit(made, [(a, b, gap * open_) for a, b, gap in _JOINTS])
    if bridged:
        made = grown_together(made, [("lunate", "triquetrum", (-0.6, 0, 0.9))], bridged, s, 0.2)
    return made


def forged_wrist(case: Case, whole: dict[str, Bony], s: float) -> dict[str, Bony]:
    """Return the carpal bones with some grown together or one gone, as far as the dose goes."""
    dose = case.dose(Hallmark.JOINT_MERGE)
    if dose <= 0:
        return whole
    if case.rng("merge").random() < 0.35:
        lost = whole["trapezoid"]
        gone = lost.field.values + np.float32(0.75 * dose * s)
        return (
            {**whole, "trapezoid": lost.shaped(gone)}
            if dose < 0.97
            else {n: b for n, b in whole.items() if n != "trapezoid"}
        )
    places = (
        ("capitate", "hamate", (-0.2, 0, 2.3)),
        ("scaphoid", "trapezoid", (1.2, 0.1, 1.9)),
        ("lunate", "capitate", (0.1, 0, 1.1)),
    )
    return grown_together(whole, places, dose, s, 0.2)
