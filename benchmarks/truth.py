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
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks._rows import DOSES, Row, fill, read, seen
from benchmarks._truth_tables import tables
from trainer.core.words import Hallmark
from trainer.imaging.film import Mask, Pixels
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.registry import ENGINE, HALLMARKS
from trainer.imaging.known_anatomy import anatomy_of
from trainer.imaging.observers import noise_alone
from trainer.imaging.recipes import ENGINE_VERSION
from trainer.imaging.simulator.anatomy import REGIONS, SCANS
from trainer.imaging.simulator.case import Region
from trainer.imaging.simulator.ct.series import Scan
from trainer.imaging.simulator.film import Session

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


def measure(unit: Unit, columns: int) -> Iterator[Row]:
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
        row = seen(unit.hallmark, dose, before, shot.film.pixels, shot.mask)
        if isinstance(session, Session) and shot.mask.any():
            row["alone"] = [
                noise_alone(one.film.pixels, session.again(one), shot.mask)
                for one in (authentic, shot)
            ]
        yield row


def _painted(unit: Unit, columns: int) -> Iterator[Row]:
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
                row = seen(hallmark, dose, image, forged, mask)
                if operator.structural and mask.any():
                    other, _ = _forge(operator, again, dose, unit.seed, anatomy, image)
                    row["alone"] = [
                        noise_alone(image, again, mask),
                        noise_alone(forged, other, mask),
                    ]
                yield row
        except ForgeryError as refusal:
            yield {"hallmark": hallmark, "refused": str(refusal)}


def _forge(
    operator: Operator,
    image: Pixels,
    dose: float,
    seed: int,
    anatomy: Anatomy,
    first: Pixels | None = None,
) -> tuple[Pixels, Mask]:
    rng = np.random.default_rng(seed)
    forged, mask, _ = operator(image, dose=dose, rng=rng, anatomy=anatomy, places_from=first)
    return forged, mask


def _asked(unit: Unit, columns: int) -> tuple[str, Row, Callable[[], Iterator[Row]]]:
    about: Row = {
        "region": f"{unit.place.name} {unit.place.view}",
        "seed": unit.seed,
        "built": unit.hallmark is not None,
    }
    return unit.key(columns), about, partial(measure, unit, columns)


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
        fill(store, (_asked(unit, given.columns) for unit in wanted))
        known = {unit.key(given.columns) for unit in wanted}
        rows = [row for row in read(store) if row["unit"] in known]
    print(tables(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
