"""Bones and air spaces of the head, built once for an average man and scaled.

Coordinates: origin between the ears' openings, +x left, +y front, +z up (Frankfort plane level),
cm. Measures after Martin's craniometry as given in Gray's Anatomy: length 18.5, breadth 14.5,
height from basion to bregma 13.3; vault 0.5 to 0.8 thick.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.loft import roughen
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field, axes_from, smooth_max, smooth_min
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import smooth_noise, weave
from trainer.imaging.simulator.tissue import AIR, SOFT, Bone, Tissue

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

VAULT_MESH, FACE_MESH = 0.17, 0.12
_DIPLOE = weave((1.0, 0.3, 0.2), 1.0)
ENAMEL = Tissue(bone=1.35)
DENTINE = Tissue(bone=1.02)
FILLING = Tissue(steel=0.9)


@dataclass(frozen=True)
class Head:
    """The measures of one head.

    Parameters
    ----------
    size : float
        Relative to an average man.
    mineral : float
        Bone mineral, relative.
    pneumatised : float
        How large the sinuses and air cells are, relative.
    teeth : float
        Share of the teeth that are there.
    """

    size: float
    mineral: float
    pneumatised: float
    teeth: float


def head_of(case: Case) -> Head:
    """Return the measures of a case's head."""
    female = case.word("sex") == "female"
    old = float(np.clip((case.number("age") - 50) / 45, 0, 1))
    return Head(
        case.number("size") * (0.95 if female else 1.0),
        case.number("mineral") * (1 - (0.2 if female else 0.1) * old),
        case.number("pneumatised"),
        float(np.clip(1.12 - 0.7 * old**1.5, 0, 1)),
    )


def brain(f: Field, noise: Map) -> Map:
    """Return the distance to the inside of the skull: three fossae and the vault."""
    inner = f.like()
    inner.ellipsoid((0, 0.4, 5.4), (6.55, 8.45, 6.6), blend=0.1)
    z = f.mesh()[2]
    inner.values = smooth_max(inner.values, np.float32(2.5) - z, 1.6)
    for side in (-1, 1):
        inner.ellipsoid((side * 3.7, 2.7, 2.0), (2.7, 3.4, 2.5), blend=0.9)
    inner.ellipsoid((0, -4.5, 0.9), (5.3, 4.1, 3.4), blend=1.2)
    return inner.values + np.float32(0.06) * noise


@remember(2)
def cranium(case: Case) -> list[Part]:
    """Return vault and base with petrous bones, and the air in them."""
    head = head_of(case)
    rng = case.rng("cranium")
    f = Field((-8.2, -10.2, -4.6), (8.2, 10.8, 13.4), VAULT_MESH, far=1.4)
    noise = smooth_noise(f.shape, (9, 11, 9), rng)
    inner = brain(f, noise)
    z = f.mesh()[2]
    thick = 0.52 + 0.045 * noise + 0.12 * np.clip((z - 6) / 6, 0, 1)
    low = np.clip((1.5 - z) / 2.5, 0, 1)  # the base is thinner, its tables run together
    thick = np.asarray(thick * (1 - 0.4 * low), np.float32)
    f.values = np.asarray(np.maximum(-inner, inner - thick), np.float32)
    f.ellipsoid((0, 8.7, 3.3), (2.6, 0.75, 1.5), blend=1.2)  # glabella
    f.ellipsoid((0, -8.35, 1.2), (1.2, 0.6, 0.8), blend=1.0)  # outer occipital protuberance
    f.capsules([(0, 1.3, 2.3), (0, 0.5, 0.2), (0, -0.3, -2.3)], [0.42, 0.62, 0.45], blend=0.3)
    for side in (-1, 1):
        axis = axes_from((side * 0.75, -0.62, -0.1))
        f.ellipsoid((side * 3.9, 0.3, 0.2), (2.5, 1.05, 1.15), axis, blend=0.4)  # petrous
        f.ellipsoid((side * 5.5, -1.9, -1.5), (1.1, 1.35, 2.0), blend=0.5)  # mastoid
        f.capsules([(side * 1.1, 1.0, -2.2), (side * 1.3, -1.0, -2.6)], 0.5, blend=0.3)  # condyle
        f.capsules([(side * 1.1, 2.7, 2.9), (side * 1.5, 3.8, 2.9)], [0.12, 0.2], blend=0.3)
    f.capsules([(0, -0.6, -1.6), (0, -3.4, -4.4)], [1.35, 1.9], blend=0.15, cut=True)
    f.ellipsoid((0, 2.05, 2.75), (0.75, 0.62, 0.55), blend=0.12, cut=True)  # sella
    roughen(f, rng, 0.03, (1.2, 0.5))
    mineral = head.mineral**0.5
    bone = Bone(cortex=0.95 * mineral, trabeculae=0.30 * head.mineral, grain=0.035, weave=_DIPLOE)
    parts = [_part("cranium", f, head, bone, 0.13)]
    dense = Bone(cortex=1.0, trabeculae=0.75, grain=0.0)
    for side in (-1, 1):
        core = Field((-1.6, -1.6, -1.6), (1.6, 1.6, 1.6), 0.1, far=0.8)
        core.ellipsoid((0, 0, 0), (1.5, 0.7, 0.75), axes_from((side * 0.75, -0.62, -0.1)))
        core = roughen(core, rng, 0.08, (0.7, 0.3))
        at = np.array([side * 3.6, 0.5, 0.2])
        parts.append(_part(f"otic capsule {side}", core, head, dense, 0.1, at, SOFT))
        parts += _mastoid_air(head, side, case.rng(f"mastoid {side}"))
    return parts


