"""What can be wrong in a chest, alone or with its consequences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.anatomy.chest.lungs import DENSITY
from trainer.imaging.simulator.anatomy.chest.oedema import oedema_parts
from trainer.imaging.simulator.anatomy.chest.ribs import RibBreak
from trainer.imaging.simulator.anatomy.chest.torso import Torso, torso
from trainer.imaging.simulator.body import Part, Uneven
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import AIR, SOFT, Tissue, lung
from trainer.imaging.simulator.tubes import Tubes, tube

Floats = NDArray[np.float64]

KINDS = (
    "none", "nodule", "mass", "pneumonia", "effusion", "pneumothorax", "cardiomegaly",
    "rib fracture", "oedema",
)  # fmt: skip
QUANTITIES: dict[str, Quantity] = {
    "finding": Choice(
        KINDS, "what is wrong", weights=(0.54, 0.09, 0.05, 0.08, 0.07, 0.04, 0.06, 0.03, 0.04)
    ),
    "finding_side": Choice(("right", "left"), "side of the finding"),
    "finding_size": Number(0, 1, 0.5, 0.22, "size of the finding within its usual range"),
    "tension": Choice(("none", "tension"), "tension of a pneumothorax", weights=(0.8, 0.2)),
    "finding_rib": Number(3, 9, 6.5, 1.5, "rib that is broken"),
    "consequences": Number(
        0, 1, 1, 0, "what a finding does to its surroundings: vessels, pleura, step; relative"
    ),
}


def side_of(case: Case) -> int:
    """Return the side of the finding: -1 right, 1 left."""
    return 1 if case.word("finding_side") == "left" else -1


def consequences(case: Case) -> float:
    """Return how much of a finding's consequences is left, 0..1."""
    return case.number("consequences") * (1 - case.dose(Hallmark.NO_CONTEXT))


def finding_parts(frame: Frame, soft: Torso) -> list[Part]:
    """Return the parts of the case's finding; they lie in the lungs and come after them."""
    kind = frame.case.word("finding")
    if kind in ("nodule", "mass"):
        return _nodule(frame, soft, 1.0 if kind == "nodule" else 2.4)
    if kind == "pneumonia":
        return _pneumonia(frame, soft)
    if kind == "pneumothorax":
        return _pneumothorax(frame, soft)
    if kind == "effusion":
        gone = np.maximum(soft.lung_before, -soft.lung)
        return [Part("effusion", soft.solid(gone), SOFT, SOFT, "effusion", 0.6)]
    if kind == "oedema":
        return oedema_parts(frame, soft)
    return []


def seat(frame: Frame, purpose: str, radius: float) -> Floats:
    """Return a place in the lung of the finding's side that has room for it, forged or not."""
    soft, rng = torso(frame.authentic()), frame.case.rng(purpose)
    inside = np.argwhere(soft.lung < -min(radius + 0.4, 2.2))
    points = inside * soft.grid.spacing + soft.grid.corner
    s, side = frame.size, side_of(frame.case)
    fit = points[
        (points[:, 0] * side > 4.5 * s) & (points[:, 2] < -5 * s) & (points[:, 2] > -19 * s)
    ]
    if len(fit) == 0:
        fit = points[points[:, 0] * side > 0]
    return np.asarray(fit[int(rng.integers(len(fit)))], float)


def _nodule(frame: Frame, soft: Torso, scale: float) -> list[Part]:
    """Return a nodule or mass, with spicules, feeding vessels and a pleural tail, or bare."""
    case, rng = frame.case, frame.case.rng("nodule")
    radius = (0.5 + 0.55 * case.number("finding_size")) * scale
    at = seat(frame, "nodule seat", radius)
    living = consequences(case)
    box = 2.3 * radius + 0.4
    f = Field(at - box, at + box, max(0.05, radius / 14), far=1.5 * radius)
    f.ellipsoid(at, radius * (1 + 0.1 * living * rng.normal(0, 1, 3)), blend=0.01)
    lumps = (
        smooth_noise(f.shape, (7, 7, 7), rng) * 0.14 + smooth_noise(f.shape, (16,) * 3, rng) * 0.06
    )
    f.values += np.float32(radius * living) * lumps
    for _ in range(14):
        way = rng.normal(0, 1, 3)
        way /= np.linalg.norm(way)
        reach, thick = rng.uniform(1.3, 2.2), 0.14 * radius * living
        if thick > 0.005:
            tips = [at + way * radius * 0.8, at + way * radius * (1 + (reach - 1) * living)]
            f.capsules(tips, [thick, 0.02], blend=0.1 * radius)
    within = lung(DENSITY)
    parts = [Part("nodule", f.solid(), SOFT, within, "nodule", 0.05)]
    threads = _threads(frame, soft, at, radius, living)
    if threads is not None:
        parts.append(Part("nodule's vessels", threads, SOFT, within, inside_of="lungs"))
    return parts


