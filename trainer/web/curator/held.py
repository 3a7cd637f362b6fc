"""Films that are held: look, cover what identifies, and release or reject."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.imaging.bank.mask import Patch
from trainer.imaging.picture import png
from trainer.jobs.holds import COVER
from trainer.services import holds as service
from trainer.services import jobs, masking, shelf
from trainer.services.errors import InvalidError, NotFoundError, ServiceError
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.faults import beside

Page = str | Response | tuple[str, int]


@audience(Permission.BANK)
def held_films(slug: str) -> str:
    return render_template(
        "curator/held.html",
        set=shelf.summary(db.session(), slug),
        films=service.held(db.session(), slug, all_of_them=True),
    )


def _page(
    case_id: uuid.UUID,
    fault: ServiceError | None = None,
    patches: list[Patch] | None = None,
) -> str:
    film = service.look(db.session(), actor(), case_id)
    found = jobs.mine(
        db.session(), actor(), now=clock.now(), subject=f"case:{case_id}", kinds=[COVER], most=1
    )
    others = [
        one.case_id for one in service.held(db.session(), film.slug) if one.case_id != case_id
    ]
    drawn: list[str] = []  # what is decided has no such form any more
    if film.state == service.HELD:
        drawn = ["looked", "why"]
    if film.state == service.HELD and not film.no_cover:
        drawn += [f"box-{number}" for number in range(len(patches or ()))]
        drawn += ["keep"] if film.slices > 1 and not film.placed else []
    return render_template(
        "curator/held_film.html",
        film=film,
        job=found[0] if found else None,
        following=others[0] if others else None,
        left=len(others),
        faults=beside(fault, *drawn) if fault else {},
        given=request.form,
        patches=patches,
        most=masking.MOST_PATCHES,
    )


@audience(Permission.BANK)
def held_film(case_id: uuid.UUID) -> str:
    return _page(case_id)


def _picture(data: bytes) -> Response:
    answer = make_response(data)
    answer.mimetype = "image/png"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _block(film: service.HeldView, index: int) -> bytes:
    if not 0 <= index < film.slices:
        raise NotFoundError(f"This film has no slice {index}.")
    return db.blobs().get(film.blocks[index])


@audience(Permission.BANK)
def held_picture(case_id: uuid.UUID, index: int) -> Response:
    film = service.look(db.session(), actor(), case_id)
    return _picture(png(_block(film, index)))


def _numbers(name: str) -> list[int]:
    try:
        return [int(float(text)) for text in request.form.getlist(name)]
    except (ValueError, OverflowError) as fault:
        raise InvalidError("A box needs whole numbers.") from fault


def _patches() -> list[Patch]:
    """Return the boxes of the form: six numbers each, slices counted from 1."""
    names = ("top", "left", "height", "width", "first", "last")
    columns = [_numbers(name) for name in names]
    if len({len(column) for column in columns}) > 1:
        raise InvalidError("A box needs all of its numbers.")
    return [
        Patch(top, left, top + height, left + width, first - 1, last - 1)
        for top, left, height, width, first, last in zip(*columns, strict=True)
    ]


def _keep() -> tuple[int, int] | None:
    first, last = _numbers("keep_first"), _numbers("keep_last")
    return (first[0] - 1, last[0] - 1) if first and last else None


@audience(Permission.BANK)
def preview_cover(case_id: uuid.UUID) -> Response:
    film = service.look(db.session(), actor(), case_id)
    index = request.form.get("slice", 0, type=int)
    order = masking.check(
        masking.Order(tuple(_patches())), film.columns, film.rows, film.slices, placed=film.placed
    )
    here = [one for one in order.patches if one.first <= index <= one.last]
    return _picture(png(masking.preview(_block(film, index), here)))


@audience(Permission.BANK)
def cover_film(case_id: uuid.UUID) -> Page:
    patches: list[Patch] = []
    try:
        patches = _patches()
        film = service.look(db.session(), actor(), case_id)
        order = masking.check(
            masking.Order(tuple(patches), _keep()),
            film.columns, film.rows, film.slices, placed=film.placed,
        )  # fmt: skip
    except InvalidError as fault:
        return _page(case_id, fault, patches), 400
    wanted: dict[str, Any] = {"case": str(case_id), "keep": order.keep}
    wanted["patches"] = [one.as_json() for one in order.patches]
    where = url_for("curator.held_film", case_id=case_id)
    jobs.ask(
        db.session(),
        actor(),
        COVER,
        wanted,
        now=clock.now(),
        title=f"Cover parts of {film.file}"[:200],
        subject=f"case:{case_id}",
        link=where,
    )
    return redirect(where)


def _after(case_id: uuid.UUID, said: str) -> Response:
    """Go on to the next film that waits, or back to the list."""
    film = service.look(db.session(), actor(), case_id)
    flash(said, "good")
    waiting = service.held(db.session(), film.slug)
    if waiting:
        return redirect(url_for("curator.held_film", case_id=waiting[0].case_id))
    return redirect(url_for("curator.held_films", slug=film.slug))


@audience(Permission.BANK)
def release_film(case_id: uuid.UUID) -> Page:
    if request.form.get("looked") != "yes":
        missing = "Confirm that you have looked and nothing identifies anyone."
        return _page(case_id, InvalidError(missing, "looked")), 400
    try:
        service.release(db.session(), actor(), case_id, by=actor().name, now=clock.now())
    except ServiceError as fault:
        return _page(case_id, fault), 400
    return _after(case_id, "Released.")


@audience(Permission.BANK)
def reject_film(case_id: uuid.UUID) -> Page:
    try:
        service.reject(db.session(), actor(), case_id, request.form.get("why", ""), now=clock.now())
    except InvalidError as fault:
        return _page(case_id, fault), 400
    return _after(case_id, "Rejected: it is not played.")


@audience(Permission.BANK)
def hold_film(case_id: uuid.UUID) -> Response:
    service.hold_again(db.session(), actor(), case_id, now=clock.now())
    return redirect(url_for("curator.held_film", case_id=case_id))
