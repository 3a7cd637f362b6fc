"""Slices in single files become one stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from trainer.imaging.dicom.decoded import MOST_PIXELS, Decoded
from trainer.imaging.dicom.errors import IntakeError


def assemble(slices: Sequence[tuple[str, Decoded]], name: str) -> Decoded:
    """Put the slices of one series in order.

    Parameters
    ----------
    slices : sequence of (file name, Decoded)
        One frame each, of one series. Ordered by their place along the normal where every slice
        states one, else by file name with numbers read as numbers.
    name : str
        What messages call the stack.

    Raises
    ------
    IntakeError
        When they are of several series, shapes or places, or too many.
    """
    if not slices:
        raise IntakeError(name, "the folder holds no image", "give the folder of the slices")
    first = slices[0][1]
    for file, one in slices:
        if one.pixels.shape[0] != 1:
            raise IntakeError(name, f"{file} is a stack of its own", "give the file itself a row")
        if one.pixels.shape != first.pixels.shape:
            raise IntakeError(
                name,
                f"{file} is {one.pixels.shape[2]} x {one.pixels.shape[1]}, {slices[0][0]} is "
                f"{first.pixels.shape[2]} x {first.pixels.shape[1]}",
                "keep one series in a folder",
            )
        if one.series != first.series:
            raise IntakeError(
                name,
                f"{file} is of another series than {slices[0][0]}",
                "keep one series in a folder",
            )
    if len(slices) * first.pixels.size > MOST_PIXELS:
        raise IntakeError(
            name,
            f"its {len(slices)} slices are {len(slices) * first.pixels.size / 1e6:.0f} megapixels; "
            f"the limit is {MOST_PIXELS / 1e6:.0f}",
            "split it into stacks of fewer slices",
        )
    placed = _placed(slices)
    order = [slices[i] for i in order_of(slices)]
    places = tuple(one.slice_mm[0] for _, one in order) if placed else ()
    if any(b - a < 1e-3 for a, b in pairwise(places)):
        raise IntakeError(
            name, "two of its slices lie at the same place", "keep one series in a folder"
        )
    return replace(
        first,
        pixels=np.concatenate([one.pixels for _, one in order]),
        bits=max(one.bits for _, one in order),
        slice_mm=places,
        shift_mm=tuple(shift for _, one in order for shift in one.shift_mm) if placed else (),
        plane=first.plane if len({one.plane for _, one in order}) == 1 else "",
        instance="",
        facts=first.facts | {"slices": len(order)},
        holds=tuple(dict.fromkeys(hold for _, one in order for hold in one.holds)),
    )


def tilt_of(decoded: Decoded) -> float:
    """Return by how many degrees a stack is sheared, as by a tilted gantry.

    Parameters
    ----------
    decoded : Decoded
        A stack; its pixels are not looked at.

    Returns
    -------
    float
        The angle between the line along which the slices follow one another and their normal,
        the largest between any two neighbours; 0 where nothing says where the slices lie.
    """
    if len(decoded.slice_mm) < 2 or len(decoded.shift_mm) != len(decoded.slice_mm):
        return 0.0
    along = np.abs(np.diff(decoded.slice_mm))
    aside = np.hypot(*np.diff(np.array(decoded.shift_mm), axis=0).T)
    return float(np.degrees(np.arctan2(aside, along)).max())


def order_of(slices: Sequence[tuple[str, Decoded]]) -> tuple[int, ...]:
    """Return the order in which :func:`assemble` puts the slices.

    Parameters
    ----------
    slices : sequence of (file name, Decoded)
        One frame each.

    Returns
    -------
    tuple of int
        For each slice of the stack, which of ``slices`` it is.
    """
    placed = _placed(slices)
    return tuple(
        sorted(
            range(len(slices)),
            key=lambda i: (
                slices[i][1].slice_mm[0] if placed else 0.0,
                natural(slices[i][0]),
            ),
        )
    )


def _placed(slices: Sequence[tuple[str, Decoded]]) -> bool:
    return all(len(one.slice_mm) == 1 for _, one in slices)


def natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """Return a key that sorts ``slice10`` after ``slice9``."""
    parts: list[tuple[int, int | str]] = []
    digits = ""
    for letter in [*name, ""]:
        if letter.isdigit() and letter.isascii():
            digits += letter
            continue
        if digits:
            parts.append((0, int(digits)))
            digits = ""
        parts.append((1, letter))
    return tuple(parts)
