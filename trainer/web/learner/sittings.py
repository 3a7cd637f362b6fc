from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.core.sitting import Phase
from trainer.services import grading, people, sittings, summaries, truth
from trainer.services import room as rooms
from trainer.services.errors import InvalidError
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.learner.reporting import part_of
from trainer.web.looking import looking_back

Answer = str | Response | dict[str, Any]


def _scripted() -> bool:
    """Whether the page's script asked: it wants what changed, not a whole page."""
    return request.headers.get("X-Requested-With") == "fetch"


@audience(Permission.LEARN)
def room(sitting_id: uuid.UUID) -> str | Response:
    look = rooms.enter(db.session(), actor(), sitting_id, now=clock.now())
    if look.phase.is_over:
        return redirect(url_for("sittings.summary", sitting_id=sitting_id))
    return render_template("learner/room.html", room=look, state=_state(look))


def _state(look: rooms.Room) -> dict[str, Any]:
    """Return what the page's script needs: the panel, the clock, the film, never the answer."""
    told = None
    if look.phase is Phase.FEEDBACK and look.film:
        told = truth.tell(db.session(), actor(), look.film.token, now=clock.now())
    over = look.phase.is_over
    return {
        "phase": look.phase.value,
        "number": look.position + 1,
        "total": look.total,
        "dots": look.dots,
        "left": look.left_s if look.phase is Phase.SHOWING else None,
        "panel": ""
        if over
        else render_template(
            "learner/panel.html", room=look, told=told, **(part_of(told.token) if told else {})
        ),
        "film": _film(look.film) if look.film else None,
        "draft": look.draft,
        "lenses": look.lenses,
        "keys": (actor().preferences or {}).get("keys"),
        "csrf": generate_csrf(),
        "ahead": _slice_url(look.next_token) if look.next_token else None,
        "truth": _truth(told) if told else None,
        "leave": url_for("sittings.summary", sitting_id=look.sitting_id) if over else None,
    }


def _slice_url(token: str) -> str:
    return url_for("sittings.film", token=token, index=0)


def _film(card: rooms.FilmCard) -> dict[str, Any]:
    return {
        "token": card.token,
        "label": card.label,
        "slices": card.slices,
        "stack": card.stack,
        "url": _slice_url(card.token).removesuffix("0"),
        "call": url_for("sittings.call", token=card.token),
        "draft": url_for("sittings.draft", token=card.token),
    }


def _truth(told: truth.Told) -> dict[str, Any]:
    """Return what the viewer draws after the call."""
    return {
        "outlines": told.outlines,
        "twinOutlines": told.twin_outlines,
        "everywhere": told.everywhere,
        "authentic": told.authentic,
        "mask": url_for("sittings.mask", token=told.token, index=0).removesuffix("0"),
        "masks": told.masks,
        "twin": url_for("sittings.twin", token=told.token, index=0).removesuffix("0")
        if told.twin
        else None,
        "twinLabel": told.twin_label,
        "lens": told.lens,
        "marks": told.marks,
        "hits": None if told.authentic else told.mark_hits,
    }


def _answer(sitting_id: uuid.UUID) -> Answer:
    """Return the new state to a script, or lead a plain form back to the room."""
    if not _scripted():
        return redirect(url_for("sittings.room", sitting_id=sitting_id), code=303)
    return _state(rooms.enter(db.session(), actor(), sitting_id, now=clock.now()))


@audience(Permission.LEARN)
def show(sitting_id: uuid.UUID) -> Answer:
    sittings.show(db.session(), actor(), sitting_id, now=clock.now())
    return _answer(sitting_id)


@audience(Permission.LEARN)
def advance(sitting_id: uuid.UUID) -> Answer:
    number = request.form.get("number", type=int)
    if number is None:
        raise InvalidError("Which case to leave was not said.")
    sittings.advance(db.session(), actor(), sitting_id, number - 1, now=clock.now())
    return _answer(sitting_id)


