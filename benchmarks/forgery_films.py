"""What every forgery gives away on real images, at every dose, and where it is refused.

``python -m benchmarks.forgery_films DATA STORE [--films 20] [--only bad_text,rib_clone] [--table]``

``DATA`` is the folder of public images: twenty films of it, named here, then the other films of the
Hannover set as far as ``--films`` asks, and slices of a head and a brain. What is not there is left
out, and said. Anatomy is looked for, as on any import. Rows are kept in ``STORE/rows.jsonl``: a run
that was cut short goes on where it stopped, and what another engine made is measured anew. Printed
are the tables of ``docs/forgery.md``: what the observers of ``benchmarks.truth`` say, why films
were refused, and by how much the residual's features move.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks._film_tables import REAL, tables
from benchmarks._rows import DOSES, Row, fill, read, seen
from trainer.imaging.dicom.read import read_dicom
from trainer.imaging.film import Pixels
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.registry import ENGINE, HALLMARKS
from trainer.imaging.forgery.twins import look_over, reduced

_HANNOVER = (
    "0a7faa2a", "2168a917", "23823ebc", "2c35005f", "3b46de94", "5782ae15", "8fc103ca",
    "a361d7b7", "ac4f6e4e", "bb0e626a", "c3829ecb", "f6575117", "fff13f3a",
    "00870a9c", "33ad0dcb", "5f001e0b", "87d50e40",
)  # fmt: skip
#: Thirteen upright and four bedside chests, two of other sources, one hip. There are no limbs.
FILMS = (
    *(f"hannover-cxr/{name}.png" for name in _HANNOVER),
    "covid-chestxray-open/12941_2020_358_Fig1_HTML.jpg",
    "nih-cxr14-samples/1.2.276.0.7230010.3.1.4.8323329.6904.1517875201.850819.dcm",
    "dicom-corner-pylibjpeg/RG2_JPLY.dcm",
)
#: Folders whose files are the slices of one series.
SERIES = ("ct-head-ge-series", "mr-brain-ge-series")
LARGEST = 1024  # short side of a film; larger ones are reduced
_SLICES = 12  # from the middle of a series

Load = Callable[[], Pixels]


def named(data: Path, films: int) -> list[str]:
    """Return the first films that are asked for: the twenty, then others as they are named."""
    more = sorted(f"hannover-cxr/{path.name}" for path in (data / "hannover-cxr").glob("*.png"))
    return [*FILMS, *(name for name in more if name not in FILMS)][:films]


def images(data: Path, films: int, side: int) -> Iterator[tuple[str, str, int, Load]]:
    """Yield name, region, number and how to load it of each image that is there; say what is not.

    A film's number, from which its forgeries are drawn, does not depend on what else is there.
    """
    wanted = [(name, REAL, _film) for name in named(data, films)]
    wanted += [(name, name, _stack) for name in SERIES]
    numbers: dict[str, int] = defaultdict(int)
    for name, region, load in wanted:
        number = numbers[region]
        numbers[region] += 1
        if not (data / name).exists():
            print(f"left out: {data / name} is not there", file=sys.stderr)
            continue
        yield name, region, number, cache(partial(load, data / name, side))


def _film(path: Path, side: int) -> Pixels:
    if path.suffix == ".dcm":
        pixels = _sixteen(read_dicom(path.read_bytes(), path.name).pixels)
    else:
        with Image.open(path) as opened:
            pixels = np.asarray(opened.convert("L"), np.uint16) * 257
    return reduced(pixels.reshape(pixels.shape[-2:]), side)


def _stack(folder: Path, side: int) -> Pixels:
    """Return the middle slices of a series, in the order of their files."""
    slices = []
    for path in sorted(folder.glob("*.dcm")):
        frame = read_dicom(path.read_bytes(), path.name).pixels[0]
        slices.append(np.asarray(frame, np.float32))
    first = max(0, (len(slices) - _SLICES) // 2)
    return reduced(_sixteen(np.stack(slices[first : first + _SLICES])), side)


def _sixteen(frames: Any) -> Pixels:
    """Return grey spread over 16 bits by whole steps: an 8-bit film keeps its 256 greys."""
    values = np.asarray(frames, np.float32)
    low, high = float(values.min()), float(values.max())
    step = max(1.0, np.floor(65_535 / max(high - low, 1.0)))
    return np.asarray(np.rint((values - low) * step), np.uint16)


def measure(op: Operator, load: Load, known: Callable[[], Anatomy], number: int) -> Iterator[Row]:
    """Yield a row a dose, or one row that says why the image was refused."""
    image = load()
    rows = []
    try:
        for dose in DOSES:
            rng = np.random.default_rng(number)
            forged, mask, _ = op(image, dose=dose, rng=rng, anatomy=known())
            rows.append(seen(op.name, dose, image, forged, mask))
    except ForgeryError as refusal:
        rows = [{"hallmark": op.name, "refused": str(refusal).removeprefix(f"{op.name}: ")}]
    yield from rows


def units(
    data: Path, films: int, side: int, only: Sequence[str]
) -> Iterator[tuple[str, Row, Callable[[], Iterator[Row]]]]:
    """Yield what there is to measure: every image with every hallmark that is asked for."""
    for name, region, number, load in images(data, films, side):
        known = cache(lambda load=load: look_over(load()))
        dimensions = 2 if region == REAL else 3
        for op in HALLMARKS.values():
            if dimensions in op.dimensions and (not only or op.name in only):
                about: Row = {"region": region, "film": name, "seed": number}
                key = f"{name} {op.name} {side} {ENGINE}"
                yield key, about, partial(measure, op, load, known, number)


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.forgery_films")
    parser.add_argument("data", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("--films", type=int, default=len(FILMS))
    parser.add_argument("--only", default="", help="hallmarks, by comma")
    parser.add_argument("--side", type=int, default=LARGEST, help="short side of larger films")
    parser.add_argument("--table", action="store_true", help="measure nothing; print what is there")
    given = parser.parse_args(arguments)
    only = [name for name in given.only.split(",") if name]
    if unknown := set(only) - {str(h) for h in HALLMARKS}:
        parser.error(f"no hallmark is called {', '.join(sorted(unknown))}")
    given.store.mkdir(parents=True, exist_ok=True)
    store = given.store / "rows.jsonl"
    if not given.table:
        fill(store, units(given.data, given.films, given.side, only))
    own, asked = f" {given.side} {ENGINE}", {*named(given.data, given.films), *SERIES}
    rows = [row for row in read(store) if row["unit"].endswith(own) and row["film"] in asked
            and (not only or row["hallmark"] in only)]  # fmt: skip
    print(f"Forgery engine {ENGINE}, films of at most {given.side} pixels a side\n")
    print(tables(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
