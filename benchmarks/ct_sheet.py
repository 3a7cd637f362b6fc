"""Contact sheet of simulated tomograms, for ``docs/simulator.md``.

``python -m benchmarks.ct_sheet FOLDER``. First two patients in both windows, then a row a hallmark:
authentic, dose 0.4, 0.9, mask. Says what each series cost.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from trainer.core.words import Hallmark
from trainer.imaging.film import Film, Mask
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.ct.series import Scan

LUNG, SOFT = (-600, 1500), (40, 400)
GREYS = 64
CROP = 96
ROWS = (
    (Hallmark.NO_CONTEXT, {"finding": "none", "kernel": "lung"}),
    (Hallmark.NO_CONTEXT, {"finding": "nodule", "kernel": "lung"}),
    (Hallmark.HALO_SEAM, {"finding": "none", "kernel": "lung"}),
    (Hallmark.Z_BREAK, {"finding": "none", "kernel": "lung"}),
    (Hallmark.HU_NOISE, {"finding": "none", "kernel": "soft"}),
)


def shown(film: Film, index: int, window: tuple[float, float]) -> np.ndarray:
    """Return one slice in a window, as 8-bit greys."""
    hu = film.pixels[index] * film.slope + film.intercept
    share = np.clip((hu - window[0] + window[1] / 2) / window[1], 0, 1)
    return np.asarray(np.round(share * (GREYS - 1)) * (255 // (GREYS - 1)), np.uint8)


def patients() -> np.ndarray:
    """Return two patients, four slices each, lung window above soft tissue."""
    rows = []
    for seed in (7, 8):
        place = region("chest", "ct")
        began = time.process_time()
        film = Scan(place, place.case(seed, {"finding": "nodule"})).authentic().film
        cost = time.process_time() - began
        print(f"{film.pixels.shape}: {cost:.1f} CPU-s")
        at = np.linspace(0, film.pixels.shape[0] - 1, 4).astype(int)
        rows += [np.hstack([shown(film, k, w) for k in at]) for w in (LUNG, SOFT)]
    return np.vstack(rows)


def hallmarks() -> np.ndarray:
    """Return a row a hallmark: authentic, two doses, mask."""
    place = region("chest", "ct")
    rows = []
    for number, (hallmark, given) in enumerate(ROWS):
        case = place.case(40 + number, given, hallmark, 0.0)
        scan = Scan(place, case)
        plain = scan.authentic()
        tiles = []
        last = plain
        for dose in (0.0, 0.4, 0.9):
            began = time.process_time()
            forged = place.case(case.seed, dict(case.values), hallmark, dose)
            last = scan.forged(forged) if dose else plain
            if dose == 0.9:
                print(f"{hallmark} twin: {time.process_time() - began:.2f} CPU-s")
            tiles.append(last)
        mask, report = last.mask, last.report
        assert mask is not None
        k, row, column = (round(report[f"lesion_{a}"]) for a in ("slice", "row", "column"))
        top, left = (int(np.clip(v - CROP // 2, 0, 320 - CROP)) for v in (row, column))
        window = SOFT if hallmark is Hallmark.HU_NOISE else LUNG
        if hallmark is Hallmark.HU_NOISE:
            top, left = 112, 112
        crop = (slice(top, top + CROP), slice(left, left + CROP))
        seen = [shown(t.film, k, window)[crop] for t in tiles] + [_grey(mask[k][crop])]
        rows.append(np.hstack([np.kron(v, np.ones((2, 2), np.uint8)) for v in seen]))
    return np.vstack(rows)


def _grey(mask: Mask) -> np.ndarray:
    return np.where(mask, np.uint8(255), np.uint8(0))


def main() -> None:
    """Write the two sheets."""
    folder = Path(sys.argv[1])
    Image.fromarray(patients()).save(folder / "ct-patients.png", optimize=True)
    Image.fromarray(hallmarks()).save(folder / "ct-hallmarks.png", optimize=True)


if __name__ == "__main__":
    main()
