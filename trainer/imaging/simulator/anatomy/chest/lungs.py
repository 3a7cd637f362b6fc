"""What is in the lungs and below: vessels, airways, gas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.anatomy.chest.torso import Torso
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field, axes_from
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.tissue import AIR, SOFT, lung
from trainer.imaging.simulator.trees import Growth, grow
from trainer.imaging.simulator.tubes import Tubes

Floats = NDArray[np.float64]

DENSITY = 0.245  # of aerated lung, g/cm3
# where the vessels of upper and lower lobes leave the hilum: right, left (average thorax)
_ROOTS = {
    "artery": (
        ((-3.7, -0.2, -12.3), (-4.1, -0.9, -14.3)),
        ((3.8, -1.6, -11.2), (4.1, -2.5, -13.2)),
    ),
    "vein": (((-3.0, 0.6, -13.4), (-2.5, -0.3, -15.6)), ((3.1, 0.2, -12.8), (2.7, -1.2, -15.0))),
}
_LOBES_PART = -12.5  # height above which a place is served from the upper root
_COUNT = {"artery": 1700, "vein": 1100, "fine": 1200}
_MIRROR = np.array([-1.0, 1.0, 1.0])


def _places(frame: Frame, inside: Floats, side: int, kind: str, rng: Generator) -> Floats:
    """Return points in one lung that vessels serve, denser towards the bases."""
    own = inside[inside[:, 0] * side > 0]
    count = _COUNT[kind]
    chosen = own[rng.integers(0, len(own), 4 * count)]
    chosen = chosen + rng.uniform(-0.2, 0.2, chosen.shape)
    weight = 0.30 + 0.70 * np.clip(-chosen[:, 2] / (22 * frame.size), 0, 1)
    return np.asarray(chosen[rng.random(len(chosen)) < weight][:count])


def _served(frame: Frame, inside: Floats, side: int, kind: str) -> Floats:
    """Return one lung's points; in a symmetric forgery the left takes the right's, mirrored."""
    own = _places(frame, inside, side, kind, frame.case.rng(f"{kind} {side}"))
    if side < 0 or frame.own == 1:
        return own
    other = _places(frame, inside, -1, kind, frame.case.rng(f"{kind} -1")) * _MIRROR
    n = min(len(own), len(other))
    swap = frame.case.rng(f"mirrored {kind}").random(n) < 1 - frame.own
    return np.where(swap[:, None], other[:n], own[:n])


def _root(frame: Frame, kind: str, side: int, lobe: int) -> Floats:
    """Return where one lobe's vessels begin; in a symmetric forgery the left's is the right's."""
    right, left = (frame.point(*_ROOTS[kind][k][lobe]) for k in (0, 1))
    for root in (right, left):
        root[0] += float(frame.drift(root[2]))
    if side < 0:
        return right
    return np.asarray(left * frame.own + right * _MIRROR * (1 - frame.own), float)


def vessel_part(frame: Frame, torso: Torso) -> Part:
    """Return arteries, veins and fine vessels of both lungs."""
    return _vessels(frame, torso, frame.case.dose(Hallmark.VESSEL_UNIFORM))


def congestion(frame: Frame) -> float:
    """Return how much the upper lobes' vessels are widened: a failing heart, or lying down."""
    case = frame.case
    lying = 0.12 if frame.supine else 0.0
    if case.word("finding") not in ("oedema", "cardiomegaly"):
        return lying
    share = 0.45 if case.word("finding") == "oedema" else 0.2
    return lying + share * case.number("consequences")


def artery_trees(frame: Frame, torso: Torso) -> list[Tubes]:
    """Return the arteries of each lobe by themselves: bronchi run beside them."""
    return [tubes for kind, tubes in _trees(frame, torso, 0.0) if kind == "artery"]


@remember(2)
def _vessels(frame: Frame, torso: Torso, even: float) -> Part:
    sets = [tubes for _, tubes in _trees(frame, torso, even)]
    return Part(
        "lung vessels", Tubes.joinall(sets), SOFT, lung(DENSITY), "lung vessels", 0.15,
        inside_of="lungs",
    )  # fmt: skip


@remember(2)
def _trees(frame: Frame, torso: Torso, even: float) -> list[tuple[str, Tubes]]:
    s = frame.size
    full = congestion(frame)
    inside = np.argwhere(torso.aerated < -0.3) * torso.grid.spacing + torso.grid.corner
    sets = []
    for side in (-1, 1):
        for kind in ("artery", "vein"):
            growth = Growth(
                balance=0.30,
                tip=0.035 * (1 + even) * s,
                trunk=(0.72 if kind == "artery" else 0.60) * s * (1 - 0.5 * even),
                exponent=2.35 + 3 * even,
                smoothing=5,
            )
            leaves = _served(frame, inside, side, kind)
            ragged = frame.case.rng(f"lobes {side if frame.own == 1 else -1}").normal(
                0, 1.2, len(leaves)
            )
            upper = leaves[:, 2] + ragged > _LOBES_PART * s
            for lobe, mine in ((0, upper), (1, ~upper)):
                wide = 1 + full if lobe == 0 else 1 - 0.15 * full
                own = replace(growth, tip=growth.tip * wide, trunk=growth.trunk * wide)
                sets.append((kind, grow(_root(frame, kind, side, lobe), leaves[mine], own)))
        hilum = _root(frame, "artery", side, 1) + np.array([side, -0.5, 0.3]) * s
        fine = Growth(balance=0.45, tip=0.017 * s, trunk=0.10 * s, exponent=3.2, smoothing=3,
                      refine=2)  # fmt: skip
        sets.append(("fine", grow(hilum, _served(frame, inside, side, "fine"), fine)))
    return sets


