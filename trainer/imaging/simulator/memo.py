"""Remembering what a twin shares with its authentic film: the last results of pure functions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from trainer.imaging.simulator.kernels.digests import LANES, fold

T = TypeVar("T")

_ALL: list[OrderedDict[Hashable, Any]] = []


def remember(last: int) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Keep the last few results of a pure function.

    Arguments are told apart by their ``key()`` where they have one, else by equality, so results
    never depend on what was remembered.

    Parameters
    ----------
    last : int
        How many results are kept.

    The results are shared: whoever gets one must not change it.
    """

    def decorate(function: Callable[..., T]) -> Callable[..., T]:
        known: OrderedDict[Hashable, T] = OrderedDict()
        _ALL.append(known)

        @wraps(function)
        def remembered(*arguments: Any) -> T:
            key = tuple(a.key() if hasattr(a, "key") else a for a in arguments)
            if key in known:
                known.move_to_end(key)
                return known[key]
            result = known[key] = function(*arguments)
            while len(known) > last:
                known.popitem(last=False)
            return result

        return remembered

    return decorate


def forget() -> None:
    """Forget every result: what is asked for next is made anew, as in a new process."""
    for known in _ALL:
        known.clear()


def digest(*arrays: ArrayLike) -> bytes:
    """Return bytes that lists of arrays share only when shapes and values are the same.

    Not against an adversary: of lists that differ by chance, one pair in 2^64 would be taken for
    alike. An order of magnitude quicker than SHA-256.
    """
    lanes = np.arange(1, LANES + 1, dtype=np.uint64)
    for given in arrays:
        array = np.ascontiguousarray(given)
        words, rest = divmod(array.nbytes, 8)
        flat = array.reshape(-1).view(np.uint8)
        fold(flat[: 8 * words].view(np.uint64), lanes)
        tail = np.zeros(8 * (2 + array.ndim), np.uint8)
        tail[:rest] = flat[8 * words :]
        tail[8:].view(np.uint64)[:] = (array.nbytes, *array.shape)
        fold(tail.view(np.uint64), lanes)
    return lanes.tobytes()
