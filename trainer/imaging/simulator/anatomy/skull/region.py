"""The skull lateral as a region: sutures, grooves, a linear fracture, and its forgeries."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.cervical.spine import Neck, vertebrae
from trainer.imaging.simulator.anatomy.skull.bones import (
    VAULT_MESH,
    WINDINGS,
    brain,
    cranium,
    face,
    fossae,
    hyoid,
    jaw,
)
from trainer.imaging.simulator.anatomy.skull.head import head_of
from trainer.imaging.simulator.anatomy.skull.soft import head_parts, outline, pineal
from trainer.imaging.simulator.body import Body, Part, Paths
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity, Structural
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.looks import Parts
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.technique import Point, Technique, positioning
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import SOFT, Tissue
from trainer.imaging.simulator.tubes import Tubes, tube
from trainer.imaging.simulator.vendors import Tone

Floats = NDArray[np.float64]

HEAD: dict[str, Quantity] = {
    "age": Number(18, 100, 48, 18, "age in years"),
    "bmi": Number(16, 45, 25.5, 4, "body mass index, kg/m2"),
    "size": Number(0.88, 1.1, 0.99, 0.035, "size, relative to an average man"),
    "mineral": Number(0.5, 1.35, 1.0, 0.1, "bone mineral density at 40 years, relative"),
    "mouth": Number(0, 7, 1.2, 1.6, "how far the jaw is open, degrees"),
    "pneumatised": Number(0.3, 1.25, 0.95, 0.14, "size of sinuses and air cells, relative"),
}
QUANTITIES: dict[str, Quantity] = {
    **HEAD,
    **positioning(2.2, 1.8, 2.5, (0.6, 0.6)),
    "finding": Choice(("none", "linear fracture"), "what is wrong", weights=(0.66, 0.34)),
    "swelling": Number(0, 1.5, 0.8, 0.25, "swelling of the scalp over a fracture, relative"),
    "groove": Number(0, 1.6, 0.8, 0.3, "depth of the vessels' grooves, relative"),
    "sutures": Number(0.2, 1.4, 0.9, 0.2, "how open the sutures are, relative"),
    "field": Number(25, 31, 27.5, 0.9, "width of the film at the patient, cm"),
    "beam": Choice(("spine 75", "spine 85"), "spectrum"),
}

_BROKEN: dict[str, Quantity] = {
    "finding": Choice(("linear fracture",), "what is wrong"),
    "swelling": Number(0.6, 1.5, 1.0, 0.15, "swelling of the scalp over a fracture, relative"),
}
STRUCTURAL = {
    Hallmark.CLEAN_FRACTURE: Structural(
        "insertion model",
        needs=_BROKEN,
        mimic={
            "finding": Choice(("none",), "what is wrong"),
            "groove": Number(1.3, 1.6, 1.45, 0.1, "depth of the vessels' grooves, relative"),
        },
        look=(Parts(("grooves",), rim=0.2),),
    ),
    Hallmark.NO_SOFT_TISSUE: Structural(
        "insertion model",
        needs=_BROKEN,
        mimic={
            "finding": Choice(("linear fracture",), "what is wrong"),
            "swelling": Number(0, 0.12, 0.05, 0.03, "swelling: minutes after the blow"),
        },
        look=(Parts(("fracture",), rim=0.5),),
    ),
}


def build(case: Case) -> Body:
    """Return the body of a case."""
    plain = case.authentic()
    parts = [*head_parts(plain), *_swelling(case)]
    parts += cranium(plain) + face(plain) + jaw(plain)
    parts += _lines(plain) + _fracture(case) + pineal(plain)
    head = head_of(plain)
    parts += vertebrae(plain, Neck(), head, 3)
    parts.append(hyoid(plain, np.array([0.0, 4.4, -9.6])))
    return Body(tuple(parts))


_MIDDLE = np.array([0.0, 0.2, 5.0])  # of the skull's inside


def _on_vault(case: Case, points: Floats, depth: float) -> Floats:
    """Return points moved along the line from the skull's middle onto its inner face, cm.

    ``depth`` is counted outwards from the inner face.
    """
    f, values = _inner(case)
    solid = f.like(values).solid()
    out = []
    for point in points:
        way = (point - _MIDDLE) / np.linalg.norm(point - _MIDDLE)
        reach = np.arange(3.0, 11.0, 0.05)
        at = _MIDDLE + reach[:, None] * way
        far = solid.at(at[:, 0], at[:, 1], at[:, 2])
        k = int(np.argmax(far > depth))
        out.append(at[k])
    return np.array(out)


@remember(2)
def _inner(case: Case) -> tuple[Field, NDArray[np.float32]]:
    f = Field((-8.2, -10.2, -4.6), (8.2, 10.8, 13.4), VAULT_MESH, far=1.4)
    noise = smooth_noise(f.shape, WINDINGS, case.rng("cranium"))
    return f, brain(f, noise, fossae(case))


def _line(case: Case, nodes: Floats, n: int, depth: float) -> Floats:
    return _on_vault(case, through(nodes, n), depth)


def _across(line: Floats) -> Floats:
    """Return the direction along the vault and square to a line on it, at each of its points."""
    out = line - _MIDDLE
    square = np.cross(np.gradient(line, axis=0), out)
    return np.asarray(square / (np.linalg.norm(square, axis=1, keepdims=True) + 1e-9))


@remember(2)
def _lines(case: Case) -> list[Part]:
    """Return sutures and the grooves of the meningeal vessels: bone that is not there."""
    size = head_of(case).size
    sutures, grooves = [], []
    for side in (-1, 1):
        rng = case.rng(f"sutures {side}")
        coronal = np.array([(0, 1.9, 12.6), (4.0, 2.4, 10.9), (6.4, 3.0, 7.4), (6.6, 3.6, 4.2)])
        lambdoid = np.array([(0, -7.6, 7.4), (3.4, -7.7, 5.4), (5.4, -6.4, 2.4), (5.9, -4.4, 1)])
        squamous = np.array([(6.6, 3.4, 3.6), (6.9, 1, 4.6), (6.9, -1.8, 3.4), (6.3, -3.6, 1.6)])
        for course, wild in ((coronal, 0.09), (lambdoid, 0.13), (squamous, 0.03)):
            smooth = _line(case, course * [side, 1, 1], 110, 0.42)
            # it wanders, and on its way its teeth interlock
            bends = rng.normal(0, wild, (16, 3))
            stray = np.stack([np.interp(np.linspace(0, 15, 110), range(16), b) for b in bends.T], 1)
            teeth = 0.5 * np.abs(rng.normal(0, wild, 110))
            teeth[::2] *= -1
            line = smooth + stray * [0.1, 1, 1] + teeth[:, None] * _across(smooth)
            wide = 0.045 * case.number("sutures") * rng.uniform(0.5, 1.2, 110)
            sutures.append(tube(line * size, wide, 0.2, side=_across(line)))
        own = case.rng(f"grooves {side}")
        trunk = np.array([(5.8, 3.6, 1.6), (6.2, 3.3, 4.6), (5.6, 2.4, 8.0), (3.6, 0.6, 11.0)])
        stray = own.normal(0, 0.35, (4, 3)) * [0.2, 1, 1]
        paths = [trunk + stray]
        for start, goal in ((1, (5.9, -1.6, 8.0)), (2, (4.4, 0.0, 10.4)), (0, (6.3, -3.6, 5.4)),
                            (1, (5.0, 5.0, 8.2))):  # fmt: skip
            first, last = paths[0][start], np.array(goal) + own.normal(0, 0.5, 3) * [0.2, 1, 1]
            bend = (first + last) / 2 + own.normal(0, 0.5, 3) * [0.2, 1, 1]
            paths.append(np.stack([first, bend, last]))
        for path in paths:
            line = _line(case, path * [side, 1, 1], 40, 0.05)
            deep = case.number("groove") * np.linspace(0.11, 0.035, 40)
            grooves.append(tube(line * size, deep))
    missing = Tissue(soft=1.0)
    return [
        Part("sutures", Tubes.joinall(sutures), missing, Tissue(bone=0.85)),
        Part("grooves", Tubes.joinall(grooves), missing, Tissue(bone=0.85)),
    ]


def _crack(case: Case) -> tuple[Floats, Floats, int]:
    """Return the fracture's course, its half width along it, and its side."""
    rng = case.rng("fracture")
    side = 1 if rng.random() < 0.5 else -1
    clean = case.dose(Hallmark.CLEAN_FRACTURE)
    start = np.array([6.4 * side, rng.uniform(-3.5, 1.0), rng.uniform(3.6, 5.6)])
    angle = rng.uniform(0.15, 1.2)
    way = np.array([-0.25 * side, np.cos(angle) * (1 if rng.random() < 0.5 else -1), np.sin(angle)])
    nodes = start + np.linspace(0, rng.uniform(5.0, 7.5), 6)[:, None] * way
    wander = rng.normal(0, 0.42, (6, 3)) * [0.1, 1, 1]
    wander[0] = 0
    jag = np.cumsum(rng.normal(0, 0.06, (80, 3)), 0) + rng.normal(0, 0.03, (80, 3))
    course = through(nodes + wander * (1 - clean), 80)
    # a crack zigzags, it does not turn back
    ahead = np.gradient(course, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1)[:, None]
    jag -= np.sum(jag * ahead, 1)[:, None] * ahead
    line = _on_vault(case, course + jag * (1 - clean), 0.3)
    width = 0.075 * np.clip(1.1 - np.linspace(0, 1, 80) ** 2, 0, 1) * rng.uniform(0.6, 1.3, 80)
    even = np.full(80, 0.07)
    return line, width * (1 - clean) + even * clean, side


