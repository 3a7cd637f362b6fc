"""Forms that are refused, sent with the keyboard: the focus is on what is wrong; axe is content."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.browser.test_access import faults
from tests.fixtures.review import clinical_set
from tests.fixtures.server import sign_in
from tests.fixtures.uploads import hold_one, some_uploads
from trainer.core.words import Role
from trainer.data.people import User
from trainer.data.uploads import Upload
from trainer.services import accounts

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def forms(app, app_database, person, quiz):
    """Return (mail address, pages with the button of a form and what is wrong with it if empty)."""
    quiz()
    hold_one(app_database)
    email = person("ada", *Role)
    with app_database.transaction() as session:
        case = clinical_set(session, app.extensions["telltale_blobs"])
    with app_database.reading() as session:
        who = accounts.as_actor(session.scalars(select(User).where(User.email == email)).one())
    some_uploads(app_database, app.extensions["telltale_settings"], who)
    with app_database.reading() as session:
        upload = session.scalars(select(Upload.id).where(Upload.state == "looked")).one()
    return email, [
        ("/account", "Change the password", "old"),
        ("/people", "Invite", "name"),
        ("/cohorts", "Make it", "name"),
        ("/bank/archives", "Pack it", "why"),
        ("/bank/archives", "Put it back", "archive"),
        ("/bank/small/twins", "See what fits", "film"),
        (f"/bank/uploads/{upload}", "Import", "l0-truth"),
        ("/curate/labels/real", re.compile("^Agree to"), "why"),
        (f"/curate/cases/{case}", "Send", "words"),
        (f"/curate/cases/{case}", "Hold", "why"),
    ]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_focus_goes_to_what_is_wrong(forms, app_database, live_server, open_tab, theme):
    email, pages = forms
    tab = open_tab(reduced_motion="reduce")
    page = tab.page
    sign_in(page, live_server, email)
    tab.context.add_cookies([{"name": "theme", "value": theme, "url": live_server}])
    found: list[str] = []
    for path, button, field in pages:
        page.goto(live_server + path)
        # What a browser asks for by itself is asked for by the server, too.
        page.evaluate("for (const form of document.forms) form.noValidate = true")
        page.get_by_role("button", name=button, exact=isinstance(button, str)).press("Enter")
        page.locator("[aria-invalid=true]").first.wait_for()
        on = page.evaluate(
            "(e => [e.name, document.getElementById(e.getAttribute('aria-describedby')"
            ".split(' ').at(-1)).innerText])(document.activeElement)"
        )
        assert on[0] == field, path
        assert on[1], path
        found += faults(page, f"{path} {field}")
    assert not found, "\n".join(found)
    assert tab.fault_free("400")
