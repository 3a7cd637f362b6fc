"""The best smooth path through a score, by dynamic programming."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.forgery.contract import Level


def best_path(score: Level, steepness: int = 1, bend: float = 0.3) -> NDArray[np.int64]:
    """Return the path down the rows with the largest sum.

    Parameters
    ----------
    score : ndarray of float
        ``(rows, columns)``, larger is better.
    steepness : int
        How many columns a path may move from one row to the next.
    bend : float
        What each column of movement costs.

    Returns
    -------
    ndarray of int
        The column at each row.
    """
    rows, columns = score.shape
    total = score.astype(np.float64).copy()
    came = np.zeros((rows, columns), np.int64)
    moves = np.arange(-steepness, steepness + 1)
    for row in range(1, rows):
        before = np.pad(total[row - 1], steepness, constant_values=-np.inf)
        options = np.stack(
            [
                before[steepness + m : steepness + m + columns] - bend * abs(m)
                for m in moves.tolist()
            ]
        )
        came[row] = moves[options.argmax(axis=0)]
        total[row] += options.max(axis=0)
    path = np.zeros(rows, np.int64)
    path[-1] = int(total[-1].argmax())
    for row in range(rows - 1, 0, -1):
        path[row - 1] = path[row] + came[row, path[row]]
    return path
