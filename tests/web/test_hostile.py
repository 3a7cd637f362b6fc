"""What no form of ours would send: every address answers in words, and none falls over."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tests.fixtures.world import one_of_each, walk
from trainer.data.images import Case
from trainer.data.learning import Showing

#: Names of all fields that views read.
FIELDS = (
    *("why", "hallmark", "page", "hallmarks", "film", "words", "server", "next", "name", "key"),
    *("confidence", "choice", "study", "series", "report", "dose", "title", "theme", "target"),
    *("slice", "set", "seed", "reason", "override", "outcome", "number", "looked", "kind"),
    *("institution", "email", "checked", "assignment", "archived", "answer", "start", "q", "as"),
    *("all", "marks", "keys", "text", "state", "truth", "region", "code", "password", "roles"),
    *("top", "left", "width", "height", "first", "last", "runs", "body", "files", "offset"),
)
NASTY = {
    "a zero byte": "a\x00b" * 6,
    "a number no column holds": "9" * 40,
    "below nought": "-1",
    "deep": "[" * 1_500,
    "half a letter and no number": r'[{"points": [[NaN, 1e400]], "a": "\ud800\u0000"}]',
}


def _urls(world):
    """Return an address for each route: of things that are there, and of things that are not."""
    pages = one_of_each(world, walk(world))
    with world.app.extensions["telltale_database"].reading() as session:
        case = session.scalars(select(Case.id)).first()
        token = session.scalars(select(Showing.token)).first()
    known = {"slug": "small", "case_id": case, "token": token, "index": 10**12, "number": 10**12}
    routes = world.app.url_map.bind("127.0.0.1")
    for view, url in pages.items():
        for name, value in routes.match(url.split("?")[0])[1].items():
            known.setdefault(name, value)
        assert view
    for rule in world.app.url_map.iter_rules():
        if rule.endpoint == "static" or "sign_out" in rule.endpoint:
            continue
        values = {name: known.get(name, case) for name in rule.arguments}
        for method in sorted(rule.methods & {"GET", "POST", "PUT", "DELETE"}):
            yield method, routes.build(rule.endpoint, values, method=method), rule.endpoint


@pytest.mark.slow
def test_nothing_that_is_sent_makes_a_page_fall_over(world):
    found = []
    for method, url, view in sorted(_urls(world), key=lambda one: one[0]):
        for what, value in NASTY.items():
            try:
                if method == "GET":
                    answer = world.client.get(url, query_string=dict.fromkeys(FIELDS, value))
                else:
                    form = dict.fromkeys(FIELDS, value)
                    answer = world.client.open(url, method=method, data=form)
                answer.close()
                if answer.status_code >= 500:
                    found.append(f"{view}, {what}: {answer.status_code}")
            except Exception as fault:  # in a test the app lets them through
                found.append(f"{view}, {what}: {type(fault).__name__} {str(fault)[:100]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text", ["[" * 30_000, "[NaN]", "[1e400]", r'{"a": "\u0000"}', r'["\ud800"]', "{", '"\x00"']
)
def test_json_that_no_database_could_keep_cannot_be_read(app, text):
    with pytest.raises(ValueError):
        app.json.loads(text)


def test_json_that_can_be_kept_comes_through(app):
    said = {"points": [[1.5, -2]], "words": "ünï \N{GRINNING FACE} \\ud800", "none": None}
    assert app.json.loads(json.dumps(said)) == said


def test_a_zero_byte_is_refused_in_words(client_of):
    answer = client_of("ann").post("/account/name", data={"name": "a\x00b"})
    assert answer.status_code == 400
    assert "zero byte" in answer.text
