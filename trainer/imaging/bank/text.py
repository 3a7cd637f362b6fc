"""Finding burned-in text: enough to hold an image for a person, not to read it.

Characters of an annotation are small marks of one height, far brighter (or darker) than what lies
round them, next to each other on one line. A single letter (a side marker) is no identifier and is
left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

#: Heights of a character in pixels that are looked for.
SMALLEST, LARGEST = 6, 48
#: Marks in a row that make a line of text.
FEWEST_MARKS = 4
#: How far a mark stands out, as a part of the image's range.
CONTRAST = 0.30
_LONGEST_SIDE = 2048


@dataclass(frozen=True, slots=True)
class Line:
    """A line of marks that look like text: edges in source pixels, and how many marks."""

    top: int
    left: int
    bottom: int
    right: int
    marks: int


def find_text(pixels: NDArray[np.float32]) -> list[Line]:
    """Return the lines that look like burned-in text.

    Parameters
    ----------
    pixels : ndarray
        ``(rows, columns)``, any units.

    Returns
    -------
    list of Line
        Longest first; empty where nothing looks like text.
    """
    step = max(1, -(-max(pixels.shape) // _LONGEST_SIDE))
    small = pixels[::step, ::step]
    low, high = np.quantile(small, (0.002, 0.998))
    part = np.clip((small - low) / max(float(high - low), 1e-9), 0, 1)
    scaled = np.rint(part * 255).astype(np.uint8)
    lines = []
    for size in (9, 25):  # thin strokes, then bold ones
        for values in (scaled, 255 - scaled):
            hat = values - ndimage.grey_opening(values, size=(size, size))
            lines += _lines(hat > CONTRAST * 255)
    lines.sort(key=lambda line: -line.marks)
    kept: list[Line] = []
    for line in lines:
        if not any(_touch(line, other) for other in kept):
            kept.append(line)
    return [
        Line(one.top * step, one.left * step, one.bottom * step, one.right * step, one.marks)
        for one in kept
    ]


def _touch(one: Line, other: Line) -> bool:
    return (
        one.top < other.bottom
        and other.top < one.bottom
        and one.left < other.right
        and other.left < one.right
    )


def _lines(marks: NDArray[np.bool_]) -> list[Line]:
    """Group marks of the size of a character into lines."""
    labels, count = ndimage.label(marks, structure=np.ones((3, 3)))
    if count == 0:
        return []
    areas = np.bincount(labels.ravel())[1:]
    boxes = []
    for area, place in zip(areas, ndimage.find_objects(labels), strict=True):
        rows, columns = place
        height, width = rows.stop - rows.start, columns.stop - columns.start
        filled = area / (height * width)
        if SMALLEST <= height <= LARGEST and 1 <= width <= 1.6 * height and filled > 0.18:
            boxes.append((columns.start, columns.stop, rows.start, rows.stop))
    boxes.sort()
    return [line for line in _chains(boxes) if line.marks >= FEWEST_MARKS]


def _chains(boxes: list[tuple[int, int, int, int]]) -> list[Line]:
    """Chain boxes from left to right: same line, same height, small gaps."""
    open_: list[list[tuple[int, int, int, int]]] = []
    for box in boxes:
        best = None
        for chain in reversed(open_):
            if _follows(chain[-1], box):
                best = chain
                break
        if best is None:
            open_.append([box])
        else:
            best.append(box)
    return [
        Line(
            min(b[2] for b in chain),
            chain[0][0],
            max(b[3] for b in chain),
            max(b[1] for b in chain),
            len(chain),
        )
        for chain in open_
    ]


def _follows(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    """Whether a box can be the next character after another."""
    height, next_height = one[3] - one[2], other[3] - other[2]
    tall = max(height, next_height)
    gap = other[0] - one[1]
    shared = min(one[3], other[3]) - max(one[2], other[2])
    return (
        -0.2 * tall <= gap <= 1.0 * tall
        and shared >= 0.6 * min(height, next_height)
        and tall <= 1.7 * min(height, next_height)
        and abs(one[3] - other[3]) <= 0.35 * tall
    )
