"""Small makers of rows: a person, a published quiz, films, a sitting that was played.

Each writes straight to the tables and flushes; what is not named takes a plain default. Films have
no pixels here: tests that show one take ``tests.fixtures.play``.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.fixtures.app import NOW
from trainer.core.grading.authenticity import GRADER_VERSION, Call, Key, grade
from trainer.core.sitting import Outcome, Phase
from trainer.core.words import Choice, Hallmark, Modality, Provenance, Role, Truth
from trainer.data.catalogue import Item, ItemRevision, Lesson, Publication, Track
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.data.learning import Grade, Response, Showing, Sitting
from trainer.data.people import Membership, User
from trainer.services import accounts
from trainer.services.actor import Actor

_serial = itertools.count(1)

POOL = {
    "provenance": "simulated",
    "datasets": ["test-simulated"],
    "regions": [],
    "hallmarks": [],
    "split": "practice",
}


def person(
    session: Session, name: str = "", *roles: Role, where: str = "Test institution"
) -> Actor:
    """Make an account (no password opens it) and return who it is; a learner by default."""
    name = name or f"Person {next(_serial)}"
    user = User(
        email=f"{name.casefold().replace(' ', '.')}.{next(_serial)}@example.org",
        name=name,
        password_hash="none",
        created_at=NOW,
    )
    institution = accounts.institution(session, where, NOW)
    user.memberships = [
        Membership(institution_id=institution, role=role) for role in roles or (Role.LEARNER,)
    ]
    session.add(user)
    session.flush()
    return accounts.as_actor(user)


@dataclass(frozen=True)
class Quiz:
    """Ids of a published quiz."""

    track: uuid.UUID
    lesson: uuid.UUID | None
    item: uuid.UUID
    revision: uuid.UUID
    publication: uuid.UUID


def quiz(
    session: Session, title: str = "Hyper-smooth texture", *, of_track: bool = False, **body: Any
) -> Quiz:
    """Publish a track with one lesson and its quiz, or with a quiz over the whole track."""
    n = next(_serial)
    publication = Publication(content_hash=uuid.uuid4().hex * 2, published_at=NOW, report={})
    session.add(publication)
    session.flush()
    track = Track(
        id=uuid.uuid4(),
        slug=f"track-{n}",
        title="Authentic or not?",
        status="active",
        body={"title": "Authentic or not?", "summary": "A track for tests."},
        publication_id=publication.id,
    )
    lesson = Lesson(
        id=uuid.uuid4(),
        track=track,
        slug=f"lesson-{n}",
        title=title,
        position=1,
        body={
            "title": title,
            "summary": "A lesson for tests.",
            "minutes": 5,
            "objectives": ["Pass the test."],
            "teaches": [],
            "blocks": [],
            "references": [],
        },
        publication_id=publication.id,
    )
    session.add_all([track, lesson])
    session.flush()
    item = Item(
        id=uuid.uuid4(),
        lesson_id=None if of_track else lesson.id,
        track_id=track.id,
        slug="quiz",
        kind="quiz",
        position=1,
    )
    session.add(item)
    session.flush()
    made = Quiz(track.id, item.lesson_id, item.id, uuid.uuid4(), publication.id)
    revise(session, made, title=title, revision_id=made.revision, **body)
    return made


def revise(
    session: Session,
    quiz: Quiz,
    *,
    title: str = "Edited",
    revision_id: uuid.UUID | None = None,
    **body: Any,
) -> uuid.UUID:
    """Publish a new revision of a quiz and return its id."""
    revision = ItemRevision(
        id=revision_id or uuid.uuid4(),
        item_id=quiz.item,
        content_hash=uuid.uuid4().hex * 2,
        body={
            "title": title,
            "summary": "A quiz for tests.",
            "cases": 10,
            "feedback": "after_each",
            "pausable": False,
            "pass_mark": 0.7,
            "pool": POOL,
            **body,
        },
        publication_id=quiz.publication,
    )
    session.add(revision)
    session.flush()
    session.get_one(Item, quiz.item).revision_id = revision.id
    session.flush()
    return revision.id


def dataset(session: Session, provenance: Provenance = Provenance.SIMULATED) -> Dataset:
    """Return the published set of a provenance class; make it where there is none."""
    slug = f"test-{provenance.value}"
    found = session.scalar(select(Dataset).where(Dataset.slug == slug))
    if found:
        return found
    made = Dataset(
        slug=slug,
        title=f"Test films, {provenance.value}",
        provenance=provenance,
        licence="CC0-1.0",
        body={},
        created_at=NOW,
        published_at=NOW,
    )
    session.add(made)
    session.flush()
    return made


def film(
    session: Session,
    truth: Truth = Truth.AUTHENTIC,
    *hallmarks: Hallmark,
    provenance: Provenance = Provenance.SIMULATED,
    kin: str = "",
    mimic_of: str = "",
) -> Case:
    """Make a case with its image and key."""
    n = next(_serial)
    where = dataset(session, provenance)
    image = Image(
        dataset_id=where.id,
        sha256=f"{n:064x}",
        blocks=[f"{n:064x}"],
        modality=Modality.XR,
        region="hand",
        view="PA",
        columns=512,
        rows=512,
        block_bytes=512 * 512 * 2 + 32,
        facts={},
        created_at=NOW,
    )
    session.add(image)
    session.flush()
    case = Case(dataset_id=where.id, image_id=image.id, kin=kin or f"kin-{n}", created_at=NOW)
    session.add(case)
    session.flush()
    key = CaseKey(
        case_id=case.id,
        truth=truth,
        hallmarks=[h.value for h in hallmarks],
        mimic_of=mimic_of,
        outlines=[],
        everywhere=not truth.is_authentic,
        body={},
        created_at=NOW,
    )
    session.add(key)
    session.flush()
    case.key_id = key.id
    session.flush()
    return case


@dataclass(frozen=True)
class Played:
    """One case of a sitting: what the film was, what was said of it."""

    fake: bool
    choice: Choice | None = None
    confidence: int = 4
    late: bool = False
    hallmark: Hallmark = Hallmark.SMOOTH_CORTEX
    case: Case | None = None


_LETTERS = {
    "h": Played(True, Choice.NOT_AUTHENTIC),
    "m": Played(True, Choice.AUTHENTIC),
    "f": Played(False, Choice.NOT_AUTHENTIC),
    "c": Played(False, Choice.AUTHENTIC),
    "V": Played(True, Choice.VERIFY),
    "v": Played(False, Choice.VERIFY),
    "L": Played(True, Choice.NOT_AUTHENTIC, late=True),
    "X": Played(True),
    "x": Played(False),
}


def calls(letters: str) -> list[Played]:
    """Return one case a letter: hit, miss, false alarm, correct rejection (h m f c).

    ``V`` and ``v`` are *cannot tell* on a film that is not authentic and on one that is, ``L`` a
    late hit, ``X`` and ``x`` cases without an answer.
    """
    return [_LETTERS[letter] for letter in letters]


def sitting(
    session: Session,
    who: Actor,
    revision_id: uuid.UUID,
    played: str | Sequence[Played],
    *,
    at: datetime = NOW,
    assignment_id: uuid.UUID | None = None,
    phase: Phase = Phase.FINISHED,
    provenance: Provenance = Provenance.SIMULATED,
    minutes: float = 5,
) -> uuid.UUID:
    """Play a sitting that began at ``at`` and return its id; each case is a film of its own."""
    rows = calls(played) if isinstance(played, str) else played
    made = Sitting(
        user_id=who.id,
        item_revision_id=revision_id,
        assignment_id=assignment_id,
        seed=1,
        rules={
            "feedback": "after_each",
            "case_s": None,
            "sitting_s": None,
            "pausable": False,
            "grace_s": 3.0,
        },
        time_factor=1.0,
        phase=phase,
        position=max(len(rows) - 1, 0),
        used_s=60 * minutes if phase.is_over else 0.0,
        case_used_s=0.0,
        started_at=at,
        ended_at=at + timedelta(minutes=minutes) if phase.is_over else None,
        block_bytes=1,
    )
    session.add(made)
    session.flush()
    for position, row in enumerate(rows):
        _show(session, made.id, position, row, at, provenance)
    session.flush()
    return made.id


def _show(
    session: Session,
    sitting_id: uuid.UUID,
    position: int,
    row: Played,
    at: datetime,
    provenance: Provenance,
) -> None:
    truth = Truth.SYNTHETIC if row.fake else Truth.AUTHENTIC
    hallmarks = (row.hallmark,) if row.fake else ()
    case = row.case or film(session, truth, *hallmarks, provenance=provenance)
    shown = at + timedelta(seconds=20 * position)
    outcome = Outcome.TIMED_OUT
    if row.choice is not None:
        outcome = Outcome.LATE if row.late else Outcome.IN_TIME
    assert case.key_id is not None
    showing = Showing(
        sitting_id=sitting_id,
        position=position,
        case_id=case.id,
        case_key_id=case.key_id,
        token=uuid.uuid4().hex,
        shown_at=shown,
        outcome=outcome,
    )
    session.add(showing)
    session.flush()
    if row.choice is None:
        return
    verdict = grade(Call(row.choice, row.confidence), Key(truth, hallmarks))
    response = Response(
        showing_id=showing.id,
        choice=row.choice,
        confidence=row.confidence,
        hallmarks=[],
        marks=[],
        late=row.late,
        answered_at=shown + timedelta(seconds=9),
        call_ms=9000,
        client={},
    )
    response.grades = [
        Grade(
            case_key_id=case.key_id,
            grader_version=GRADER_VERSION,
            verdict=verdict.as_json(),
            graded_at=shown + timedelta(seconds=9),
        )
    ]
    session.add(response)
