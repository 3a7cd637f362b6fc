"""Bones of a left elbow, arm straight; own origin in the middle of the joint's axis.

+x is lateral, +y front, +z up; lengths in cm of an average man, scaled by ``size``. The anterior
humeral line crosses the middle third of the capitellum, the radius points at it (sickkids.ca, PEM
Ortho X-ray curriculum, Elbow). Measures are an engineer's estimates: epicondylar width 6.2,
trochlea and capitellum 4.4 wide, capitellum 1.05 in radius, radial head 2.2 across, carrying angle
10 degrees.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.limb.bone import Bony, fit
from trainer.imaging.simulator.anatomy.limb.cortex import plated, uneven
from trainer.imaging.simulator.anatomy.limb.wear import spurs
from trainer.imaging.simulator.anatomy.loft import calmed, loft, pebble, roughen
from trainer.imaging.simulator.case import generator
from trainer.imaging.simulator.fields import Field, smooth_max
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import weave

Floats = NDArray[np.float64]

STEP = 0.07
UPRIGHT = weave((0.0, 0.0, 1), 2.4)

# height, medial, lateral, back, front
_HUMERUS = (
    (0.2, -2.0, 2.0, -0.95, 0.0), (0.8, -2.3, 2.35, -1.15, 0.05), (1.3, -2.55, 2.5, -1.25, 0.1),
    (1.9, -2.55, 2.45, -1.3, 0.1), (2.5, -2.3, 2.3, -1.4, 0.1), (3.2, -1.95, 2.05, -1.5, 0.12),
    (4.2, -1.55, 1.7, -1.6, 0.2), (5.4, -1.27, 1.35, -1.65, 0.28), (7.0, -1.12, 1.15, -1.7, 0.36),
    (14.5, -1.1, 1.12, -1.8, 0.45),
)  # fmt: skip
# radius of trochlea and capitellum along the axis
_DRUM = (
    (-2.3, 0.85), (-2.1, 1.18), (-1.7, 1.2), (-1.05, 0.94), (-0.55, 0.84), (0.0, 0.93),
    (0.35, 1.02),
    (0.62, 0.9), (1.0, 1.0), (1.5, 1.05), (1.95, 0.93), (2.25, 0.55),
)  # fmt: skip
# course and girth of ulna and radius
_ULNA = (
    (-0.6, -1.6, -1.0, 0.95), (-0.55, -1.25, -2.4, 1.0), (-0.25, -0.95, -4.2, 0.78),
    (0.45, -0.7, -8.0, 0.66), (1.4, -0.5, -15.0, 0.6),
)  # fmt: skip
_RADIUS = (
    (1.5, 0.05, -2.0, 0.72), (1.52, 0.05, -2.7, 0.64), (1.6, 0.0, -3.4, 0.66),
    (1.7, 0.0, -4.4, 0.74),
    (2.25, 0.05, -8.0, 0.72), (3.15, 0.0, -15.0, 0.72),
)  # fmt: skip
# height and thickness of the cortex; the sides where it is stronger
_CORTEX = {
    "humerus": (
        (-1.2, 0.06), (0, 0.05), (1.5, 0.06), (3, 0.10), (4.5, 0.20), (6.5, 0.32), (13, 0.38),
    ),
    "ulna": (
        (-13, 0.28), (-7, 0.27), (-4.5, 0.24), (-3, 0.15), (-1.5, 0.08), (0.5, 0.07), (2, 0.09),
    ),
    "radius": ((-13, 0.28), (-7, 0.27), (-4, 0.18), (-2.8, 0.12), (-2.0, 0.055), (-1.3, 0.06)),
}  # fmt: skip
_STRONG = {"humerus": (-0.15, 0.0), "ulna": (0.15, -0.2), "radius": (-0.2, 0.0)}


@remember(2)
def elbow(seed: int, held: tuple[float, ...]) -> dict[str, Bony]:
    """Return humerus, ulna and radius of a straight left arm.

    Parameters
    ----------
    seed : int
        Of what varies.
    held : tuple of float
        Size, wear, spurs.
    """
    s, worn, spur = held
    rng = generator(seed, "elbow surface")
    own = generator(seed, "elbow").standard_normal(12)
    bones = {
        "humerus": _humerus(s, own, spur, rng),
        "ulna": _ulna(s, own, spur, rng),
        "radius": _radius(s, own, spur, rng),
    }
    space = 0.26 * (1 - 0.85 * worn) * s
    # the notch is cut by the drum alone; then the humerus gives way to what hooks into its fossae
    drum = _drum(bones["humerus"].field.like(), s, own)
    ulna = bones["ulna"].away_from(drum.solid(), space, share=1)
    bones["ulna"], bones["humerus"] = (
        ulna,
        bones["humerus"].away_from(ulna.solid(), min(0.14 * s, 0.9 * space), share=1, blend=0.1),
    )
    bones = fit(bones, [("radius", "humerus", space)], share=1)
    bones = fit(bones, [("ulna", "radius", 0.16 * s)], share=1)
    return {n: uneven(b, generator(seed, f"cortex {n}"), _STRONG[n]) for n, b in bones.items()}


def _humerus(s: float, own: Floats, spur: float, rng: Generator) -> Bony:
    f = Field(np.array([-4.4, -2.6, -1.7]) * s, np.array([3.8, 1.8, 14.2]) * s, STEP, 0.8)
    rows = [tuple(v * s for v in row) for row in _HUMERUS]
    f.values = loft(f, rows, power=2.3)  # type: ignore[arg-type]
    # the medial epicondyle stands out and back, its lower border sloping to the trochlea's lip;
    # the lateral one is a bump on the ridge that runs down to the capitellum
    for course, girth in (
        (
            ((-2.0, -0.6, 2.1), (-2.75, -0.8, 1.6), (-3.15 - 0.08 * own[0], -0.9, 1.3)),
            (0.65, 0.62, 0.44),
        ),
        (((-2.95, -0.85, 1.25), (-2.35, -0.5, 0.6), (-1.9, -0.2, 0.1)), (0.42, 0.5, 0.6)),
        (((1.9, -0.55, 2.2), (2.35, -0.5, 1.35), (2.45, -0.35, 0.8)), (0.55, 0.62, 0.55)),
        (((2.35, -0.35, 0.8), (1.9, -0.05, 0.1)), (0.5, 0.7)),
    ):
        f.capsules(np.array(course) * s, np.array(girth) * s, blend=0.4)
    for centre, radii in (
        ((-0.35, -1.85, 1.95), (1.2, 1.2, 1.1)), ((-0.4, 0.78, 1.75), (1.05, 0.75, 0.75)),
        ((1.45, 0.55, 1.55), (0.65, 0.5, 0.5)),
    ):  # fmt: skip
        f.ellipsoid(np.array(centre) * s, np.array(radii) * s, blend=0.25, cut=True)
    f.join(_drum(f.like(), s, own).values, 0.28)
    spurs(f, [((-0.5, 0.5, 1.3), (0, 1, 0.2)), ((-0.4, -1.2, 2.9), (0, -1, 0.2))], spur, rng, s)
    return _plated("humerus", f, rng, 0.016, s)


def _drum(f: Field, s: float, own: Floats) -> Field:
    """Return trochlea and capitellum: a drum about the joint's axis."""
    x, y, z = (m / np.float32(s) for m in f.mesh())
    table = np.array(_DRUM)
    radius = np.interp(f.axes[0] / s, table[:, 0], table[:, 1]).astype(np.float32)
    drum = np.sqrt(y**2 + z**2) - radius[:, None, None] * np.float32(1 + 0.02 * own[1])
    drum = smooth_max(drum * np.float32(0.9), np.maximum(-2.3 - x, x - 2.25), 0.3)
    f.values = np.asarray(np.clip(drum * np.float32(s), -1, 0.8), np.float32)
    return f


