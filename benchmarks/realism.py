"""How simulated chests compare with real ones: spectrum, noise, symmetry, grey levels.

Run as ``python -m benchmarks.realism FOLDER [FOLDER ...] [--films 32] [--first 1000]`` with folders
of real frontal chest films (PNG, JPEG). Where ``index.csv`` beside them names their views (columns
``path``, ``view`` and, for the machine, ``modality``), films of the bedside are compared with
simulated ones of the bedside, PA with PA. Simulated films are made as large as the real ones were
stored: both are then brought to 512 x 512 and 8 bits by the same steps, which leave the same marks
in noise. Last, each real group is told from each other one by the classifier that tells simulated
films: what that reaches between hospitals and machines is what 0.5 could be at best. Nothing is
stored.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import convolve, gaussian_filter

SIDE = 512
# Films from which a group is told from others, and from which its spread is worth a table.
FEW, ENOUGH = 5, 20

Features = dict[str, float]


def square(image: Image.Image) -> np.ndarray:
    """Return the middle square at the common size, 0..1."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    cut = image.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.LANCZOS)
    return np.asarray(cut.convert("L"), np.float32) / 255


def spectrum(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return frequency (cycles per pixel) and radially averaged power of the middle."""
    n = SIDE // 2
    part = image[SIDE // 5 : SIDE // 5 + n, SIDE // 4 : SIDE // 4 + n]
    window = np.hanning(n)[:, None] * np.hanning(n)[None, :]
    power = np.abs(np.fft.fft2((part - part.mean()) * window)) ** 2
    f = np.hypot(*np.meshgrid(np.fft.fftfreq(n), np.fft.fftfreq(n)))
    edges = np.linspace(0.01, 0.5, 41)
    index = np.digitize(f.ravel(), edges)
    mean = np.array([power.ravel()[index == k].mean() for k in range(1, 41)])
    return (edges[1:] + edges[:-1]) / 2, mean


def slope(f: np.ndarray, power: np.ndarray, low: float, high: float) -> float:
    """Return the slope of the log-log spectrum between two frequencies."""
    band = (f >= low) & (f <= high)
    return float(np.polyfit(np.log(f[band]), np.log(power[band]), 1)[0])


def noise(image: np.ndarray) -> tuple[float, float, float]:
    """Return log noise, its variation over the film, its correlation with the grey level."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
    rest = convolve(image, kernel)[64:-64, 64:-64]
    level = gaussian_filter(image, 2)[64:-64, 64:-64]
    k = rest.shape[0] // 16
    blocks = rest[: k * 16, : k * 16].reshape(k, 16, k, 16)
    spread = blocks.std((1, 3)).ravel()
    grey = level[: k * 16, : k * 16].reshape(k, 16, k, 16).mean((1, 3)).ravel()
    fair = (grey > 0.04) & (grey < 0.97)
    spread, grey = spread[fair], grey[fair]
    overall = np.log(np.median(np.abs(rest)) / 0.6745 + 1e-5)
    correlation = np.corrcoef(grey, np.log(spread + 1e-4))[0, 1] if len(grey) > 10 else 0.0
    return float(overall), float(spread.std() / spread.mean()), float(correlation)


def symmetry(image: np.ndarray) -> tuple[float, float]:
    """Return the best left-right correlation of the coarse and the middle band."""
    found = []
    for fine, coarse in ((4, 16), (1.5, 4)):
        band = gaussian_filter(image, fine) - gaussian_filter(image, coarse)
        band = band[SIDE // 6 : int(0.72 * SIDE)]
        best = -1.0
        for middle in range(int(0.42 * SIDE), int(0.58 * SIDE), 4):
            reach = min(middle, SIDE - middle) - 4
            inner, outer = int(0.15 * reach), int(0.85 * reach)
            left = band[:, middle - outer : middle - inner]
            right = band[:, middle + inner : middle + outer][:, ::-1]
            best = max(best, float(np.corrcoef(left.ravel(), right.ravel())[0, 1]))
        found.append(best)
    return found[0], found[1]


def features(image: np.ndarray) -> Features:
    """Return every number of one film."""
    f, power = spectrum(image)
    overall, variation, correlation = noise(image)
    coarse, middle = symmetry(image)
    low, mid, high = np.quantile(image, [0.02, 0.5, 0.98])
    return {
        "slope 0.015-0.10": slope(f, power, 0.015, 0.10),
        "slope 0.08-0.25": slope(f, power, 0.08, 0.25),
        "slope 0.25-0.48": slope(f, power, 0.25, 0.48),
        "log noise": overall,
        "noise, variation over film": variation,
        "noise against grey level, r": correlation,
        "symmetry, coarse": coarse,
        "symmetry, middle": middle,
        "grey 2 %": float(low),
        "grey 50 %": float(mid),
        "grey 98 %": float(high),
    }


def simulated(view: str, sides: Sequence[int], count: int, first: int) -> list[Features]:
    """Return the features of simulated chests of such shorter sides, one after the other."""
    from trainer.imaging.simulator.anatomy import region
    from trainer.imaging.simulator.film import Session

    chest = region("chest", view)
    made = []
    for k in range(count):
        case = chest.case(first + k)
        rows, columns = chest.camera(case, SIDE).shape
        wide = -(-sides[k % len(sides)] * columns // min(rows, columns))
        pixels = Session(chest, case, wide).authentic().film.pixels
        made.append(features(square(Image.fromarray((pixels >> 8).astype(np.uint8)))))
    return made


class Group:
    """Real films of one folder, view and machine."""

    def __init__(self, name: str, view: str, files: Sequence[Path]) -> None:
        self.name, self.view = name, view
        images = [Image.open(file).convert("L") for file in files]
        self.sides = [min(image.size) for image in images]
        self.films = [features(square(image)) for image in images]


def groups(folder: Path) -> list[Group]:
    """Return a folder's groups; all are taken for PA where no index names their views."""
    index = folder.parent / "index.csv"
    known: dict[str, dict[str, str]] = {}
    if index.exists():
        with index.open(newline="") as lines:
            known = {Path(row["path"]).name: row for row in csv.DictReader(lines)}
    found: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in (".png", ".jpg", ".jpeg"):
            row = known.get(path.name, {})
            view = row.get("view", "pa").lower()
            found.setdefault((view, row.get("modality", "")), []).append(path)
    return [
        Group(f"{folder.name} {view} {machine}".strip(), view, files)
        for (view, machine), files in sorted(found.items())
        if view in ("ap", "pa")
    ]


def separability(one: list[Features], other: list[Features]) -> float:
    """Return the cross-validated AUC of a logistic classifier, 0.5 where none can tell."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x = np.array([list(f.values()) for f in one + other])
    y = np.r_[np.zeros(len(one)), np.ones(len(other))]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=2000))
    return float(roc_auc_score(y, cross_val_predict(model, x, y, cv=5, method="decision_function")))


def compare(view: str, real: list[Features], made: list[Features]) -> None:
    """Print medians and middle 80 % of both kinds, and how many simulated lie within the real."""
    print(f"{view}: {len(real)} real, {len(made)} simulated; median (10th, 90th percentile)")
    for name in real[0]:
        cells = []
        for group in (real, made):
            low, mid, high = np.quantile([f[name] for f in group], [0.1, 0.5, 0.9])
            cells.append(f"{mid:6.2f} ({low:.2f}, {high:.2f})")
        low, high = np.quantile([f[name] for f in real], [0.05, 0.95])
        inside = np.mean([low <= f[name] <= high for f in made])
        print(f"{name:30} {cells[0]:24} {cells[1]:24} {inside:4.0%} inside the real 90 %")
    print(f"AUC of a logistic classifier on these numbers: {separability(real, made):.2f}\n")


def main() -> None:
    """Compare every view that the folders hold, and the real groups with one another."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--films", type=int, default=32, help="simulated films of each view")
    parser.add_argument("--first", type=int, default=1000, help="seed of the first one")
    given = parser.parse_args()
    every: list[Group] = []
    for folder in given.folders:
        here = groups(folder)
        for view in sorted({group.view for group in here}):
            of_view = [group for group in here if group.view == view]
            sides = [side for group in of_view for side in group.sides]
            made = simulated(view, sides, given.films, given.first)
            real = [film for group in of_view for film in group.films]
            if len(real) >= ENOUGH:
                compare(f"{folder.name} {view}", real, made)
            for group in of_view:
                if len(group.films) >= FEW:
                    auc = separability(group.films, made)
                    print(f"{group.name} ({len(group.films)}) against simulated: AUC {auc:.2f}")
        every += [group for group in here if len(group.films) >= FEW]
    print()
    for one, other in combinations(every, 2):
        print(f"{one.name} against {other.name}: AUC {separability(one.films, other.films):.2f}")


if __name__ == "__main__":
    main()
