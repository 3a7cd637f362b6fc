"""Twins of a curator's own films: which films may serve, and what is asked for."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission
from trainer.core.plural import counted
from trainer.core.words import Truth
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.imaging.forgery.contract import ForgeryError
from trainer.services import audit, bank, jobs, shelf
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, Gathered, InvalidError, NotFoundError

if TYPE_CHECKING:
    from trainer.imaging.forgery.operator import Operator

#: Kinds of long work.
LOOK, PREVIEW, MAKE = "twins.look", "twins.preview", "twins.make"
#: Films in one go, and how many of them are looked at beforehand.
MOST_FILMS, MOST_LOOKED = 50, 4
DOSES = tuple(round(0.1 * i, 1) for i in range(1, 11))
PAGE = 48
_ND = re.compile(r"(?<![a-z])nd(?![a-z])|no[\s_-]*deriv", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An authentic film of which twins can be made."""

    case_id: uuid.UUID
    name: str
    modality: str
    region: str
    view: str
    slices: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A page of films to choose from; ``refusal`` says why the set cannot serve at all."""

    slug: str
    title: str
    refusal: str
    films: tuple[Candidate, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made.

    Parameters
    ----------
    slug : str
        The set whose films serve.
    cases : tuple of UUID
        The films.
    hallmark : str
        Of a hallmark or mimic.
    doses : tuple of float
        Each above 0, at most 1.
    seed : int
        Places and patterns are drawn from it.
    target, title : str
        The set that takes the twins, and its title where it is new. The same set: ``slug``.
    """

    slug: str
    cases: tuple[uuid.UUID, ...]
    hallmark: str
    doses: tuple[float, ...]
    seed: int
    target: str
    title: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as a job's parameters."""
        return {
            "slug": self.slug,
            "cases": [str(case) for case in self.cases],
            "hallmark": self.hallmark,
            "doses": list(self.doses),
            "seed": self.seed,
            "target": self.target,
            "title": self.title,
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Order:
        """Read a job's parameters."""
        return cls(
            str(said["slug"]),
            tuple(uuid.UUID(case) for case in said["cases"]),
            str(said["hallmark"]),
            tuple(float(dose) for dose in said["doses"]),
            int(said["seed"]),
            str(said["target"]),
            str(said["title"]),
        )


def refusal(dataset: Dataset) -> str:
    """Return why no twin may be made of a set's films; empty where it may."""
    forbids = dataset.body.get("derivatives_allowed") is False
    if forbids or _ND.search(dataset.licence):
        return (
            f"The licence of this set ({dataset.licence}) forbids altered copies, and a twin is "
            "one. With leave in writing, say so in the licence of its dataset.toml."
        )
    return ""


def choose(session: Session, actor: Actor, slug: str, page: int = 1) -> Choice:
    """Return the authentic films of a set, a page of them."""
    actor.require(Permission.BANK)
    dataset = shelf.find(session, slug)
    wanted = _authentic(dataset.id)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    rows = session.execute(
        wanted.order_by(Image.name, Case.id).offset((page - 1) * PAGE).limit(PAGE)
    )
    films = tuple(
        Candidate(
            case.id,
            image.name or str(case.id)[:8],
            image.modality.value,
            image.region,
            image.view,
            len(image.blocks),
        )
        for case, image in rows
    )
    return Choice(slug, dataset.title, refusal(dataset), films, total, page, pages)


def _authentic(dataset_id: uuid.UUID) -> Any:
    # Not what was made here: a twin of a twin would carry two changes.
    return (
        select(Case, Image)
        .join(Image, Image.id == Case.image_id)
        .join(CaseKey, CaseKey.id == Case.key_id)
        .where(
            Case.dataset_id == dataset_id,
            Case.live,
            CaseKey.truth == Truth.AUTHENTIC,
            CaseKey.mimic_of == "",
        )
    )


def check_cases(session: Session, slug: str, cases: Sequence[uuid.UUID]) -> None:
    """Refuse films that cannot serve, and a set whose licence forbids it.

    Raises
    ------
    InvalidError, ConflictError, NotFoundError
        Say why.
    """
    dataset = shelf.find(session, slug)
    if why := refusal(dataset):
        raise ConflictError(why)
    if not 1 <= len(cases) <= MOST_FILMS:
        raise InvalidError(f"Choose between 1 and {MOST_FILMS} films.", "film")
    found = session.execute(_authentic(dataset.id).where(Case.id.in_(cases))).all()
    if len(found) != len(set(cases)):
        raise NotFoundError(
            "Some of these films are not in the set, are held, or are not authentic: choose anew.",
            "film",
        )


def ask_look(
    session: Session,
    actor: Actor,
    slug: str,
    cases: Sequence[uuid.UUID],
    *,
    link: str,
    now: datetime,
) -> uuid.UUID:
    """Ask which hallmarks fit these films."""
    actor.require(Permission.BANK)
    check_cases(session, slug, cases)
    title = shelf.find(session, slug).title
    return jobs.ask(
        session,
        actor,
        LOOK,
        {"slug": slug, "cases": [str(case) for case in cases]},
        now=now,
        title=f"Looking at {counted(len(cases), 'film')} of {title} for twins",
        link=link,
    )


def ask_preview(
    session: Session,
    actor: Actor,
    look: jobs.Seen,
    case: uuid.UUID,
    hallmark: str,
    seed: int,
    *,
    link: str,
    now: datetime,
) -> uuid.UUID:
    """Ask for a quick look at a hallmark, at every dose, on one of the films."""
    actor.require(Permission.BANK)
    faults = Gathered()
    with faults.of("film"):
        if str(case) not in look.parameters["cases"]:
            raise NotFoundError("This film is not among those that were chosen.")
    with faults.of("hallmark"):
        op = known(hallmark)
    with faults.of("seed"):
        check_seed(seed)
    faults.tell()
    return jobs.ask(
        session,
        actor,
        PREVIEW,
        {
            "slug": look.parameters["slug"], "case": str(case), "hallmark": op.name,
            "seed": seed, "look": str(look.id),
        },
        now=now,
        title=f"Preview of {op.name.replace('_', ' ')}",
        link=link,
    )  # fmt: skip


def known(hallmark: str) -> Operator:
    """Return the operator of a hallmark or mimic; refuse a name that is none."""
    # The engine is slow to load, and most servers that serve pages never need it.
    from trainer.imaging.forgery.registry import operator

    try:
        return operator(hallmark)
    except ForgeryError as fault:
        raise InvalidError("Choose a hallmark or a mimic from the list.") from fault


def check_seed(seed: int) -> None:
    """Refuse a seed that is none."""
    if not 0 <= seed < 2**31:
        raise InvalidError(f"A seed is a whole number from 0 to {2**31 - 1}.")


def ask_make(
    session: Session, actor: Actor, order: Order, *, link: str, now: datetime
) -> uuid.UUID:
    """Ask for the twins in full, as cases of the set or of a new one; note who asked.

    Raises
    ------
    InvalidError, ConflictError, NotFoundError
        When it cannot be done, before anything is.
    """
    actor.require(Permission.BANK)
    faults = Gathered()
    with faults.of():
        check_cases(session, order.slug, order.cases)
    with faults.of("hallmark"):
        op = known(order.hallmark)
    with faults.of("seed"):
        check_seed(order.seed)
    with faults.of("dose"):
        if not order.doses or not all(0 < dose <= 1 for dose in order.doses):
            raise InvalidError("Choose at least one dose, each above 0 and at most 1.")
    for check in (check_title, check_target):
        with faults.of():
            check(session, order)
    faults.tell()
    audit.note(
        session, actor, "twins.make", order.target, now, source=order.slug, hallmark=op.name,
        doses=list(order.doses), seed=order.seed, films=len(order.cases),
    )  # fmt: skip
    count = len(order.cases) * len(order.doses)
    return jobs.ask(
        session,
        actor,
        MAKE,
        order.as_json(),
        now=now,
        title=f"{counted(count, 'twin')} with {op.name.replace('_', ' ')}",
        subject=f"set:{order.target}",
        link=link,
    )


def check_title(session: Session, order: Order) -> None:
    """Refuse a new set without a title."""
    there = session.scalar(select(Dataset.id).where(Dataset.slug == order.target))
    if there is None and not order.title.strip():
        raise InvalidError("Give the new set a title.", "title")


def check_target(session: Session, order: Order) -> None:
    """Refuse a set that may not take the twins."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", order.target):
        raise InvalidError(
            f"{order.target[:80]!r} cannot name a set: use lower-case letters, digits and hyphens.",
            "name",
        )
    if order.target in bank.RESERVED:
        raise InvalidError(
            f"A set cannot be called {order.target!r}: give it another name.", "name"
        )
    found = session.scalar(select(Dataset).where(Dataset.slug == order.target))
    if found is None:
        return
    if order.target != order.slug and found.body.get("twins_of") != order.slug:
        raise ConflictError(
            f"There is a set {order.target} already, and it does not hold twins of {order.slug}. "
            "Give the new set another name.",
            "name",
        )
    if found.published_at is not None:
        raise ConflictError(
            f"The set {found.title} is published: learners would meet the twins before anybody "
            "has audited them. Make a new set of them, or withdraw this one first.",
            "target" if order.target == order.slug else "name",
        )
