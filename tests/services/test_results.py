from __future__ import annotations

from datetime import timedelta

import pytest

from tests import factories
from tests.factories import person, quiz
from tests.fixtures.app import NOW
from trainer.core.sitting import Phase
from trainer.core.words import Choice, Truth
from trainer.data.images import CaseKey
from trainer.data.learning import Sitting
from trainer.services import grading, results


@pytest.fixture
def session(database):
    with database.writing() as opened, opened.begin():
        yield opened


def test_a_sitting_whose_time_ran_out_unseen_is_over(session):
    ann, made = person(session, "Ann"), quiz(session)
    it = session.get_one(
        Sitting, factories.sitting(session, ann, made.revision, "hcx", phase=Phase.SHOWING)
    )
    it.rules = {**it.rules, "sitting_s": 60.0}
    it.running_since = it.case_since = NOW
    session.flush()
    session.expire_all()
    soon, later = (NOW + timedelta(seconds=s) for s in (30, 600))
    assert not results.runs(session, Sitting.user_id == ann.id, now=soon)[0].is_over
    run = results.runs(session, Sitting.user_id == ann.id, now=later)[0]
    assert (run.phase, run.ended_at) == (Phase.EXPIRED, NOW + timedelta(seconds=60))
    assert session.get_one(Sitting, it.id).phase is Phase.SHOWING


def test_a_corrected_key_changes_the_score_of_what_was_answered(session):
    ann, made = person(session, "Ann"), quiz(session)
    film = factories.film(session, Truth.AUTHENTIC)
    rows = [*factories.calls("hc"), factories.Played(False, Choice.NOT_AUTHENTIC, case=film)]
    factories.sitting(session, ann, made.revision, rows)
    before = results.runs(session, Sitting.user_id == ann.id, now=NOW)[0].score
    assert (before.false_alarms, before.hits, before.reals) == (1, 1, 2)
    key = CaseKey(
        case_id=film.id,
        truth=Truth.SYNTHETIC,
        hallmarks=["smooth_cortex"],
        outlines=[],
        body={},
        created_at=NOW,
    )
    session.add(key)
    session.flush()
    film.key = key
    session.flush()
    assert grading.regrade(session, film.id, now=NOW + timedelta(days=1)) == 1
    session.expire_all()
    after = results.runs(session, Sitting.user_id == ann.id, now=NOW)[0].score
    assert (after.false_alarms, after.hits, after.reals) == (0, 2, 1)
