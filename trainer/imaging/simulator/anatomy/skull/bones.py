"""Bones and air spaces of the head, built once for an average man and scaled.

Coordinates: origin between the ears' openings, +x left, +y front, +z up (Frankfort plane level),
cm. Measures after Martin's craniometry as given in Gray's Anatomy: length 18.5, breadth 14.5,
height from basion to bregma 13.3; vault 0.5 to 0.8 thick.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.loft import about, moved, roughen, turned
from trainer.imaging.simulator.anatomy.skull.head import Head, head_of, part_of, scaled
from trainer.imaging.simulator.anatomy.skull.teeth import dental_arch, teeth
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field, axes_from, smooth_max, smooth_min
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import smooth_noise, weave
from trainer.imaging.simulator.tissue import AIR, SOFT, Bone, Tissue
from trainer.imaging.simulator.tubes import Tubes, tube

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

VAULT_MESH, FACE_MESH = 0.17, 0.12
WINDINGS = (9, 11, 9)
_DIPLOE = weave((1.0, 0.3, 0.2), 1.0)


IMPRESSIONS = 0.12  # of the brain's windings on the inner table, cm, one standard deviation


def brain(f: Field, noise: Map, own: Floats) -> Map:
    """Return the distance to the inside of the skull: three fossae and the vault.

    ``own``, shape (2, 6), holds unit deviates of each side's fossae.
    """
    inner = f.like()
    inner.ellipsoid((0, 0.4, 5.4), (6.55, 8.45, 6.6), blend=0.1)
    z = f.mesh()[2]
    inner.values = smooth_max(inner.values, np.float32(2.5) - z, 1.6)
    for side, strays in zip((-1, 1), own, strict=True):
        at = np.array([side * 3.7, 2.7, 2.0]) + 0.22 * strays[:3]
        inner.ellipsoid(at, (2.7, 3.4, 2.5 + 0.15 * strays[3]), blend=0.9)
        back = np.array([side * 1.6, -4.5 + 0.2 * strays[4], 0.9 + 0.2 * strays[5]])
        inner.ellipsoid(back, (3.9, 4.1, 3.4), blend=1.2)
    low = np.clip((3.4 - z) / 3, 0, 1)  # the fossae's floors are rougher than the vault
    return inner.values + np.asarray(np.float32(IMPRESSIONS) * (1 + low) * noise, np.float32)


def fossae(case: Case) -> Floats:
    """Return the deviates of a case's fossae."""
    return case.rng("fossae").standard_normal((2, 6))


@remember(2)
def cranium(case: Case) -> list[Part]:
    """Return vault and base with petrous bones, and the air in them."""
    head = head_of(case)
    rng = case.rng("cranium")
    f = Field((-8.2, -10.2, -4.6), (8.2, 10.8, 13.4), VAULT_MESH, far=1.4)
    noise = smooth_noise(f.shape, WINDINGS, rng)
    inner = brain(f, noise, fossae(case))
    z = f.mesh()[2]
    # the outer table knows nothing of the impressions on the inner one
    slow = smooth_noise(f.shape, (5, 6, 5), rng)
    thick = 0.59 + IMPRESSIONS * noise + 0.05 * slow + 0.12 * np.clip((z - 6) / 6, 0, 1)
    low = np.clip((1.5 - z) / 2.5, 0, 1)  # the base is thinner, its tables run together
    thick = np.asarray(np.maximum(thick * (1 - 0.5 * low), 0.25), np.float32)
    shell = np.maximum(-inner, inner - thick)
    f.values = np.array(shell, np.float32)
    own = {side: case.rng(f"mastoid form {side}").standard_normal(4) for side in (-1, 1)}
    _thicken(f, own)
    roughen(f, rng, 0.03, (1.2, 0.5))
    # where less than a grid's step of diploe would be left, there is none; its edge is ragged
    ragged = thick + 0.05 * smooth_noise(f.shape, tuple(4 * n for n in WINDINGS), rng)
    bare = (ragged < 0.42) & (np.abs(f.values - shell) < 0.1)
    f.values[bare] = np.maximum(f.values[bare], np.float32(-0.1))
    mineral = head.mineral**0.5
    bone = Bone(cortex=0.95 * mineral, trabeculae=0.30 * head.mineral, grain=0.028, weave=_DIPLOE)
    parts = [part_of("cranium", f, head, bone, 0.115)]
    dense = Bone(cortex=1.0, trabeculae=0.75, grain=0.0)
    for side in (-1, 1):
        core = Field((-1.6, -1.6, -1.6), (1.6, 1.6, 1.6), 0.1, far=0.8)
        core.ellipsoid((0, 0, 0), (1.5, 0.7, 0.75), axes_from((side * 0.75, -0.62, -0.1)))
        core = roughen(core, rng, 0.08, (0.7, 0.3))
        at = np.array([side * 3.6, 0.5, 0.2])
        parts.append(part_of(f"otic capsule {side}", core, head, dense, 0.1, at, SOFT))
        parts += _mastoid_air(head, side, own[side], case.rng(f"mastoid {side}"))
    return parts


