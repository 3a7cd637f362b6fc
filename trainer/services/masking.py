"""Making a film anew from its private original, with parts of it covered or slices cut off.

Nothing is painted on the film: the original is decoded again, covered, and brought through the same
plan, crop and seed. The original itself is never changed, and so still holds what was covered.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.imaging import block
from trainer.imaging.bank.look import looked_at
from trainer.imaging.bank.mask import Patch, cover, covered
from trainer.imaging.bank.normalise import normalise
from trainer.imaging.bank.plan import Box, Plan
from trainer.imaging.bank.reader import Again, Reader
from trainer.imaging.bank.stack import gather
from trainer.imaging.dicom.errors import IntakeError
from trainer.imaging.film import Film, FilmError
from trainer.services import audit
from trainer.services.actor import Actor
from trainer.services.blobs import BlobStore
from trainer.services.errors import ConflictError, Gathered, InvalidError, NotFoundError
from trainer.services.holds import HELD, no_cover, state_of

MOST_PATCHES = 40


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done to a film.

    Parameters
    ----------
    patches : tuple of Patch
        In film pixels and slices of the film as it stands.
    keep : tuple of int, optional
        First and last slice that stay.
    """

    patches: tuple[Patch, ...] = ()
    keep: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """What a film was made of."""

    name: str
    originals: tuple[str, ...]
    again: Again
    plan: Plan
    region: str
    view: str
    kept: tuple[int, int] | None


def check(order: Order, columns: int, rows: int, slices: int, *, placed: bool) -> Order:
    """Return the order cut to its film.

    Raises
    ------
    InvalidError
        When there is nothing to do, too much, or slices are to go that a key counts by; about
        ``box-0`` and so on for a box, ``keep`` for the slices that stay.
    """
    if len(order.patches) > MOST_PATCHES:
        raise InvalidError(f"At most {MOST_PATCHES} boxes at a time.")
    faults = Gathered()
    patches = []
    for number, one in enumerate(order.patches):
        with faults.of(f"box-{number}"):
            patches.append(_cut(one, columns, rows, slices))
    keep = order.keep
    with faults.of("keep"):
        keep = _kept(keep, slices, placed)
    faults.tell()
    if not patches and keep is None:
        raise InvalidError("Draw a box first.")
    return Order(tuple(patches), keep)


def _cut(one: Patch, columns: int, rows: int, slices: int) -> Patch:
    """Return a box without what lies outside of its film."""
    cut = Patch(
        max(0, one.top), max(0, one.left), min(rows, one.bottom), min(columns, one.right),
        max(0, one.first), min(slices - 1, one.last),
    )  # fmt: skip
    if cut.top >= cut.bottom or cut.left >= cut.right or cut.first > cut.last:
        raise InvalidError("A box lies outside of the film or has no size: draw it again.")
    if (cut.bottom - cut.top) * (cut.right - cut.left) > 0.6 * rows * columns:
        raise InvalidError("A box covers most of the film: reject the film instead.")
    return cut


def _kept(keep: tuple[int, int] | None, slices: int, placed: bool) -> tuple[int, int] | None:
    """Return the slices that stay, or ``None`` where all of them do."""
    if keep is None:
        return None
    first, last = max(0, keep[0]), min(slices - 1, keep[1])
    if last - first + 1 < 3:
        raise InvalidError("Fewer than three slices would stay: reject the film instead.")
    if (first, last) == (0, slices - 1):
        return None
    if placed:
        raise InvalidError(
            "The key of this film names slices, so none can be cut off: cover the face instead."
        )
    return first, last


def preview(data: bytes, patches: Sequence[Patch]) -> bytes:
    """Return a block with patches covered: near to what the original will give, at once."""
    pixels, _ = block.decode(data)
    flat = [replace(one, first=0, last=0) for one in patches]
    done = cover(pixels[None].astype(np.float32), flat, data[:16])[0]
    body = np.clip(np.rint(done), 0, 65535).astype("<u2").tobytes()
    return bytes(data[: block.HEADER_BYTES]) + bytes(body)


