"""The names of hallmarks and of regions, for the pages of curators."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.words import Hallmark
from trainer.data.catalogue import Concept
from trainer.data.images import Image


@dataclass(frozen=True, slots=True)
class Sign:
    """A hallmark as people call it, and the words by which it is found."""

    id: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Places:
    """The regions and views that films of the bank have."""

    regions: tuple[str, ...]
    views: tuple[str, ...]


def named(session: Session) -> tuple[Sign, ...]:
    """Return every hallmark by its name in the published concepts; by its id where it has none."""
    bodies: dict[str, dict[str, object]] = {}
    for slug, body in session.execute(select(Concept.slug, Concept.body).order_by(Concept.id)):
        bodies.setdefault(slug, body)
    found = []
    for hallmark in Hallmark:
        body = bodies.get(hallmark.value, {})
        name = str(body.get("name") or hallmark.value.replace("_", " ").capitalize())
        words = f"{name} {hallmark.value} {body.get('what', '')}".lower()
        found.append(Sign(hallmark.value, name, words))
    return tuple(sorted(found, key=lambda s: s.name.lower()))


def names(session: Session) -> dict[str, str]:
    """Return how each hallmark is called, by its id, in the order of the names."""
    return {sign.id: sign.name for sign in named(session)}


def places(session: Session) -> Places:
    """Return the words for region and view that the bank already uses."""
    rows = session.execute(select(Image.region, Image.view).distinct()).all()
    return Places(
        tuple(sorted({r for r, _ in rows if r})), tuple(sorted({v for _, v in rows if v}))
    )