def _thicken(f: Field, own: dict[int, Floats]) -> None:
    """Join to a shell what is thick in a skull: brow, petrous bones, clivus, saddle, condyles."""
    f.ellipsoid((0, 8.7, 3.3), (2.6, 0.75, 1.5), blend=1.2)  # glabella
    f.ellipsoid((0, -8.35, 1.2), (1.2, 0.6, 0.8), blend=1.0)  # outer occipital protuberance
    f.capsules([(0, 1.3, 2.3), (0, 0.5, 0.2), (0, -0.3, -2.3)], [0.42, 0.62, 0.45], blend=0.3)
    for side in (-1, 1):
        axis = axes_from((side * 0.75, -0.62, -0.1))
        f.ellipsoid((side * 3.9, 0.3, 0.2), (2.5, 1.05, 1.15), axis, blend=0.4)  # petrous
        f.capsules(_mastoid(side, own[side]), _MASTOID_GIRTH, blend=0.7)
        condyle = [(side * 2.3, -0.4, -0.7), (side * 1.8, 0.3, -2.1), (side * 1.8, -0.4, -2.2)]
        f.capsules(condyle, [0.8, 0.5, 0.42], blend=0.5)
        f.capsules([(side * 1.0, 2.6, 3.0), (side * 1.5, 3.9, 2.8)], [0.13, 0.24], blend=0.3)
        back = 1.25 + 0.12 * own[side][3]  # the saddle's back, with a clinoid at each end
        post = [(side * 0.3, 1.2, 1.8), (side * 0.5, back, 3.0), (side * 0.9, back + 0.1, 3.1)]
        f.capsules(post, [0.25, 0.16, 0.12], blend=0.2)
    f.capsules([(0, -0.6, -1.6), (0, -3.4, -4.4)], [1.35, 1.9], blend=0.15, cut=True)
    f.ellipsoid((0, 2.05, 2.55), (0.8, 0.6, 0.62), blend=0.12, cut=True)  # sella


def _air(name: str, f: Field, head: Head, within: Tissue) -> Part:
    posed = f.solid().posed(np.eye(3), np.zeros(3), np.full(3, head.size))
    return Part(name, posed, AIR, within, "air", 0.2)


_ANTRUM = (
    ((2.7, 6.5, -1.3), (1.25, 1.35, 1.4)), ((2.6, 7.3, -0.6), (1.0, 0.95, 1.1)),
    ((3.1, 5.7, -2.0), (1.1, 1.15, 1.0)),
)  # fmt: skip
_SPONGY = Tissue(adipose=0.4, soft=0.22, bone=0.3)
_PETROUS = Tissue(soft=0.15, bone=0.6)
_MASTOID_GIRTH = np.array([1.25, 1.15, 0.85, 0.42])


def _mastoid(side: int, own: Floats) -> Floats:
    """Return the course of a mastoid process: a cone that points down and forwards."""
    tip = np.array([side * 5.15, -1.25 + 0.2 * own[0], -2.75 + 0.3 * own[1]])
    root = np.array([side * 5.7, -2.5 + 0.25 * own[2], 0.4])
    course: Floats = root + np.linspace(0, 1, 4)[:, None] * (tip - root)
    return course


