"""What each forgery gives away, at every dose, in every region and view.

``python -m benchmarks.truth FOLDER [--seeds 12] [--columns 384] [--only "ankle ap biomech"]``

Films of simulated patients are made with each hallmark at doses of 0, a quarter, a half, three
quarters and 1: those that the body can be built with, and those that are painted on the finished
film. Each row is written to ``FOLDER/rows.jsonl`` as soon as it is measured, so that a run that was
cut short goes on where it stopped; rows of another engine or size are measured anew. In the end,
and with ``--table`` alone, the tables of ``docs/truth.md`` are printed.

384 columns are enough: what a dose does is larger than a pixel of that size.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._truth_tables import tables
from trainer.core.words import Hallmark
from trainer.imaging.film import Mask, Pixels
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.registry import ENGINE, HALLMARKS
from trainer.imaging.known_anatomy import anatomy_of
from trainer.imaging.observers import forensic_features, noise_alone, noise_features, template_d
from trainer.imaging.recipes import ENGINE_VERSION
from trainer.imaging.simulator.anatomy import REGIONS, SCANS
from trainer.imaging.simulator.case import Region
from trainer.imaging.simulator.ct.series import Scan
from trainer.imaging.simulator.film import Session

DOSES = (0.0, 0.25, 0.5, 0.75, 1.0)
COLUMNS, SLICE_COLUMNS = 384, 192
SEEDS = 12
PAINTED = "painted"
# Regions on whose finished films the rest is painted: bones in air, lungs, spine, gas, symmetry.
PAINTED_ON = ("hand pa", "knee ap", "chest pa", "lumbar ap", "pelvis ap", "abdomen ap")


@dataclass(frozen=True, slots=True)
class Unit:
    """What is measured in one go: a region's patient with one built hallmark, or all painted."""

    place: Region
    hallmark: Hallmark | None
    seed: int

    def key(self, columns: int) -> str:
        """Return what tells it from others."""
        name = self.hallmark or PAINTED
        engine = ENGINE_VERSION if self.hallmark else f"{ENGINE_VERSION}.{ENGINE}"
        return f"{self.place.name} {self.place.view} {name} {self.seed} {columns} {engine}"


def units(seeds: int) -> Iterator[Unit]:
    """Yield what there is to measure, all regions before the next patient."""
    for seed in range(seeds):
        for place in (*REGIONS, *SCANS):
            for hallmark in place.structural:
                yield Unit(place, hallmark, seed)
            if f"{place.name} {place.view}" in PAINTED_ON:
                yield Unit(place, None, seed)


def measure(unit: Unit, columns: int) -> Iterator[dict[str, Any]]:
    """Yield a row for each hallmark and dose of a unit."""
    if unit.hallmark is None:
        yield from _painted(unit, columns)
        return
    place = unit.place
    session: Session | Scan
    if place.stack:
        session = Scan(place, place.case(unit.seed, hallmark=unit.hallmark), SLICE_COLUMNS)
    else:
        session = Session(place, place.case(unit.seed, hallmark=unit.hallmark), columns)
    authentic = session.authentic()
    before = authentic.film.pixels
    for dose in DOSES:
        case = place.case(unit.seed, hallmark=unit.hallmark, dose=dose)
        shot = session.forged(case)
        assert shot.mask is not None
        row = _row(unit.hallmark, dose, before, shot.film.pixels, shot.mask)
        if isinstance(session, Session) and shot.mask.any():
            row["alone"] = [
                noise_alone(one.film.pixels, session.again(one), shot.mask)
                for one in (authentic, shot)
            ]
        yield row


def _painted(unit: Unit, columns: int) -> Iterator[dict[str, Any]]:
    place = unit.place
    session = Session(place, place.case(unit.seed, {"marker": "shown"}), columns)
    shot = session.authentic()
    image, anatomy = shot.film.pixels, anatomy_of(shot.paths.masks())
    again = session.again(shot)
    for hallmark, operator in HALLMARKS.items():
        if hallmark in place.structural or 2 not in operator.dimensions:
            continue
        try:
            for dose in DOSES:
                forged, mask = _forge(operator, image, dose, unit.seed, anatomy)
                row = _row(hallmark, dose, image, forged, mask)
                if operator.structural and mask.any():
                    other, _ = _forge(operator, again, dose, unit.seed, anatomy)
                    row["alone"] = [
                        noise_alone(image, again, mask),
                        noise_alone(forged, other, mask),
                    ]
                yield row
        except ForgeryError as refusal:
            yield {"hallmark": hallmark, "refused": str(refusal)}


def _forge(
    operator: Operator, image: Pixels, dose: float, seed: int, anatomy: Anatomy
) -> tuple[Pixels, Mask]:
    rng = np.random.default_rng(seed)
    forged, mask, _ = operator(image, dose=dose, rng=rng, anatomy=anatomy)
    return forged, mask


def _row(
    hallmark: Hallmark, dose: float, before: Pixels, after: Pixels, mask: Mask
) -> dict[str, Any]:
    """Return what the observers say of a film and its twin."""
    outside = np.abs(after.astype(np.int32) - before)[~mask]
    flat = (-1, before.shape[-1])
    k = int(np.argmax(mask.sum((1, 2)))) if before.ndim == 3 else 0
    whole = [image[k] if image.ndim == 3 else image for image in (before, after)]
    where = mask[k] if mask.ndim == 3 else mask
    row: dict[str, Any] = {
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


def read(store: Path) -> list[dict[str, Any]]:
    """Return the rows of a store; a line that was cut short is left out."""
    rows = []
    for line in store.read_text().splitlines() if store.exists() else []:
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return rows


def run(store: Path, wanted: Sequence[Unit], columns: int) -> None:
    """Measure what the store does not hold yet."""
    done = {row["unit"] for row in read(store) if "done" in row}
    with store.open("a", encoding="utf-8") as out:
        for unit in wanted:
            key = unit.key(columns)
            if key in done:
                continue
            made = [{"unit": key, "region": f"{unit.place.name} {unit.place.view}",
                     "seed": unit.seed, "built": unit.hallmark is not None, **row}
                    for row in measure(unit, columns)]  # fmt: skip
            made.append({"unit": key, "done": True})
            out.write("".join(json.dumps(row) + "\n" for row in made))
            out.flush()


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.truth")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--columns", type=int, default=COLUMNS)
    parser.add_argument("--only", default="", help="units named so, by comma: chest pa, wrist")
    parser.add_argument(
        "--table", action="store_true", help="print all that is there; measure nothing"
    )
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    store = given.folder / "rows.jsonl"
    only = given.only.split(",")
    wanted = [u for u in units(given.seeds) if any(o in u.key(given.columns) for o in only)]
    rows = read(store)
    if not given.table:
        run(store, wanted, given.columns)
        known = {unit.key(given.columns) for unit in wanted}
        rows = [row for row in read(store) if row["unit"] in known]
    print(tables([row for row in rows if "done" not in row]))


if __name__ == "__main__":
    main(sys.argv[1:])