def _ulna(s: float, own: Floats, spur: float, rng: Generator) -> Bony:
    f = Field(np.array([-2.3, -3.2, -14.2]) * s, np.array([2.4, 2.1, 2.8]) * s, STEP, 0.8)
    course = np.array(_ULNA) * s
    f.capsules(course[:, :3], course[:, 3], blend=0.1)
    # olecranon with its beak, coronoid, and the ridge that guides the trochlea between them
    f.join(pebble(f, np.array([-0.65, -1.55, 0.15]) * s, np.array([1.2, 0.98, 2.05]) * s, 2.6), 0.3)
    f.capsules(
        np.array([[-0.6, -1.5, 1.5], [-0.6, -0.5, 1.45]]) * s, np.array([0.78, 0.42]) * s, blend=0.3
    )
    tip = 0.62 + 0.08 * own[2]
    f.capsules(
        np.array([[-0.55, -0.8, -1.95], [-0.65, 0.15, -1.75], [-0.7, tip, -1.5]]) * s,
        np.array([1.05, 0.8, 0.38]) * s,
        blend=0.35,
    )
    # the coronoid is as broad as the trochlea, the sublime tubercle on its medial side
    f.capsules(
        np.array([[-1.65, -0.05, -1.85], [-1.1, -0.1, -2.0], [-0.3, -0.4, -2.1]]) * s,
        np.array([0.5, 0.75, 0.7]) * s,
        blend=0.4,
    )
    spurs(f, [((-0.7, tip, -1.3), (0, 0.8, 1)), ((-0.6, -0.8, 1.9), (0, 0.9, 0.6))], spur, rng, s)
    return _plated("ulna", f, rng, 0.015, s)


def _radius(s: float, own: Floats, spur: float, rng: Generator) -> Bony:
    f = Field(np.array([-0.1, -1.7, -14.2]) * s, np.array([4.3, 1.9, -0.6]) * s, STEP, 0.8)
    course = np.array(_RADIUS) * s
    f.capsules(course[:, :3], course[:, 3], blend=0.1)
    wide = 1.12 + 0.03 * own[3]
    f.join(pebble(f, np.array([1.5, 0.05, -1.6]) * s, np.array([wide, wide, 0.62]) * s, 3.4), 0.22)
    f.ellipsoid(np.array([1.15, 0.25, -4.1]) * s, np.array([0.55, 0.5, 0.95]) * s, blend=0.35)
    spurs(f, [((2.5, 0.1, -1.5), (1, 0, 0.4)), ((1.5, 1.1, -1.5), (0, 1, 0.4))], spur, rng, s)
    return _plated("radius", f, rng, 0.014, s)


def _plated(name: str, shape: Field, rng: Generator, rough: float, s: float) -> Bony:
    cortex = plated(shape, s, _CORTEX[name])
    return Bony(
        name, roughen(shape, rng, calmed(rough, cortex)), cortex, weave=UPRIGHT, hollow=0.85
    )
