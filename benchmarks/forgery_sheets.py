"""Contact sheets of the hallmarks on simulated films, for ``docs/forgery.md``.

``python -m benchmarks.forgery_sheets FOLDER``. A row a hallmark: authentic, dose 0.25, 0.55, 0.9,
the mask. Crops at 100 %, 64 greys so that the files stay small.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import center_of_mass, uniform_filter

from trainer.imaging.film import Mask, Pixels
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.registry import forge
from trainer.imaging.forgery.texture import blur
from trainer.imaging.known_anatomy import anatomy_of
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.film import Session

SHEETS = {
    "limb-texture": ("hand", ("smooth_cortex", "trabecula", "skin_rim")),
    "limb-structure": ("hand", ("clean_fracture", "joint_merge", "bad_text")),
    "chest-structure": ("chest", ("too_symmetric", "straight_spine", "no_context")),
    "chest-texture": ("chest", ("uniform_grain", "render_look", "vessel_uniform")),
    "chest-pasted": ("chest", ("gas_shape", "halo_seam", "rib_clone")),
    "mimics": ("chest", ("vendor_smoothing", "edge_enhanced", "scanned_grain", "granuloma")),
}
DOSES = (0.25, 0.55, 0.9)
TALL, WIDE = 150, 200


FIRST, LAST = 3, 23  # patients that are asked in turn until a hallmark can be put into one


@cache
def phantom(name: str, seed: int) -> tuple[Pixels, Anatomy]:
    """Return a simulated film and the anatomy its own truth gives."""
    place = region(name)
    photograph = Session(place, place.case(seed), 1024).authentic()
    return photograph.film.pixels, anatomy_of(photograph.paths.masks())


def forged(name: str, hallmark: str) -> tuple[Pixels, list[tuple[Pixels, Mask]]]:
    """Return the first film that takes a hallmark, and its forgeries with their masks."""
    for seed in range(FIRST, LAST):
        image, anatomy = phantom(name, seed)
        try:
            made = [
                forge(hallmark, image, dose=d, rng=np.random.default_rng(2), anatomy=anatomy)
                for d in DOSES
            ]
        except ForgeryError:
            continue
        return image, [(film, mask) for film, mask, _ in made]
    raise SystemExit(f"{hallmark}: refused on every film of {name}, seeds {FIRST} to {LAST - 1}")


def window(before: Pixels, after: Pixels, mask: Mask) -> tuple[slice, slice]:
    """Return the crop in which most changed; beside the middle where all of the film did."""
    change = np.abs(blur(after.astype(np.float32) - before.astype(np.float32), 2.0))
    held = uniform_filter(change, (TALL, WIDE), mode="constant")
    row, column = np.unravel_index(int(held.argmax()), held.shape)
    # a place smaller than the crop fills many crops alike: to its own middle
    top, left = max(row - TALL // 2, 0), max(column - WIDE // 2, 0)
    inside = change[top : top + TALL, left : left + WIDE]
    middle = np.add(center_of_mass(inside), (top, left))
    if mask.mean() > 0.9:
        middle = np.array([mask.shape[0] / 2, mask.shape[1] / 3])
    size = np.array([TALL, WIDE])
    top, left = (int(v) for v in np.clip(middle - size / 2, 0, np.array(mask.shape) - size))
    return slice(top, top + TALL), slice(left, left + WIDE)


def main(folder: str) -> None:
    """Write every sheet."""
    for sheet, (name, hallmarks) in SHEETS.items():
        rows = []
        for hallmark in hallmarks:
            image, made = forged(name, hallmark)
            crop = window(image, *made[-1])
            cells = [image[crop], *(film[crop] for film, _ in made)]
            low, high = np.quantile(cells[0], (0.01, 0.995))
            shown = [np.clip((c - low) / (high - low), 0, 1) for c in cells]
            rows.append(np.hstack([*shown, made[-1][1][crop]]))
        grey = np.rint(np.vstack(rows) * 63).astype(np.uint8) * 4
        path = Path(folder) / f"forgery-{sheet}.png"
        Image.fromarray(grey).quantize(64).save(path, optimize=True)
        print(path, path.stat().st_size)


if __name__ == "__main__":
    main(*sys.argv[1:])
