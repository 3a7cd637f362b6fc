"""Checked curricula as the plain values that are published and shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trainer.content.load import Curricula, LessonFiles, TrackFiles
from trainer.content.markup import inline
from trainer.content.schema import Reference

# Raised whenever the same files would give other pages: then they are published anew.
VERSION = "1"

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """One quiz as it is published."""

    uuid: str
    slug: str
    kind: str
    position: int
    body: Body

    @property
    def content_hash(self) -> str:
        """The identity of this revision."""
        return hash_body(self.body)


@dataclass(frozen=True, slots=True)
class LessonEntry:
    """One lesson as it is published."""

    uuid: str
    slug: str
    title: str
    position: int
    body: Body
    items: tuple[ItemEntry, ...]


@dataclass(frozen=True, slots=True)
class TrackEntry:
    """One track as it is published."""

    uuid: str
    slug: str
    title: str
    status: str
    body: Body
    lessons: tuple[LessonEntry, ...]
    items: tuple[ItemEntry, ...]
    concepts: Mapping[str, Body]


def hash_body(body: Body) -> str:
    """Return the sha256 of plain values, whatever the order of their keys."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(curricula: Curricula) -> str:
    """Return the identity of a publication: the files, and the version that rendered them."""
    return hashlib.sha256(f"{VERSION}:{curricula.content_hash}".encode()).hexdigest()


def catalogue(curricula: Curricula) -> tuple[TrackEntry, ...]:
    """Return everything that is published.

    Parameters
    ----------
    curricula : Curricula
        Checked and clean; a file that was not understood raises ``ValueError``.
    """
    return tuple(_track(track) for track in curricula.tracks.values())


def _whole(checked: Any) -> Any:
    if checked.data is None:
        raise ValueError(
            f"{checked.path} was not understood: publish only what a check found clean"
        )
    return checked.data


def _track(files: TrackFiles) -> TrackEntry:
    track = _whole(files.track)
    sources = _whole(files.references).references
    return TrackEntry(
        uuid=str(track.uuid),
        slug=files.slug,
        title=track.title,
        status=track.status.value,
        body=track.model_dump(mode="json"),
        lessons=tuple(
            _lesson(files.lessons[slug], i, sources) for i, slug in enumerate(track.lessons)
        ),
        items=_items(files.items),
        concepts={slug: _concept(files, slug, sources) for slug in files.concepts},
    )


def _lesson(files: LessonFiles, position: int, sources: Mapping[str, Reference]) -> LessonEntry:
    lesson, text = _whole(files.lesson), _whole(files.text)
    return LessonEntry(
        uuid=str(lesson.uuid),
        slug=files.slug,
        title=lesson.title,
        position=position,
        body={
            **lesson.model_dump(mode="json"),
            "blocks": text.blocks,
            "references": _references(text.cites, sources),
        },
        items=_items(files.items),
    )


def _items(checked: Iterable[Any]) -> tuple[ItemEntry, ...]:
    quizzes = [_whole(item) for item in checked]
    return tuple(
        ItemEntry(str(quiz.uuid), quiz.slug, quiz.kind, i, quiz.model_dump(mode="json"))
        for i, quiz in enumerate(quizzes)
    )


def _concept(files: TrackFiles, slug: str, sources: Mapping[str, Reference]) -> Body:
    concept = _whole(files.concepts[slug])
    text = files.concept_texts[slug]
    body: Body = concept.model_dump(mode="json")
    for evidence in body["evidence"]:
        evidence["html"] = inline(evidence["says"], [])
        source = sources.get(evidence["source"])
        evidence["reference"] = source.model_dump(mode="json") if source else None
    return {**body, "html": "".join(b["html"] for b in text.blocks)}


def _references(keys: Iterable[str], sources: Mapping[str, Reference]) -> list[Body]:
    return [{"key": key, **sources[key].model_dump(mode="json")} for key in keys]
