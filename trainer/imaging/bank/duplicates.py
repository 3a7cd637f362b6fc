"""Images that are the same picture: exact, saved again, or slightly changed.

The perceptual hash is 256 bits of the low frequencies of the picture (pHash: Zauner 2010,
*Implementation and Benchmarking of Perceptual Image Hash Functions*), so it survives another
format, size, brightness and a little cropping.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.fft import dctn

SIDE = 64
BITS_A_SIDE = 16
#: Two pictures with at most this many of 256 bits apart are one picture. On 126 + 49 + 45 chest
#: films no two unrelated ones were nearer than 62; JPEG, half size and gamma move at most 24 bits,
#: a crop of 2 % a side 36 in the median. Neighbouring slices of a series count as one picture.
NEAR = 48


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an image when duplicates are looked for.

    Parameters
    ----------
    name : str
        What messages call it.
    sha256 : str
        Of the file.
    phash : str
        Of the picture, from :func:`perceptual_hash`.
    truth, split, kin : str
        Its class, its side of the split, and what images of one patient share.
    """

    name: str
    sha256: str
    phash: str
    truth: str
    split: str
    kin: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two images that are one picture.

    Parameters
    ----------
    one, other : Known
        The two.
    distance : int
        Bits apart; 0 with ``exact`` is the same file.
    exact : bool
        The files have the same bytes.
    """

    one: Known
    other: Known
    distance: int
    exact: bool

    @property
    def across_classes(self) -> bool:
        """Whether the two have different truths: one of them is a mistake or a twin."""
        return self.one.truth != self.other.truth

    @property
    def across_splits(self) -> bool:
        """Whether one is for practice and the other for tests: a reader would know it."""
        return self.one.split != self.other.split


def perceptual_hash(pixels: NDArray[np.float32]) -> str:
    """Return the perceptual hash of a picture as 64 hexadecimal digits.

    Parameters
    ----------
    pixels : ndarray
        ``(rows, columns)``, any units.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels, np.float32), mode="F")
    small = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), np.float64)
    # Ranks instead of greys: the hash then follows no tone curve at all.
    ranks = small.ravel().argsort(kind="stable").argsort(kind="stable").reshape(small.shape)
    low = dctn(ranks.astype(np.float64), norm="ortho")[:BITS_A_SIDE, :BITS_A_SIDE].ravel()
    bits = low > np.median(low[1:])
    return np.packbits(bits).tobytes().hex()


def find_pairs(images: Sequence[Known], near: int = NEAR) -> list[Pair]:
    """Return every pair of images that are one picture, nearest first.

    Parameters
    ----------
    images : sequence of Known
        All images to compare, of one set or of many.
    near : int
        Most bits apart.

    Returns
    -------
    list of Pair
        Compared all with all, a thousand at a time: 10,000 images take 50 million comparisons of
        32 bytes and a few seconds, in flat memory.
    """
    pairs: list[Pair] = []
    codes = np.array([list(bytes.fromhex(image.phash)) for image in images], np.uint8)
    for start in range(0, len(images), 1000):
        part = codes[start : start + 1000]
        for other in range(start, len(images), 1000):
            block = codes[other : other + 1000]
            apart = np.bitwise_count(part[:, None, :] ^ block[None, :, :]).sum(axis=2, dtype=int)
            for i, j in np.argwhere(apart <= near):
                if start + i < other + j:
                    one, two = images[start + i], images[other + j]
                    pairs.append(Pair(one, two, int(apart[i, j]), one.sha256 == two.sha256))
    return sorted(pairs, key=lambda p: (not p.exact, p.distance, p.one.name, p.other.name))


def straddling(images: Sequence[Known]) -> dict[str, list[Known]]:
    """Return patients whose images lie on both sides of the split, by kin."""
    groups: dict[str, list[Known]] = defaultdict(list)
    for image in images:
        groups[image.kin].append(image)
    return {
        kin: group for kin, group in groups.items() if len({image.split for image in group}) > 1
    }
