"""The map of addresses is a file: a route that comes, goes or changes hands is seen in review."""

from tests.house.routes import FILE, table
from trainer.core.permissions import Permission
from trainer.web.access import audience

HOW = "look at the difference; if it is meant: python -m tests.house.routes"


def test_the_list_of_routes_is_current(app):
    assert FILE.read_text(encoding="utf-8") == table(app), HOW


def test_a_new_route_and_a_new_audience_both_show(app):
    before = table(app)
    app.add_url_rule("/new", "new", audience(Permission.BANK)(lambda: "new"))
    after = table(app)
    assert "/new  GET  curator:bank:manage  new" in after
    assert after != before
    app.view_functions["new"] = audience(Permission.PUBLIC)(lambda: "new")
    assert table(app) not in (before, after)


def test_what_writes_is_never_a_get(app):
    """Addresses whose last word is an act answer to POST alone."""
    acts = {"answer", "archive", "call", "close", "commit", "finish", "invite", "pause", "renew"}
    acts |= {"publish", "reopen", "remove", "roles", "show", "sign-out", "start", "theme", "time"}
    for rule in app.url_map.iter_rules():
        if rule.rule.rstrip("/").rsplit("/", 1)[-1] in acts:
            assert "GET" not in rule.methods, rule.rule
