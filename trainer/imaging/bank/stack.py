"""Slices in single files become one stack.

A CT stack that is larger than one file may be is read slice by slice into 16-bit numbers, so that
no more than one slice is ever held as floats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from trainer.imaging.dicom.decoded import MOST_PIXELS, MOST_STACK_PIXELS, Decoded, Frames, pack
from trainer.imaging.dicom.errors import IntakeError


def gather(
    files: Iterable[tuple[str, bytes]],
    count: int,
    decode: Callable[[bytes, str], Decoded],
    name: str,
) -> tuple[Decoded, list[str]]:
    """Read the slices of one stack, one at a time, and put them in order.

    Parameters
    ----------
    files : iterable of (str, bytes)
        Names and contents; each is asked for once, in turn.
    count : int
        How many there are: a stack that is too large is refused at its first slice.
    decode : callable
        Reads one file.
    name : str
        What messages call the stack.

    Returns
    -------
    stack : Decoded
        See :func:`assemble`; ``packed`` where it is larger than :data:`MOST_PIXELS`.
    names : list of str
        The file of each of its slices.

    Raises
    ------
    IntakeError
        As :func:`assemble`, and what ``decode`` raises.
    """
    slices: list[tuple[str, Decoded]] = []
    room: Frames | None = None
    for index, (file, data) in enumerate(files):
        one = decode(data, file)
        if index == 0:
            _check_size(one, count, name)
            if count * one.pixels.size > MOST_PIXELS:
                room = np.empty((count, *one.pixels.shape[1:]), np.uint16)
        if room is not None and one.pixels.shape == (1, *room.shape[1:]):
            room[index] = pack(one.pixels[0])
            one = replace(one, pixels=room[index : index + 1], packed=True)
        slices.append((file, one))
    whole = assemble(slices, name, room)
    return whole, [slices[i][0] for i in order_of(slices)]


def _check_size(first: Decoded, count: int, name: str) -> None:
    size = count * first.pixels.size
    most = MOST_STACK_PIXELS if first.modality == "CT" else MOST_PIXELS
    if size > most:
        raise IntakeError(
            name,
            f"its {count} slices are {size / 1e6:.0f} megapixels; the limit is {most / 1e6:.0f}"
            + ("" if first.modality == "CT" else f" ({MOST_STACK_PIXELS / 1e6:.0f} for CT)"),
            "split it into stacks of fewer slices",
        )


def _in_order(room: Frames, order: Sequence[int]) -> Frames:
    """Return a volume's slices in order: a view where they lie so or turned round, else moved."""
    if list(order) == list(range(len(room))):
        return room
    if list(order) == list(range(len(room)))[::-1]:
        return room[::-1]
    done = np.zeros(len(room), np.bool_)
    for start in range(len(room)):  # along each ring of the permutation, one slice held aside
        if done[start]:
            continue
        aside, at = room[start].copy(), start
        while order[at] != start:
            room[at] = room[order[at]]
            done[at] = True
            at = order[at]
        room[at] = aside
        done[at] = True
    return room


def assemble(
    slices: Sequence[tuple[str, Decoded]], name: str, room: Frames | None = None
) -> Decoded:
    """Put the slices of one series in order.

    Parameters
    ----------
    slices : sequence of (file name, Decoded)
        One frame each, of one series. Ordered by their place along the normal where every slice
        states one, else by file name with numbers read as numbers.
    name : str
        What messages call the stack.
    room : ndarray of uint16, optional
        One array that holds the slices' packed pixels in the order given; it is changed.

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
    _check_size(first, len(slices), name)
    placed, turns = _placed(slices), order_of(slices)
    order = [slices[i] for i in turns]
    places = tuple(one.slice_mm[0] for _, one in order) if placed else ()
    if any(b - a < 1e-3 for a, b in pairwise(places)):
        raise IntakeError(
            name, "two of its slices lie at the same place", "keep one series in a folder"
        )
    return replace(
        first,
        pixels=(
            np.concatenate([one.pixels for _, one in order])
            if room is None
            else _in_order(room, turns)
        ),
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
