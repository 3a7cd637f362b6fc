"""What is in the bowel: gas between haustra or valvulae, faeces, a stomach; and copied bubbles.

Courses of the colon and its calibre after Gray's Anatomy (caecum 7 cm, descending colon 3 to 4 cm
across when filled); the small bowel is below 3 cm unless it is obstructed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.bowel import VISCERA, haustral, loop
from trainer.imaging.simulator.anatomy.loft import roughen
from trainer.imaging.simulator.anatomy.lumbar.soft import above_domes
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field, smooth_max
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import AIR, SOFT, Tissue

Floats = NDArray[np.float64]
Map = NDArray[np.float32]

# nodes of the colon from the caecum in the pelvis's coordinates: x, y, z, lumen's radius; cm of an
# average man
_COLON = np.array([
    (-9.2, 3.5, 8.2, 2.6), (-10.0, 3.0, 12.0, 2.5), (-10.4, 1.5, 17.0, 2.2),
    (-10.0, 0.5, 22.0, 2.1), (-8.6, 2.0, 25.0, 2.2), (-5.0, 6.0, 22.5, 2.2),
    (0.5, 7.5, 20.0, 2.2), (5.5, 6.5, 22.0, 2.1),
    (9.0, 2.0, 27.0, 2.0), (10.6, -1.5, 30.0, 1.9), (10.9, -2.5, 25.0, 1.6),
    (10.8, -2.0, 18.0, 1.4),
    (10.0, 0.5, 11.5, 1.4), (7.5, 3.0, 7.5, 1.5), (3.0, 4.5, 9.5, 1.6), (-1.0, 3.0, 7.5, 1.6),
    (0.2, -2.5, 4.5, 1.8), (0.1, -5.0, 0.5, 1.9),
])  # fmt: skip
# stretches that may hold gas: from node to node, and how often they do
_STRETCHES = (
    (0.0, 1.6, 0.5), (2.0, 3.8, 0.45), (3.95, 5.2, 0.6), (5.4, 6.4, 0.7), (6.6, 8.0, 0.65),
    (8.3, 9.6, 0.75), (10.0, 11.3, 0.35), (11.5, 12.8, 0.4), (12.9, 15.0, 0.5), (15.6, 17.0, 0.6),
)  # fmt: skip


def bowel_parts(case: Case, size: float) -> list[Part]:
    """Return all that lies in stomach and bowel."""
    plain = case.authentic()
    made = (_colon(plain, size), _small_bowel(plain, size), _stomach(plain, size))
    return [part for parts in made for part in parts] + copies(case, size)


@remember(2)
def _colon(case: Case, size: float) -> list[Part]:
    """Return the colon's gas, stretch by stretch, and its faeces."""
    line = through(_COLON[:, :3] * size, 400)
    at = np.linspace(0, len(_COLON) - 1, 400)
    calibre = np.interp(at, np.arange(len(_COLON)), _COLON[:, 3]) * size
    amount, parts = case.number("gas"), []
    swollen = 1.55 if case.word("finding") == "large bowel obstruction" else 1.0
    line = line + case.rng("colon").normal(0, 0.5, 3) * [1, 0.4, 1]
    for k, (start, end, chance) in enumerate(_STRETCHES):
        rng = case.rng(f"colon {k}")
        drawn, first, last, share = rng.random(4)
        full = swollen > 1 and k < 8
        if drawn > chance * amount and not full:
            if k < 3 and share < case.number("faeces"):
                parts.append(_faeces(case, k, line, calibre, at, start, end))
            continue
        span = end - start
        keep = (at >= start + 0.3 * span * first * (not full)) & (
            at <= end - 0.3 * span * last * (not full)
        )
        width = calibre[keep] * (swollen if full else 0.62 + 0.38 * share)
        parts.append(haustral(f"colon gas {k}", line[keep], width, rng))
    return parts


