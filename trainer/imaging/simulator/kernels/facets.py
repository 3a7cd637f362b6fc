"""The facets of an iso-surface in one cell of a grid, for each pattern of corners inside.

Marching cubes (Lorensen & Cline 1987), its table made here by one rule for each face of a cell:
corners inside that touch only across a face's diagonal are kept apart. What is drawn on a face
depends on that face's four corners alone, so the neighbour draws the same and the surface closes.

A cell's corner is numbered by its place, 4 x + 2 y + z; its edges run from the corner of the lower
number to that of the higher.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_MOST = 5  # facets in a cell


def _edges() -> list[tuple[int, int]]:
    pairs = [(a, a | bit) for bit in (4, 2, 1) for a in range(8) if not a & bit]
    return pairs


def _faces() -> list[tuple[int, int, int, int]]:
    """Return the corners about each face, as seen from outside the cell counter-clockwise."""
    faces = []
    for bit, (u, v) in ((4, (2, 1)), (2, (1, 4)), (1, (4, 2))):
        faces.append((bit, bit | u, bit | u | v, bit | v))
        faces.append((0, v, u | v, u))
    return faces


EDGES = _edges()
_BETWEEN = {frozenset(pair): n for n, pair in enumerate(EDGES)}


def _segments(face: tuple[int, int, int, int], code: int) -> list[tuple[int, int]]:
    """Return the lines drawn on one face, from edge to edge, what is inside on their right."""
    inside = [bool(code >> corner & 1) for corner in face]
    enter, leave = [], []
    for n in range(4):
        edge = _BETWEEN[frozenset((face[n], face[(n + 1) % 4]))]
        if inside[n] and not inside[(n + 1) % 4]:
            leave.append((n, edge))
        elif inside[(n + 1) % 4] and not inside[n]:
            enter.append((n, edge))
    # going round, each run of corners inside begins at one edge and ends at the next
    return [(edge, min(leave, key=lambda other: (other[0] - n) % 4)[1]) for n, edge in enter]


def _table() -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    count = np.zeros(256, np.int64)
    table = np.full((256, _MOST, 3), -1, np.int8)
    for code in range(1, 255):
        follow = dict(line for face in _faces() for line in _segments(face, code))
        while follow:
            start, edge = follow.popitem()
            loop = [start]
            while edge != start:
                loop.append(edge)
                edge = follow.pop(edge)
            for facet in _fan(loop):
                table[code, count[code]] = facet
                count[code] += 1
    return count, table


def _fan(loop: list[int]) -> list[tuple[int, int, int]]:
    """Return the facets of one loop of edges, fanned from where they are least folded."""
    middle = {e: np.mean([[c >> 2 & 1, c >> 1 & 1, c & 1] for c in EDGES[e]], axis=0) for e in loop}

    def facets(first: int) -> list[tuple[int, int, int]]:
        turned = loop[first:] + loop[:first]
        return [(turned[0], a, b) for a, b in pairwise(turned[1:])]

    def folded(first: int) -> float:
        normals = [
            np.cross(middle[b] - middle[a], middle[c] - middle[a]) for a, b, c in facets(first)
        ]
        sizes = [np.linalg.norm(n) + 1e-9 for n in normals]
        pairs = zip(normals, normals[1:], sizes, sizes[1:], strict=False)
        return -min((float(n @ m / (p * q)) for n, m, p, q in pairs), default=1.0)

    return facets(min(range(len(loop)), key=folded))


COUNT, TABLE = _table()
