"""What every forgery gives away on real images, at every dose, and where it is refused.

``python -m benchmarks.forgery_films DATA STORE [--only bad_text] [--table]``

``DATA`` is the folder of public images; twenty films of it, named here, and slices of a head and a
brain. Anatomy is looked for, as on any import. Rows are kept in ``STORE/rows.jsonl``: a run that
was cut short goes on where it stopped, and what another engine made is measured anew. The tables
are those of ``benchmarks.truth``; below them stands why films were refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks._truth_tables import tables
from benchmarks.truth import read
from trainer.imaging.dicom.read import read_dicom
from trainer.imaging.film import Pixels
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.registry import ENGINE, HALLMARKS, MIMICS
from trainer.imaging.forgery.twins import look_over, reduced
from trainer.imaging.observers import forensic_features, noise_features, template_d

DOSES = (0.0, 0.25, 0.5, 0.75, 1.0)
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
_LARGEST = 1024  # short side of a film; larger ones are reduced
_SLICES = 12  # from the middle of a series


def films(data: Path) -> dict[str, Pixels]:
    """Return the twenty films by their path."""
    found = {}
    for name in FILMS:
        path = data / name
        if path.suffix == ".dcm":
            pixels = _sixteen(read_dicom(path.read_bytes(), path.name).pixels)
        else:
            with Image.open(path) as opened:
                pixels = np.asarray(opened.convert("L"), np.uint16) * 257
        found[name] = reduced(pixels.reshape(pixels.shape[-2:]), _LARGEST)
    return found


def stacks(data: Path) -> dict[str, Pixels]:
    """Return the middle slices of each series, in the order of their files."""
    found = {}
    for name in SERIES:
        slices = []
        for path in sorted((data / name).glob("*.dcm")):
            frame = read_dicom(path.read_bytes(), path.name).pixels[0]
            slices.append(np.asarray(frame, np.float32))
        first = max(0, (len(slices) - _SLICES) // 2)
        found[name] = _sixteen(np.stack(slices[first : first + _SLICES]))
    return found


def _sixteen(frames: Any) -> Pixels:
    """Return grey spread over 16 bits by whole steps: an 8-bit film keeps its 256 greys."""
    values = np.asarray(frames, np.float32)
    low, high = float(values.min()), float(values.max())
    step = max(1.0, np.floor(65_535 / max(high - low, 1.0)))
    return np.asarray(np.rint((values - low) * step), np.uint16)


def measure(op: Operator, image: Pixels, number: int, known: Anatomy) -> Iterator[dict[str, Any]]:
    """Yield a row a dose, or one row that says why the image was refused."""
    rows = []
    try:
        for dose in DOSES:
            rng = np.random.default_rng(number)
            forged, mask, _ = op(image, dose=dose, rng=rng, anatomy=known)
            rows.append(_row(op, dose, image, forged, mask))
    except ForgeryError as refusal:
        yield {"hallmark": op.name, "refused": str(refusal).removeprefix(f"{op.name}: ")}
        return
    yield from rows


def _row(op: Operator, dose: float, before: Pixels, after: Pixels, mask: Any) -> dict[str, Any]:
    outside = np.abs(after.astype(np.int32) - before)[~mask]
    flat = (-1, before.shape[-1])
    k = int(np.argmax(mask.sum((1, 2)))) if before.ndim == 3 else 0
    pair = [image[k] if image.ndim == 3 else image for image in (before, after)]
    where = mask[k] if mask.ndim == 3 else mask
    row: dict[str, Any] = {
        "hallmark": op.name,
        "dose": dose,
        "d": template_d([before.reshape(flat)], [after.reshape(flat)], [mask.reshape(flat)]),
        "outside": int(outside.max()) if outside.size else 0,
        "share": float(mask.mean()),
    }
    if where.any():
        row["noise"] = [noise_features(image, where) for image in pair]
    if dose in (0.0, 1.0):
        row["forensic"] = [forensic_features(image) for image in pair]
    return row


def run(store: Path, data: Path, only: str) -> None:
    """Measure what the store does not hold yet."""
    done = {row["unit"] for row in read(store) if "done" in row}
    images = [(n, f"film {n}", "real films", i) for n, i in enumerate(films(data).values())]
    images += [(n, name, name, i) for n, (name, i) in enumerate(stacks(data).items())]
    with store.open("a", encoding="utf-8") as out:
        for number, name, region, image in images:
            known: Anatomy | None = None
            for op in (*HALLMARKS.values(), *MIMICS.values()):
                key = f"{name} {op.name} {ENGINE}"
                if key in done or only not in key or image.ndim not in op.dimensions:
                    continue
                known = known or look_over(image)
                made = [
                    {"unit": key, "region": region, "seed": number, "built": False, **row}
                    for row in measure(op, image, number, known)
                ]
                made.append({"unit": key, "done": True})
                out.write("".join(json.dumps(row) + "\n" for row in made))
                out.flush()


def refusals(rows: Sequence[dict[str, Any]]) -> str:
    """Return on how many films each hallmark was refused, and why."""
    why: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if "refused" in row and row["region"] == "real films":
            why[row["hallmark"]][row["refused"].split(" (")[0].split(";")[0]] += 1
    lines = [f"| hallmark | refused, of {len(FILMS)} | why |", "|---|---|---|"]
    for name in (*(str(h) for h in HALLMARKS), *MIMICS):
        said = "; ".join(f"{reason} ({count})" for reason, count in why[name].most_common())
        lines.append(f"| {name} | {why[name].total()} | {said} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.forgery_films")
    parser.add_argument("data", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("--only", default="", help="units whose film or hallmark holds this")
    parser.add_argument("--table", action="store_true", help="print what is there; measure nothing")
    given = parser.parse_args(arguments)
    given.store.mkdir(parents=True, exist_ok=True)
    store = given.store / "rows.jsonl"
    if not given.table:
        run(store, given.data, given.only)
    rows = [row for row in read(store) if row["unit"].endswith(f" {ENGINE}") and "done" not in row]
    print(tables(rows).split("Painted on the film:")[1].split("Built, all regions")[0])
    print(refusals(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
