"""How far two people's places on a film are the same place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two places compared, pixel by pixel.

    Parameters
    ----------
    first, second, both : int
        Pixels of each, and pixels that both hold; over all slices of a stack.
    """

    first: int
    second: int
    both: int

    @property
    def dice(self) -> float | None:
        r"""Dice's coefficient, 0 to 1; ``None`` where neither drew anything.

        .. math:: 2|A \cap B| / (|A| + |B|)

        References
        ----------
        Dice LR (1945) Ecology 26:297-302.
        """
        all_of = self.first + self.second
        return 2 * self.both / all_of if all_of else None

    @property
    def iou(self) -> float | None:
        r"""Intersection over union (Jaccard's index), 0 to 1; ``None`` where neither drew.

        .. math:: |A \cap B| / |A \cup B|

        References
        ----------
        Jaccard P (1912) New Phytologist 11:37-50.
        """
        union = self.first + self.second - self.both
        return self.both / union if union else None


def overlap(
    first: Mapping[int, NDArray[np.bool_]], second: Mapping[int, NDArray[np.bool_]]
) -> Overlap:
    """Compare two places.

    Parameters
    ----------
    first, second : mapping of int to ndarray of bool
        The mask of each slice in which something was drawn; a slice that is missing is empty. All
        of one shape.

    Raises
    ------
    ValueError
        When two masks of one slice have another shape.
    """
    both = 0
    for z in first.keys() & second.keys():
        if first[z].shape != second[z].shape:
            raise ValueError(f"slice {z} has two shapes: {first[z].shape} and {second[z].shape}")
        both += int(np.count_nonzero(first[z] & second[z]))
    return Overlap(
        sum(int(np.count_nonzero(m)) for m in first.values()),
        sum(int(np.count_nonzero(m)) for m in second.values()),
        both,
    )
