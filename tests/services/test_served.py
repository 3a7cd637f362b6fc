"""What is on the wire is part of the audit: an honest server passes, one that leaks does not."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select

from tests.fixtures.app import NOW
from tests.fixtures.blinded import smooth_set
from trainer.core.words import Provenance
from trainer.data.images import Case, CaseKey
from trainer.imaging.bank.audit import audit, weaker
from trainer.imaging.bank.features import FAMILIES, SERVED
from trainer.imaging.bank.served import Answer, Exchange, from_exchange, steadied
from trainer.imaging.block import encode
from trainer.imaging.film import Film
from trainer.services import bank_audit, served

EACH = 20


@pytest.fixture
def smooth(app):
    """A set whose films that are not authentic are smooth, and nothing else differs."""
    database, blobs = app.extensions["telltale_database"], app.extensions["telltale_blobs"]
    with database.transaction() as session:
        return smooth_set(session, blobs, "smooth", 2 * EACH)


def test_an_honest_server_tells_nothing_and_one_that_leaks_is_caught(app, smooth):
    settings, blobs = app.extensions["telltale_settings"], app.extensions["telltale_blobs"]
    with app.extensions["telltale_database"].reading() as session:
        whole = bank_audit.audit_set(session, blobs, smooth, play=served.player(settings, NOW))
        rows = session.execute(
            select(Case.id, CaseKey.truth).join(CaseKey, Case.key_id == CaseKey.id)
        ).all()
        cases = [str(case) for case, _ in rows]
        leaking = bank_audit.audit_wire(
            session,
            smooth,
            served.player(settings, NOW, "tests.fixtures.leaky"),
            cases,
            [truth.is_authentic for _, truth in rows],
            cases,
        )
    honest = {f.family: f for f in whole.shortcuts.findings if f.family.startswith(SERVED)}
    assert set(honest) == {name for name in FAMILIES if name.startswith(SERVED)}
    assert all((f.low, f.high) != (0, 1) for f in honest.values())  # every film was met
    # The head of a block holds the default window, and smooth films have a narrow one: that is
    # the set's fault, and found. All else on the wire must be silent.
    assert not [f.family for f in honest.values() if f.tells and f.family != "served_block"]
    found = {f.family: f for f in leaking.findings}["served_headers"]
    assert found.tells
    assert found.auc > 0.9


def test_a_stack_is_played_in_its_middle_and_at_both_ends(app):
    database = app.extensions["telltale_database"]
    with database.transaction() as session:
        smooth_set(
            session, app.extensions["telltale_blobs"], "stacks", 20, slices=4,
            provenance=Provenance.CLINICAL,
        )  # fmt: skip
    with database.reading() as session:
        cases = [str(case) for case in session.scalars(select(Case.id))]
        came = served.player(app.extensions["telltale_settings"], NOW)(session, "stacks", cases)
    assert set(came) == set(cases)
    for one in came.values():
        assert one.slices == 4
        lengths = {answer.length for answer in (one.first, one.block, one.last)}
        assert len(lengths) == 1
        assert len(one.heads) == 3
    assert all(len(from_exchange(one)["served_headers"]) == 5 * 4 for one in came.values())


def exchange(rng, fake, **change):
    """What a server could send; ``change`` is what it does differently for made films."""
    block = encode(Film(np.full((64, 64), 9_000, np.uint16), (0.2, 0.2)))
    facts = {
        "token": "".join(rng.choice(list("abcdefgh01234567"), 32)),
        "words": "Hand PA",
        "seconds": abs(rng.normal(0.01, 0.002)),
        "position": int(rng.integers(10)),
        "etag": None,
        "length": len(block),
        "last_length": len(block),
    }
    facts |= change if fake else {}
    headers = [("Content-Type", "text/html"), ("Date", "Mon, 23 Nov 2026 09:00:00 GMT")]
    if facts["etag"]:
        headers.append(("ETag", facts["etag"]))
    plain = Answer(headers, facts["words"], len(facts["words"]), [facts["seconds"]] * 3)
    data = Answer([*headers, ("Content-Length", str(facts["length"]))], "", facts["length"],
                  [facts["seconds"]] * 3)  # fmt: skip
    return Exchange(
        facts["token"], "Hand PA", facts["position"], 0, 1, [block[:64].hex()] * 3,
        plain, plain, data, data, replace(data, length=facts["last_length"]),
    )  # fmt: skip


def audited(seed, **change):
    rng = np.random.default_rng(seed)
    classes = [i % 2 == 0 for i in range(80)]
    features: dict = {}
    for real in classes:
        one = Exchange.from_json(exchange(rng, not real, **change).as_json())
        for family, numbers in from_exchange(one).items():
            features.setdefault(family, []).append(numbers)
    return audit(features, classes, [str(i) for i in range(80)], np.random.default_rng(seed))


def findings(**change):
    """Return what tells each time: a family must tell as often as that before it counts."""
    found = audited(0, **change)
    for seed in range(1, bank_audit.REPEATS):
        found = weaker(found, audited(seed, **change))
    return {f.family for f in found.shortcuts}


@pytest.mark.parametrize(
    ("change", "family"),
    [
        ({"token": "made-0123"}, "served_names"),
        ({"words": "Hand PA from a generator"}, "served_text"),
        ({"seconds": 0.02}, "served_time"),
        ({"position": 3}, "served_order"),
        ({"etag": '"f0f0"'}, "served_headers"),
        ({"length": 9_000}, "served_block"),
        ({"last_length": 9_000}, "served_block"),
    ],
)
def test_each_thing_on_the_wire_can_be_caught(change, family):
    assert family in findings(**change)


def test_a_busy_minute_is_not_a_property_of_the_films_shown_in_it():
    rng = np.random.default_rng(4)
    slow = [exchange(rng, False) for _ in range(4)]
    slow = [
        replace(
            one, sitting=1, block=replace(one.block, seconds=[9 * s for s in one.block.seconds])
        )
        for one in slow
    ]
    quick = [exchange(rng, False) for _ in range(4)]
    same = steadied([*slow, *quick])
    middles = [
        np.median([s for e in part for s in e.block.seconds]) for part in (same[:4], same[4:])
    ]
    assert middles == pytest.approx([1, 1])


def test_nothing_is_caught_where_nothing_differs():
    assert findings() == set()


def test_what_tells_once_by_chance_does_not_count():
    rng = np.random.default_rng(0)
    classes = [i % 2 == 0 for i in range(60)]
    kin = [str(i) for i in range(60)]
    tells = [np.array([float(c)]) for c in classes]
    chance = [np.array([v]) for v in rng.normal(size=60)]
    one = audit({"served_time": tells}, classes, kin, rng)
    again = audit({"served_time": chance}, classes, kin, rng)
    assert one.shortcuts
    assert not weaker(one, again).shortcuts
    assert weaker(one, one).shortcuts


def test_a_family_that_was_measured_on_some_is_judged_on_those():
    rng = np.random.default_rng(0)
    classes = [i % 2 == 0 for i in range(120)]
    kin = [str(i) for i in range(120)]
    some = [np.array([float(c)]) if i < 60 else None for i, c in enumerate(classes)]
    few = [np.array([float(c)]) if i < 10 else None for i, c in enumerate(classes)]
    found = audit({"served_text": some, "served_time": few}, classes, kin, rng)
    by = {f.family: f for f in found.findings}
    assert by["served_text"].auc == 1.0
    assert (by["served_time"].low, by["served_time"].high) == (0.0, 1.0)
