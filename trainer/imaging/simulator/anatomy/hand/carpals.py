"""The eight carpal bones of a left hand, palm to the front; see ``bones.py`` for axes.

Blobs are placed so that they overlap a little, and parted midway into mating faces.
Carpal height is 0.51 to 0.57 of the third metacarpal (Youm's ratio: radiopaedia.org, Carpal
height); the scapholunate space 2.0 +/- 0.4 mm, the carpus 31.8 +/- 3 mm high (Tang et al., 2018,
doi 10.4236/etsn.2018.73003). The sizes of the bones are an engineer's estimate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.limb.bone import Bony, cropped, fit
from trainer.imaging.simulator.anatomy.limb.cortex import uneven
from trainer.imaging.simulator.anatomy.limb.fusion import grown_together
from trainer.imaging.simulator.anatomy.loft import pebble, roughen, turned
from trainer.imaging.simulator.case import Case, generator
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import weave

Floats = NDArray[np.float64]

STEP = 0.05
_LIES = weave((0.2, 0, 1), 1.3)
# name, centre, half sizes, turn in the film's plane and towards the palm in degrees, squareness
_SHAPES = (
    ("scaphoid", (1.17, 0.36, 1.16), (0.66, 0.72, 1.15), 34, 32, 2.3),
    ("lunate", (-0.14, 0.0, 0.66), (1.06, 0.95, 0.86), 4, 0, 2.4),
    ("triquetrum", (-1.42, -0.10, 1.20), (0.86, 0.70, 0.98), -38, 0, 2.3),
    ("pisiform", (-1.48, 1.12, 1.22), (0.50, 0.42, 0.58), 0, 0, 2.2),
    ("trapezium", (2.13, 0.50, 2.32), (0.82, 0.72, 0.78), 40, 12, 2.6),
    ("trapezoid", (1.44, -0.16, 2.58), (0.70, 0.76, 0.72), 12, 0, 2.1),
    ("capitate", (0.30, -0.05, 2.48), (0.86, 0.84, 0.98), -7, 0, 2.9),
    ("hamate", (-1.08, -0.05, 2.34), (1.02, 0.80, 1.00), -20, 0, 2.3),
)
# what stands out of them: a course, its girth, how wide it blends
_MORE = {
    # the scaphoid's poles and its tubercle before the trapezium
    "scaphoid": (
        (((-0.06, -0.1, -0.9), (0.05, 0.05, 0.1), (0, 0, 1.1)), (0.74, 0.6, 0.72), 0.2),
        (((0.1, 0.2, 1.0), (0.2, 0.42, 1.2)), (0.52, 0.42), 0.2),
    ),
    # the hamate's hook and the edge that reaches between lunate and capitate
    "hamate": (
        (((0.2, 0.4, 0.15), (0.3, 1.0, 0.25)), (0.34, 0.26), 0.2),
        (((0.35, 0, -0.3), (0.42, 0, -1.05)), (0.55, 0.3), 0.3),
    ),
    # the capitate's neck and head
    "capitate": ((((0, 0, -0.2), (-0.02, 0.05, -0.9)), (0.62, 0.64), 0.3),),
    # the trapezium's ridge
    "trapezium": ((((0.1, 0.5, -0.2), (0.05, 0.62, 0.2)), (0.28, 0.24), 0.2),),
}  # fmt: skip
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
    for name, centre, radii, turn, palmar, square in _SHAPES:
        rng = generator(seed, f"carpal {name}")
        own = rng.normal(0, 1, 6)
        r = np.array(radii) * s * (1 + 0.03 * own[:3])
        room = np.array([0.6, 0.8, 0.5 + 0.7 * s])
        f = Field(-r - room, r + room, STEP, 0.6)
        f.values = pebble(f, (0, 0, 0), r, square)
        for course, girth, blend in _MORE.get(name, ()):
            f.capsules(np.array(course) * s, np.array(girth) * s, blend=blend)
        if name == "scaphoid":  # its waist
            for side in (-1, 1):
                f.ellipsoid(
                    np.array([0.86 * side, 0.1, 0.12]) * s, np.array([0.32, 0.8, 0.5]) * s,
                    blend=0.3, cut=True,
                )  # fmt: skip
        f = cropped(roughen(f, rng, 0.022, (0.5, 0.2)), 0.55)
        at = np.array(centre) * s + 0.015 * own[3:]
        pose = turned(turn, "y") @ turned(-palmar, "x")
        made[name] = Bony(name, f, 0.045 * s, pose, at, _LIES)
    open_ = 0.9 * s * (1 - 0.6 * worn)
    made = fit(made, [(a, b, gap * open_) for a, b, gap in _SOCKETS], share=1)
    made = fit(made, [(a, b, gap * open_) for a, b, gap in _JOINTS])
    made = {n: uneven(b, generator(seed, f"cortex {n}")) for n, b in made.items()}
    if bridged:
        joint = ("lunate", "triquetrum", (-0.6, 0.0, 0.9))
        grown = grown_together(list(made.values()), [joint], bridged, s, 0.2)
        made = {b.name: b for b in grown}
    return made


def forged_wrist(case: Case, whole: dict[str, Bony], s: float) -> dict[str, Bony]:
    """Return the carpal bones with some grown together or one gone, as far as the dose goes."""
    dose = case.dose(Hallmark.JOINT_MERGE)
    if dose <= 0:
        return whole
    if case.rng("merge").random() < 0.35:
        lost = whole["trapezoid"]
        if dose > 0.98:
            return {n: b for n, b in whole.items() if n != "trapezoid"}
        # shrunk so that as much of its volume is gone as the dose says
        gone = lost.field.values - lost.field.values.min() * np.float32(1 - (1 - dose) ** (1 / 3))
        return {**whole, "trapezoid": lost.shaped(gone)}
    places = (
        ("capitate", "hamate", (-0.4, 0, 2.4)),
        ("scaphoid", "trapezoid", (1.45, 0.3, 1.9)),
        ("lunate", "capitate", (0.1, 0, 1.1)),
    )
    grown = grown_together(list(whole.values()), places, dose, s, 0.2, wide=(0.12, 0.85))
    return {b.name: b for b in grown}
