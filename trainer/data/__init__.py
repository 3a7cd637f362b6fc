"""Tables, plain SQLAlchemy. Only ``trainer.services`` imports them."""

from trainer.data import (
    audit,
    catalogue,
    cohorts,
    images,
    learning,
    people,
    review,
    sets,
    uploads,
    work,
)
from trainer.data.base import Base

__all__ = [
    "Base",
    "audit",
    "catalogue",
    "cohorts",
    "images",
    "learning",
    "people",
    "review",
    "sets",
    "uploads",
    "work",
]
