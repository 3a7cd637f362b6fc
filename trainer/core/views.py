"""How a film was taken, in words: the one place that turns a view's code into what people read."""

from __future__ import annotations

#: Ways of the beam that are written in capitals.
CAPITALS = frozenset(
    {"ap", "cc", "ct", "dp", "lao", "ll", "lpo", "mlo", "mr", "pa", "rao", "rl", "rpo"}
)


def view_in_words(code: str) -> str:
    """Return ``PA``, ``AP supine`` or ``lateral`` for ``pa``, ``ap_supine`` or ``lateral``."""
    words = code.replace("_", " ").split()
    return " ".join(word.upper() if word.lower() in CAPITALS else word for word in words)


def view_beside(view: str, modality: str) -> str:
    """Return a view in words; nothing where it only repeats the modality that stands beside it."""
    return "" if view.casefold() == modality.casefold() else view_in_words(view)
