"""Putting sets, films and cases into the image bank."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.place import Misplaced, misplaced
from trainer.core.words import Hallmark, Provenance, Truth
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.imaging import block
from trainer.imaging.film import Film, Mask
from trainer.imaging.outline import places_of
from trainer.services import audit, vouching
from trainer.services.actor import Actor
from trainer.services.blobs import BlobStore
from trainer.services.errors import ConflictError, InvalidError, NotFoundError

#: Pages of the bank have these addresses: no set is called so.
RESERVED = frozenset(
    {"films", "licences", "upload", "uploads", "import", "archive", "archives", "twins", "held",
     "review", "reports", "annotate", "sources", "pacs", "audit", "sets", "new"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SetFacts:
    """What is said of a set of images.

    Parameters
    ----------
    slug, title : str
        Its name in commands, and as people read it.
    provenance : Provenance
        The class its films belong to.
    licence : str
        Never empty: an image without a licence is not shown to anyone.
    citation : str
        How to cite it.
    body : mapping
        Everything else: terms, source, consent basis, contact.
    """

    slug: str
    title: str
    provenance: Provenance
    licence: str
    citation: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TruthFacts:
    """The truth of a case as it goes into the bank.

    Parameters
    ----------
    truth : Truth
        What the film is.
    hallmarks : sequence of Hallmark
        What gives it away.
    mimic_of : Hallmark or None
        What an authentic film imitates.
    mask : ndarray of bool or None
        Where the change is, of the film's shape: ``(rows, columns)``, or ``(slices, rows,
        columns)`` for a stack. Of an authentic film: where what imitates a hallmark is.
    everywhere : bool
        The change, or what imitates one, is all over.
    body : mapping
        Dose, reason, recipe, report.
    """

    truth: Truth
    hallmarks: Sequence[Hallmark] = ()
    mimic_of: Hallmark | None = None
    mask: Mask | None = None
    everywhere: bool = False
    body: Mapping[str, Any] = field(default_factory=dict)


def open_set(session: Session, actor: Actor | None, facts: SetFacts, *, now: datetime) -> uuid.UUID:
    """Return the set of this slug; make it where there is none.

    Raises
    ------
    InvalidError
        When no licence is named, or a page of the bank has this name.
    ConflictError
        When the set is there with another provenance class.
    """
    if not facts.licence.strip():
        raise InvalidError(
            f"The set {facts.slug} names no licence. Write it into its dataset.toml; an image "
            "without a licence is not shown to anyone."
        )
    if facts.slug in RESERVED:
        raise InvalidError(f"A set cannot be called {facts.slug!r}: give it another name.")
    found = session.scalar(select(Dataset).where(Dataset.slug == facts.slug))
    if found is not None:
        if found.provenance is not facts.provenance:
            raise ConflictError(
                f"The set {facts.slug} holds {found.provenance} films; {facts.provenance} ones "
                "need a set of their own."
            )
        return found.id
    made = Dataset(
        slug=facts.slug,
        title=facts.title,
        provenance=facts.provenance,
        licence=facts.licence,
        citation=facts.citation,
        body=dict(facts.body),
        created_at=now,
    )
    session.add(made)
    session.flush()
    audit.note(session, actor, "dataset.create", facts.slug, now, licence=facts.licence)
    return made.id


def keep_film(
    session: Session,
    blobs: BlobStore,
    dataset_id: uuid.UUID,
    film: Film,
    *,
    now: datetime,
    source_sha256: str = "",
    facts: Mapping[str, Any] | None = None,
) -> uuid.UUID:
    """Keep a film's pixels and its row; the same pixels in the same set are kept once."""
    window = block.default_window(film)
    slices = 1 if film.pixels.ndim == 2 else film.pixels.shape[0]
    names, longest = [], 0
    for i in range(slices):  # one at a time: a large stack is held once
        one = block.encode(film, i, window)
        names.append(blobs.put(one))
        longest = max(longest, len(one))
    # a forged stack shares most of its slices with its twin: all of them are its identity
    own = names[0] if slices == 1 else hashlib.sha256("".join(names).encode()).hexdigest()
    found = session.scalar(select(Image).where(Image.dataset_id == dataset_id, Image.sha256 == own))
    if found is not None:
        return found.id
    rows, columns = film.pixels.shape[-2:]
    made = Image(
        dataset_id=dataset_id,
        sha256=own,
        blocks=list(names),
        source_sha256=source_sha256,
        name=str((facts or {}).get("name", ""))[:400],
        phash=str((facts or {}).get("file", {}).get("phash", "")),
        modality=film.modality,
        region=film.region,
        view=film.view,
        columns=columns,
        rows=rows,
        block_bytes=longest,
        facts={
            "spacing_mm": list(film.spacing_mm),
            "slice_mm": list(film.slice_mm),
            "placed": film.placed,
            **(facts or {}),
        },
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made.id


def keep_masks(blobs: BlobStore, mask: Mask, film: Film) -> dict[str, str]:
    """Keep a truth mask, a block (0 or 65535) for each slice with a change.

    Parameters
    ----------
    mask : ndarray of bool
        Of the film's shape.

    Returns
    -------
    dict of str to str
        The sha256 of each block by its slice; ``"0"`` for a radiograph.

    Raises
    ------
    InvalidError
        When the mask has another shape than the film.
    """
    if mask.shape != film.pixels.shape:
        ours, its = (" x ".join(map(str, a.shape[::-1])) for a in (mask, film.pixels))
        raise InvalidError(f"The mask is {ours}, the film {its}: they must be of one size.")
    window = block.Window(32768, 65535)
    kept = {}
    for z, one in enumerate(mask[None] if mask.ndim == 2 else mask):
        if one.any():
            pixels = np.where(one, np.uint16(65535), np.uint16(0))
            plain = Film(pixels, film.spacing_mm, film.modality, film.region, film.view)
            kept[str(z)] = blobs.put(block.encode(plain, 0, window))
    return kept


def add_case(
    session: Session,
    blobs: BlobStore,
    dataset_id: uuid.UUID,
    image_id: uuid.UUID,
    film: Film,
    truth: TruthFacts,
    *,
    kin: str,
    now: datetime,
    case_id: uuid.UUID | None = None,
    twin_image_id: uuid.UUID | None = None,
    split: str = "practice",
    family: str = "",
) -> uuid.UUID:
    """Add a case and its first key; a case that is there already is left as it is.

    Parameters
    ----------
    film : Film
        The case's film, for the shape of the mask.
    kin : str
        Shared by cases of one anatomy: twins, one patient, one seed.
    case_id : UUID, optional
        The identity from a recipe or manifest, so that a second run finds it.
    """
    if case_id is not None and session.get(Case, case_id) is not None:
        return case_id
    made = Case(
        dataset_id=dataset_id,
        image_id=image_id,
        kin=kin,
        twin_image_id=twin_image_id,
        split=split,
        family=family,
        created_at=now,
    )
    if case_id is not None:
        made.id = case_id
    session.add(made)
    session.flush()
    put_key(session, blobs, made.id, film, truth, now=now)
    return made.id


def put_key(
    session: Session,
    blobs: BlobStore,
    case_id: uuid.UUID,
    film: Film,
    truth: TruthFacts,
    *,
    now: datetime,
) -> uuid.UUID:
    """Add a key to a case and make it the one that counts; earlier keys stay.

    Raises
    ------
    InvalidError
        When an authentic film that imitates nothing is given a place, or a changed one imitates.
    """
    _check_look(truth)
    case = session.get(Case, case_id)
    if case is None:
        raise NotFoundError(f"There is no case {case_id}.")
    placed = truth.mask is not None and not truth.everywhere
    key = CaseKey(
        case_id=case_id,
        truth=truth.truth,
        hallmarks=[h.value for h in truth.hallmarks],
        mimic_of=truth.mimic_of.value if truth.mimic_of else "",
        outlines=places_of(truth.mask) if placed and truth.mask is not None else [],
        everywhere=truth.everywhere,
        masks=keep_masks(blobs, truth.mask, film) if truth.mask is not None else {},
        body=dict(truth.body),
        created_at=now,
    )
    session.add(key)
    session.flush()
    case.key_id = key.id
    vouching.note_made(session, key, now=now)
    session.flush()
    return key.id


def _check_look(truth: TruthFacts) -> None:
    """Refuse a place that means nothing: an authentic film has one only where it imitates."""
    placed = truth.mask is not None or truth.everywhere
    against = misplaced(truth.truth, placed=placed, imitates=truth.mimic_of is not None)
    if against is Misplaced.PLACE:
        raise InvalidError(
            "An authentic film has no changed place. Name the hallmark that it imitates there, or "
            "leave the mask out."
        )
    if against is Misplaced.IMITATES:
        raise InvalidError("Only an authentic film imitates a hallmark.")


def publish_set(session: Session, actor: Actor | None, slug: str, *, now: datetime) -> None:
    """Let the cases of a set be played from now on; again is no change."""
    found = session.scalar(select(Dataset).where(Dataset.slug == slug))
    if found is None:
        raise NotFoundError(f"There is no set {slug}.")
    if found.published_at is None:
        found.published_at = now
        audit.note(session, actor, "dataset.publish", slug, now)
        session.flush()
