"""What a learner reads, and where they stand: on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.content.samples import lay_out
from tests.fixtures.app import NOW
from trainer.core.permissions import Permission
from trainer.core.progress import LessonState
from trainer.core.sitting import Phase
from trainer.data.audit import AuditEvent
from trainer.data.catalogue import Item, Track
from trainer.data.learning import LessonRead, Sitting
from trainer.services import lessons, publishing
from trainer.services.errors import NotAllowedError, NotFoundError


@pytest.fixture
def ann(database, tmp_path):
    """Return a learner in front of the published good sample."""
    with database.transaction() as session:
        publishing.publish(session, None, lay_out(tmp_path / "c"), now=NOW)
        return factories.person(session, "Ann")


def quiz_of(session, slug: str) -> Item:
    return session.scalars(select(Item).where(Item.slug == slug)).one()


def play(session, who, slug, letters, **more):
    return factories.sitting(session, who, quiz_of(session, slug).revision_id, letters, **more)


def test_a_new_learner_sees_every_lesson_and_no_progress(database, ann):
    with database.reading() as session:
        (track,) = lessons.tracks(session, ann, now=NOW)
    assert [x.slug for x in track.lessons] == ["first", "second"]
    assert {x.progress.state for x in track.lessons} == {LessonState.NOT_STARTED}
    assert track.quizzes[0].exam
    assert (track.quizzes[0].sitting_seconds, track.quizzes[0].case_seconds) == (1200.0, None)


def test_reading_is_noted_once(database, ann):
    for minutes in (0, 5):
        with database.transaction() as session:
            lessons.mark_read(session, ann, "first", now=NOW + timedelta(minutes=minutes))
    with database.reading() as session:
        page = lessons.lesson(session, ann, "first", now=NOW)
        assert page.card.read_at == NOW
        assert page.card.progress.state is LessonState.READING
        assert session.scalar(select(func.count()).select_from(LessonRead)) == 1
        acts = session.scalars(select(AuditEvent.act)).all()
        assert acts.count("lesson.read") == 1


def test_answers_move_the_lesson_they_belong_to(database, ann):
    with database.transaction() as session:
        play(session, ann, "first-quiz", "hcmfLV")
    with database.reading() as session:
        (track,) = lessons.tracks(session, ann, now=NOW)
    first, second = track.lessons
    # right: h and c; wrong: m, f, the late hit, and "cannot tell" is right about nothing
    assert (first.progress.window.right, first.progress.window.n) == (2, 6)
    assert second.progress.window.n == 0
    assert first.quizzes[0].taken == 1
    assert first.quizzes[0].last_score is not None


def test_mastery_needs_25_answers_good_in_both_classes(database, ann):
    with database.transaction() as session:
        play(session, ann, "first-quiz", "hc" * 12)
    with database.reading() as session:
        (track,) = lessons.tracks(session, ann, now=NOW)
        assert track.lessons[0].progress.state is LessonState.PRACTISING
    with database.transaction() as session:
        play(session, ann, "first-quiz", "hc", at=NOW + timedelta(hours=1))
    with database.reading() as session:
        (track,) = lessons.tracks(session, ann, now=NOW)
    assert track.lessons[0].progress.state is LessonState.MASTERED


def test_an_open_exam_tells_nothing(database, ann):
    with database.transaction() as session:
        exam = quiz_of(session, "sample-exam")
        lesson_item = quiz_of(session, "second-quiz")
        body = {"feedback": "at_end", "sitting_seconds": 9000}
        made = factories.Quiz(
            exam.track_id, None, lesson_item.id, lesson_item.revision_id,
            lesson_item.revision.publication_id,
        )  # fmt: skip
        revision = factories.revise(session, made, **body)
        running = factories.sitting(session, ann, revision, "hhhh", phase=Phase.SHOWING)
        sitting = session.get_one(Sitting, running)
        sitting.rules = {**sitting.rules, "feedback": "at_end"}
    with database.reading() as session:
        (track,) = lessons.tracks(session, ann, now=NOW)
    card = track.lessons[1]
    assert card.progress.answered == 0
    assert card.quizzes[0].running == running
    assert card.quizzes[0].last_score is None


def test_what_another_person_did_is_theirs(database, ann):
    with database.transaction() as session:
        bob = factories.person(session, "Bob")
        play(session, bob, "first-quiz", "hchc")
        lessons.mark_read(session, bob, "first", now=NOW)
    with database.reading() as session:
        (track,) = lessons.tracks(session, ann, now=NOW)
    assert track.lessons[0].progress.answered == 0
    assert track.lessons[0].read_at is None


def test_extra_time_is_in_the_limits(database, ann):
    from dataclasses import replace

    with database.reading() as session:
        (track,) = lessons.tracks(session, replace(ann, time_factor=1.5), now=NOW)
    assert track.lessons[0].quizzes[0].case_seconds == 135.0


def test_a_lesson_brings_its_words_figures_and_neighbours(database, ann):
    with database.reading() as session:
        page = lessons.lesson(session, ann, "second", now=NOW)
    assert [word.slug for word in page.concepts] == ["too_symmetric"]
    assert page.before.slug == "first" and page.after is None
    assert [figure.ready for figure in page.figures.values()] == [False, False]
    assert [r["key"] for r in page.references] == ["study-2026"]


@pytest.mark.parametrize("status", ["wip", "retired"])
def test_a_track_that_is_not_offered_is_not_there(database, ann, status):
    with database.transaction() as session:
        session.scalars(select(Track)).one().status = status
    with database.reading() as session:
        assert lessons.tracks(session, ann, now=NOW) == ()
        for look in (lessons.track, lessons.lesson):
            with pytest.raises(NotFoundError):
                look(session, ann, {"track": "sample", "lesson": "first"}[look.__name__], now=NOW)


def test_a_person_without_the_permission_sees_nothing(database, ann):
    from dataclasses import replace

    nobody = replace(ann, permissions=ann.permissions - {Permission.LEARN})
    with database.reading() as session, pytest.raises(NotAllowedError):
        lessons.tracks(session, nobody, now=NOW)