def _part(
    name: str,
    f: Field,
    head: Head,
    made_of: Bone | Tissue,
    cortex: float = 0.0,
    at: Floats | None = None,
    within: Tissue = SOFT,
) -> Part:
    """Return a field at the head's size as a part of its bones."""
    solid = f.solid(cortex) if cortex else f.solid()
    place = np.zeros(3) if at is None else at
    posed = solid.posed(np.eye(3), place * head.size, np.full(3, head.size))
    return Part(name, posed, made_of, within, "bones", 0.05, phase=float(len(name)))


def _air(name: str, f: Field, head: Head, within: Tissue) -> Part:
    posed = f.solid().posed(np.eye(3), np.zeros(3), np.full(3, head.size))
    return Part(name, posed, AIR, within, "air", 0.2)


_ANTRUM = (
    ((2.7, 6.5, -1.3), (1.25, 1.35, 1.4)), ((2.6, 7.3, -0.6), (1.0, 0.95, 1.1)),
    ((3.1, 5.7, -2.0), (1.1, 1.15, 1.0)),
)  # fmt: skip
_SPONGY = Tissue(soft=0.55, bone=0.4)


def _mastoid_air(head: Head, side: int, rng: Generator) -> list[Part]:
    """Return the cells of one mastoid and the ear's canal."""
    low = (side * 5.4 - 1.6, -3.6, -3.6)
    f = Field(low, (side * 5.4 + 1.6, 0.9, 1.6), 0.09, far=0.6)
    f.ellipsoid((side * 5.4, -1.8, -1.2), np.array([1.0, 1.35, 1.9]) * head.pneumatised, blend=0.01)
    cells = smooth_noise(f.shape, tuple(int(n * f.spacing / 0.42) + 2 for n in f.shape), rng)
    cells += 0.5 * smooth_noise(f.shape, tuple(int(n * f.spacing / 0.25) + 2 for n in f.shape), rng)
    f.values = smooth_max(f.values, np.float32(0.12) * (0.15 - np.abs(cells)) * -1 - 0.02, 0.05)
    canal = Field((min(side * 3.2, side * 7.2), -0.7, -0.7),
                  (max(side * 3.2, side * 7.2), 0.7, 0.7), 0.1, far=0.5)  # fmt: skip
    canal.capsules([(side * 3.6, 0.2, 0.1), (side * 6.9, -0.1, 0.0)], [0.3, 0.38], blend=0.05)
    return [
        _air(f"mastoid cells {side}", f, head, _SPONGY),
        _air(f"ear canal {side}", canal, head, _SPONGY),
    ]