def _faeces(
    case: Case, k: int, line: Floats, calibre: Floats, at: Floats, start: float, end: float
) -> Part:
    """Return the gas of faeces: many small bubbles of every size in a soft mass."""
    rng = case.rng(f"faeces {k}")
    keep = (at >= start) & (at <= end)
    course, width = line[keep], calibre[keep] * rng.uniform(0.75, 0.95)
    margin = float(width.max()) * 1.2
    f = Field(course.min(0) - margin, course.max(0) + margin, 0.1, far=1.0)
    f.capsules(course[:: max(1, len(course) // 14)], float(width.mean()), blend=0.4)
    bubbles = np.zeros(f.shape, np.float32)
    for size, weight in ((0.9, 0.5), (0.45, 0.75), (0.28, 0.55)):
        cells = tuple(max(4, int(n * f.spacing / size)) for n in f.shape)
        bubbles += np.float32(weight) * smooth_noise(f.shape, cells, rng)
    inside = smooth_max(f.values + 0.15, (np.float32(0.75) - bubbles) * np.float32(0.16), 0.03)
    return Part(f"faeces {k}", f.like(inside).solid(), AIR, VISCERA, "bowel gas", 0.3)


@remember(2)
def _small_bowel(case: Case, size: float) -> list[Part]:
    """Return gas of the small bowel: a few short loops, or many wide ones when it is obstructed."""
    rng, blocked = case.rng("small bowel"), case.word("finding") == "small bowel obstruction"
    count = int(rng.integers(5, 9)) if blocked else int(rng.integers(0, 4))
    parts = []
    for k in range(count):
        own = case.rng(f"small bowel {k}")
        girth = own.uniform(1.55, 2.15) if blocked else own.uniform(0.6, 1.0)
        reach = own.uniform(4.0, 7.0) if blocked else own.uniform(1.0, 2.6)
        level = 8.5 + (k + 0.5) * (13.5 / count) + own.normal(0, 0.4)
        x = own.normal(0, 1.6 if blocked else 3.5)
        tilt = own.normal(0, 0.28 if blocked else 0.8)
        bow = own.normal(0, 1.1)
        way = np.array([np.cos(tilt), 0.0, np.sin(tilt)])
        ends = [-way * reach, np.array([0.0, 0.6, bow]), way * reach]
        line = through((np.array([x, 4.8, level]) + ends) * size, 60)
        parts.append(loop(f"small bowel gas {k}", line, girth * size, blocked, own))
    return parts


@remember(2)
def _stomach(case: Case, size: float) -> list[Part]:
    """Return the stomach's gas, which lies in front when a patient is on the back."""
    rng = case.rng("stomach")
    if rng.random() > 0.8 * case.number("gas"):
        return []
    course = np.array([(7.0, 3.0, 33.5), (6.2, 5.0, 30.0), (3.5, 6.5, 27.0), (-0.5, 6.0, 26.5)])
    line = through((course + rng.normal(0, 0.5, (4, 3))) * size, 40)[: int(rng.integers(16, 40))]
    f = Field(line.min(0) - 4, line.max(0) + 4, 0.16, far=1.2)
    girth = np.interp(np.arange(len(line)), [0, 15, 40], [2.3, 1.9, 1.0]) * rng.uniform(0.6, 1.1)
    f.capsules(line, girth * size, blend=0.5)
    for _ in range(int(rng.integers(5, 11))):  # rugae
        k = int(rng.integers(0, len(line) - 6))
        side = rng.normal(0, 0.8, 3) * [1, 0.4, 1]
        f.capsules(line[k : k + 6 : 2] + side, rng.uniform(0.1, 0.2), blend=0.15, cut=True)
    roughen(f, rng, 0.1, (1.2, 0.5))
    f.values = np.maximum(f.values, np.float32(0.5) - above_domes(case, f, size))
    return [Part("stomach gas", f.smooth(0.5).solid(), AIR, VISCERA, "bowel gas", 0.3)]


COPIES = ((-6.2, 5.0, 15.5), (4.6, 5.2, 13.0), (-2.4, 5.6, 18.4), (6.6, 5.0, 19.4), (1.0, 5.4, 9.6))


def copies(case: Case, size: float) -> list[Part]:
    """Return one bubble put in again and again, as a generator fills in what it half remembers.

    The bubble thins out with the dose; where the copies lie does not depend on it.
    """
    dose = case.dose(Hallmark.GAS_SHAPE)
    if dose <= 0:
        return []
    rng = case.rng("copied gas")
    girth = rng.uniform(1.1, 1.5) * size
    f = Field((-2.6,) * 3, (2.6,) * 3, 0.11, far=1.0)
    f.ellipsoid((0, 0, 0), girth * np.array([1.0, 0.6, 0.92]), blend=0.05)
    f.ellipsoid((0.7 * girth, 0, 0.35 * girth), girth * np.array([0.55, 0.5, 0.6]), blend=0.2)
    roughen(f, rng, 0.06, (1.0,))
    bubble = f.solid()
    thinned = VISCERA.scaled(1 - min(1.0, 0.3 + 0.7 * dose))
    order = rng.permutation(len(COPIES))[:4]
    stray = rng.normal(0, 0.5, (4, 3))
    made = []
    for k, which in enumerate(order):
        at = (np.array(COPIES[which]) + stray[k] * [1, 0.2, 1]) * size
        shape = bubble.posed(np.eye(3), at)
        made.append(Part(f"copied gas {k}", shape, thinned, VISCERA, "bowel gas", 0.3))
    return made


def stones(case: Case, size: float) -> list[Part]:
    """Return calculi of kidney or gallbladder."""
    word = case.word("stone")
    if word == "none":
        return []
    rng = case.rng("stone")
    kidney = word == "kidney"
    place = (6.0 * (1 if rng.random() < 0.5 else -1), -3.6, 22.0) if kidney else (-6.2, 4.0, 25.0)
    made = []
    for k in range(1 if kidney else int(rng.integers(1, 5))):
        r = rng.uniform(0.2, 0.5) if kidney else rng.uniform(0.3, 0.6)
        at = (np.array(place) + rng.normal(0, 0.7, 3)) * size
        f = Field((-1.0,) * 3, (1.0,) * 3, 0.06, far=0.5)
        f.ellipsoid((0, 0, 0), r * rng.uniform(0.7, 1.1, 3), blend=0.01)
        roughen(f, rng, 0.05, (0.4,))
        shape = f.solid()
        if kidney:
            made.append(Part(f"stone {k}", shape.posed(np.eye(3), at), Tissue(soft=0.5, bone=0.7),
                             SOFT, "stone", 0.05))  # fmt: skip
        else:  # chalk on the rim alone
            hollow = f.like(np.maximum(f.values, -(f.values + np.float32(0.1)))).solid()
            made.append(Part(f"stone {k}", hollow.posed(np.eye(3), at), Tissue(soft=0.6, bone=0.5),
                             SOFT, "stone", 0.03))  # fmt: skip
    return made
