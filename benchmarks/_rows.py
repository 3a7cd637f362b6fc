"""What benchmarks of forgeries keep: a row a film, hallmark and dose, in ``rows.jsonl``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from trainer.imaging.film import Mask, Pixels
from trainer.imaging.observers import forensic_features, noise_features, template_d

DOSES = (0.0, 0.25, 0.5, 0.75, 1.0)
Row = dict[str, Any]
Measure = Callable[[], Iterable[Row]]


def seen(hallmark: str, dose: float, before: Pixels, after: Pixels, mask: Mask) -> Row:
    """Return what the observers say of a film and its twin; of a stack, of the slice changed most.

    Parameters
    ----------
    hallmark : str
        What was made.
    dose : float
        0..1; the whole film is looked at at both ends alone.
    before, after : ndarray of uint16
        The authentic film or stack and its twin.
    mask : ndarray of bool
        Where they may differ.
    """
    outside = np.abs(after.astype(np.int32) - before)[~mask]
    flat = (-1, before.shape[-1])
    k = int(np.argmax(mask.sum((1, 2)))) if before.ndim == 3 else 0
    whole = [image[k] if image.ndim == 3 else image for image in (before, after)]
    where = mask[k] if mask.ndim == 3 else mask
    row: Row = {
        "hallmark": hallmark,
        "dose": dose,
        "d": template_d([before.reshape(flat)], [after.reshape(flat)], [mask.reshape(flat)]),
        "outside": int(outside.max()) if outside.size else 0,
        "share": float(mask.mean()),
    }
    if where.any():
        row["noise"] = [noise_features(image, where) for image in whole]
    if dose in (0.0, 1.0):
        row["forensic"] = [forensic_features(image) for image in whole]
    return row


def read(store: Path) -> list[Row]:
    """Return the rows of the units that a store holds whole."""
    rows = _lines(store)
    done = _done(rows)
    return [row for row in rows if row["unit"] in done and "done" not in row]


def _lines(store: Path) -> list[Row]:
    """Return all that a store holds; a line that was cut short is left out."""
    rows = []
    for line in store.read_text().splitlines() if store.exists() else []:
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return rows


def _is_cut(store: Path) -> bool:
    return store.exists() and not store.read_bytes().endswith(b"\n") and store.stat().st_size > 0


def _done(rows: Iterable[Row]) -> set[str]:
    return {row["unit"] for row in rows if "done" in row}


def fill(store: Path, units: Iterable[tuple[str, Row, Measure]]) -> None:
    """Measure what a store does not hold yet; a unit is written whole, as soon as it is measured.

    Parameters
    ----------
    store : Path
        Of the rows.
    units : iterable of (str, dict, callable)
        What tells a unit from others, what all its rows say, and what measures it.
    """
    done = _done(_lines(store))
    with store.open("a", encoding="utf-8") as out:
        out.write("\n" if _is_cut(store) else "")
        for key, about, measure in units:
            if key in done:
                continue
            made: Iterator[Row] = ({"unit": key, **about, **row} for row in measure())
            text = "".join(json.dumps(row) + "\n" for row in made)
            out.write(text + json.dumps({"unit": key, "done": True}) + "\n")
            out.flush()
