"""One film of the bank as a curator sees it: pixels, facts, every key it had, its kin."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from trainer.core.permissions import Permission
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.services import holds
from trainer.services.actor import Actor
from trainer.services.errors import NotFoundError
from trainer.services.truth import twin_truth


@dataclass(frozen=True, slots=True)
class KeyView:
    """What was known of a film at one time."""

    truth: str
    hallmarks: tuple[str, ...]
    mimic_of: str
    everywhere: bool
    places: int
    in_slices: tuple[int, ...]
    mask: bool
    reason: str
    dose: float | None
    by: str
    at: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class KinView:
    """Another film of the same anatomy or patient."""

    case_id: uuid.UUID
    slug: str
    name: str
    truth: str
    split: str
    twin: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything about one film.

    Parameters
    ----------
    slug, title : str
        Its set.
    name : str
        What the manifest called the file.
    slices : int
        1 for a radiograph.
    stack : dict or None
        Where the slices lie.
    outlines, everywhere, masks, twin
        The truth as the viewer draws it.
    twin_outlines
        Of an authentic film: where its twin was changed.
    twin_label : str
        What the twin is called beside the film.
    keys : tuple of KeyView
        The one that counts first.
    facts : dict
        Private facts of the file and of what was done to it, as text.
    out : str
        How it went out of play, in a word; empty while it is played.
    tint : bool
        The file came with colour; there is a picture of it.
    holds : tuple of str
        Why a person must look, or had to.
    released : dict or None
        Who looked, and when.
    """

    case_id: uuid.UUID
    slug: str
    title: str
    provenance: str
    name: str
    sha256: str
    region: str
    view: str
    modality: str
    columns: int
    rows: int
    slices: int
    stack: Mapping[str, Any] | None
    split: str
    family: str
    out: str
    created_at: datetime
    outlines: list[Any]
    twin_outlines: list[Any]
    twin_label: str
    everywhere: bool
    masks: tuple[int, ...]
    twin: bool
    authentic: bool
    keys: tuple[KeyView, ...]
    kin: tuple[KinView, ...]
    patient: bool
    facts: Mapping[str, str]
    tint: bool
    holds: tuple[str, ...]
    released: Mapping[str, str] | None

    @property
    def title_of(self) -> str:
        """What the page calls it: its file, or where it has none, the start of its id."""
        return self.name or f"Film {str(self.case_id)[:8]}"


def _case(session: Session, actor: Actor, case_id: uuid.UUID) -> Case:
    """Return a case with its image; raise where there is none or it is not for this person."""
    actor.require(Permission.BANK)
    found = session.scalar(
        select(Case)
        .where(Case.id == case_id)
        .options(
            joinedload(Case.image),
            joinedload(Case.twin_image),
            joinedload(Case.key),
            joinedload(Case.dataset),
        )
    )
    if found is None:
        raise NotFoundError("There is no such film in the bank.")
    return found


def view(session: Session, actor: Actor, slug: str, case_id: uuid.UUID) -> CaseView:
    """Return everything about a film of a set.

    Raises
    ------
    NotFoundError
        When the set has no such film.
    """
    case = _case(session, actor, case_id)
    if case.dataset.slug != slug:
        raise NotFoundError("There is no such film in this set.")
    image, key = case.image, case.key
    slices = len(image.blocks)
    facts = image.facts
    beside = twin_truth(session, key, case.twin_image_id)
    stack = None
    if slices > 1:
        stack = {
            "slice_mm": facts.get("slice_mm", []),
            "spacing_mm": facts.get("spacing_mm", [1.0, 1.0]),
            "modality": image.modality.value,
        }
    return CaseView(
        case_id=case.id,
        slug=slug,
        title=case.dataset.title,
        provenance=case.dataset.provenance.value,
        name=image.name,
        sha256=image.sha256,
        region=image.region,
        view=image.view,
        modality=image.modality.value,
        columns=image.columns,
        rows=image.rows,
        slices=slices,
        stack=stack,
        split=case.split,
        family=case.family,
        out=holds.out_of_play(session, [case.id]).get(case.id, ""),
        created_at=case.created_at,
        outlines=list(key.outlines) if key else [],
        twin_outlines=list(beside.outlines),
        twin_label=beside.label,
        everywhere=bool(key and key.everywhere),
        masks=tuple(sorted(map(int, key.masks))) if key else (),
        twin=case.twin_image_id is not None,
        authentic=bool(key and key.truth.is_authentic),
        keys=_keys(session, case),
        kin=_kin(session, case),
        patient=case.kin.startswith("patient:"),
        facts=_facts(image),
        tint="panel" in facts.get("colour", {}),
        holds=tuple(facts.get("holds", ())),
        released=facts.get("released"),
    )


def _keys(session: Session, case: Case) -> tuple[KeyView, ...]:
    rows = session.scalars(
        select(CaseKey).where(CaseKey.case_id == case.id).order_by(CaseKey.created_at.desc())
    )
    made = [
        KeyView(
            truth=row.truth.value,
            hallmarks=tuple(row.hallmarks),
            mimic_of=row.mimic_of,
            everywhere=row.everywhere,
            places=len(row.outlines),
            in_slices=tuple(sorted({int(one.get("z") or 0) for one in row.outlines})),
            mask=bool(row.masks),
            reason=str(row.body.get("reason", "")),
            dose=row.body.get("dose"),
            by=str(row.body.get("by", "")),
            at=row.created_at,
            counts=row.id == case.key_id,
        )
        for row in rows
    ]
    return tuple(sorted(made, key=lambda k: not k.counts))