@audience(Permission.LEARN)
def pause(sitting_id: uuid.UUID) -> Answer:
    sittings.pause(db.session(), actor(), sitting_id, now=clock.now())
    return _answer(sitting_id)


@audience(Permission.LEARN)
def resume(sitting_id: uuid.UUID) -> Answer:
    sittings.resume(db.session(), actor(), sitting_id, now=clock.now())
    return _answer(sitting_id)


@audience(Permission.LEARN)
def end(sitting_id: uuid.UUID) -> Answer:
    sittings.abandon(db.session(), actor(), sitting_id, now=clock.now())
    return _answer(sitting_id)


def _json(field: str, kind: type) -> Any:
    """Return a form field that holds JSON; an empty one where it is missing."""
    text = request.form.get(field, "")
    try:
        value = current_app.json.loads(text) if text else kind()
    except ValueError as fault:
        raise InvalidError(f"{field} cannot be read.") from fault
    if not isinstance(value, kind):
        raise InvalidError(f"{field} cannot be read.")
    return value


@audience(Permission.LEARN)
def call(token: str) -> Answer:
    said = grading.call_of(
        {
            "choice": request.form.get("choice", ""),
            "confidence": request.form.get("confidence", 0, type=int),
            "hallmarks": request.form.getlist("hallmarks"),
            "marks": _json("marks", list),
        }
    )
    times = {
        name: min(max(value, 0), 86_400_000)
        for name in ("first_look_ms", "call_ms", "hidden_ms")
        if (value := request.form.get(name, type=int)) is not None
    }
    answered = sittings.answer(db.session(), actor(), token, said, now=clock.now(), client=times)
    if answered.phase is Phase.READY:  # an exam: straight on to the next film
        sittings.show(db.session(), actor(), answered.sitting_id, now=clock.now())
    return _answer(answered.sitting_id)


@audience(Permission.LEARN)
def draft(token: str) -> Answer:
    kept = {
        "choice": request.form.get("choice", ""),
        "confidence": request.form.get("confidence", 0, type=int) or None,
        "hallmarks": request.form.getlist("hallmarks"),
        "marks": _json("marks", list),
    }
    sittings.save_draft(db.session(), actor(), token, kept)
    return {"kept": True}


@audience(Permission.SELF)
def keep_keys() -> Answer:
    people.keep_keys(db.session(), actor(), _json("keys", dict))
    return {"kept": True}


@audience(Permission.LEARN)
def summary(sitting_id: uuid.UUID) -> str | Response:
    look = rooms.enter(db.session(), actor(), sitting_id, now=clock.now())
    if not look.phase.is_over:
        return redirect(url_for("sittings.room", sitting_id=sitting_id))
    got = summaries.summary(db.session(), actor(), sitting_id, now=clock.now())
    return render_template("learner/summary.html", summary=got)


@audience(Permission.LEARN)
def review(sitting_id: uuid.UUID, number: int) -> str | Response:
    got = summaries.summary(db.session(), actor(), sitting_id, now=clock.now())
    numbers = [c.position + 1 for c in got.cases]
    if number not in numbers:
        return redirect(url_for("sittings.summary", sitting_id=sitting_id))
    at = numbers.index(number)
    case = got.cases[at]
    told = truth.tell(db.session(), actor(), case.token, now=clock.now())
    _, showing = sittings.showing_of(db.session(), actor(), case.token)
    gone = rooms.gone(db.session(), showing)
    film = None if gone else _film(rooms.film_card(db.session(), showing))
    total = len(got.cases) + len(got.dropped)
    return render_template(
        "learner/review.html",
        summary=got,
        number=number,
        earlier=numbers[at - 1] if at else None,
        following=numbers[at + 1] if at + 1 < len(numbers) else None,
        told=told,
        gone=gone,
        state=looking_back(film, _truth(told), number=number, total=total),
        **part_of(told.token),
    )
