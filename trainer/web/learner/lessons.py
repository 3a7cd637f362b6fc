from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import assignments, figures, lessons, set_quizzes
from trainer.services.lessons import LessonCard, QuizCard, TrackCard
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.learner.starting import waiting


@audience(Permission.LEARN)
def home() -> str:
    now = clock.now()
    tracks = lessons.tracks(db.session(), actor(), now=now)
    asked = assignments.for_learner(db.session(), actor(), now)
    return render_template(
        "learner/home.html",
        tracks=tracks,
        sets=set_quizzes.offered(db.session()),
        open_quizzes=_running(tracks),
        next_lesson=_next_lesson(tracks),
        asked=[a for a in asked if a.state not in ("done", "passed", "not_open")],
        asked_done=[a for a in asked if a.state in ("done", "passed")],
        **waiting(),
    )


def _running(tracks: tuple[TrackCard, ...]) -> list[QuizCard]:
    return [quiz for quiz in lessons.quizzes(tracks) if quiz.running]


def _next_lesson(tracks: tuple[TrackCard, ...]) -> LessonCard | None:
    """Return the first lesson that is not mastered: to be read, or to be practised."""
    left = [x for t in tracks for x in t.lessons if x.progress.state != "mastered"]
    return next((x for x in left if x.read_at is None), left[0] if left else None)


@audience(Permission.LEARN)
def track(slug: str) -> str:
    found = lessons.track(db.session(), actor(), slug, now=clock.now())
    return render_template("learner/track.html", track=found, **waiting())


@audience(Permission.LEARN)
def lesson(slug: str) -> str:
    page = lessons.lesson(db.session(), actor(), slug, now=clock.now())
    return render_template("learner/lesson.html", page=page, **waiting())


@audience(Permission.LEARN)
def read(slug: str) -> Response:
    lessons.mark_read(db.session(), actor(), slug, now=clock.now())
    flash("Noted as read. Now try it on films.", "good")
    return redirect(url_for("learner.lesson", slug=slug, _anchor="practise"), code=303)


@audience(Permission.LEARN)
def figure(slug: str, number: int, part: str) -> Response:
    found = figures.part_of(db.session(), actor(), slug, number, part)
    # Asked for again on every view, answered with 304 while nothing has changed.
    answer = make_response()
    answer.set_etag(found.etag)
    answer.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains(found.etag):
        answer.status_code = 304
        return answer
    answer.data = figures.draw(db.blobs(), found)
    answer.mimetype = "image/png"
    return answer
