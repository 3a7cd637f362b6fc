"""Images that are the same picture: exact, saved again, or slightly changed.

The perceptual hash is 256 bits of the low frequencies of the picture (pHash: Zauner 2010,
*Implementation and Benchmarking of Perceptual Image Hash Functions*), so it survives another
format, size, brightness and a little cropping.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
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
_PART = 1000


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
    where : str
        The set it belongs to, where images of several are compared.
    """

    name: str
    sha256: str
    phash: str
    truth: str
    split: str
    kin: str
    where: str = ""


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
    def twins(self) -> bool:
        """Whether the two are known to share their anatomy: they may differ in truth."""
        return self.one.kin == self.other.kin

    @property
    def across_classes(self) -> bool:
        """Whether the two have different truths and are no twins: one of them is a mistake."""
        return self.one.truth != self.other.truth and not self.twins

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
        four words and a second or two, in flat memory.
    """
    codes = _codes(images)
    found = _near(codes, codes, near, same=True)
    return sorted((_pair(images[i], images[j], apart) for i, j, apart in found), key=_order)


def find_pairs_between(
    images: Sequence[Known], others: Sequence[Known], near: int = NEAR
) -> list[Pair]:
    """Return the pairs of an image of the first with one of the second that are one picture.

    Parameters
    ----------
    images, others : sequence of Known
        What a set holds, and what it is compared with: other sets.
    near : int
        Most bits apart.
    """
    found = _near(_codes(images), _codes(others), near)
    return sorted((_pair(images[i], others[j], apart) for i, j, apart in found), key=_order)


def _codes(images: Sequence[Known]) -> NDArray[np.uint64]:
    """Return the hashes as four words each."""
    rows = [np.frombuffer(bytes.fromhex(image.phash), np.uint64) for image in images]
    return np.array(rows, np.uint64).reshape(-1, 4)


def _near(
    ours: NDArray[np.uint64], theirs: NDArray[np.uint64], near: int, *, same: bool = False
) -> Iterator[tuple[int, int, int]]:
    """Yield what is near what, and how many bits apart; of one list with itself each pair once."""
    for a in range(0, len(ours), _PART):
        for b in range(a if same else 0, len(theirs), _PART):
            differ = ours[a : a + _PART, None, :] ^ theirs[None, b : b + _PART, :]
            apart = np.bitwise_count(differ).sum(axis=2, dtype=np.uint16)
            for i, j in np.argwhere(apart <= near):
                if not same or a + i < b + j:
                    yield int(a + i), int(b + j), int(apart[i, j])


def _pair(one: Known, other: Known, apart: int) -> Pair:
    return Pair(one, other, apart, one.sha256 == other.sha256)


def _order(pair: Pair) -> tuple[bool, int, str, str]:
    return not pair.exact, pair.distance, pair.one.name, pair.other.name


def straddling(images: Sequence[Known]) -> dict[str, list[Known]]:
    """Return patients whose images lie on both sides of the split, by kin."""
    groups: dict[str, list[Known]] = defaultdict(list)
    for image in images:
        groups[image.kin].append(image)
    return {
        kin: group for kin, group in groups.items() if len({image.split for image in group}) > 1
    }


def grouped(kin: Mapping[str, str], pairs: Sequence[Pair]) -> dict[str, str]:
    """Return a group for each image: of one kin, or one picture, is one group.

    A copy in the training fold of a classifier would tell the class of its other half.

    Parameters
    ----------
    kin : mapping
        Kin by the image's name.
    pairs : sequence of Pair
        What :func:`find_pairs` found; pairs of images that are not in ``kin`` are left out.
    """
    parent: dict[str, str] = {}

    def root(one: str) -> str:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for pair in pairs:
        if pair.one.name in kin and pair.other.name in kin:
            parent[root(pair.one.kin)] = root(pair.other.kin)
    return {name: root(own) for name, own in kin.items()}
