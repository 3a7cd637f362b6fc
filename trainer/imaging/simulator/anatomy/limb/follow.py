"""Flesh that goes with bones out of their place: a displaced shaft, a dislocated joint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from trainer.imaging.simulator.anatomy.limb.bone import Bony
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.kernels.solids import sample_solid

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

# Engineer's estimates: flesh goes with the bone that is nearest, and as near as this to both with
# both alike; it is looked at on a coarser grid than flesh is built on, for it varies slowly.
_NEAR = 1.2
_COARSE = 1.1
_STRIDE = 0.6


def follow(
    fields: Sequence[Field],
    rest: Mapping[str, Bony],
    bones: Iterable[Bony],
    share: float = 1.0,
    still: Floats | None = None,
) -> None:
    """Take flesh along with bones that have moved, in place.

    Each point of the flesh comes from where the bones about it were: the weight of a bone falls
    with the fourth power of the distance from where it is or was, whichever is nearer. Nothing is
    touched where no bone has moved.

    Parameters
    ----------
    fields : sequence of Field
        Distances on one grid, about the bones at rest.
    rest : mapping of str to Bony
        The bones before they moved, by name.
    bones : iterable of Bony
        Where they are now; a piece is named after its bone.
    share : float
        How far the flesh follows, 0 not at all, 1 all the way.
    still : ndarray, shape (n, 3), optional
        Further points that have not moved, such as ribs.
    """
    groups = _groups(rest, bones, still)
    if share <= 0 or all(back is None for back, _ in groups):
        return
    f = fields[0]
    counts = [max(2, round(n * f.spacing / _COARSE)) for n in f.shape]
    axes = [np.linspace(a[0], a[-1], n) for a, n in zip(f.axes, counts, strict=True)]
    nodes = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    total, shift = np.zeros(len(nodes)), np.zeros((len(nodes), 3))
    for back, points in groups:
        distance, _ = cKDTree(points).query(nodes, workers=1)
        weight = 1 / (distance**2 + _NEAR**2) ** 2
        total += weight
        if back is not None:
            turn, place = back
            shift += weight[:, None] * (nodes @ turn.T + place - nodes)
    shift *= share / total[:, None] / f.spacing
    index = _on_grid(shift.reshape(*counts, 3), f.shape)
    for made in fields:
        out = np.empty(index.shape[1], np.float32)
        sample_solid(np.ascontiguousarray(made.values), index, out)
        made.values = out.reshape(made.shape)


def _groups(
    rest: Mapping[str, Bony], bones: Iterable[Bony], still: Floats | None
) -> list[tuple[tuple[Floats, Floats] | None, Floats]]:
    """Return points of the bones that moved alike, and how to go back; None where they did not."""
    found: dict[bytes, tuple[tuple[Floats, Floats] | None, list[Floats]]] = {}
    if still is not None:
        found[b""] = (None, [still])
    for bone in bones:
        was = rest[bone.name.split(" piece ")[0]]
        turn = was.turn @ bone.turn.T
        place = was.place - turn @ bone.place
        there = bool(np.allclose(turn, np.eye(3)) and np.allclose(place, 0))
        key = b"" if there else np.round(np.append(turn, place), 6).tobytes()
        points = found.setdefault(key, (None if there else (turn, place), []))[1]
        points.append(_points(bone))
        if not there:
            points.append(points[-1] @ turn.T + place)
    return [(pose, np.vstack(points)) for pose, points in found.values()]


def _points(bone: Bony) -> Floats:
    """Return points in a bone and just about it."""
    f = bone.field
    step = max(1, round(_STRIDE / f.spacing))
    inside = np.argwhere(f.values[::step, ::step, ::step] < _STRIDE / 2) * step
    if len(inside) == 0:
        inside = np.array(np.unravel_index(int(f.values.argmin()), f.shape))[None]
    return np.asarray((inside * f.spacing + f.corner) @ bone.turn.T + bone.place, float)


def _on_grid(coarse: Floats, shape: tuple[int, ...]) -> Floats:
    """Return, for each point of a grid, where on it to look: itself, shifted by what is coarse."""
    fine = coarse
    for k in range(3):
        at = np.linspace(0, fine.shape[k] - 1, shape[k])
        low = np.minimum(at.astype(int), fine.shape[k] - 2)
        part = (at - low).reshape([-1 if j == k else 1 for j in range(4)])
        fine = fine.take(low, k) * (1 - part) + fine.take(low + 1, k) * part
    index = np.moveaxis(fine, 3, 0) + np.indices(shape)
    ends = np.array(shape, float).reshape(3, 1, 1, 1) - 1
    return np.ascontiguousarray(np.clip(index, 0, ends).reshape(3, -1))
