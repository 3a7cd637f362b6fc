"""The one place that reads the clock. Everything below the edges takes ``now`` as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)