def _threads(frame: Frame, soft: Torso, at: Floats, radius: float, living: float) -> Tubes | None:
    """Return vessels drawn to a nodule and strands from it to the pleura."""
    if living <= 0:
        return None
    rng, side = frame.case.rng("nodule vessels"), side_of(frame.case)
    hilum = frame.point(side * 3.9, -0.8, -12.8)
    lines = []
    for _ in range(3):
        start = hilum + (at - hilum) * rng.uniform(0.25, 0.5) + rng.normal(0, 0.5, 3)
        bend = (start + at) / 2 + rng.normal(0, 0.6, 3)
        lines.append(tube(through([start, bend, at], 20), np.linspace(0.13, 0.19, 20) * living))
    out = at * [1, 1, 0] - np.array([side * 5.0, -1.0, 0]) * frame.size
    out /= np.linalg.norm(out)
    reach = 0.2
    while soft.solid(soft.lung).at(*(at + out * reach)) < -0.05 and reach < 7:
        reach += 0.25
    for _ in range(2):
        end = at + out * reach + rng.normal(0, 0.35, 3)
        bend = (at + end) / 2 + rng.normal(0, 0.25, 3)
        thick = np.linspace(min(0.12, 0.2 * radius), 0.035, 16) * living
        lines.append(tube(through([at, bend, end], 16), thick))
    return Tubes.joinall(lines)


def _pneumonia(frame: Frame, soft: Torso) -> list[Part]:
    """Return a consolidation with air bronchograms."""
    case, rng = frame.case, frame.case.rng("pneumonia")
    s, side, size = frame.size, side_of(case), 0.7 + 0.9 * case.number("finding_size")
    lower = rng.random() < 0.7
    at = np.array([side * rng.uniform(6.0, 8.5), rng.uniform(-4, 2), -17.0 if lower else -8.5]) * s
    patchy = Uneven(case.number_for("pneumonia patches"), 3.1, 0.13, Tissue(soft=1), power=0.8)
    # filled in the middle, giving way to aerated lung over a centimetre or two
    parts = []
    for name, reach, rough in (("consolidation", 1.0, 0.7), ("consolidation's rim", 1.3, 1.1)):
        f = soft.grid.like()
        radii = np.array([3.3, 3.8, 3.0]) * size * s * reach
        f.ellipsoid(at, radii, noise=soft.fine_noise, rough=rough)
        f.values += np.float32(1.1) * soft.noise
        f.values = np.maximum(f.values, soft.lung)
        parts.append(
            Part(name, f.smooth(0.7).solid(), lung(DENSITY + 0.20), lung(DENSITY), "consolidation",
                 0.8, uneven=patchy if reach == 1 else None)
        )  # fmt: skip
    if consequences(case) > 0:
        hilum = frame.point(side * 3.6, -0.8, -12.8)
        branches = []
        for _ in range(4):
            end = at + rng.normal(0, 1.4, 3) * size
            bend = (hilum + end) / 2 + rng.normal(0, 0.5, 3)
            radius = np.linspace(0.26, 0.09, 20) * consequences(case)
            branches.append(tube(through([hilum, bend, end], 20), radius))
        parts.append(
            Part("air bronchograms", Tubes.joinall(branches), AIR, Tissue(soft=0.62),
                 inside_of="consolidation")
        )  # fmt: skip
    return parts


def _pneumothorax(frame: Frame, soft: Torso) -> list[Part]:
    """Return air in the pleural space and the visceral pleura's line."""
    inside = lung(DENSITY)
    held = soft.aerated
    space = np.maximum(soft.lung, -held)
    return [
        Part("pneumothorax", soft.solid(space), AIR, inside, "pneumothorax", 0.6),
        Part("pleura", soft.solid(held), Tissue(soft=0.9), inside),
        Part("pleura, inner face", soft.solid(held + np.float32(0.07)), inside, Tissue(soft=0.9)),
    ]


def rib_break(case: Case) -> RibBreak | None:
    """Return the rib fracture of a case, if it has one."""
    if case.word("finding") != "rib fracture":
        return None
    rng = case.rng("rib fracture")
    natural = consequences(case)
    return RibBreak(
        number=round(case.number("finding_rib")),
        side=side_of(case),
        at=float(rng.uniform(0.35, 0.65)),
        step=float(rng.uniform(0.35, 0.7)) * natural,
        gap=float(rng.uniform(0.05, 0.14)),
    )