def _fracture(case: Case) -> list[Part]:
    """Return the gap of a linear fracture through both tables, and its branch."""
    if case.word("finding") == "none":
        return []
    size = head_of(case).size
    line, width, _ = _crack(case)
    gaps = [tube(line * size, width, 0.33, side=_across(line))]
    rng = case.rng("branch")
    left = 1 - case.dose(Hallmark.CLEAN_FRACTURE)
    if left > 0:
        at = int(rng.integers(25, 55))
        out = rng.normal(0, 1, 3) * [0.1, 1, 1]
        goal = line[at] + out / np.linalg.norm(out) * rng.uniform(1.2, 2.6)
        arm = _on_vault(case, np.linspace(line[at], goal, 24), 0.3)
        gaps.append(tube(arm * size, np.linspace(0.05, 0.008, 24) * left, 0.3, side=_across(arm)))
    return [Part("fracture", Tubes.joinall(gaps), SOFT, Tissue(bone=0.8), "fracture", 0.02)]


def _swelling(case: Case) -> list[Part]:
    """Return the scalp's swelling over a fracture."""
    if case.word("finding") == "none":
        return []
    share = case.number("swelling") * (1 - case.dose(Hallmark.NO_SOFT_TISSUE))
    if share <= 0:
        return []
    size = head_of(case).size
    line, _, _ = _crack(case.authentic())
    middle = _on_vault(case, line[30:31], 0.9)[0]
    skin = outline(case.authentic(), head_of(case), -11.5)
    x, y, z = skin.mesh()
    far = (x - middle[0]) ** 2 + (y - middle[1]) ** 2 + (z - middle[2]) ** 2
    risen = skin.values - np.float32(0.8 * share) * np.exp(-far / np.float32(2.6**2))
    lump = skin.like(np.maximum(risen, -skin.values))  # what stands over the old skin
    shape = lump.solid().posed(np.eye(3), np.zeros(3), np.full(3, size))
    return [Part("scalp swelling", shape, SOFT, Tissue(), "swelling", 0.1)]


