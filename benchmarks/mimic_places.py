"""Where the look of each mimic of the starter plan lies, for ``docs/simulator.md``.

``python -m benchmarks.mimic_places FOLDER`` makes every one at full size, prints the share of the
film that its place has and the sha256 of its pixels, then how many have a place; writes each film
with its outline, and ``mimic-places.webp``: one of each kind of look, cropped at 100 %.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from trainer.imaging.made import Made
from trainer.imaging.outline import places_of
from trainer.imaging.recipes import Recipe, make
from trainer.services import starter

SIDE, ACROSS = 256, 5
LUNG = (-1000.0, 400.0)  # HU shown from black to white
LINE = (201, 162, 255)


def main(folder: str) -> None:
    """Make, count and draw them all."""
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    how: Counter[str] = Counter()
    cells: dict[str, Image.Image] = {}
    for recipe in (p.recipe for p in starter.plan()):
        if recipe.mimic_of is None:
            continue
        made = make(recipe)
        kind = "everywhere" if made.everywhere else "words only" if made.place is None else "place"
        how[kind] += 1
        share = f"{made.place.mean():.4f}" if made.place is not None else kind
        digest = hashlib.sha256(made.film.pixels.tobytes()).hexdigest()
        print(recipe.region, recipe.view, recipe.mimic_of, recipe.mimic, share, digest, sep="\t")
        if made.place is not None:
            film, crop = drawn(made)
            film.save(out / f"{name_of(recipe)} {recipe.seed}.png")
            cells.setdefault(name_of(recipe), crop)
    print(f"{how.total()} mimics:", ", ".join(f"{kind} {n}" for kind, n in how.items()))
    sheet(list(cells.values())).save(out / "mimic-places.webp", quality=80)


def name_of(recipe: Recipe) -> str:
    """Return the name of a kind of look: where, and what it imitates."""
    return f"{recipe.region} {recipe.view} {recipe.mimic_of} {recipe.mimic}".strip()


def drawn(made: Made) -> tuple[Image.Image, Image.Image]:
    """Return a film, or the slice that shows most of the look, with its outline; and a crop."""
    assert made.place is not None
    place, pixels = made.place, made.film.pixels
    z = 0
    if pixels.ndim == 3:
        z = int(place.sum((1, 2)).argmax())
        low, high = ((hu - made.film.intercept) / made.film.slope for hu in LUNG)
        grey = np.clip((pixels[z] - low) / (high - low), 0, 1)
    else:
        grey = pixels / 65535
    film = Image.fromarray(np.rint(grey * 255).astype(np.uint8)).convert("RGB")
    pen = ImageDraw.Draw(film)
    for one in places_of(place):
        if one["z"] == z:
            points = [(x, y) for x, y in one["points"]]
            pen.line([*points, points[0]], fill=LINE, width=2)
    return film, cropped(film, place[z] if place.ndim == 3 else place)


def cropped(film: Image.Image, place: NDArray[np.bool_]) -> Image.Image:
    """Return a square about a place: at 100 %, or made smaller where the place is larger."""
    rows, columns = (np.flatnonzero(place.any(axis)) for axis in (1, 0))
    side = max(SIDE, rows[-1] - rows[0] + 40, columns[-1] - columns[0] + 40)
    middle = (rows[0] + rows[-1]) // 2, (columns[0] + columns[-1]) // 2
    top, left = (int(at - side // 2) for at in middle)
    return film.crop((left, top, left + int(side), top + int(side))).resize((SIDE, SIDE))


def sheet(cells: list[Image.Image]) -> Image.Image:
    """Return the crops in rows."""
    whole = Image.new("RGB", (ACROSS * SIDE, -(-len(cells) // ACROSS) * SIDE))
    for i, cell in enumerate(cells):
        whole.paste(cell, (i % ACROSS * SIDE, i // ACROSS * SIDE))
    return whole


if __name__ == "__main__":
    main(*sys.argv[1:])