def _mastoid_air(head: Head, side: int, own: Floats, rng: Generator) -> list[Part]:
    """Return the cells of one mastoid and the ear's canal."""
    low = (side * 5.4 - 1.9, -4.6, -3.6)
    f = Field(low, (side * 5.4 + 1.9, 0.9, 2.2), 0.09, far=0.6)
    reach = _MASTOID_GIRTH * head.pneumatised - 0.18
    f.capsules(_mastoid(side, own), np.maximum(reach, 0.1), blend=0.01)
    f.values += 0.22 * smooth_noise(f.shape, (5, 6, 6), rng)
    cells = smooth_noise(f.shape, tuple(int(n * f.spacing / 0.42) + 2 for n in f.shape), rng)
    cells += 0.5 * smooth_noise(f.shape, tuple(int(n * f.spacing / 0.25) + 2 for n in f.shape), rng)
    f.values = smooth_max(f.values, np.float32(0.12) * (0.15 - np.abs(cells)) * -1 - 0.02, 0.05)
    canal = Field((min(side * 3.2, side * 7.2), -0.7, -0.7),
                  (max(side * 3.2, side * 7.2), 0.7, 0.7), 0.1, far=0.5)  # fmt: skip
    canal.capsules([(side * 3.6, 0.2, 0.1), (side * 6.9, -0.1, 0.0)], [0.3, 0.38], blend=0.05)
    return [
        _air(f"mastoid cells {side}", f, head, _SPONGY),
        _air(f"ear canal {side}", canal, head, _PETROUS),
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
    for side in (-1, 1):  # of the sphenoid: two, never alike
        at = np.array([0.8 * side, 3.5, 1.1]) + 2.2 * own[1] * side * np.array([0.3, 1.0, 0.4])
        size = np.array([0.95, 1.4, 1.0]) * big * (1 + own[7] * side)
        air.ellipsoid(at, size, blend=0.1)
    sinus = np.array([1.9, 0.0, 1.25]) * big * (1 + own[2]) + np.array([0, 0.4, 0])
    front = f.like().ellipsoid((0.3, 8.8, 3.5), sinus, axes_from((1, 0, 0.1)), blend=0.1)
    roughen(front, rng, 0.12, (1.5, 0.6))
    cells = smooth_noise(f.shape, (22, 16, 15), rng)
    labyrinth = f.like().ellipsoid((0, 6.6, 1.6), (1.4, 2.1, 1.2), blend=0.1).values
    air.join(smooth_max(labyrinth, np.float32(0.18) - np.abs(cells) * np.float32(0.35), 0.05), 0.05)
    roughen(air, rng, 0.16, (1.5, 0.6))
    for cavity in (air, front):
        f.values = np.minimum(f.values, np.abs(cavity.values) - np.float32(0.085))
    for sheet in _sheets(f, rng):
        f.values = smooth_min(f.values, sheet, 0.15)
    _struts(f, own)
    f.values = np.ascontiguousarray(roughen(f, rng, 0.02, (0.8, 0.35)).values)
    thin = Bone(cortex=0.95 * head.mineral**0.5, trabeculae=0.26 * head.mineral, grain=0.012)
    nose = f.like().ellipsoid((0, 6.6, -0.5), (0.75, 3.1, 1.55), blend=0.1)
    roughen(nose, rng, 0.14, (1.3, 0.5))
    for side in (-1, 1):  # conchae
        for low in (-1.3, -0.3):
            nose.ellipsoid((side * 0.6, 6.4, low), (0.3, 2.1, 0.3), blend=0.1, cut=True)
    return [
        part_of("face", f, head, thin, 0.07),
        _air("sinuses", air, head, Tissue(soft=0.9)),
        _air("frontal sinus", front, head, _SPONGY),
        _air("nose", nose, head, Tissue(soft=0.9)),
    ]


def _sheets(f: Field, rng: Generator) -> tuple[Map, Map]:
    """Return the roofs of the orbits, which are the floor of the front fossa; the hard palate."""
    x, y, z = f.mesh()
    sag = ((np.abs(x) - 2.7) / 2.3) ** 2
    waves = np.float32(0.2) * smooth_noise(f.shape, (12, 9, 4), rng)
    skew = 0.22 * np.sign(x) * rng.normal() + 0.05 * x * rng.normal()
    high = 3.0 - 1.0 * sag - 0.09 * (y - 5.0) ** 2 + waves + skew
    roof = np.abs(z - high) * np.float32(0.75) - np.float32(0.075)
    roof = np.maximum(np.maximum(roof, np.abs(x) - 4.8), np.abs(y - 5.9) - 2.8)
    vault = -2.55 + 0.5 * np.clip(1 - (x / 2.2) ** 2, 0, 1) - 0.035 * (y - 6) ** 2 + 0.5 * waves
    palate = np.maximum(np.abs(z - vault) - 0.09, np.abs(x) - 2.2)
    palate = np.maximum(palate, np.abs(y - 6.7) - 2.4 - 0.12 * waves)
    return np.asarray(roof, np.float32), np.asarray(palate, np.float32)


def _struts(f: Field, own: Floats) -> None:
    """Join the orbits' rims, cheeks and their arches, pterygoid plates, nose, alveolar process."""
    for k, side in enumerate((-1, 1)):
        stray = 0.12 * own[4 + 2 * k : 6 + 2 * k].sum()
        rim = [(1.6, 8.6, 2.2), (3.4, 8.4, 2.9), (4.9, 6.9, 2.0), (4.9, 6.2, 0.3), (3.6, 7.6, -0.5),
               (1.7, 8.5, 0.2)]  # fmt: skip
        line = through(np.array(rim) * [side, 1, 1] + [0, stray, 0.7 * stray], 30)
        girth = np.interp(np.arange(30), [0, 8, 13, 20, 29], [0.34, 0.5, 0.55, 0.46, 0.3])
        f.capsules(line, girth)
        # the cheek's body and its legs: to the brow, the arch, the upper jaw
        cheek = np.array([side * 4.5, 6.5 + stray, -1.2])
        f.ellipsoid(cheek, (0.75, 1.0, 1.0), blend=0.4)
        jaw_end = cheek * [0.72, 1, 1] - np.array([0, 0.5, 1.5])
        f.capsules(np.stack([cheek, jaw_end]), [0.7, 0.45], blend=0.4)
        brow_end = np.array([side * 4.95, 6.3 + stray, 1.4])
        f.capsules(np.stack([cheek, brow_end]), [0.5, 0.42], blend=0.3)
        arch = through(np.array([(4.9, 6.0, -1.0), (6.5, 3.8, -0.7), (6.6, 1.2, -0.3)])
                       * [side, 1, 1] + [0, 0, stray], 14)  # fmt: skip
        f.capsules(arch, 0.3, blend=0.2)
        for reach in (0, 0.5):
            x0 = side * (1.3 + reach)
            f.capsules([(x0, 4.1 - reach, -0.6), (x0, 3.9 - 1.3 * reach, -3.0)], 0.15, blend=0.1)
        f.capsules([(side * 3.9, 3.6, 2.4), (side * 4.4, 4.3, 0.2)], 0.24, blend=0.2)
    f.capsules([(0, 9.1, 2.5), (0, 9.5 + own[3], 1.6), (0, 10.0 + own[3], 0.7)], [0.3, 0.17, 0.08])
    f.capsules([(0, 8.5, -2.55), (0, 9.2 + own[3], -2.3)], [0.3, 0.07], blend=0.3)  # front spine
    for low, back, stout in ((-2.75, -0.35, 0.46), (-3.1, -0.2, 0.42), (-3.5, -0.05, 0.36)):
        # alveolar process, bulging over its roots
        arch = dental_arch(40) * [1, 1, 0] + [0, back, low]
        f.capsules(arch, stout + 0.05 * np.sin(np.arange(40) * 1.9), blend=0.25)


JOINT = np.array([0.0, 1.3, 0.5])  # of the jaw with the skull


@remember(2)
def jaw(case: Case) -> list[Part]:
    """Return mandible and teeth; the mouth is as far open as it is held."""
    head, rng = head_of(case), case.rng("jaw")
    own = rng.normal(0, 0.15, 6)
    f = Field((-6.6, -0.4, -10.0), (6.6, 10.0, 1.6), FACE_MESH, far=0.8)
    for k, side in enumerate((-1, 1)):
        bend = own[0] + 0.9 * own[2 + k]

        def at(*rows: tuple[float, float, float], s: int = side) -> Floats:
            return np.array(rows) * [s, 1, 1]

        f.capsules(at((5.0, 1.3, 0.5), (5.0, 1.2, -0.6)), [0.48, 0.36], blend=0.15)
        ramus = at((4.9, 1.4, -1.2), (4.8, 1.5 + bend, -3.6), (4.6, 2.3 + bend, -5.9 + own[4 + k]))
        f.capsules(ramus, [0.38, 0.45, 0.5], blend=0.3)
        front = at((4.8, 3.8, -0.9), (4.7, 3.9, -3.2), (4.4, 4.2, -5.4))
        f.capsules(front, [0.22, 0.36, 0.45], blend=0.3)
        a, b = ramus, front
        f.plate((a[0], a[2], b[2]), 0.30, blend=0.25)
        f.plate((a[0], b[0], b[2]), 0.24, blend=0.25)
        for up in (0.0, 0.5, 1.0, 1.5, 1.9):
            body = at((4.5, 2.6, -6.4 + 0.5 * up), (3.7, 5.6, -7.5 + up), (2.2, 7.6, -8.1 + up),
                      (0, 8.4 + own[1], -8.3 + up))  # fmt: skip
            girth = [*[0.55] * 10, *[0.6] * 4]
            line = through(body + np.array([0, 0, 0.4 * own[4 + k]]), 14)
            f.capsules(line, girth, blend=0.4)
    f.ellipsoid((0, 8.6 + own[1], -8.5), (1.3, 0.55, 0.6), blend=0.4)  # chin
    roughen(f, rng, 0.05, (1.0, 0.4))
    bone = Bone(cortex=0.95 * head.mineral**0.5, trabeculae=0.22 * head.mineral, grain=0.02)
    canals = [  # of the nerves
        tube(through(np.array(
            [(4.5, 2.9, -4.4), (4.2, 4.2, -6.3), (3.1, 6.6, -7.3)]) * [side, 1, 1], 16), 0.13)
        for side in (-1, 1)
    ]  # fmt: skip
    hollow = Part("mandibular canals", scaled(Tubes.joinall(canals), head.size), Tissue(bone=-0.12))
    lower = [part_of("mandible", f, head, bone, 0.17), *teeth(head, -1, case.rng("lower teeth"))]
    drop, pivot = turned(-case.number("mouth"), "x"), JOINT * head.size
    opened = [
        replace(part, shape=moved(part.shape, *about(drop, pivot)))
        for part in lower
        if isinstance(part.shape, Solid)
    ]
    return [*teeth(head, 1, case.rng("upper teeth")), *opened, hollow]


def hyoid(case: Case, at: Floats) -> Part:
    """Return the hyoid bone: a bow that opens to the back."""
    head, rng = head_of(case), case.rng("hyoid")
    own = rng.normal(0, 0.1, 3)
    f = Field((-2.8, -3.8, -1.2), (2.8, 1.0, 1.2), 0.09, far=0.6)
    bow = [(-2.2, -3.0, 0.7), (-1.8, -1.3, 0.2), (-1.0, -0.1, 0), (0, 0.2, 0), (1.0, -0.1, 0),
           (1.7, -1.3 + own[1], 0.1), (2.0, -2.9 + 2 * own[2], 0.3 + 2 * own[0])]  # fmt: skip
    f.capsules(through(bow, 30), np.interp(np.abs(np.linspace(-1, 1, 30)), [0, 0.4, 0.9, 1],
                                           [0.28, 0.22, 0.09, 0.13]), blend=0.1)  # fmt: skip
    f.ellipsoid((0, 0.1, 0.05), (1.1, 0.26, 0.5 + own[0]), blend=0.2)  # its body, a bent plate
    roughen(f, rng, 0.035, (0.5, 0.25))
    bone = Bone(cortex=0.75 * head.mineral**0.5, trabeculae=0.25 * head.mineral, grain=0.02)
    return part_of("hyoid", f, head, bone, 0.06, at)