@remember(2)
def face(case: Case) -> list[Part]:
    """Return orbits, cheeks, nose, palate and sphenoid, and the sinuses."""
    head, rng = head_of(case), case.rng("face")
    own = rng.normal(0, 0.12, 8)
    f = Field((-7.4, 0.6, -5.4), (7.4, 11.6, 4.6), FACE_MESH, far=0.8)
    # shells: the sinuses' walls are as thin as paper
    air = f.like()
    big = head.pneumatised
    for side in (-1, 1):  # pyramids, no two alike
        for at, radii in _ANTRUM:
            shift = rng.normal(0, 0.16, 3) + np.array([0, own[0], 0])
            air.ellipsoid(np.array(at) * [side, 1, 1] + shift, np.array(radii) * big, blend=0.35)
    air.ellipsoid((0, 3.5, 1.1 + own[1]), np.array([1.5, 1.45, 1.05]) * big, blend=0.1)
    sinus = np.array([1.9, 0.5, 1.25]) * big * (1 + own[2])
    air.ellipsoid((0.3, 9.1, 3.5), sinus, axes_from((1, 0, 0.1)), blend=0.1)
    cells = smooth_noise(f.shape, (22, 16, 15), rng)
    labyrinth = f.like().ellipsoid((0, 6.6, 1.6), (1.4, 2.1, 1.2), blend=0.1).values
    air.join(smooth_max(labyrinth, np.float32(0.18) - np.abs(cells) * np.float32(0.35), 0.05), 0.05)
    roughen(air, rng, 0.16, (1.5, 0.6))
    f.values = np.minimum(f.values, np.abs(air.values) - np.float32(0.06))
    for sheet in _sheets(f, rng):
        f.values = smooth_min(f.values, sheet, 0.15)
    _struts(f, own)
    f.values = np.ascontiguousarray(roughen(f, rng, 0.02, (0.8, 0.35)).values)
    thin = Bone(cortex=0.85 * head.mineral**0.5, trabeculae=0.22 * head.mineral, grain=0.03)
    nose = f.like().ellipsoid((0, 6.6, -0.5), (1.15, 3.0, 1.5), blend=0.1)
    for side in (-1, 1):  # conchae
        for low in (-1.3, -0.3):
            nose.ellipsoid((side * 0.6, 6.4, low), (0.3, 2.1, 0.3), blend=0.1, cut=True)
    return [
        _part("face", f, head, thin, 0.07),
        _air("sinuses", air, head, Tissue(soft=0.9)),
        _air("nose", nose, head, Tissue(soft=0.9)),
    ]


def _sheets(f: Field, rng: Generator) -> tuple[Map, Map]:
    """Return the roofs of the orbits, which are the floor of the front fossa; the hard palate."""
    x, y, z = f.mesh()
    sag = ((np.abs(x) - 2.7) / 2.3) ** 2
    waves = np.float32(0.16) * smooth_noise(f.shape, (12, 9, 4), rng)
    high = 3.0 - 0.75 * sag - 0.07 * (y - 5.4) ** 2 + waves
    roof = np.abs(z - high) * np.float32(0.8) - np.float32(0.055)
    roof = np.maximum(np.maximum(roof, np.abs(x) - 4.8), np.abs(y - 5.9) - 2.8)
    vault = -2.5 + 0.45 * np.clip(1 - (x / 2.2) ** 2, 0, 1) - 0.02 * (y - 6) ** 2
    palate = np.maximum(np.abs(z - vault) - 0.09, np.abs(x) - 2.2)
    palate = np.maximum(palate, np.abs(y - 6.7) - 2.4 - 0.12 * waves)
    return np.asarray(roof, np.float32), np.asarray(palate, np.float32)


def _struts(f: Field, own: Floats) -> None:
    """Join the orbits' rims, cheeks and their arches, pterygoid plates, nose, alveolar process."""
    for side in (-1, 1):
        rim = [(1.6, 8.6, 2.2), (3.4, 8.4, 2.9), (4.9, 6.9, 2.0), (4.9, 6.2, 0.3), (3.6, 7.6, -0.5),
               (1.7, 8.5, 0.2)]  # fmt: skip
        line = through(np.array(rim) * [side, 1, 1], 30)
        f.capsules(line, np.interp(np.arange(30), [0, 12, 20, 29], [0.3, 0.42, 0.36, 0.22]))
        f.ellipsoid((side * 4.5, 6.5, -1.2), (0.7, 0.95, 0.9), blend=0.4)  # cheek
        arch = through(np.array([(4.9, 6.0, -1.0), (6.5, 3.8, -0.7), (6.6, 1.2, -0.3)])
                       * [side, 1, 1], 14)  # fmt: skip
        f.capsules(arch, 0.26, blend=0.2)
        for reach in (0, 0.5):
            x0 = side * (1.3 + reach)
            f.capsules([(x0, 4.1 - reach, -0.6), (x0, 3.9 - 1.3 * reach, -3.0)], 0.13, blend=0.1)
        f.capsules([(side * 3.9, 3.6, 2.4), (side * 4.4, 4.3, 0.2)], 0.16, blend=0.2)
    f.capsules([(0, 9.3, 2.5), (0, 9.9 + own[3], 1.5), (0, 10.5 + own[3], 0.5)], [0.3, 0.2, 0.1])
    arch = _dental_arch(40) * [1, 1, 0] + [0, 0, -3.0]
    f.capsules(arch, 0.55, blend=0.3)  # alveolar process


def _dental_arch(n: int) -> Floats:
    """Return points round the upper dental arch, from right to left; height 0."""
    t = np.linspace(-1, 1, n)
    return np.stack([2.7 * t, 8.9 - 4.4 * np.abs(t) ** 2.1, 0 * t], 1)