@remember(2)
def airway_part(frame: Frame) -> Part:
    """Return trachea and main bronchi, their air."""
    s, q = frame.size, frame.pushed
    lean = 0.35 * frame.own
    trachea = through(
        [q(0.1, -0.6, 8), q(0, -1.2, 1), q(-lean, -2.0, -5), q(-0.15 - 0.5 * lean, -2.9, -9.4)], 60
    )
    carina = trachea[-1]

    def beyond(x: float, y: float, z: float) -> Floats:
        return np.asarray(carina + frame.point(x, y, z), float)

    rings = 1 + 0.025 * np.sin(np.arange(60) * 2.6)
    f = Field((-6, -7, -17), (6, 3, 12.5 if frame.standing else 8.5), 0.16, far=1.0)
    girth = 0.97 * s * (0.88 if frame.female else 1.0)
    f.capsules(trachea, girth * rings, blend=0.05)
    if frame.standing:
        f.capsules([trachea[0], q(0.1, -0.4, 13)], girth, blend=0.05)
    right = [
        carina + np.array([-0.1, 0, 0.5]), beyond(-1.3, 0.05, -1.3), q(-2.7, -0.8, -12.4),
        q(-3.3, -1.0, -14.2), q(-4.0, -1.8, -16.2),
    ]  # fmt: skip
    left = [
        carina + np.array([0.1, 0, 0.5]), beyond(1.4, -0.05, -1.2), q(3.0, -1.9, -12.2),
        q(4.0, -2.6, -13.6), q(4.7, -3.4, -15.8),
    ]  # fmt: skip
    f.capsules(through(right, 14), np.linspace(0.80, 0.18, 14) * s, blend=0.25)
    f.capsules(through(left, 14), np.linspace(0.70, 0.17, 14) * s, blend=0.25)
    upper = [q(-2.4, -0.7, -11.6), q(-3.4, -0.4, -11.0), q(-4.4, 0, -9.6)]
    f.capsules(through(upper, 6), np.linspace(0.45, 0.2, 6) * s, blend=0.15)
    upper = [q(3.2, -2.0, -12.4), q(4.4, -1.2, -11.8), q(5.2, 0.2, -10.4)]
    f.capsules(through(upper, 6), np.linspace(0.45, 0.2, 6) * s, blend=0.15)
    return Part("airways", f.solid(), AIR, SOFT, "airways", least=0.2)


@remember(2)
def gas_part(frame: Frame, torso: Torso) -> Part:
    """Return the stomach bubble and some bowel gas."""
    s, rng = frame.size, frame.case.rng("gas")
    noise = torso.fine_noise
    f = torso.grid.like()
    # the fundus lies under the dome; its wall and the diaphragm part it from the lung
    high = rng.uniform(1.2, 2.4) * s
    level = frame.dome_left - 0.9 * s - high
    f.ellipsoid(
        (5.4 * s + rng.normal(0, 0.7), 0.6 * s, level),
        (rng.uniform(2.0, 3.6) * s, 2.8 * s, high),
        axes_from((1, 0, rng.normal(-0.15, 0.12))),
        noise=noise,
        rough=0.35,
    )
    _, y, z = f.mesh()
    # the fluid's surface is level: under the gas of a patient who stands, behind it lying
    rest = rng.uniform(-0.3, 0.8) * high
    surface = y - np.float32(1.5 * s - rest) if frame.supine else z - np.float32(level - rest)
    f.join(surface, 0.15, cut=True)
    for _ in range(int(rng.integers(2, 5))):
        x, deep = rng.uniform(-6, 10) * s, -(27.5 + rng.uniform(0, 5)) * s
        if x > 5:
            deep = frame.dome_left - rng.uniform(3.5, 8) * s
        # a stretch of colon: sacs along its course, folds between them
        bore, course = rng.uniform(0.6, 1.1), rng.normal(0, 1, 3) * [1, 0.4, 0.6]
        course /= np.linalg.norm(course)
        at = np.array([x, rng.uniform(1, 5) * s, deep])
        for _ in range(int(rng.integers(2, 6))):
            sac = bore * rng.uniform(0.8, 1.2, 3) * [0.9, 1.1, 1.0]
            f.ellipsoid(at, sac, axes_from(course), blend=0.08, noise=noise, rough=0.15)
            at = at + course * bore * rng.uniform(1.3, 1.6)
            course = course + rng.normal(0, 0.3, 3)
            course /= np.linalg.norm(course)
    f.values = np.maximum(f.values, torso.diaphragm + 0.7) * np.float32(0.6)
    return Part("bowel gas", f.smooth(0.5).solid(), AIR, SOFT, "bowel gas", least=0.3)
