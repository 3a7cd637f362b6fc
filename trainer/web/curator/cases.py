"""One case: its key, who answers for it, what colleagues propose, what learners reported."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response as Sent
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.core.plural import counted, one_or_many
from trainer.core.review import StopKind
from trainer.services import agreement, alike, hallmarks, item_stats, labels, reports, stops
from trainer.services import annotations as drafts
from trainer.services import casebook as book
from trainer.services.errors import InvalidError
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.blocks import send
from trainer.web.faults import beside
from trainer.web.limits import limiter

Page = str | Response | tuple[str, int]


def _back(case_id: uuid.UUID, anchor: str = "") -> Response:
    return redirect(url_for("review.casebook", case_id=case_id, _anchor=anchor or None), code=303)


@audience(Permission.BANK)
def casebook(case_id: uuid.UUID) -> str:
    return _page(case_id)


def _page(case_id: uuid.UUID, fault: InvalidError | None = None) -> str:
    """Draw a case; after a refusal with what was typed, and what is wrong with it."""
    session, who = db.session(), actor()
    found = book.casebook(session, who, case_id)
    film = book.film_of(session, who, case_id)
    layers = _layers(found)
    state = {
        "film": {
            "url": url_for("review.film", case_id=case_id, index=0).removesuffix("0"),
            "label": found.label,
            "rows": film.rows,
            "columns": film.columns,
            "slices": film.slices,
            "stack": film.stack,
            "modality": film.modality,
        },
        "layers": [layer for layer, _ in layers],
    }
    reported = reports.of_case(session, who, case_id)
    drawn = ["words", "why"]
    if any(one.state == "open" for one in reported):
        drawn += ["outcome", "answer"]
    return render_template(
        "curator/case.html",
        faults=beside(fault, *drawn) if fault else {},
        given=request.form,
        case=found,
        state=state,
        layers=[(layer, name) for layer, name in layers],
        stats=item_stats.of_case(session, who, case_id) if found.key_id else None,
        reports=reported,
        outcomes=reports.OUTCOMES,
        alike=alike.of_case(session, who, case_id),
        open_sittings=stops.sittings_of(session, case_id),
        names=hallmarks.names(session),
    )


def _layers(found: book.Casebook) -> list[tuple[dict[str, Any], str]]:
    """Return the places to draw over the film, and what each is called."""
    session, who = db.session(), actor()
    layers: list[tuple[dict[str, Any], str]] = []
    place = book.key_place(session, db.blobs(), who, found.id)
    if place:
        # what only looks like a hallmark has the same colour wherever it is shown
        colour = 4 if found.key.mimic_of else 0
        layers.append(({"id": "key", "colour": colour, "place": place}, "the key"))
    for number, one in enumerate((p for p in found.proposals if p.facts), start=1):
        drawn = book.drawn_place(session, who, one.id)
        if drawn:
            layer = {"id": str(one.id), "colour": 1 + (number - 1) % 3, "place": drawn}
            layers.append((layer, "your proposal" if one.mine else f"{one.author}'s proposal"))
    return layers


@audience(Permission.BANK)
@limiter.limit("6000 per minute")
def film(case_id: uuid.UUID, index: int) -> Sent:
    return send(*book.slice_of(db.session(), actor(), case_id, index))


@audience(Permission.BANK)
def comment(case_id: uuid.UUID) -> Page:
    words = request.form.get("words", "")
    try:
        agreement.comment(db.session(), actor(), case_id, words, now=clock.now())
    except InvalidError as fault:
        return _page(case_id, fault), 400
    return _back(case_id, "comments")


@audience(Permission.BANK)
def agree_label(case_id: uuid.UUID) -> Response:
    key_id = request.form.get("key", type=uuid.UUID)
    if key_id is None:
        raise InvalidError("Which key you agree to was not said.")
    labels.agree_case(db.session(), actor(), case_id, key_id, now=clock.now())
    flash("Noted: you answer for this label, too.", "good")
    return _back(case_id)


@audience(Permission.BANK)
def regrade(case_id: uuid.UUID) -> Response:
    count = agreement.regrade(db.session(), actor(), case_id, now=clock.now())
    flash(
        f"{counted(count, 'answer has', 'answers have')} a new grade by the present key. The "
        "earlier grades are kept, and "
        "learners are told that the key was corrected.",
        "good",
    )
    return _back(case_id)


@audience(Permission.BANK)
def decide(case_id: uuid.UUID) -> Page:
    outcome = request.form.get("outcome", "")
    try:
        count = reports.decide(
            db.session(),
            actor(),
            case_id,
            request.form.getlist("report", type=uuid.UUID),
            outcome=outcome,
            answer=request.form.get("answer", ""),
            now=clock.now(),
        )
    except InvalidError as fault:
        return _page(case_id, fault), 400
    flash(f"{counted(count, 'report is', 'reports are')} answered.", "good")
    anchor = _others_wait(case_id)
    if outcome == "proposal":
        return redirect(url_for("review.annotate", case_id=case_id), code=303)
    return _back(case_id, anchor)


def _others_wait(case_id: uuid.UUID) -> str:
    """Say how many films of the same picture are out of play; return where the page lists them."""
    count = sum(bool(one.stops) for one in alike.of_case(db.session(), actor(), case_id))
    if not count:
        return ""
    flash(
        f"{counted(count, 'film that shows', 'films that show')} the same picture "
        f"{one_or_many(count, 'is', 'are')} out of play, too.",
        "warn",
    )
    return "alike"


@audience(Permission.BANK)
def stop(case_id: uuid.UUID) -> Page:
    kind = request.form.get("kind", "")
    if kind not in (StopKind.HELD, StopKind.WITHDRAWN):
        raise InvalidError("A film is held or withdrawn.")
    why = request.form.get("why", "")
    try:
        stops.begin(db.session(), actor(), case_id, StopKind(kind), why, now=clock.now())
    except InvalidError as fault:
        return _page(case_id, fault), 400
    flash("The film is out of play. Open sittings go on with another one.", "good")
    return _back(case_id)


@audience(Permission.BANK)
def bring_back(case_id: uuid.UUID) -> Page:
    why = request.form.get("why", "")
    try:
        played = stops.bring_back(db.session(), actor(), case_id, why, now=clock.now())
    except InvalidError as fault:
        return _page(case_id, fault), 400
    if played:
        flash("The film is in play again.", "good")
    else:
        flash("The film still waits for the look that its import asked for.", "warn")
    return _back(case_id, _others_wait(case_id))


@audience(Permission.BANK)
def looked_alike(case_id: uuid.UUID) -> Response:
    other = request.form.get("film", type=uuid.UUID)
    if other is None:
        raise InvalidError("Which film you looked at was not said.")
    if alike.looked(db.session(), actor(), case_id, other, now=clock.now()):
        flash("The film of the same picture is in play again.", "good")
    else:
        flash("That film still waits for the look that its import asked for.", "warn")
    return _back(case_id, "alike")


@audience(Permission.BANK)
def look(annotation_id: uuid.UUID) -> Response:
    return _back(agreement.look(db.session(), actor(), annotation_id, now=clock.now()), "proposals")


@audience(Permission.BANK)
def agree(annotation_id: uuid.UUID) -> Response:
    case_id = agreement.agree(
        db.session(), db.blobs(), actor(), annotation_id, now=clock.now()
    ).case_id
    flash("Agreed: it is the key from now on.", "good")
    return _back(case_id)


@audience(Permission.BANK)
def take_back(annotation_id: uuid.UUID) -> Response:
    case_id = drafts.take_back(db.session(), actor(), annotation_id, now=clock.now())
    flash("Your proposal is taken back.", "good")
    return _back(case_id)


@audience(Permission.BANK)
def take_over(annotation_id: uuid.UUID) -> Response:
    case_id = agreement.take_over(db.session(), actor(), annotation_id, now=clock.now())
    return redirect(url_for("review.annotate", case_id=case_id), code=303)
