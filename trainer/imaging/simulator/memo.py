"""Remembering what a twin shares with its authentic film: the last results of pure functions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")


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
