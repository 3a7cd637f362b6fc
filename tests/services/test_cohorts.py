from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import person
from tests.fixtures.app import NOW
from trainer.core.words import Role
from trainer.data.audit import AuditEvent
from trainer.data.people import Membership
from trainer.services import cohorts
from trainer.services.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
)

LATER = NOW + timedelta(days=1)


@pytest.fixture
def session(database):
    with database.writing() as opened, opened.begin():
        yield opened


@pytest.fixture
def director(session):
    return person(session, "Dana", Role.DIRECTOR)


def made(session, director, name="Residents 2027"):
    return cohorts.make(session, director, name, now=NOW)


def test_a_director_makes_a_cohort_and_people_join_by_its_code(session, director):
    cohort = made(session, director, "  Residents   2027 ")
    code = cohorts.view(session, director, cohort).code
    ann = person(session, "Ann")
    for spelling in (code, code.lower(), code.replace("-", ""), f" {code[:2]} {code[2:]} "):
        assert cohorts.join_by_code(session, ann, spelling, now=LATER).cohort_id == cohort
    seen = cohorts.view(session, director, cohort)
    assert (seen.name, [m.name for m in seen.members]) == ("Residents 2027", ["Ann"])
    line = cohorts.listing(session, director)[0]
    assert (line.members, line.assignments, line.archived) == (1, 0, False)


def test_codes_hold_nothing_that_is_taken_for_something_else(session, director):
    codes = {
        cohorts.view(session, director, made(session, director, f"C{i}")).code for i in range(30)
    }
    assert len(codes) == 30
    assert not set("".join(codes)) & set("0O1IL2Z5S8BUV")


def test_a_new_code_voids_the_old(session, director):
    cohort = made(session, director)
    old = cohorts.view(session, director, cohort).code
    new = cohorts.renew_code(session, director, cohort, now=LATER)
    assert new != old
    with pytest.raises(NotFoundError, match="No cohort has this code"):
        cohorts.join_by_code(session, person(session), old, now=LATER)
    assert cohorts.invitation(session, new).cohort == "Residents 2027"


def test_joining_from_elsewhere_makes_a_learner_here(session, director):
    code = cohorts.view(session, director, made(session, director)).code
    guest = person(session, "Gil", Role.CURATOR, where="Another school")
    here = director.institutions(Role.DIRECTOR)[0]
    cohorts.join_by_code(session, guest, code, now=NOW)
    roles = session.scalars(
        select(Membership.role).where(
            Membership.user_id == guest.id, Membership.institution_id == here
        )
    ).all()
    assert roles == [Role.LEARNER]


def test_an_archived_cohort_takes_no_one_in_and_opens_again(session, director):
    cohort = made(session, director)
    code = cohorts.view(session, director, cohort).code
    cohorts.archive(session, director, cohort, now=LATER)
    with pytest.raises(NotFoundError):
        cohorts.join_by_code(session, person(session), code, now=LATER)
    assert cohorts.listing(session, director)[0].archived
    cohorts.archive(session, director, cohort, now=LATER, archived=False)
    cohorts.join_by_code(session, person(session), code, now=LATER)


def test_removing_a_member(session, director):
    cohort = made(session, director)
    ann = person(session, "Ann")
    code = cohorts.view(session, director, cohort).code
    cohorts.join_by_code(session, ann, code, now=NOW)
    cohorts.remove_member(session, director, cohort, ann.id, now=LATER)
    assert cohorts.view(session, director, cohort).members == ()
    with pytest.raises(NotFoundError, match="not in the cohort"):
        cohorts.remove_member(session, director, cohort, ann.id, now=LATER)


def test_names_are_told_apart(session, director):
    cohort = made(session, director)
    with pytest.raises(ConflictError, match="Choose another name"):
        made(session, director, "residents 2027")
    for bad in ("", "   ", "x" * 121):
        with pytest.raises(InvalidError, match="between 1 and 120"):
            cohorts.rename(session, director, cohort, bad, now=LATER)
    cohorts.rename(session, director, cohort, "RESIDENTS 2027", now=LATER)
    assert cohorts.view(session, director, cohort).name == "RESIDENTS 2027"


def test_the_same_name_in_two_institutions_is_no_conflict(session, director):
    made(session, director)
    other = person(session, "Omar", Role.DIRECTOR, where="Elsewhere")
    made(session, other)
    assert [line.institution for line in cohorts.listing(session, other)] == ["Elsewhere"]


ACTS = {
    "view": lambda s, a, c: cohorts.view(s, a, c),
    "rename": lambda s, a, c: cohorts.rename(s, a, c, "Mine now", now=LATER),
    "archive": lambda s, a, c: cohorts.archive(s, a, c, now=LATER),
    "renew": lambda s, a, c: cohorts.renew_code(s, a, c, now=LATER),
    "remove": lambda s, a, c: cohorts.remove_member(s, a, c, a.id, now=LATER),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_another_institutions_cohort_looks_like_none(session, director, act):
    cohort = made(session, director)
    stranger = person(session, "Stan", Role.DIRECTOR, Role.ADMINISTRATOR, where="Elsewhere")
    with pytest.raises(NotFoundError, match="no such cohort"):
        act(session, stranger, cohort)


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("role", [Role.LEARNER, Role.CURATOR])
def test_who_directs_nothing_may_do_nothing(session, director, act, role):
    cohort = made(session, director)
    with pytest.raises(NotAllowedError):
        act(session, person(session, "Lea", role), cohort)


def test_a_director_here_who_learns_there_manages_only_here(session, director):
    """A role counts in its own institution: being a director somewhere opens nothing elsewhere."""
    cohort = made(session, director)
    other = person(session, "Nora", Role.DIRECTOR, where="Elsewhere")
    code = cohorts.view(session, director, cohort).code
    cohorts.join_by_code(session, other, code, now=NOW)
    with pytest.raises(NotFoundError):
        cohorts.view(session, other, cohort)
    with pytest.raises(NotFoundError, match="direct no such"):
        here = director.institutions(Role.DIRECTOR)[0]
        cohorts.make(session, other, "Smuggled", now=NOW, institution_id=here)


def test_acts_are_written_down(session, director):
    cohort = made(session, director)
    cohorts.renew_code(session, director, cohort, now=LATER)
    acts = session.scalars(select(AuditEvent.act).order_by(AuditEvent.at)).all()
    assert acts == ["cohort.make", "cohort.renew_code"]
