from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.fixtures.app import NOW
from tests.fixtures.calls import someone
from tests.fixtures.play import add_quiz, fill_bank, small_film
from trainer.core.grading.authenticity import Call, Mark
from trainer.core.sitting import Outcome, Phase
from trainer.core.words import Choice, Hallmark, Point, Truth
from trainer.data.images import Case, CaseKey
from trainer.data.learning import Grade, Response, Showing, Sitting
from trainer.data.people import User
from trainer.services import accounts, bank, grading, room, sittings, starting, summaries, truth
from trainer.services.blobs import FolderStore
from trainer.services.errors import ConflictError, InvalidError, NotFoundError

LATER = NOW + timedelta(seconds=20)


@pytest.fixture
def session(database):
    with database.writing() as opened, opened.begin():
        yield opened


@pytest.fixture
def store(tmp_path: Path):
    return FolderStore(tmp_path / "blobs")


@pytest.fixture
def reader(session, store):
    fill_bank(session, store)
    return someone(session, "ann")


def begin(session, reader, **rules):
    item = add_quiz(session, **rules)
    sitting = starting.start(session, reader, item, now=NOW, grace_s=3, seed=5)
    sittings.show(session, reader, sitting, now=NOW)
    return sitting


def token(session, sitting, position=0):
    return session.scalar(
        select(Showing.token).where(Showing.sitting_id == sitting, Showing.position == position)
    )


def call(choice=Choice.NOT_AUTHENTIC):
    return Call(choice, 4, marks=(Mark((Point(24, 24),), hallmark=Hallmark.SMOOTH_CORTEX),))


def play(session, reader, sitting, cases, choice):
    now = NOW
    for position in range(cases):
        now += timedelta(seconds=5)
        sittings.answer(
            session, reader, token(session, sitting, position), call(choice), now=now, client={}
        )
        sittings.advance(session, reader, sitting, position, now=now)
    return now


def test_a_sitting_is_played_graded_and_summed_up(session, reader):
    sitting = begin(session, reader)
    end = play(session, reader, sitting, 4, Choice.NOT_AUTHENTIC)
    got = summaries.summary(session, reader, sitting, now=end)
    assert (got.phase, got.score.cases, got.score.answered) == (Phase.FINISHED, 4, 4)
    assert got.score.hits == got.score.fakes
    assert got.score.kept == 0
    assert got.score.value == 0.5


def test_an_answer_sent_twice_is_one_answer_and_the_first_one_stands(session, reader):
    sitting = begin(session, reader)
    name = token(session, sitting)
    first = sittings.answer(session, reader, name, call(), now=LATER, client={})
    again = sittings.answer(session, reader, name, call(Choice.VERIFY), now=LATER, client={})
    assert (first.again, again.again) == (False, True)
    assert session.scalar(select(func.count()).select_from(Response)) == 1
    assert session.scalar(select(Response.choice)) is Choice.NOT_AUTHENTIC


def test_a_late_answer_is_kept_marked_and_worth_nothing(session, reader):
    sitting = begin(session, reader, case_seconds=30)
    late = NOW + timedelta(seconds=60)
    got = sittings.answer(session, reader, token(session, sitting), call(), now=late, client={})
    assert got.outcome is Outcome.LATE
    sittings.abandon(session, reader, sitting, now=late)
    score = summaries.summary(session, reader, sitting, now=late).score
    assert (score.late, score.hits) == (1, 0)


def test_starting_again_goes_on_with_the_open_sitting(session, reader):
    item = add_quiz(session)
    first = starting.start(session, reader, item, now=NOW, grace_s=3)
    assert starting.start(session, reader, item, now=LATER, grace_s=3) == first


def test_a_sitting_left_to_expire_is_closed_and_a_new_one_begun(session, reader):
    item = add_quiz(session, sitting_seconds=60)
    first = starting.start(session, reader, item, now=NOW, grace_s=3)
    sittings.show(session, reader, first, now=NOW)
    tomorrow = NOW + timedelta(days=1)
    second = starting.start(session, reader, item, now=tomorrow, grace_s=3)
    assert second != first
    assert session.get_one(Sitting, first).phase is Phase.EXPIRED


def test_extra_time_is_the_persons_own(session, reader):
    session.get_one(User, reader.id).time_factor = 1.5
    slow = accounts.as_actor(session.get_one(User, reader.id))
    sitting = begin(session, slow, case_seconds=30)
    look = room.enter(session, slow, sitting, now=NOW)
    assert look.left_s == 45


def test_nothing_is_told_before_the_call(session, reader):
    sitting = begin(session, reader)
    name = token(session, sitting)
    for ask, which in ((truth.tell, ()), (truth.mask_of, (0,)), (truth.twin_of, (0,))):
        with pytest.raises(NotFoundError):
            ask(session, reader, name, *which, now=NOW)
    with pytest.raises(NotFoundError):
        truth.twin_of(session, reader, name, 0, now=NOW)


