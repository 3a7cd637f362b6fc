"""Make twins from my images: choose films, see what fits, look at each dose, make them."""

from __future__ import annotations

import uuid

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import jobs
from trainer.services import twins as service
from trainer.services.errors import ConflictError, InvalidError, NotFoundError, ServiceError
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.faults import beside

NONE = uuid.UUID(int=0)
#: Fields of the form that asks for a preview; with those that ask for the twins themselves.
PREVIEWED = ("film", "hallmark", "seed")
ASKED = (*PREVIEWED, "dose", "target", "title", "name")


def _cases() -> list[uuid.UUID]:
    try:
        return [uuid.UUID(one) for one in request.form.getlist("film")]
    except ValueError as fault:
        raise InvalidError("Choose films from the list.") from fault


def _number(text: str, missing: int) -> int:
    """Return a number of a form; -1, which no field takes, for what is none."""
    try:
        return int(text or missing)
    except ValueError:
        return -1


def _choose(slug: str, fault: ServiceError | None = None) -> str:
    choice = service.choose(db.session(), actor(), slug, request.args.get("page", 1, type=int))
    chosen = request.form.getlist("film")
    drawn = ("film",) if choice.films and not choice.refusal else ()
    return render_template(
        "curator/twins.html",
        choice=choice,
        faults=beside(fault, *drawn) if fault else {},
        chosen=chosen,
        most=service.MOST_FILMS,
    )


@audience(Permission.BANK)
def twins(slug: str) -> str:
    return _choose(slug)


@audience(Permission.BANK)
def look_for_twins(slug: str) -> Answer | tuple[str, int]:
    link = url_for("curator.twin_bench", slug=slug, look=NONE)
    try:
        job = service.ask_look(db.session(), actor(), slug, _cases(), link=link, now=clock.now())
    except (InvalidError, ConflictError, NotFoundError) as fault:
        return _choose(slug, fault), 400
    return redirect(url_for("curator.twin_bench", slug=slug, look=job), code=303)


def _look(slug: str, look: uuid.UUID) -> jobs.Seen:
    job = jobs.look(db.session(), actor(), look, now=clock.now())
    if job.kind != service.LOOK or job.parameters["slug"] != slug:
        raise NotFoundError("There is no such work of yours.")
    return job


def _preview(look: jobs.Seen) -> jobs.Seen | None:
    asked = request.values.get("preview", "")
    try:
        job = jobs.look(db.session(), actor(), uuid.UUID(asked), now=clock.now())
    except (ValueError, NotFoundError):
        return None
    return job if job.kind == service.PREVIEW and job.parameters["look"] == str(look.id) else None


def _bench(slug: str, look: uuid.UUID, fault: ServiceError | None = None) -> str:
    job = _look(slug, look)
    preview = _preview(job)
    shown = preview.parameters if preview else {}
    films = job.result.get("films", [])
    drawn = set(ASKED if preview and preview.result.get("files") else PREVIEWED)
    wanted = request.form.get("film") or shown.get("case")
    if len(films) < 2:
        drawn.discard("film")  # there is nothing to choose
    film = next((f for f in films if f["case"] == wanted), films[0] if films else None)
    return render_template(
        "curator/twin_bench.html",
        choice=service.choose(db.session(), actor(), slug),
        look=job,
        films=films,
        film=film,
        preview=preview,
        hallmark=request.form.get("hallmark") or shown.get("hallmark", ""),
        seed=request.form.get("seed") or shown.get("seed", 1),
        dose=request.args.get("dose", 5, type=int),
        doses=service.DOSES,
        count=len(job.parameters["cases"]),
        form=request.form,
        faults=beside(fault, *drawn) if fault else {},
    )


@audience(Permission.BANK)
def twin_bench(slug: str, look: uuid.UUID) -> str:
    return _bench(slug, look)


@audience(Permission.BANK)
def preview_twins(slug: str, look: uuid.UUID) -> Answer | tuple[str, int]:
    job = _look(slug, look)
    where = url_for("curator.twin_bench", slug=slug, look=look, preview=NONE)
    try:
        (case,) = _cases() or [NONE]
        made = service.ask_preview(
            db.session(),
            actor(),
            job,
            case,
            request.form.get("hallmark", ""),
            _number(request.form.get("seed", ""), 1),
            link=where,
            now=clock.now(),
        )
    except ServiceError as fault:
        return _bench(slug, look, fault), 400
    return redirect(f"{where.replace(str(NONE), str(made))}#preview", code=303)


def _doses() -> tuple[float, ...]:
    """Return the doses that were ticked; what is none of the list is a dose that nobody takes."""
    ticked = {_number(text, -1) for text in request.form.getlist("dose")}
    known = range(len(service.DOSES))
    return tuple(sorted(service.DOSES[at] if at in known else -1.0 for at in ticked))


@audience(Permission.BANK)
def make_twins(slug: str, look: uuid.UUID) -> Answer | tuple[str, int]:
    job = _look(slug, look)
    new = request.form.get("target") != "same"
    target = request.form.get("name", "").strip() if new else slug
    try:
        order = service.Order(
            slug=slug,
            cases=tuple(uuid.UUID(case) for case in job.parameters["cases"]),
            hallmark=request.form.get("hallmark", ""),
            doses=_doses(),
            seed=_number(request.form.get("seed", ""), 1),
            target=target,
            title=request.form.get("title", "")[:200],
        )
        made = service.ask_make(
            db.session(),
            actor(),
            order,
            link=url_for("curator.image_set", slug=target or slug),
            now=clock.now(),
        )
    except ServiceError as fault:
        return _bench(slug, look, fault), 400
    return redirect(url_for("jobs.one", job_id=made), code=303)


@audience(Permission.BANK)
def twin_picture(job_id: uuid.UUID, name: str) -> Response:
    job = jobs.look(db.session(), actor(), job_id, now=clock.now())
    if job.kind != service.PREVIEW or f"{name}.png" not in job.result.get("files", {}):
        raise NotFoundError("This picture is no longer kept: make the preview anew.")
    with db.blobs().open_output(f"{job_id}/{name}.png") as file:
        answer = Response(file.read(), mimetype="image/png")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer
