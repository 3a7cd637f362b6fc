"""Every view names who may open it; nothing is reached without."""

from __future__ import annotations

import pytest

from trainer.core.permissions import Permission, granted
from trainer.core.words import Role
from trainer.web.shell import ROOMS

#: What someone who is not signed in may open. Each entry is a decision.
OPEN = {
    "static",
    "public.front",
    "public.health",
    "public.robots",
    "public.favicon",
    "auth.sign_in",
    "auth.theme",
    "auth.forgot",
    "auth.sent",
    "auth.choose",
    "auth.code",
    "auth.join",
    "learner.measures",  # how each number is computed
}


def test_every_view_names_its_audience(app):
    nameless = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if not isinstance(getattr(view, "audience", None), Permission)
    ]
    assert not nameless, f"add @audience(Permission....) to {nameless}"


def test_a_view_without_an_audience_is_not_served(app):
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = app.test_client().get("/forgotten")
    assert answer.status_code == 500
    assert "secret" not in answer.text


def test_what_strangers_may_open_is_listed_here(app):
    found = {e for e, v in app.view_functions.items() if v.audience is Permission.PUBLIC}
    assert found == OPEN


def addresses(app):
    """Yield ``(method, path, permission)`` of every route, with plausible arguments."""
    values = {"uuid": "0f6f1a9e-2b57-4d0f-9a35-0d7c8f9f2a11", "int": 1, "path": "x", "default": "x"}
    for rule in app.url_map.iter_rules():
        arguments = {
            name: values[kind]
            for name, kind in (
                (
                    n,
                    type(c)
                    .__name__.removesuffix("Converter")
                    .lower()
                    .replace("unicode", "default")
                    .replace("integer", "int"),
                )
                for n, c in rule._converters.items()
            )
        }
        path = app.url_map.bind("").build(rule.endpoint, arguments) if arguments else rule.rule
        for method in sorted(rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield method, path, app.view_functions[rule.endpoint].audience


def test_a_stranger_is_sent_to_sign_in_everywhere_else(app):
    client = app.test_client()
    closed = [a for a in addresses(app) if a[2] is not Permission.PUBLIC]
    assert len(closed) >= 15
    for method, path, _ in closed:
        answer = client.open(path, method=method)
        assert answer.status_code == 302, f"{method} {path}"
        assert answer.location.startswith("/sign-in"), f"{method} {path}"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_kept_out_of_what_it_was_not_given(app, client_of, role):
    client = client_of("ann", role)
    shut = [a for a in addresses(app) if a[2] not in granted([role])]
    assert shut or role is Role.ADMINISTRATOR
    for method, path, _ in shut:
        assert client.open(path, method=method).status_code == 403, f"{method} {path}"


def test_the_navigation_leads_only_where_one_may_go(app):
    for label, endpoint, permission in ROOMS:
        assert app.view_functions[endpoint].audience is permission, label