def _middle(case: Case) -> Point:
    return (0.0, 1.2 * case.number("size"), 2.2 * case.number("size"))


TECHNIQUE = Technique(
    film=(1, 1), centre=_middle, distance=115, behind=14, turn=-90, magnification=1.12,
    quanta=6e6, blur_mm=0.13, scatter=0.16,
)  # fmt: skip


def tones(paths: Paths) -> list[Tone]:
    """Return the anchors: air, soft tissue, vault, dense base."""
    flesh, bone = paths.structures["soft tissue"], paths.structures["bones"]
    rows, _ = flesh.shape
    upper = np.zeros(flesh.shape, bool)
    upper[: rows // 2] = True
    return [
        Tone(flesh <= 0, 0.5, 0.03),
        Tone((flesh > 0.5) & (bone < 0.01), 0.5, 0.22),
        Tone((bone > 0.5) & upper, 0.35, 0.48),
        Tone(bone > 0.5, 0.8, 0.72),
        Tone(bone > 0.5, 0.99, 0.95),
    ]


SKULL_LATERAL = TECHNIQUE.region(
    "skull",
    "lateral",
    QUANTITIES,
    build,
    tones,
    structural=STRUCTURAL,
    marker_places=((0.03, 0.09, 0.86, 0.92), (0.03, 0.09, 0.05, 0.11)),
)
