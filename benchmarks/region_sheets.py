"""Contact sheets of the simulated regions, for ``docs/simulator.md``.

``python -m benchmarks.region_sheets [FOLDER]`` writes ``regions.png``, a film of every region and
view, ``limbs.png``: a row a limb, healthy, broken with and without what a break brings, worn,
mended, and ``regions-trunk.png``: a row a region of the trunk. 64 greys so that files stay small.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.core.words import Hallmark
from trainer.imaging.film import Pixels
from trainer.imaging.simulator.anatomy import REGIONS, region
from trainer.imaging.simulator.case import Region, Value
from trainer.imaging.simulator.film import Session

Grey = NDArray[np.uint8]

TALL = 256  # of a cell
ACROSS = 6
RENDERED = 512
# region, view, seed, the fracture, another look
LIMBS: tuple[tuple[str, str, int, Mapping[str, Value], Mapping[str, Value]], ...] = (
    ("ankle", "ap", 3, {"fracture_bone": "fibula", "fracture_kind": "oblique"},
     {"hardware": "plate"}),
    ("ankle", "lateral", 4, {"fracture_bone": "calcaneus", "fracture_kind": "comminuted"},
     {"hardware": "cast"}),
    ("foot", "oblique", 5, {"fracture_bone": "metatarsal 5 base", "fracture_kind": "transverse"},
     {"porosis": 0.9}),
    ("elbow", "lateral", 7, {"fracture_bone": "radial head", "fracture_kind": "oblique"},
     {"hardware": "plate"}),
    ("shoulder", "ap", 14, {"fracture_bone": "surgical neck", "fracture_kind": "transverse"},
     {"finding": "dislocation"}),
    ("wrist", "pa", 6, {"fracture_bone": "distal radius", "fracture_kind": "transverse"},
     {"hardware": "plate"}),
    ("wrist", "lateral", 6, {"fracture_bone": "distal radius", "fracture_kind": "transverse"},
     {"hardware": "cast"}),
    ("knee", "lateral", 17, {"fracture_bone": "lateral plateau", "fracture_kind": "oblique"},
     {"narrowing": 0.9, "osteophytes": 0.9, "age": 75.0}),
)  # fmt: skip

SOUND: Mapping[str, Value] = {"finding": "none", "fracture": "none", "hardware": "none"}
# region, view, seed, then what each further film of the row shows
TRUNK: tuple[tuple[str, str, int, tuple[Mapping[str, Value], ...]], ...] = (
    ("pelvis", "ap", 5, (
        {"fracture": "femoral neck", "age": 80.0},
        {"fracture": "femoral neck", "age": 80.0, "consequences": 0.0},
        {"fracture": "none", "hardware": "total hip", "age": 72.0},
    )),
    ("lumbar", "lateral", 2, (
        {"fracture": "wedge", "fracture_loss": 0.42, "age": 76.0},
        {"fracture": "wedge", "fracture_loss": 0.42, "age": 76.0, "consequences": 0.0},
        {"fracture": "biconcave", "fracture_level": "L3", "fracture_loss": 0.4, "age": 76.0},
    )),
    ("abdomen", "ap", 8, (
        {"finding": "small bowel obstruction"}, {"finding": "large bowel obstruction"},
        {"stone": "kidney", "tube": "nasogastric"},
    )),
    ("cervical spine", "lateral", 4, (
        {"finding": "wedge fracture"}, {"finding": "wedge fracture", "swelling": 0.0},
        {"wear": 0.9, "age": 74.0},
    )),
    ("skull", "lateral", 6, (
        {"finding": "linear fracture"},
        {"finding": "linear fracture", "swelling": 0.0},
        {"age": 80.0},
    )),
)  # fmt: skip


def cell(pixels: Pixels) -> Grey:
    """Return a film as one cell of a sheet, reduced by averaging."""
    image = Image.fromarray((pixels >> 8).astype(np.uint8))
    wide = round(TALL * image.width / image.height)
    return np.asarray(image.resize((wide, TALL), Image.Resampling.BOX))


def sheet(rows: list[list[Grey]], path: Path) -> None:
    """Write rows of cells as one picture."""
    made = [np.hstack([np.pad(c, ((0, 2), (0, 2))) for c in row]) for row in rows]
    wide = max(row.shape[1] for row in made)
    whole = np.vstack([np.pad(row, ((0, 0), (0, wide - row.shape[1]))) for row in made])
    Image.fromarray(whole // 4 * 4).quantize(64).save(path, optimize=True)
    print(path, path.stat().st_size)


def _shown(place: Region, seed: int, given: Mapping[str, Value]) -> Grey:
    return cell(Session(place, place.case(seed, given), RENDERED).authentic().film.pixels)


def limb_rows() -> list[list[Grey]]:
    """Return a row a limb."""
    rows = []
    for name, view, seed, fracture, look in LIMBS:
        place = region(name, view)
        plain: dict[str, Value] = {"hardware": "none"} if "hardware" in place.table() else {}
        broken = plain | dict(fracture) | {"finding": "fracture"}
        pair = Session(place, place.case(seed, broken), RENDERED)
        clean = replace(place.case(seed, broken), hallmark=Hallmark.CLEAN_FRACTURE, strength=1.0)
        rows.append(
            [
                _shown(place, seed, plain),
                cell(pair.authentic().film.pixels),
                cell(pair.forged(clean).film.pixels),
                _shown(place, seed, look),
            ]
        )
    return rows


def main(folder: str = "docs/img") -> None:
    """Write the sheets."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    films = [_shown(place, 11 + k, {}) for k, place in enumerate(REGIONS)]
    sheet(
        [films[k : k + ACROSS] for k in range(0, len(films), ACROSS)], Path(folder, "regions.png")
    )
    sheet(limb_rows(), Path(folder, "limbs.png"))
    trunk = []
    for name, view, seed, looks in TRUNK:
        place = region(name, view)
        sound = {k: v for k, v in SOUND.items() if k in place.table()}
        trunk.append([_shown(place, seed, sound | dict(look)) for look in ({}, *looks)])
    sheet(trunk, Path(folder, "regions-trunk.png"))


if __name__ == "__main__":
    main(*sys.argv[1:])
