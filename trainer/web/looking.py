"""What the reading room's script needs to show a film whose truth is known already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_wtf.csrf import generate_csrf

from trainer.web.access import actor


def looking_back(
    film: Mapping[str, Any] | None,
    truth: Mapping[str, Any],
    *,
    number: int = 1,
    total: int = 1,
) -> dict[str, Any]:
    """Return the state of a page that shows a film with its truth: no clock, no call.

    Parameters
    ----------
    film : mapping or None
        Its label, slices and addresses; ``None`` where it is not shown any more.
    truth : mapping
        What the viewer draws.
    number, total : int
        Which case of how many.
    """
    return {
        "phase": "review",
        "number": number,
        "total": total,
        "dots": (),
        "left": None,
        "panel": "",
        "film": film,
        "draft": {},
        "lenses": None,
        "keys": (actor().preferences or {}).get("keys"),
        "csrf": generate_csrf(),
        "ahead": None,
        "truth": truth,
        "leave": None,
    }