def remake(
    reading: Callable[[], Any],
    transaction: Callable[[], Any],
    blobs: BlobStore,
    reader: Reader,
    actor: Actor,
    case_id: uuid.UUID,
    order: Order,
    *,
    now: datetime,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Make a film anew; return how many lines still look like text.

    Parameters
    ----------
    reading, transaction : callable
        Open a reading and a writing session.
    reader : Reader
        Decodes the original.
    order : Order
        What is to be covered or cut off.

    Raises
    ------
    ConflictError
        When the film is not held, or has no original.
    IntakeError
        When the original cannot be read any more.
    """
    actor.require(Permission.BANK)
    with reading() as session:
        source, patches = _source(session, case_id, order)
    source = replace(source, again=replace(source.again, patches=patches))
    film, facts = _made(source, blobs, reader, step)
    with transaction() as session:
        old = _put(session, blobs, actor, case_id, film, facts, source, order, now)
    for sha256 in old:
        blobs.remove(sha256)
    return len(facts.get("text_lines", ()))


def _source(
    session: Session, case_id: uuid.UUID, order: Order
) -> tuple[_Source, tuple[Patch, ...]]:
    case = session.get(Case, case_id)
    if case is None:
        raise NotFoundError("There is no such film in the bank.")
    image = session.get_one(Image, case.image_id)
    facts = image.facts
    if state_of(facts) != HELD:
        raise ConflictError("This film is not held: take the release back first.")
    dataset = session.get_one(Dataset, case.dataset_id)
    key = session.get(CaseKey, case.key_id) if case.key_id else None
    if why := no_cover(dataset.provenance, key, facts):
        raise ConflictError(why)
    plans = dataset.body.get("plans", {})
    box = Box(*facts["box"])
    kept = tuple(facts["kept_slices"]) if "kept_slices" in facts else None
    before = [Patch(*numbers) for done in facts.get("covered", ()) for numbers in done["patches"]]
    start = kept[0] if kept else 0
    patches = (*before, *(_to_source(one, image, box, start) for one in order.patches))
    keep = (order.keep[0] + start, order.keep[1] + start) if order.keep else kept
    source = _Source(
        str(facts.get("name", case_id)),
        tuple(facts["originals"]),
        Again(bytes.fromhex(image.source_sha256), box, ()),
        Plan.from_json(plans[facts["group"]]),
        image.region,
        image.view,
        (keep[0], keep[1]) if keep else None,
    )
    return source, patches


def _to_source(one: Patch, image: Image, box: Box, start: int) -> Patch:
    """Carry a patch from the film to its source, rounded outwards."""
    down, across = box.height / image.rows, box.width / image.columns
    return Patch(
        math.floor(box.top + one.top * down),
        math.floor(box.left + one.left * across),
        math.ceil(box.top + one.bottom * down),
        math.ceil(box.left + one.right * across),
        one.first + start,
        one.last + start,
    )


def _made(
    source: _Source, blobs: BlobStore, reader: Reader, step: Callable[[int, int], None]
) -> tuple[Film, dict[str, Any]]:
    """Return the film made anew, and the facts of its source after the cover."""
    again = source.again
    if len(source.originals) == 1:
        data = blobs.get(source.originals[0])
        taken = reader.film(data, source.name, source.plan, source.region, source.view, again)
        film, facts = taken.prepared.film, taken.source.facts
    else:

        def kept() -> Iterator[tuple[str, bytes]]:
            for at, sha256 in enumerate(source.originals):
                step(at, len(source.originals))
                # Originals were kept in the order of their names.
                yield f"{at:06}", blobs.get(sha256)

        whole, _ = gather(
            kept(), len(source.originals), lambda data, _: reader.decode(data, source.name),
            source.name,
        )  # fmt: skip
        whole = looked_at(covered(whole, again.patches, again.seed))
        try:
            film = normalise(
                whole, source.plan, again.seed, source.name, source.region, source.view, again.box
            ).film
        except FilmError as fault:
            raise IntakeError(source.name, str(fault), "reject it") from fault
        facts = whole.facts
    if source.kept:
        first, last = source.kept
        film = replace(
            film,
            pixels=film.pixels[first : last + 1],
            slice_mm=film.slice_mm[first : last + 1],
        )
    return film, facts


def _put(
    session: Session,
    blobs: BlobStore,
    actor: Actor,
    case_id: uuid.UUID,
    film: Film,
    facts: dict[str, Any],
    source: _Source,
    order: Order,
    now: datetime,
) -> list[str]:
    """Give the image its new pixels; return the blocks that nothing names any more."""
    case = session.get_one(Case, case_id)
    image = session.get_one(Image, case.image_id)
    if state_of(image.facts) != HELD:
        raise ConflictError("Someone has decided on this film in the meantime.")
    window = block.default_window(film)
    count = 1 if film.pixels.ndim == 2 else film.pixels.shape[0]
    names = [blobs.put(block.encode(film, i, window)) for i in range(count)]
    old = list(image.blocks)
    earlier = sum(len(done["patches"]) for done in image.facts.get("covered", ()))
    fresh = [one.as_json() for one in source.again.patches[earlier:]]
    done = {
        "by": actor.name,
        "at": now.isoformat(),
        "patches": fresh,
        "kept_slices": list(source.kept) if source.kept and order.keep else None,
    }
    image.sha256, image.blocks = names[0], names
    kept = dict(image.facts)
    kept["file"] = kept.get("file", {}) | {key: facts[key] for key in ("text_lines", "phash")}
    kept["covered"] = [*kept.get("covered", []), done]
    kept["slice_mm"] = list(film.slice_mm)
    if source.kept:
        kept["kept_slices"] = list(source.kept)
    # The picture of a raster's colour shows what is covered, too.
    panel = kept.get("colour", {}).get("panel")
    old += [panel] if panel else []
    kept["colour"] = {k: v for k, v in kept.get("colour", {}).items() if k != "panel"}
    image.facts, image.phash = kept, str(facts["phash"])
    audit.note(session, actor, "bank.cover", case_id, now, boxes=len(fresh))
    shared = select(Image.id).where(
        Image.source_sha256 == image.source_sha256, Image.id != image.id
    )
    if image.source_sha256 and session.scalar(shared.limit(1)) is not None:
        return []  # another set holds the same file, and may hold the same pixels
    return [sha256 for sha256 in old if sha256 not in names]
