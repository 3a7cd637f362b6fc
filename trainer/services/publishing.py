"""Publishing curricula: files to rows, in one transaction, nothing deleted."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from trainer.content import catalogue, rules
from trainer.content.catalogue import ItemEntry, LessonEntry, TrackEntry
from trainer.content.report import Report
from trainer.data.catalogue import Concept, Item, ItemRevision, Lesson, Publication, Track
from trainer.services import audit
from trainer.services.actor import Actor
from trainer.services.errors import OperatorError

# Two publications at once would each take the other's rows for missing ones.
_LOCK = 0x7E117A1E


class FaultyContentError(OperatorError):
    """The curricula break a rule: nothing was published."""

    def __init__(self, report: Report) -> None:
        super().__init__("\n".join(report.lines()))
        self.report = report


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a publication did.

    Parameters
    ----------
    changed : bool
        False when these very files stand published already.
    tracks, lessons, items : int
        How many are offered now.
    revisions : int
        How many quizzes are new or have changed.
    report : Report
        The check that came before.
    """

    changed: bool
    tracks: int
    lessons: int
    items: int
    revisions: int
    report: Report


def publish(
    session: Session,
    actor: Actor | None,
    root: Path,
    *,
    now: datetime,
    bank: Path | None = None,
) -> Outcome:
    """Check the curricula and put them before learners.

    Parameters
    ----------
    session : Session
        A writing session; the caller commits.
    actor : Actor or None
        Who publishes; None for the command line.
    root : Path
        Folder of the tracks.
    now : datetime
        UTC.
    bank : Path, optional
        Folder of the datasets; ``image_bank`` beside ``root`` where none is given.

    Raises
    ------
    FaultyContentError
        With the whole report, when any rule is broken; then nothing has changed.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    curricula, report = rules.check(root, bank or root.parent / "image_bank", published(session))
    if not report.clean:
        raise FaultyContentError(report)
    tracks = catalogue.catalogue(curricula)
    lessons = [lesson for track in tracks for lesson in track.lessons]
    items = [i for t in tracks for i in t.items] + [i for x in lessons for i in x.items]
    content_hash = catalogue.content_hash(curricula)
    latest = session.scalar(select(Publication).order_by(Publication.published_at.desc()).limit(1))
    if latest is not None and latest.content_hash == content_hash:
        return Outcome(False, len(tracks), len(lessons), len(items), 0, report)
    publication = _publication(session, content_hash, report, now)
    _retire(session, {uuid.UUID(x.uuid) for x in lessons}, {uuid.UUID(i.uuid) for i in items})
    revisions = sum(_write_track(session, track, publication) for track in tracks)
    _retire_tracks(session, {uuid.UUID(t.uuid) for t in tracks})
    session.flush()
    audit.note(
        session,
        actor,
        "curricula.publish",
        publication.id,
        now,
        content_hash=content_hash,
        lessons=len(lessons),
        revisions=revisions,
    )
    return Outcome(True, len(tracks), len(lessons), len(items), revisions, report)


def published(session: Session) -> rules.Published:
    """Return the identities that stand published, by the paths of their files."""
    uuids: dict[str, str] = {}
    slugs = {track.id: track.slug for track in session.scalars(select(Track))}
    lessons = {x.id: x for x in session.scalars(select(Lesson).where(Lesson.live))}
    for track_id, slug in slugs.items():
        uuids[slug] = str(track_id)
    for lesson in lessons.values():
        uuids[f"{slugs[lesson.track_id]}/{lesson.slug}"] = str(lesson.id)
    for item in session.scalars(select(Item).where(Item.live, Item.kind == "quiz")):
        parts = [slugs[item.track_id]]
        if item.lesson_id in lessons:
            parts.append(lessons[item.lesson_id].slug)
        uuids["/".join([*parts, "items", item.slug])] = str(item.id)
    concepts = {f"{c.track_id}/{c.slug}" for c in session.scalars(select(Concept))}
    return rules.Published(uuids, frozenset(concepts))


def _publication(session: Session, content_hash: str, report: Report, now: datetime) -> Publication:
    """Return the row of this publication; files that come back as they once were share a row."""
    found = session.scalar(select(Publication).where(Publication.content_hash == content_hash))
    if found is None:
        found = Publication(content_hash=content_hash, published_at=now, report=report.to_json())
        session.add(found)
    found.published_at = now
    session.flush()
    return found


def _retire(session: Session, lessons: set[uuid.UUID], items: set[uuid.UUID]) -> None:
    """What is gone from the files is no longer offered; what learners did with it stays."""
    for lesson in session.scalars(select(Lesson).where(Lesson.live)):
        lesson.live = lesson.id in lessons
    for item in session.scalars(select(Item).where(Item.live, Item.kind == "quiz")):
        item.live = item.id in items


def _retire_tracks(session: Session, tracks: set[uuid.UUID]) -> None:
    for track in session.scalars(select(Track).where(Track.id.not_in(tracks))):
        track.status = "retired"


def _write_track(session: Session, entry: TrackEntry, publication: Publication) -> int:
    track = session.get(Track, uuid.UUID(entry.uuid))
    if track is None:
        track = Track(id=uuid.UUID(entry.uuid))
        session.add(track)
    track.slug, track.title, track.status = entry.slug, entry.title, entry.status
    track.body, track.publication_id = entry.body, publication.id
    session.flush()
    _write_concepts(session, track, entry.concepts, publication)
    revisions = _write_items(session, track, None, entry.items, publication)
    for lesson in entry.lessons:
        revisions += _write_lesson(session, track, lesson, publication)
    return revisions


def _write_concepts(
    session: Session, track: Track, bodies: Mapping[str, dict[str, Any]], publication: Publication
) -> None:
    # By track and slug, not by id: a track that was renamed keeps its concepts.
    there = {
        c.slug: c for c in session.scalars(select(Concept).where(Concept.track_id == track.id))
    }
    for slug, body in bodies.items():
        concept = there.get(slug)
        if concept is None:
            concept = Concept(id=f"{track.id}/{slug}", track_id=track.id, slug=slug)
            session.add(concept)
        concept.body, concept.publication_id = body, publication.id


def _write_lesson(
    session: Session, track: Track, entry: LessonEntry, publication: Publication
) -> int:
    lesson = session.get(Lesson, uuid.UUID(entry.uuid))
    if lesson is None:
        lesson = Lesson(id=uuid.UUID(entry.uuid))
        session.add(lesson)
    lesson.track_id, lesson.slug, lesson.title = track.id, entry.slug, entry.title
    lesson.position, lesson.live = entry.position, True
    lesson.body, lesson.publication_id = entry.body, publication.id
    session.flush()
    return _write_items(session, track, lesson, entry.items, publication)


def _write_items(
    session: Session,
    track: Track,
    lesson: Lesson | None,
    entries: Sequence[ItemEntry],
    publication: Publication,
) -> int:
    """Write items and, where what they say has changed, a revision; return how many changed."""
    changed = 0
    for entry in entries:
        item = session.get(Item, uuid.UUID(entry.uuid))
        if item is None:
            item = Item(id=uuid.UUID(entry.uuid))
            session.add(item)
        item.track_id, item.lesson_id = track.id, lesson.id if lesson else None
        item.slug, item.kind, item.position, item.live = (
            entry.slug,
            entry.kind,
            entry.position,
            True,
        )
        session.flush()
        revision = session.scalar(
            select(ItemRevision).where(
                ItemRevision.item_id == item.id, ItemRevision.content_hash == entry.content_hash
            )
        )
        if revision is None:
            revision = ItemRevision(
                item_id=item.id,
                content_hash=entry.content_hash,
                body=entry.body,
                publication_id=publication.id,
            )
            session.add(revision)
            session.flush()
        changed += item.revision_id != revision.id
        item.revision_id = revision.id
    return changed
