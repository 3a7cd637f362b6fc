"""The image bank as a whole: what is in it, whether it is whole, what may be played."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.data.images import CaseKey, Dataset, Image
from trainer.data.sets import SetPublication
from trainer.services import blob_names, set_counts
from trainer.services.blobs import BlobStore
from trainer.services.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class SetSummary:
    """One set in a line: counts by truth, how many are out of play, since when it is played.

    ``override`` says that a person answers for publishing it in spite of its audit.
    """

    slug: str
    title: str
    licence: str
    provenance: str
    counts: dict[str, int]
    stopped: int
    published_at: datetime | None
    override: bool = False

    @property
    def films(self) -> int:
        """How many there are of all classes."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Terms:
    """What one set may be used for."""

    slug: str
    title: str
    citation: str
    source: str
    contact: str
    films: int
    published: bool


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence and the sets that come under it."""

    name: str
    url: str
    sets: tuple[Terms, ...]

    @property
    def films(self) -> int:
        """How many films come under it."""
        return sum(one.films for one in self.sets)


@dataclass(frozen=True, slots=True)
class BlobFault:
    """A blob that is missing or is not what its name says."""

    sha256: str
    what: str
    where: str


def find(session: Session, slug: str) -> Dataset:
    """Return a set by its name; raise :class:`NotFoundError` where there is none."""
    dataset = session.scalar(select(Dataset).where(Dataset.slug == slug))
    if dataset is None:
        names = ", ".join(session.scalars(select(Dataset.slug).order_by(Dataset.slug))) or "none"
        raise NotFoundError(f"there is no set {slug!r} in the bank; there are: {names}")
    return dataset


def summaries(session: Session) -> list[SetSummary]:
    """Return every set of the bank with its counts."""
    datasets = session.scalars(select(Dataset).order_by(Dataset.slug)).all()
    return _summaries(session, datasets, set_counts.of_sets(session))


def summary(session: Session, slug: str) -> SetSummary:
    """Return one set with its counts; raise :class:`NotFoundError` where there is none."""
    return _summaries(session, [find(session, slug)], set_counts.of_sets(session, slug))[0]


def _summaries(
    session: Session,
    datasets: Sequence[Dataset],
    groups: Mapping[uuid.UUID, Sequence[set_counts.Group]],
) -> list[SetSummary]:
    overridden = set(
        session.scalars(
            select(SetPublication.dataset_id).where(
                SetPublication.ended_at.is_(None), SetPublication.override != ""
            )
        )
    )
    return [
        SetSummary(
            slug=dataset.slug,
            title=dataset.title,
            licence=dataset.licence,
            provenance=dataset.provenance.value,
            counts=_by_truth(groups.get(dataset.id, ())),
            stopped=sum(group.count for group in groups.get(dataset.id, ()) if not group.live),
            published_at=dataset.published_at,
            override=dataset.published_at is not None and dataset.id in overridden,
        )
        for dataset in datasets
    ]


def _by_truth(groups: Sequence[set_counts.Group]) -> dict[str, int]:
    found: dict[str, int] = {}
    for group in groups:
        found[group.truth] = found.get(group.truth, 0) + group.count
    return found


def licences(session: Session) -> list[Licence]:
    """Return every licence of the bank with the sets under it, by its name."""
    films = {
        where: sum(group.count for group in groups)
        for where, groups in set_counts.of_sets(session).items()
    }
    found: dict[tuple[str, str], list[Terms]] = {}
    for one in session.scalars(select(Dataset).order_by(Dataset.licence, Dataset.slug)):
        found.setdefault((one.licence, str(one.body.get("licence_url", ""))), []).append(
            Terms(
                one.slug,
                one.title,
                one.citation,
                str(one.body.get("source", "")),
                str(one.body.get("contact", "")),
                films.get(one.id, 0),
                one.published_at is not None,
            )
        )
    return [Licence(name, url, tuple(sets)) for (name, url), sets in found.items()]


def verify(
    session: Session,
    blobs: BlobStore,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Iterator[BlobFault]:
    """Read every blob the bank names and hash it again; yield what is wrong."""
    named: dict[str, str] = {}
    images = select(Image.blocks, Image.facts, Dataset.slug, Image.id).join(
        Dataset, Dataset.id == Image.dataset_id
    )
    for blocks, facts, slug, image in session.execute(images):
        for sha256 in blob_names.of_image(blocks, facts):
            named.setdefault(sha256, f"{slug}, image {image}")
    for masks, case in session.execute(select(CaseKey.masks, CaseKey.case_id)):
        for z, sha256 in blob_names.of_key(masks):
            named.setdefault(sha256, f"mask of case {case}, slice {z + 1}")
    for done, (sha256, where) in enumerate(sorted(named.items())):
        progress("verifying", done, len(named))
        try:
            data = blobs.get(sha256)
        except NotFoundError:
            yield BlobFault(sha256, "is missing", where)
            continue
        if hashlib.sha256(data).hexdigest() != sha256:
            yield BlobFault(sha256, "has other bytes than its name says", where)
    progress("verifying", len(named), len(named))
