"""Twins of a curator's own films, as they go into the bank."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.words import Hallmark, Truth
from trainer.data.images import Case
from trainer.data.review import KeyAgreement
from trainer.imaging import block
from trainer.imaging.film import Film
from trainer.imaging.forgery.registry import ENGINE, operator
from trainer.imaging.forgery.twins import Twin
from trainer.services import bank, shelf
from trainer.services.actor import Actor
from trainer.services.blobs import BlobStore
from trainer.services.errors import NotFoundError
from trainer.services.twins import Order, check_target

_SPACE = uuid.UUID("6f3f7d0e-53a8-4d0c-9a55-2f60f0d1a7c4")


@dataclass(frozen=True, slots=True)
class Source:
    """A film as it is forged, with what its twin inherits."""

    case_id: uuid.UUID
    image_id: uuid.UUID
    film: Film
    name: str
    kin: str
    split: str
    facts: Mapping[str, Any]


def open_target(session: Session, actor: Actor | None, order: Order, *, now: datetime) -> uuid.UUID:
    """Return the set that takes the twins; a new one inherits origin, licence and citation."""
    check_target(session, order)
    source = shelf.find(session, order.slug)
    if order.target == order.slug:
        return source.id
    kept = ("source", "consent_basis", "deidentification", "display_allowed", "licence_url")
    facts = bank.SetFacts(
        slug=order.target,
        title=order.title.strip()[:200] or order.target,
        provenance=source.provenance,
        licence=source.licence,
        citation=source.citation,
        body={k: v for k, v in source.body.items() if k in kept} | {"twins_of": order.slug},
    )
    return bank.open_set(session, actor, facts, now=now)


def load(session: Session, blobs: BlobStore, case_id: uuid.UUID) -> Source:
    """Return a film of the bank with its pixels as they are served."""
    case = session.get(Case, case_id)
    if case is None:
        raise NotFoundError("This film is no longer in the bank.")
    image = case.image
    planes = [blobs.get(sha256) for sha256 in image.blocks]
    slope, intercept = struct.unpack_from("<ff", planes[0], 16)
    pixels = np.stack([block.decode(one)[0] for one in planes])
    stack = len(planes) > 1
    film = Film(
        pixels if stack else pixels[0],
        tuple(image.facts.get("spacing_mm", (1.0, 1.0))),
        modality=image.modality,
        region=image.region,
        view=image.view,
        slope=slope,
        intercept=intercept,
        slice_mm=tuple(image.facts.get("slice_mm", ())) if stack else (),
        placed=image.facts.get("placed", True),
    )
    return Source(case.id, image.id, film, image.name, case.kin, case.split, image.facts)


def twin_id(order: Order, case_id: uuid.UUID, dose: float) -> uuid.UUID:
    """Return the identity of a twin: asked for again, the same is found and not made twice."""
    name = f"{case_id}/{order.target}/{order.hallmark}/{dose}/{order.seed}/{ENGINE}"
    return uuid.uuid5(_SPACE, name)


def is_there(session: Session, case_id: uuid.UUID) -> bool:
    """Whether a case is in the bank."""
    return session.get(Case, case_id) is not None


def keep(
    session: Session,
    blobs: BlobStore,
    actor: Actor | None,
    order: Order,
    source: Source,
    made: Twin,
    *,
    now: datetime,
) -> None:
    """Put a twin into the bank: its film, key, mask and recipe, tied to its authentic film."""
    where = open_target(session, actor, order, now=now)
    authentic = _authentic_in(session, blobs, where, order, source, now)
    report, op = made.report, operator(order.hallmark)
    film = source.film.with_pixels(made.pixels)
    facts = _inherited(source.facts) | {
        "name": f"{source.name or source.case_id} + {op.name} {report.dose:g}"[:400],
        "engine": f"forgery {ENGINE}",
    }
    image = bank.keep_film(session, blobs, where, film, now=now, facts=facts)
    mimic = op.truth is Truth.AUTHENTIC
    truth = bank.TruthFacts(
        op.truth,
        hallmarks=() if mimic else (report.hallmark,),
        mimic_of=Hallmark(report.hallmark) if mimic else None,
        mask=None if mimic and report.everywhere else made.mask,
        everywhere=report.everywhere,
        body={
            "dose": report.dose,
            "engine": ENGINE,
            "reason": report.done[:1].upper() + report.done[1:],
            "recipe": {
                "source_case": str(source.case_id), "hallmark": op.name, "dose": report.dose,
                "seed": order.seed, "engine": ENGINE,
            },
            "report": report.as_json(),
        },
    )  # fmt: skip
    bank.add_case(
        session,
        blobs,
        where,
        image,
        film,
        truth,
        kin=source.kin,
        now=now,
        case_id=twin_id(order, source.case_id, report.dose),
        twin_image_id=authentic.image_id,
        split=source.split,
        family="" if mimic else report.family,
    )
    if authentic.twin_image_id is None and not mimic:
        authentic.twin_image_id = image
    session.flush()


def _authentic_in(
    session: Session,
    blobs: BlobStore,
    where: uuid.UUID,
    order: Order,
    source: Source,
    now: datetime,
) -> Case:
    """Return the authentic film's case in the target; a new set gets one, to be whole by itself."""
    own = session.get_one(Case, source.case_id)
    if own.dataset_id == where:
        return own
    case_id = uuid.uuid5(_SPACE, f"{source.case_id}/{order.target}/authentic")
    facts = _inherited(source.facts) | {"name": source.name}
    image = bank.keep_film(session, blobs, where, source.film, now=now, facts=facts)
    truth = bank.TruthFacts(Truth.AUTHENTIC, body={"same_as": str(source.case_id)})
    bank.add_case(
        session, blobs, where, image, source.film, truth, kin=source.kin, now=now,
        case_id=case_id, split=source.split,
    )  # fmt: skip
    made = session.get_one(Case, case_id)
    _carry_agreements(session, own, made)
    return made


def _carry_agreements(session: Session, source: Case, copy: Case) -> None:
    """Whoever answers for a film's label answers for its copy: it is the same film."""
    there = select(KeyAgreement.id).where(KeyAgreement.case_key_id == copy.key_id).limit(1)
    if copy.key_id is None or session.scalar(there) is not None:
        return
    for one in session.scalars(
        select(KeyAgreement).where(KeyAgreement.case_key_id == source.key_id)
    ):
        session.add(
            KeyAgreement(
                case_key_id=copy.key_id,
                user_id=one.user_id,
                name=one.name,
                part=one.part,
                why=one.why,
                agreed_at=one.agreed_at,
            )
        )
    session.flush()


def _inherited(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a twin knows of the file both came of: not the file itself, nor its hash."""
    kept = {k: v for k, v in facts.items() if k not in ("originals", "colour", "holds", "released")}
    if "file" in kept:
        kept["file"] = {k: v for k, v in kept["file"].items() if k != "phash"}
    return kept
