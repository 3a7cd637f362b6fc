"""Worked figures of lessons: which film, which part of it, what is outlined."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from trainer.core.permissions import Permission
from trainer.data.catalogue import Lesson, Track
from trainer.data.images import Case, CaseKey, Image
from trainer.imaging import picture
from trainer.services.actor import Actor
from trainer.services.blobs import BlobStore
from trainer.services.errors import NotFoundError
from trainer.services.room import film_label

PARTS = ("film", "twin")
#: Films of this split are shown in lessons and drawn by no quiz.
SPLIT = "lesson"
OFFERED = ("beta", "active")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as the page shows it.

    Parameters
    ----------
    number : int
        In the lesson, from 1; part of the address of its pictures.
    show, caption, alt : str
        As the lesson says; ``caption`` is sanitised HTML.
    parts : tuple of str
        ``film``, ``twin`` or both: the pictures there are to show, in order.
    ready : bool
        False while its films are still being made.
    label : str
        ``Hand PA · simulated film``.
    changed : bool
        Whether the named film is the changed one of the two.
    box : tuple of float
        Left, top, width, height of what is seen, in native pixels, for the outlines' view.
    outlines : tuple of str
        ``points`` of polygons round what was changed, or what imitates a hallmark.
    everywhere : bool
        The change, or what imitates one, is all over the film.
    imitates : bool
        The named film is authentic and imitates a hallmark.
    """

    number: int
    show: str
    caption: str
    alt: str
    parts: tuple[str, ...]
    ready: bool
    label: str = ""
    changed: bool = False
    box: tuple[float, float, float, float] = (0, 0, 1, 1)
    outlines: tuple[str, ...] = ()
    everywhere: bool = False
    imitates: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One picture of a figure, not yet drawn.

    Parameters
    ----------
    sha256 : str
        The film's block.
    crop : tuple of float or None
        Left, top, width, height as shares.
    """

    sha256: str
    crop: tuple[float, float, float, float] | None

    @property
    def etag(self) -> str:
        """Names the picture: block, crop and version of the drawing."""
        text = f"{picture.VERSION}:{picture.LONGEST}:{self.sha256}:{self.crop}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def figures_of(session: Session, blocks: Sequence[Mapping[str, Any]]) -> dict[int, Figure]:
    """Return the figures among a lesson's blocks, by number; a missing film is not ready."""
    wanted = [block for block in blocks if block["kind"] == "figure"]
    cases = {
        case.id: case
        for case in session.scalars(
            select(Case)
            .where(
                Case.id.in_([uuid.UUID(block["case"]) for block in wanted]),
                Case.live,
                Case.split == SPLIT,
            )
            .options(
                joinedload(Case.image),
                joinedload(Case.twin_image),
                joinedload(Case.key),
                joinedload(Case.dataset),
            )
        )
    }
    return {
        block["number"]: _figure(block, cases.get(uuid.UUID(block["case"]))) for block in wanted
    }


def _figure(block: Mapping[str, Any], case: Case | None) -> Figure:
    waiting = Figure(
        number=int(block["number"]),
        show=str(block["show"]),
        caption=str(block["caption"]),
        alt=str(block["alt"]),
        parts=_figure_parts(block),
        ready=False,
    )
    if case is None or case.key is None or ("twin" in waiting.parts and case.twin_image is None):
        return waiting
    changed = not case.key.truth.is_authentic
    left, top, width, height = picture.box_of(_crop(block), case.image.columns, case.image.rows)
    return replace(
        waiting,
        ready=True,
        label=film_label(case.image.region, case.image.view, case.dataset.provenance),
        changed=changed,
        # (0, 0) of an outline is the centre of the first pixel, of a picture its corner
        box=(left - 0.5, top - 0.5, width, height),
        outlines=_points(case.key.outlines, _slice(case.key, case.image, _step(block)))
        if "film" in waiting.parts
        else (),
        everywhere=case.key.everywhere,
        imitates=bool(case.key.mimic_of),
    )


def _crop(block: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    crop = block.get("crop")
    return (crop[0], crop[1], crop[2], crop[3]) if crop else None


def _points(outlines: Sequence[Mapping[str, Any]], z: int) -> tuple[str, ...]:
    return tuple(
        " ".join(f"{x:.1f},{y:.1f}" for x, y in outline["points"])
        for outline in outlines
        if outline["z"] == z
    )


def _step(block: Mapping[str, Any]) -> int:
    return int(block.get("step") or 0)


def _slice(key: CaseKey | None, image: Image, step: int) -> int:
    """Return the slice that a figure shows: the middle one of the changed, or of them all.

    ``step`` slices beyond it, where the lesson says so; a radiograph has one.
    """
    outlines = key.outlines if key and not key.truth.is_authentic else ()
    changed = sorted({int(outline["z"]) for outline in outlines})
    last = len(image.blocks) - 1
    middle = changed[len(changed) // 2] if changed else last // 2
    return min(max(middle + step, 0), last)


def part_of(session: Session, actor: Actor, slug: str, number: int, part: str) -> Part:
    """Return one picture of a lesson's figure.

    Raises
    ------
    NotFoundError
        No such lesson, figure or part, or its film is not made yet.
    """
    actor.require(Permission.LEARN)
    blocks = session.scalar(
        select(Lesson.body["blocks"])
        .join(Track, Lesson.track_id == Track.id)
        .where(Lesson.slug == slug, Lesson.live, Track.status.in_(OFFERED))
    )
    for block in blocks or ():
        if block["kind"] == "figure" and block["number"] == number:
            found = _shown(session, uuid.UUID(block["case"]), part, _step(block))
            if found is not None and part in _figure_parts(block):
                return Part(found, _crop(block))
    raise NotFoundError("There is no such picture, or its film is still being made.")


def _figure_parts(block: Mapping[str, Any]) -> tuple[str, ...]:
    return {"pair": PARTS, "twin": ("twin",)}.get(str(block["show"]), ("film",))


def _shown(session: Session, case_id: uuid.UUID, part: str, step: int) -> str | None:
    """Return the block of one part; of a pair of stacks both parts show the same slice."""
    case = session.scalar(select(Case).where(Case.id == case_id, Case.live, Case.split == SPLIT))
    if case is None:
        return None
    image = case.twin_image if part == "twin" else case.image
    if image is None:
        return None
    keys = [case.key]
    if len(image.blocks) > 1 and case.twin_image_id:
        twin = select(Case).where(Case.image_id == case.twin_image_id).limit(1)
        keys += [other.key for other in session.scalars(twin)]
    key = next((k for k in keys if k and k.outlines and not k.truth.is_authentic), None)
    return str(image.blocks[min(_slice(key, case.image, step), len(image.blocks) - 1)])


def draw(blobs: BlobStore, part: Part) -> bytes:
    """Return a picture as PNG."""
    return picture.png(blobs.get(part.sha256), part.crop)
