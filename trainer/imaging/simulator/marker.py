"""What the radiographer adds: the lead marker and the collimator's edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Map = NDArray[np.float32]

LEAD_CM = 0.08
INITIALS = ("", "JS", "KM", "7", "AB", "TR", "12")


@dataclass(frozen=True)
class Marker:
    """A lead letter on the film.

    Parameters
    ----------
    letter : str
        ``L`` or ``R``.
    initials : str
        The radiographer's, may be empty.
    place : tuple of float
        Row and column of its top left corner, as shares of the film's height and width.
    tilt : float
        Degrees.
    size_cm : float
        Height of its box.
    """

    letter: str
    initials: str
    place: tuple[float, float]
    tilt: float
    size_cm: float = 2.2


def draw_marker(shape: tuple[int, int], pixel_cm: float, marker: Marker) -> Map:
    """Return the thickness of lead at each pixel, cm."""
    over = 3
    side = max(8, int(marker.size_cm / pixel_cm))
    big = side * over
    image = Image.new("L", (big, big), 0)
    pen = ImageDraw.Draw(image)
    pen.text((0.14 * big, 0.1 * big), marker.letter, fill=255, font=_font(0.62 * big))
    if marker.initials:
        pen.text((0.56 * big, 0.22 * big), marker.initials, fill=255, font=_font(0.20 * big))
    image = image.rotate(marker.tilt, resample=Image.Resampling.BICUBIC)
    image = image.resize((side, side), Image.Resampling.LANCZOS)
    stamp = np.asarray(image, np.float32) / np.float32(255)
    out = np.zeros(shape, np.float32)
    top = int(np.clip(marker.place[0] * shape[0], 0, shape[0] - side))
    left = int(np.clip(marker.place[1] * shape[1], 0, shape[1] - side))
    out[top : top + side, left : left + side] = stamp[: shape[0], : shape[1]]
    return out * np.float32(LEAD_CM)


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow was built without FreeType"
    return font


def collimate(
    shape: tuple[int, int], pixel_cm: float, rng: Generator, probability: float = 0.6
) -> Map:
    """Return the share of the beam let through at each pixel.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns.
    pixel_cm : float
        Pixel size.
    rng : Generator
        Places the four blades; the same number of draws whether or not they show.
    probability : float
        How often the blades show within the film at all.
    """
    rows, columns = shape
    shows = rng.random() < probability
    angle = np.deg2rad(rng.normal(0, 0.5))
    blades = rng.uniform(-0.04, 0.035, 4)
    if not shows:
        return np.ones(shape, np.float32)
    x = np.arange(columns, dtype=np.float32)[None, :]
    y = np.arange(rows, dtype=np.float32)[:, None]
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    u, v = x * cos + y * sin, y * cos - x * sin
    soft = np.float32(0.15 / pixel_cm)
    left, right, top, bottom = blades.astype(np.float32)
    opening = np.clip((u - left * columns) / soft, 0, 1)
    opening *= np.clip(((1 - right) * columns - u) / soft, 0, 1)
    opening *= np.clip((v - top * rows) / soft, 0, 1)
    opening *= np.clip(((1 - bottom) * rows - v) / soft, 0, 1)
    return np.asarray(np.float32(0.002) + np.float32(0.998) * opening, np.float32)