def test_an_exam_tells_nothing_before_its_end(session, reader):
    sitting = begin(session, reader, feedback="at_end")
    name = token(session, sitting)
    sittings.answer(session, reader, name, call(), now=LATER, client={})
    with pytest.raises(NotFoundError):
        truth.tell(session, reader, name, now=LATER)
    assert set(room.enter(session, reader, sitting, now=LATER).dots) == {"done", "now", "ahead"}
    sittings.abandon(session, reader, sitting, now=LATER)
    assert truth.tell(session, reader, name, now=LATER).choice is Choice.NOT_AUTHENTIC


def test_a_film_ahead_is_not_served_but_the_next_one_is_while_feedback_is_read(session, reader):
    sitting = begin(session, reader)
    with pytest.raises(NotFoundError):
        room.block_of(session, reader, token(session, sitting, 1), 0, now=NOW)
    sittings.answer(session, reader, token(session, sitting), call(), now=LATER, client={})
    assert room.block_of(session, reader, token(session, sitting, 1), 0, now=LATER)
    with pytest.raises(NotFoundError):
        room.block_of(session, reader, token(session, sitting, 2), 0, now=LATER)


def test_a_pause_hides_the_film(session, reader):
    sitting = begin(session, reader)
    sittings.pause(session, reader, sitting, now=LATER)
    with pytest.raises(ConflictError, match="paused"):
        room.block_of(session, reader, token(session, sitting), 0, now=LATER)
    assert room.enter(session, reader, sitting, now=LATER).film is None


def test_another_persons_sitting_looks_like_none(session, reader):
    sitting = begin(session, reader)
    other = someone(session, "bob")
    name = token(session, sitting)
    for reach in (
        lambda: room.enter(session, other, sitting, now=NOW),
        lambda: room.block_of(session, other, name, 0, now=NOW),
        lambda: sittings.answer(session, other, name, call(), now=NOW, client={}),
        lambda: sittings.save_draft(session, other, name, {}),
        lambda: sittings.pause(session, other, sitting, now=NOW),
        lambda: summaries.summary(session, other, sitting, now=NOW),
    ):
        with pytest.raises(NotFoundError):
            reach()


def test_a_draft_survives_until_the_call(session, reader):
    sitting = begin(session, reader)
    marks = [{"kind": "point", "points": [[3, 4]], "z": 0}]
    sittings.save_draft(
        session, reader, token(session, sitting), {"choice": "verify", "marks": marks}
    )
    assert room.enter(session, reader, sitting, now=LATER).draft["marks"] == marks
    with pytest.raises(InvalidError):
        sittings.save_draft(session, reader, token(session, sitting), {"marks": [{"points": []}]})


def test_a_corrected_key_adds_a_grade_and_keeps_the_first(session, reader, store):
    sitting = begin(session, reader)
    sittings.answer(session, reader, token(session, sitting), call(), now=LATER, client={})
    case_id = session.scalar(select(Showing.case_id).where(Showing.position == 0))
    old = session.get_one(CaseKey, session.get_one(Case, case_id).key_id)
    turned = Truth.AUTHENTIC if old.truth is not Truth.AUTHENTIC else Truth.SYNTHETIC
    bank.put_key(session, store, case_id, small_film(1), bank.TruthFacts(turned), now=LATER)
    assert grading.regrade(session, case_id, now=LATER) == 1
    assert grading.regrade(session, case_id, now=LATER) == 0
    first, second = session.scalars(select(Grade).order_by(Grade.graded_at, Grade.verdict)).all()
    assert first.verdict["right"] != second.verdict["right"]


def test_others_are_told_from_five_people_on(session, reader):
    item = add_quiz(session)
    case_id = None
    for i in range(6):
        person = someone(session, f"p{i}")
        sitting = starting.start(session, person, item, now=NOW, grace_s=3, seed=9)
        sittings.show(session, person, sitting, now=NOW)
        sittings.answer(session, person, token(session, sitting), call(), now=LATER, client={})
        case_id = session.scalar(
            select(Showing.case_id).where(Showing.sitting_id == sitting, Showing.position == 0)
        )
        told = truth.others_on(session, reader, case_id, Truth.AUTHENTIC)
        assert (told is None) == (i < 4)
    assert told["n"] == 6


def test_an_empty_bank_says_what_is_short(session, store):
    person = someone(session, "eve")
    item = add_quiz(
        session, pool={**{"provenance": "simulated", "split": "practice"}, "datasets": ["none"]}
    )
    with pytest.raises(ConflictError, match="4 wanted"):
        starting.start(session, person, item, now=NOW, grace_s=3)
