"""Counted things in words: the one place that knows one from many."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 film`` or ``1,024 films``; ``plural`` where an ``s`` does not make it."""
    return f"{number:,} {one_or_many(number, noun, plural)}"


def one_or_many(number: int, noun: str, plural: str = "") -> str:
    """Return the noun alone, for a number that stands elsewhere."""
    return noun if number == 1 else plural or f"{noun}s"
