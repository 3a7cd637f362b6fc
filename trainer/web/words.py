"""Filters for templates: times, durations, intervals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from trainer.core.plural import counted, one_or_many
from trainer.core.stats.intervals import wilson
from trainer.core.views import view_beside, view_in_words


@dataclass(frozen=True, slots=True)
class Share:
    """A share in whole percent with its interval."""

    percent: int
    low: int
    high: int


def share(part: int, whole: int) -> Share:
    """Return ``part`` of ``whole`` in percent with its 95 % Wilson interval."""
    interval = wilson(part, whole)
    return Share(round(100 * part / whole), round(100 * interval.low), round(100 * interval.high))


def duration(seconds: float) -> str:
    """Return ``1 second``, ``90 seconds`` or ``5 minutes``."""
    if seconds < 120:
        return counted(round(seconds), "second")
    minutes = seconds / 60
    return f"{minutes:.0f} minutes" if minutes == round(minutes) else f"{minutes:.1f} minutes"


def moment(at: datetime) -> str:
    """Return ``23 Nov 2026, 09:00 UTC``."""
    return f"{at:%d %b %Y, %H:%M} UTC".lstrip("0")


def slices(numbers: Iterable[int]) -> str:
    """Return ``slice 8`` or ``slices 8 to 10 and 14`` of numbers from 0; slices are told from 1."""
    runs: list[list[int]] = []
    for z in sorted(set(numbers)):
        if runs and z == runs[-1][1] + 1:
            runs[-1][1] = z
        else:
            runs.append([z, z])
    told = [f"{a + 1}" if a == b else f"{a + 1} to {b + 1}" for a, b in runs]
    name = "slice" if len(runs) == 1 and runs[0][0] == runs[0][1] else "slices"
    return f"{name} {' and '.join(filter(None, [', '.join(told[:-1]), *told[-1:]]))}"


def minus(number: str) -> str:
    """Return a formatted number with a true minus sign."""
    return number.replace("-", "−")


def init_app(app: Flask) -> None:
    """Give the filters to every template."""
    app.add_template_filter(share, "wilson")
    app.add_template_filter(slices)
    app.add_template_filter(duration)
    app.add_template_filter(moment)
    app.add_template_filter(minus)
    app.add_template_filter(counted)
    app.add_template_filter(one_or_many)
    app.add_template_filter(view_in_words)
    app.add_template_filter(view_beside)