@remember(2)
def jaw(case: Case) -> list[Part]:
    """Return mandible and teeth."""
    head, rng = head_of(case), case.rng("jaw")
    own = rng.normal(0, 0.15, 6)
    f = Field((-6.6, -0.4, -10.0), (6.6, 10.0, 1.6), FACE_MESH, far=0.8)
    for side in (-1, 1):

        def at(*rows: tuple[float, float, float], s: int = side) -> Floats:
            return np.array(rows) * [s, 1, 1]

        f.capsules(at((5.0, 1.3, 0.5), (5.0, 1.2, -0.6)), [0.48, 0.36], blend=0.15)
        ramus = at((4.9, 1.4, -1.2), (4.8, 1.5 + own[0], -3.6), (4.6, 2.2 + own[0], -6.0))
        f.capsules(ramus, [0.38, 0.5, 0.55], blend=0.3)
        front = at((4.8, 3.8, -0.9), (4.7, 3.9, -3.2), (4.4, 4.2, -5.4))
        f.capsules(front, [0.22, 0.36, 0.45], blend=0.3)
        a, b = ramus, front
        f.plate((a[0], a[2], b[2]), 0.30, blend=0.25)
        f.plate((a[0], b[0], b[2]), 0.24, blend=0.25)
        for up in (0.0, 0.5, 1.0, 1.5, 1.9):
            body = at((4.5, 2.6, -6.4 + 0.5 * up), (3.7, 5.6, -7.5 + up), (2.2, 7.6, -8.1 + up),
                      (0, 8.4 + own[1], -8.3 + up))  # fmt: skip
            f.capsules(through(body, 14), [*[0.55] * 10, *[0.6] * 4], blend=0.4)
    f.ellipsoid((0, 8.6 + own[1], -8.5), (1.3, 0.55, 0.6), blend=0.4)  # chin
    roughen(f, rng, 0.03, (1.0, 0.4))
    bone = Bone(cortex=0.95 * head.mineral**0.5, trabeculae=0.24 * head.mineral, grain=0.035)
    return [_part("mandible", f, head, bone, 0.17), *_teeth(head, case.rng("teeth"))]


def _teeth(head: Head, rng: Generator) -> list[Part]:
    """Return the teeth that are left, crowns whiter than roots, some filled."""
    roots, crowns, fillings = (
        Field((-3.8, 3.4, -7.4), (3.8, 10.0, -1.4), 0.1, far=0.5) for _ in range(3)
    )
    any_filled = False
    for jaw_side in (1, -1):
        for k, base in enumerate(_dental_arch(14)):
            there, filled, lean, depth = rng.random(), rng.random(), *rng.normal(0, 0.1, 2)
            if there > head.teeth:
                continue
            molar = abs(k - 6.5) > 3.2
            bite = -4.55 + 0.05 * jaw_side
            base = base + np.array([0, -0.25 if jaw_side < 0 else 0.0, 0])
            neck = np.array([*base[:2], bite + jaw_side * 0.75])
            tip = np.array([base[0], base[1] - 0.3 + lean, bite + jaw_side * (1.9 + depth)])
            edge = np.array([*base[:2], bite + jaw_side * 0.12])
            roots.capsules([neck, tip], [0.34 if molar else 0.27, 0.13], blend=0.05)
            crowns.capsules([neck, edge], [0.36, 0.42] if molar else [0.27, 0.16], blend=0.05)
            if molar and filled < 0.25:
                fillings.capsules([edge, (edge + neck) / 2], 0.2, blend=0.05)
                any_filled = True
    made = [_part("roots", roots, head, DENTINE), _part("crowns", crowns, head, ENAMEL)]
    if any_filled:
        made.append(_part("fillings", fillings, head, FILLING, within=ENAMEL))
    return made


def hyoid(case: Case, at: Floats) -> Part:
    """Return the hyoid bone: a bow that opens to the back."""
    head, rng = head_of(case), case.rng("hyoid")
    own = rng.normal(0, 0.1, 3)
    f = Field((-2.8, -3.8, -1.2), (2.8, 1.0, 1.2), 0.09, far=0.6)
    bow = [(-2.1, -3.0, 0.4), (-1.7, -1.3, 0.1), (-1.0, -0.1, 0), (0, 0.2, 0), (1.0, -0.1, 0),
           (1.7, -1.3, 0.1), (2.1, -3.0, 0.4 + own[0])]  # fmt: skip
    f.capsules(through(bow, 30), np.interp(np.abs(np.linspace(-1, 1, 30)), [0, 0.4, 1],
                                           [0.42, 0.3, 0.16]), blend=0.1)  # fmt: skip
    bone = Bone(cortex=0.85 * head.mineral**0.5, trabeculae=0.2 * head.mineral, grain=0.03)
    return _part("hyoid", f, head, bone, 0.08, at)