def _kin(session: Session, case: Case) -> tuple[KinView, ...]:
    rows = session.execute(
        select(Case.id, Case.image_id, Case.split, Image.name, CaseKey.truth, Dataset.slug)
        .join(Image, Case.image_id == Image.id)
        .join(CaseKey, CaseKey.id == Case.key_id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .where(Case.kin == case.kin, Case.id != case.id)
        .order_by(Image.name, Case.id)
        .limit(50)
    )
    return tuple(
        KinView(
            row.id,
            row.slug,
            row.name,
            row.truth.value,
            row.split,
            row.image_id == case.twin_image_id,
        )
        for row in rows
    )


def _facts(image: Image) -> dict[str, str]:
    """Return the private facts as label and text; what is empty is left out."""
    facts: Mapping[str, Any] = image.facts
    file: Mapping[str, Any] = facts.get("file", {})
    colour: Mapping[str, Any] = facts.get("colour", {})
    spacing = facts.get("spacing_mm") or (0, 0)
    said: dict[str, Any] = {
        "File": image.name,
        "Format": file.get("format"),
        "Size of the file": f"{file['bytes']:,} bytes" if file.get("bytes") else "",
        "As it came": _size(file),
        "Bits": facts.get("bits"),
        "Parts of the file": ", ".join(dict.fromkeys(map(str, file.get("parts", ())))),
        "Red and blue differ by": f"{colour['red_blue']} of 255" if colour.get("red_blue") else "",
        "Pixels with a tint": f"{colour['coloured']:.0%}" if colour.get("coloured") else "",
        "Content credentials": "yes" if file.get("c2pa") else "",
        "Lines that look like text": len(file.get("text_lines", ())) or "",
        "De-identified by": " ".join(map(str, (facts.get("deidentified") or {}).values())),
        "Pipeline": facts.get("pipeline"),
        "Plan": facts.get("group"),
        "Cropped to": _box(facts.get("box")),
        "As it is served": f"{image.columns} × {image.rows}",
        "Spacing": f"{spacing[0]:.3g} × {spacing[1]:.3g} mm",
        "sha256 of the file": image.source_sha256,
        "sha256 of the film": image.sha256,
    }
    return {label: str(value) for label, value in said.items() if value not in (None, "", 0)}


def _size(file: Mapping[str, Any]) -> str:
    columns = file.get("columns", file.get("Columns"))
    rows = file.get("rows", file.get("Rows"))
    return f"{columns:.0f} × {rows:.0f}" if columns and rows else ""


def _box(box: Any) -> str:
    if not box:
        return ""
    top, left, bottom, right = box
    return f"columns {left:.0f} to {right:.0f}, rows {top:.0f} to {bottom:.0f} of the source"


def block_of(session: Session, actor: Actor, case_id: uuid.UUID, index: int) -> str:
    """Return the sha256 of a slice of a film.

    Raises
    ------
    NotFoundError
        When there is no such film or slice.
    """
    return _slice(_case(session, actor, case_id).image, index)


def twin_of(session: Session, actor: Actor, case_id: uuid.UUID, index: int) -> str:
    """Return the sha256 of a slice of a film's twin."""
    twin = _case(session, actor, case_id).twin_image
    if twin is None:
        raise NotFoundError("This film has no twin.")
    return _slice(twin, index)


def _slice(image: Image, index: int) -> str:
    if not 0 <= index < len(image.blocks):
        raise NotFoundError(f"This film has no slice {index}.")
    return str(image.blocks[index])


def mask_of(session: Session, actor: Actor, case_id: uuid.UUID, index: int) -> str:
    """Return the sha256 of the block that shows where a slice was changed."""
    key = _case(session, actor, case_id).key
    sha256 = key.masks.get(str(index)) if key else None
    if sha256 is None:
        raise NotFoundError("Nothing was changed in this slice, or it has no mask.")
    return str(sha256)


def tint_of(session: Session, actor: Actor, case_id: uuid.UUID) -> str:
    """Return the sha256 of the picture that shows the colour a file came with."""
    sha256 = _case(session, actor, case_id).image.facts.get("colour", {}).get("panel")
    if sha256 is None:
        raise NotFoundError("This film's file came without colour.")
    return str(sha256)


def middle_block(session: Session, actor: Actor, case_id: uuid.UUID) -> str:
    """Return the sha256 of the slice that a contact sheet shows."""
    actor.require(Permission.BANK)
    blocks = session.scalar(
        select(Image.blocks).join(Case, Case.image_id == Image.id).where(Case.id == case_id)
    )
    if not blocks:
        raise NotFoundError("There is no such film in the bank.")
    return str(blocks[len(blocks) // 2])


def dataset_of(session: Session, actor: Actor, case_id: uuid.UUID) -> str:
    """Return the name of the set that a film belongs to."""
    actor.require(Permission.BANK)
    slug = session.scalar(
        select(Dataset.slug).join(Case, Case.dataset_id == Dataset.id).where(Case.id == case_id)
    )
    if slug is None:
        raise NotFoundError("There is no such film in the bank.")
    return str(slug)
