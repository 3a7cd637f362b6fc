"""Skin, fat and muscle of a limb: what every region does to them alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import maximum_filter
from scipy.spatial import cKDTree

from trainer.imaging.simulator.anatomy.limb.bone import Bony, cropped
from trainer.imaging.simulator.anatomy.limb.breaks import swelling
from trainer.imaging.simulator.body import Part, Uneven
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field, smooth_min
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import AIR, FAT, SOFT, Tissue

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

# What casts are made of. Plaster of Paris is gypsum, whose attenuation is near that of bone of the
# same mass; fibreglass is paler. Packing shares are an engineer's estimate.
PLASTER = Tissue(bone=0.30)
FIBREGLASS = Tissue(soft=0.35, aluminium=0.06)


@dataclass(frozen=True, eq=False)
class Flesh:
    """The soft parts of a limb, and where its skin is."""

    parts: list[Part]
    skin: Field


def chains(f: Field, courses: Iterable[ArrayLike], s: float, blend: float) -> Field:
    """Join chains of (x, y, z, radius) to a field, each a muscle or a tendon."""
    for course in courses:
        rows = np.asarray(course, float) * s
        one = f.like().capsules(rows[:, :3], rows[:, 3], blend=0.05)
        f.join(one.values, blend)
    return f


def clothe(layers: Sequence[tuple[Field, float, float]], bones: Iterable[Bony]) -> None:
    """Join layers about bones, in place: periosteum, capsule and ligaments, skin over them.

    Parameters
    ----------
    layers : sequence of (Field, float, float)
        Distances on one grid; how thick each lies on bone and how wide it blends, cm.
    bones : iterable of Bony
        In their places.
    """
    grid = Bony("flesh", layers[0][0])
    reach = max(depth for _, depth, _ in layers) + 0.3
    for bone in bones:
        solid = bone.solid()
        corners = solid.corners()
        window = grid.window(np.stack([corners.min(0) - reach, corners.max(0) + reach]))
        if window is None:
            continue
        distance = grid.distance_within(solid, window)
        for f, depth, blend in layers:
            near = np.minimum(distance - np.float32(depth), np.float32(f.far))
            f.values[window] = smooth_min(f.values[window], near, blend)


@remember(2)
def _lumps(plain: Case, shape: tuple[int, ...], spacing: float) -> tuple[Map, Map]:
    """Return the slow and the quick unevenness of a case's flesh on a grid."""
    rng = plain.rng("flesh")
    slow, quick = (
        smooth_noise(shape, tuple(max(4, int(n * spacing / size)) for n in shape), rng)
        for size in (3.5, 0.9)
    )
    return slow, quick


def flesh(
    case: Case,
    skin: Field,
    muscle: Field,
    bones: Sequence[Bony],
    broken_at: Floats | None,
    *,
    reach: float = 2.6,
    rise: float = 0.55,
    clothes: float = 0.12,
    rounded: float = 0.6,
) -> Flesh:
    """Return fat and muscle of a limb about its bones, swollen about a fracture.

    Parameters
    ----------
    case : Case
        Fat, swelling, seed.
    skin, muscle : Field
        Their distances, on one grid; changed in place.
    bones : sequence of Bony
        In their places.
    broken_at : ndarray, optional
        Middle of a fresh fracture.
    reach, rise : float
        How far swelling reaches, and how far it lifts the skin at most, cm.
    clothes : float
        Thickness of what lies on bone everywhere, cm.
    rounded : float
        Cells over which folds of skin and muscle are rounded.
    """
    slow, quick = _lumps(case.authentic(), skin.shape, skin.spacing)
    muscle.values += 0.05 * slow + 0.03 * quick
    skin.values += 0.05 * slow
    # last, so that nothing lies bare: a bone in fat displaces muscle that is not there
    clothe([(muscle, clothes, 0.15), (skin, clothes + 0.2, 0.4)], bones)
    swollen = swelling(case)
    if broken_at is not None and swollen > 0:
        x, y, z = (m - np.float32(c) for m, c in zip(skin.mesh(), broken_at.tolist(), strict=True))
        near = np.exp(-((x**2 + y**2 + z**2) / np.float32(reach**2)))
        skin.values -= np.float32(rise * swollen) * near
        muscle.values -= np.float32((rise + 0.35) * swollen) * near * (1 + 0.25 * quick)
    muscle.values = np.maximum(muscle.values, skin.values + 0.16)
    skin.smooth(rounded)
    muscle.smooth(rounded)
    lobules = Uneven(case.number_for("fat lobules"), 2.9, 0.03, Tissue(adipose=1), 0.5)
    fibres = Uneven(case.number_for("muscle fibres"), 2.4, 0.012, Tissue(soft=1), 0.5)
    hull = Part("limb", skin.solid(), FAT, AIR, "soft tissue", least=0.05, uneven=lobules)
    lean = Part("muscle", muscle.solid(), SOFT, FAT, uneven=fibres)
    return Flesh([hull, lean], skin)


