"""A learner's own progress: sittings, ability on eligible answers, where each lesson stands."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.ability import Ability, Answer, ability
from trainer.core.benchmarks import Benchmark, comparable
from trainer.core.permissions import Permission
from trainer.core.progress import Attempt, LessonProgress, lesson_progress
from trainer.core.scoring import Score
from trainer.core.stats.intervals import Interval
from trainer.core.words import Provenance
from trainer.data.catalogue import Concept, Item, ItemRevision
from trainer.data.learning import LessonRead, Sitting
from trainer.services import results
from trainer.services.actor import Actor
from trainer.services.overrides import Override

#: Seeds the bootstrap, so that the same answers show the same interval on every visit.
SEED = 252094


@dataclass(frozen=True, slots=True)
class SittingLine:
    """One sitting that is over."""

    id: uuid.UUID
    title: str
    started_at: datetime
    provenance: Provenance
    expired: bool
    assigned: bool
    score: Interval | None
    counts: Score
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """What the answers on one class of pool say.

    Parameters
    ----------
    provenance : Provenance
        Simulated or clinical: the two are never mixed into one number.
    ability : Ability
        On eligible answers.
    repeats, late, unanswered : int
        What was left out: films (or their twins) seen before, late answers, no answer.
    references : tuple of Benchmark
        What others reached, where comparing is fair.
    """

    provenance: Provenance
    ability: Ability
    repeats: int
    late: int
    unanswered: int
    references: tuple[Benchmark, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress page: sittings oldest first, pools, and the hallmarks' names."""

    sittings: tuple[SittingLine, ...]
    pools: tuple[Pool, ...]
    names: dict[str, str]


def progress(session: Session, actor: Actor, *, now: datetime) -> Progress:
    """Return a person's own progress as it stands now."""
    actor.require(Permission.LEARN)
    runs = results.runs(session, Sitting.user_id == actor.id, now=now)
    over = [run for run in runs if run.is_over]
    revisions = {run.item_revision_id for run in over}
    titles = {
        revision.id: str(revision.body["title"])
        for revision in session.scalars(select(ItemRevision).where(ItemRevision.id.in_(revisions)))
    }
    pools = _pools(runs)
    wanted = {family.hallmark for pool in pools for family in pool.ability.families}
    return Progress(
        sittings=tuple(_line(run, titles) for run in over if run.shown),
        pools=pools,
        names=_names(session, wanted),
    )


def _line(run: results.Run, titles: dict[uuid.UUID, str]) -> SittingLine:
    return SittingLine(
        id=run.id,
        title=titles[run.item_revision_id],
        started_at=run.started_at,
        provenance=run.shown[0].provenance,
        expired=run.phase is not run.phase.FINISHED,
        assigned=run.assignment_id is not None,
        score=run.interval,
        counts=run.score,
        overrides=run.overrides,
    )


def _pools(runs: Sequence[results.Run]) -> tuple[Pool, ...]:
    """Sort what was shown by class of pool and keep the eligible answers of each.

    Eligible is the first showing of a film, or of any film of its kin, when it was answered in
    time. A film that was shown and not answered has been seen: its next showing is a repeat.
    """
    shown = [
        (case.shown_at, case)
        for run in runs
        if run.told
        for case in run.shown
        if case.shown_at is not None and (run.is_over or case.choice is not None)
    ]
    shown.sort(key=lambda pair: pair[0])
    seen: set[str] = set()
    answers: dict[Provenance, list[Answer]] = defaultdict(list)
    left_out: dict[Provenance, dict[str, int]] = defaultdict(
        lambda: {"repeats": 0, "late": 0, "unanswered": 0}
    )
    for _, case in shown:
        out = left_out[case.provenance]
        if case.kin in seen:
            out["repeats"] += 1
        elif case.choice is None or case.confidence is None:
            out["unanswered"] += 1
        elif case.late:
            out["late"] += 1
        else:
            answers[case.provenance].append(
                Answer(
                    authentic=case.authentic,
                    choice=case.choice,
                    confidence=case.confidence,
                    hallmarks=case.hallmarks,
                    mimic_of=case.mimic_of,
                )
            )
        seen.add(case.kin)
    made = []
    for provenance in Provenance:
        if provenance not in left_out:
            continue
        found = ability(answers[provenance], np.random.default_rng(SEED))
        references = comparable(provenance, found.fakes, found.reals)
        made.append(Pool(provenance, found, **left_out[provenance], references=references))
    return tuple(made)


def _names(session: Session, hallmarks: set[str]) -> dict[str, str]:
    """Return the published names of hallmarks; an unpublished one goes by its id in words."""
    rows = session.execute(
        select(Concept.slug, Concept.body).where(Concept.slug.in_(sorted(hallmarks)))
    )
    published = {slug: str(body.get("name", "")) for slug, body in rows}
    return {h: published.get(h) or h.replace("_", " ").capitalize() for h in hallmarks}


def lessons(
    session: Session,
    actor: Actor,
    *,
    now: datetime,
    runs: Sequence[results.Run] | None = None,
) -> dict[uuid.UUID, LessonProgress]:
    """Return where the person stands with each lesson they read or practised.

    Every answer counts here, repeats too: practice is practice. A lesson that is not in the
    result has not been started. ``runs`` are the person's sittings where the caller has them.
    """
    actor.require(Permission.LEARN)
    lesson_of = dict(
        session.execute(
            select(ItemRevision.id, Item.lesson_id)
            .join(Item, ItemRevision.item_id == Item.id)
            .where(Item.lesson_id.is_not(None))
        ).all()
    )
    read = set(session.scalars(select(LessonRead.lesson_id).where(LessonRead.user_id == actor.id)))
    attempts: dict[uuid.UUID, list[Attempt]] = {lesson: [] for lesson in read}
    if runs is None:
        runs = results.runs(session, Sitting.user_id == actor.id, now=now)
    for run in runs:
        lesson = lesson_of.get(run.item_revision_id)
        if lesson is None or not run.told:
            continue
        answered = [case for case in run.shown if case.verdict is not None]
        attempts.setdefault(lesson, []).extend(
            Attempt(case.authentic, None if case.late or not case.verdict else case.verdict.right)
            for case in answered
        )
    return {
        lesson: lesson_progress(rows, opened=lesson in read) for lesson, rows in attempts.items()
    }
