"""How many films of a set are alike: counted once for each state of the set.

Counting a hundred thousand rows takes most of a second, and every page of the bank shows counts.
So each flush that touches films gives their sets a fresh stamp, in the same transaction, and counts
are kept in memory under set and stamp: whatever process changed a set, its counts are taken anew
by whoever asks next, and those of the others are not.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event, func, inspect, select, update
from sqlalchemy.orm import Session, sessionmaker

from trainer.data.base import new_id
from trainer.data.images import Case, CaseKey, Dataset, Image

#: Sets whose counts are kept for a database.
MOST_SETS = 500
#: What of an image is counted by.
_COUNTED = ("dataset_id", "region", "view", "modality")


@dataclass(frozen=True, slots=True)
class Group:
    """How many films are alike in class, region, view, modality, family, split and state."""

    truth: str
    region: str
    view: str
    modality: str
    family: str
    split: str
    live: bool
    count: int


_Kept = OrderedDict[tuple[uuid.UUID, uuid.UUID | None], tuple[Group, ...]]
_kept: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()
_lock = Lock()


def watch(sessions: sessionmaker[Session]) -> None:
    """Have every flush of these sessions stamp the sets whose films it touches."""

    @event.listens_for(sessions, "after_flush")
    def stamp(session: Session, _context: Any) -> None:
        touched = {one.dataset_id for one in _touched(session)}
        if touched:
            restamp(session, touched)


def _touched(session: Session) -> Iterable[Case | Image]:
    for one in (*session.new, *session.deleted):
        if isinstance(one, Case):
            yield one
    for one in session.dirty:
        if isinstance(one, Case) and session.is_modified(one):
            yield one
        elif isinstance(one, Image):
            state = inspect(one)
            if any(state.attrs[name].history.has_changes() for name in _COUNTED):
                yield one


def restamp(session: Session, dataset_ids: Iterable[uuid.UUID]) -> None:
    """Give sets a fresh stamp; for rows that are written without being objects of the session."""
    table = Dataset.__table__
    session.connection().execute(
        update(Dataset).where(table.c.id.in_(list(dataset_ids))).values(films_stamp=new_id())
    )


def of_sets(session: Session, slug: str = "") -> dict[uuid.UUID, tuple[Group, ...]]:
    """Return the groups of a set, or of every set, by the set's id; the largest groups first."""
    query = select(Dataset.id, Dataset.films_stamp)
    # the stamp is read before the films are counted: counts are never older than their stamp
    wanted = session.execute(query.where(Dataset.slug == slug) if slug else query).all()
    kept = _kept_of(session)
    found: dict[uuid.UUID, tuple[Group, ...]] = {}
    for dataset, stamp in wanted:
        with _lock:
            groups = kept.get((dataset, stamp))
            if groups is not None:
                kept.move_to_end((dataset, stamp))
        found[dataset] = _count(session, dataset) if groups is None else groups
        if groups is None:
            with _lock:
                kept[dataset, stamp] = found[dataset]
                while len(kept) > MOST_SETS:
                    kept.popitem(last=False)
    return found


def _kept_of(session: Session) -> _Kept:
    bind = session.get_bind()
    engine = bind if isinstance(bind, Engine) else bind.engine
    with _lock:
        return _kept.setdefault(engine, OrderedDict())


def _count(session: Session, dataset: uuid.UUID) -> tuple[Group, ...]:
    columns = (
        CaseKey.truth,
        Image.region,
        Image.view,
        Image.modality,
        Case.family,
        Case.split,
        Case.live,
    )
    rows = session.execute(
        select(*columns, func.count())
        .select_from(Case)
        .join(Image, Case.image_id == Image.id)
        .join(CaseKey, CaseKey.id == Case.key_id)
        .where(Case.dataset_id == dataset)
        .group_by(*columns)
    )
    made = [
        Group(truth.value, region, view, modality.value, family, split, live, count)
        for truth, region, view, modality, family, split, live, count in rows
    ]
    return ordered(made)


def ordered(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return groups, the largest first."""
    return tuple(sorted(groups, key=lambda g: (-g.count, g.truth, g.region, g.family)))