def outward(skin: Field, reach: float) -> Map:
    """Return how far each point outside a skin lies from it; 0 inside, ``reach`` where further.

    A field that was joined of many shapes is a distance next to its surface alone: a little way
    off it has steps where a shape's grid ends.

    Parameters
    ----------
    skin : Field
        Below 0 inside.
    reach : float
        How far it is asked for, cm.
    """
    values = skin.values
    points = []
    for k in range(3):
        low = [slice(None)] * 3
        high = [slice(None)] * 3
        low[k], high[k] = slice(None, -1), slice(1, None)
        a, b = values[tuple(low)], values[tuple(high)]
        at = np.argwhere((a < 0) != (b < 0))
        first, second = a[tuple(at.T)], b[tuple(at.T)]
        found = at.astype(float)
        found[:, k] += first / (first - second)
        points.append(found)
    far = np.float32(reach) * (values >= 0)
    cells = int(np.ceil(reach / skin.spacing))
    near = np.argwhere(maximum_filter(values < 0, 2 * cells + 1) & (values >= 0))
    tree = cKDTree(np.vstack(points))
    distance, _ = tree.query(near, eps=0.02, distance_upper_bound=reach / skin.spacing)
    far[tuple(near.T)] = np.minimum(distance * skin.spacing, reach)
    return np.asarray(far, np.float32)


def cast(case: Case, skin: Field, keep: Map | None = None) -> list[Part]:
    """Return the cast or splint of a case about its skin; nothing where it has none.

    Parameters
    ----------
    case : Case
        ``hardware`` says which.
    skin : Field
        Distance to the skin.
    keep : ndarray, optional
        Below 0 where a splint lies; a cast goes all round.
    """
    kind = case.word("hardware")
    if kind not in ("cast", "splint"):
        return []
    rng = case.rng("cast")
    cells = tuple(max(4, int(n * skin.spacing / 1.6)) for n in skin.shape)
    folds = 0.05 * smooth_noise(skin.shape, cells, rng)
    thick = 0.42 + 0.2 * rng.random()
    away = outward(skin, 1.3)
    shell = np.maximum(away - (0.30 + thick) - folds, 0.28 - away)
    if kind == "splint" and keep is not None:
        shell = np.maximum(shell, keep)
    plaster = rng.random() < 0.6
    lumps = Uneven(case.number_for("plaster"), 2.2, 0.05, Tissue(bone=0.2))
    made_of = PLASTER if plaster else FIBREGLASS
    solid = skin.like(np.clip(shell, -1, skin.far)).solid()
    return [Part("cast", solid, made_of, AIR, "cast", uneven=lumps)]


def pad(
    name: str, grid: Field, shape: Map, tissue: Tissue, within: Tissue, structure: str = ""
) -> Part:
    """Return a fat pad or a pool of fluid of a given distance as a part."""
    solid = cropped(grid.like(np.clip(shape, -1, grid.far)), 0.4).solid()
    return Part(name, solid, tissue, within, structure)
