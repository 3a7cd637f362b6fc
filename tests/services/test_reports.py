"""Reports of learners, films that leave play, and sittings that go on; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.fixtures.app import NOW
from tests.fixtures.calls import LATER, answer, begin, showing, someone
from tests.fixtures.play import add_quiz, fill_bank, small_film
from trainer.core.review import ReportState, StopKind
from trainer.core.sitting import Phase
from trainer.core.words import Choice, Role, Truth
from trainer.data.images import Case, Image
from trainer.data.learning import Showing, Sitting
from trainer.services import (
    agreement,
    bank,
    holds,
    item_stats,
    pool,
    reports,
    results,
    room,
    sittings,
    stops,
    summaries,
    truth,
)
from trainer.services.bank_search import Filters, find_films
from trainer.services.blobs import FolderStore
from trainer.services.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
)


@pytest.fixture
def session(database):
    with database.writing() as opened, opened.begin():
        yield opened


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "blobs")


@pytest.fixture
def filled(session, store):
    fill_bank(session, store, n=6)


def file(session, who, token, reason="key", words="I see no seam at all."):
    reports.file(session, who, token, reason=reason, words=words, now=LATER)


def test_a_film_is_reported_after_the_call_and_not_before(session, filled):
    lea = someone(session, "lea")
    sitting = begin(session, lea)
    with pytest.raises(NotFoundError):
        file(session, lea, showing(session, sitting).token)
    token = answer(session, lea, sitting)
    with pytest.raises(NotFoundError):
        file(session, someone(session, "eve"), token)
    file(session, lea, token)
    with pytest.raises(ConflictError, match="already"):
        file(session, lea, token)
    (mine,) = reports.mine(session, lea)
    assert (mine.told, mine.answered_at) == ("not looked at yet", None)
    assert reports.of_showing(session, lea, token).words == "I see no seam at all."
    (found,) = find_films(session, Filters(state="reported")).lines
    assert (
        found.case_id
        == session.scalars(select(Showing.case_id).where(Showing.token == token)).one()
    )


def test_not_in_an_exam_before_its_end(session, filled):
    lea = someone(session, "lea")
    sitting = begin(session, lea, feedback="at_end", pausable=False)
    token = answer(session, lea, sitting)
    with pytest.raises(NotFoundError):
        file(session, lea, token)
    sittings.abandon(session, lea, sitting, now=LATER)
    file(session, lea, token)


@pytest.mark.parametrize(
    ("reason", "words"), [("", "x" * 20), ("fun", "x" * 20), ("other", ""), ("key", "x" * 3000)]
)
def test_a_report_says_what_is_wrong(session, filled, reason, words):
    lea = someone(session, "lea")
    token = answer(session, lea, begin(session, lea))
    with pytest.raises(InvalidError):
        file(session, lea, token, reason, words)


def test_reports_of_a_day_are_bounded(session, filled, monkeypatch):
    monkeypatch.setattr(reports, "MOST_A_DAY", 1)
    lea = someone(session, "lea")
    sitting = begin(session, lea)
    file(session, lea, answer(session, lea, sitting))
    sittings.advance(session, lea, sitting, 0, now=LATER)
    token = answer(session, lea, sitting, 1)
    with pytest.raises(ConflictError, match="1 reports in a day"):
        file(session, lea, token)


def test_what_may_identify_a_person_is_out_of_play_at_once_until_someone_has_looked(
    session, filled
):
    lea, ann = someone(session, "lea"), someone(session, "ann", Role.CURATOR)
    sitting = begin(session, lea)
    token = answer(session, lea, sitting)
    case = showing(session, sitting).case_id
    file(session, lea, token, "person", "")
    assert not session.get_one(Case, case).live
    assert room.block_of(session, lea, token, 0, now=LATER)  # still on the reporter's screen
    sittings.advance(session, lea, sitting, 0, now=LATER)
    with pytest.raises(NotFoundError, match="out of play"):
        room.block_of(session, lea, token, 0, now=LATER)
    body = {"provenance": "simulated", "datasets": ["small"], "split": "practice"}
    assert str(case) not in {c.id for c in pool.candidates(session, ann.id, body)}
    (group,) = reports.queue(session, ann)
    assert group.stopped
    assert group.reasons == ("Something identifies a person",)
    (report,) = reports.of_case(session, ann, case)
    with pytest.raises(InvalidError, match="held or withdrawn"):
        decide(session, ann, case, [report.id], "proposal")
    assert decide(session, ann, case, [report.id], "declined", "The letters are a side mark.") == 1
    assert session.get_one(Case, case).live
    (mine,) = reports.mine(session, lea)
    assert mine.told == "looked at: nothing is changed"
    assert room.block_of(session, lea, token, 0, now=LATER)
    assert mine.answer == "The letters are a side mark."


def decide(session, who, case, ids, outcome, answer="Thank you, it is so."):
    return reports.decide(session, who, case, ids, outcome=outcome, answer=answer, now=LATER)


def test_reports_of_a_film_are_answered_together_but_none_unseen(session, filled):
    ann, item = someone(session, "ann", Role.CURATOR), add_quiz(session)
    case = None
    for name in ("lea", "leo", "lou"):
        who = someone(session, name)
        sitting = begin(session, who, item)
        token = answer(session, who, sitting)
        case = showing(session, sitting).case_id
        file(session, who, token, "image", "")
    (group,) = reports.queue(session, ann)
    assert (group.open, group.all) == (3, 3)
    on_page = [r.id for r in reports.of_case(session, ann, case)][:2]
    with pytest.raises(InvalidError, match="why nothing is changed"):
        decide(session, ann, case, on_page, "declined", "no")
    with pytest.raises(InvalidError, match="Choose"):
        decide(session, ann, case, on_page, "burn")
    with pytest.raises(NotAllowedError):
        decide(session, someone(session, "eve"), case, on_page, "hold")
    assert decide(session, ann, case, on_page, "withdraw") == 2
    with pytest.raises(ConflictError, match="Someone else"):
        decide(session, ann, case, on_page, "hold")
    (group,) = reports.queue(session, ann)
    assert group.open == 1
    assert not session.get_one(Case, case).live
    states = [r.state for r in reports.of_case(session, ann, case)]
    assert states == [ReportState.OPEN, ReportState.ACCEPTED, ReportState.ACCEPTED]
    assert len(reports.queue(session, ann, all_of=True)) == 1


def test_a_withdrawn_film_is_not_released_by_a_look_at_its_text(session, filled):
    ann = someone(session, "ann", Role.CURATOR)
    case = session.scalars(select(Case)).first()
    with pytest.raises(InvalidError, match="ten letters"):
        stops.begin(session, ann, case.id, StopKind.WITHDRAWN, "bad", now=NOW)
    stops.begin(session, ann, case.id, StopKind.WITHDRAWN, "The owner took it back.", now=NOW)
    with pytest.raises(ConflictError, match="withdrawn"):
        holds.release(session, None, case.id, by="Ann", now=NOW)
    assert not case.live
    with pytest.raises(NotAllowedError):
        stops.begin(session, someone(session, "eve"), case.id, StopKind.HELD, "x" * 20, now=NOW)
    image = session.get_one(Image, case.image_id)
    image.facts = image.facts | {"holds": ["text is burned in"]}
    assert stops.bring_back(session, ann, case.id, "The owner gave it again.", now=NOW) is False
    image.facts = image.facts | {"released": {"by": "Ann"}}
    assert stops.bring_back(session, ann, case.id, "The owner gave it again.", now=NOW) is True
    assert stops.current(session, [case.id]) == {}


@pytest.mark.parametrize("kind", [StopKind.HELD, StopKind.WITHDRAWN])
def test_a_film_that_leaves_play_does_not_break_a_sitting_that_holds_it(session, filled, kind):
    lea, ann = someone(session, "lea"), someone(session, "ann", Role.CURATOR)
    sitting = begin(session, lea)
    before = [(s.case_id, s.token) for s in session.get_one(Sitting, sitting).showings]
    truths = [session.get_one(Case, c).key.truth.is_authentic for c, _ in before]
    # the film on the screen, and the two after it
    for case, _ in before[:3]:
        stops.begin(session, ann, case, kind, "It has to be mended.", now=NOW)
    assert answer(session, lea, sitting) == before[0][1]
    for position in (1, 2, 3):
        assert sittings.advance(session, lea, sitting, position - 1, now=LATER) is Phase.SHOWING
        now = showing(session, sitting, position)
        case = session.get_one(Case, now.case_id)
        assert case.live
        assert case.key.truth.is_authentic is truths[position]  # the draw stays what it was
        assert now.case_key_id == case.key_id
        changed = (now.case_id, now.token) != before[position]
        assert changed is (position < 3)
        answer(session, lea, sitting, position)
    assert sittings.advance(session, lea, sitting, 3, now=LATER) is Phase.FINISHED
    kin = {session.get_one(Case, s.case_id).kin for s in session.get_one(Sitting, sitting).showings}
    assert len(kin) == 4
    assert summaries.summary(session, lea, sitting, now=LATER).score.answered == 4


def test_without_another_film_of_its_class_the_case_is_dropped_and_counts_for_nothing(
    session, store
):
    fill_bank(session, store, n=2)
    lea, ann = someone(session, "lea"), someone(session, "ann", Role.CURATOR)
    sitting = begin(session, lea)
    held = showing(session, sitting, 1)
    answer(session, lea, sitting)
    assert room.enter(session, lea, sitting, now=LATER).next_token == held.token
    stops.begin(session, ann, held.case_id, StopKind.HELD, "It has to be mended.", now=NOW)
    assert room.enter(session, lea, sitting, now=LATER).next_token is None
    with pytest.raises(NotFoundError, match="out of play"):
        room.block_of(session, lea, held.token, 0, now=LATER)
    assert sittings.advance(session, lea, sitting, 0, now=LATER) is Phase.SHOWING
    look = room.enter(session, lea, sitting, now=LATER)
    assert (look.position, look.total, look.dropped, look.dots[1]) == (2, 4, (2,), "dropped")
    for position in (2, 3):
        answer(session, lea, sitting, position)
        sittings.advance(session, lea, sitting, position, now=LATER)
    got = summaries.summary(session, lea, sitting, now=LATER)
    assert (got.score.cases, got.score.answered, got.dropped) == (3, 3, (2,))
    assert [c.position for c in got.cases] == [0, 2, 3]
    (run,) = results.runs(session, Sitting.id == sitting, now=LATER)
    assert run.score == got.score
    for refused in (truth.tell, truth.told_showing):
        with pytest.raises(NotFoundError, match="out of play"):
            refused(session, lea, held.token, now=LATER)
    with pytest.raises(NotFoundError, match="out of play"):
        room.block_of(session, lea, held.token, 0, now=LATER)


@pytest.mark.parametrize("feedback", ["after_each", "at_end"])
def test_what_may_identify_a_person_leaves_the_screens_it_is_on(session, filled, feedback):
    lea, leo = someone(session, "lea"), someone(session, "leo")
    item = add_quiz(session, feedback=feedback)
    sitting = begin(session, lea, item)
    shown = showing(session, sitting)
    stops.begin(session, leo, shown.case_id, StopKind.REPORT, "A name.", now=NOW)
    with pytest.raises(NotFoundError, match="identify a person"):
        room.block_of(session, lea, shown.token, 0, now=LATER)
    look = room.enter(session, lea, sitting, now=LATER)
    assert (look.phase, look.film) == (Phase.READY, None)
    sittings.pause(session, lea, sitting, now=LATER)
    assert sittings.resume(session, lea, sitting, now=LATER) is Phase.SHOWING
    look = room.enter(session, lea, sitting, now=LATER)
    assert (look.position, look.dropped) == (1, (1,))
    assert look.film.token != shown.token


def test_a_sitting_in_which_no_film_is_left_ends_without_a_score(session, store):
    fill_bank(session, store, n=2)
    lea, leo = someone(session, "lea"), someone(session, "leo")
    sitting = begin(session, lea)
    for case in session.scalars(select(Case.id)).all():
        stops.begin(session, leo, case, StopKind.REPORT, "A name.", now=NOW)
    assert sittings.show(session, lea, sitting, now=LATER) is Phase.FINISHED
    got = summaries.summary(session, lea, sitting, now=LATER)
    assert (got.score.cases, got.score.value, got.dropped) == (0, None, (1, 2, 3, 4))
    (run,) = results.runs(session, Sitting.id == sitting, now=LATER)
    assert run.interval is None


def test_a_key_that_is_corrected_during_a_sitting_counts_from_the_next_film_on(
    session, store, filled
):
    lea, ann = someone(session, "lea"), someone(session, "ann", Role.CURATOR)
    sitting = begin(session, lea)
    old = [s.case_key_id for s in session.get_one(Sitting, sitting).showings]
    for position in (0, 1):
        case = session.get_one(Case, showing(session, sitting, position).case_id)
        turned = Truth.SYNTHETIC if case.key.truth.is_authentic else Truth.AUTHENTIC
        facts = bank.TruthFacts(turned, everywhere=turned is Truth.SYNTHETIC)
        bank.put_key(session, store, case.id, small_film(1), facts, now=LATER)
        session.expire(case)
    token = answer(session, lea, sitting)
    assert truth.tell(session, lea, token, now=LATER).corrected is None  # graded as it was shown
    first = showing(session, sitting)
    assert first.case_key_id == old[0]
    sittings.advance(session, lea, sitting, 0, now=LATER)
    assert showing(session, sitting, 1).case_key_id != old[1]
    after = LATER + timedelta(seconds=1)
    assert agreement.regrade(session, ann, first.case_id, now=after) == 1
    session.expire_all()
    told = truth.tell(session, lea, token, now=after)
    assert told.corrected.changed
    assert told.corrected.truth_was is not None
    sittings.abandon(session, lea, sitting, now=after)
    cases = summaries.summary(session, lea, sitting, now=after).cases
    assert [c.corrected for c in cases[:2]] == [True, False]


def test_the_numbers_of_a_film_count_first_calls_alone(session, filled):
    ann, item = someone(session, "ann", Role.CURATOR), add_quiz(session)
    case = None
    for i in range(31):
        who = someone(session, f"p{i}")
        sitting = begin(session, who, item, seed=9)
        case = case or showing(session, sitting).case_id
        answer(session, who, sitting)
        sittings.abandon(session, who, sitting, now=LATER)
        if i == 3:
            stats = item_stats.of_case(session, ann, case)
            assert (stats.n, stats.calls, stats.right) == (4, None, None)
            again = begin(session, who, item, seed=9)
            once_more = showing(session, again)  # the same film, later
            once_more.case_id, once_more.shown_at = case, LATER
            answer(session, who, again, choice=Choice.NOT_AUTHENTIC)
    stats = item_stats.of_case(session, ann, case)
    assert stats.n == 31
    assert stats.calls == {"authentic": 31}
    assert stats.right.value == float(stats.authentic)
    assert stats.confidence == 4
    assert stats.time_s == 20
    assert stats.discrimination is None
    assert stats.upper_lower is None
    with pytest.raises(NotAllowedError):
        item_stats.of_case(session, someone(session, "eve"), case)
