"""Charts in a real browser: drawn under the strict policy, in the theme's colours, on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import select

from tests import factories
from tests.fixtures.server import sign_in
from trainer import clock
from trainer.core.words import Role
from trainer.data.cohorts import Cohort
from trainer.data.people import User
from trainer.services import accounts, assignments, cohorts

pytestmark = pytest.mark.browser


@pytest.fixture
def report(person, app_database) -> str:
    """Return the path of a report on six people; its director has progress of their own."""
    person("dana", Role.DIRECTOR)
    now = clock.now()
    with app_database.transaction() as session:
        user = session.scalars(select(User)).one()
        user.preferences = {"theme": "auto"}
        dana = accounts.as_actor(user)
        cohort = cohorts.make(session, dana, "Residents", now=now)
        code = cohorts.view(session, dana, cohort).code
        quiz = factories.quiz(session)
        it = assignments.assign(
            session,
            dana,
            cohort,
            quiz.item,
            opens_at=now - timedelta(days=2),
            due_at=now + timedelta(days=2),
            pass_mark=0.7,
            now=now,
        )
        for name in ("Ann", "Ben", "Cleo", "Dora", "Emil", "Fritz <b>"):
            who = factories.person(session, name)
            cohorts.join_by_code(session, who, code, now=now)
            factories.sitting(session, who, quiz.revision, "hhmccfVc", at=now, assignment_id=it)
        for _ in range(8):
            factories.sitting(session, dana, quiz.revision, "hhhmcccf", at=now)
    return f"/assignments/{it}"


def drawn(page) -> int:
    """Wait until every chart of a page is drawn and return how many there are."""
    page.wait_for_function(
        "[...document.querySelectorAll('[data-chart]')].every((box) => box.dataset.drawn)"
    )
    return page.locator("[data-chart]").count()


def test_a_report_is_drawn_without_breaking_the_policy(live_server, open_tab, report):
    tab = open_tab()
    sign_in(tab.page, live_server, "dana@example.org")
    tab.page.goto(live_server + report)
    assert drawn(tab.page) == 1
    assert tab.page.locator(".js-plotly-plot .scatterlayer .point").count() == 6
    names = tab.page.locator(".yaxislayer-above text").all_text_contents()
    assert "Fritz <b>" in names
    assert tab.page.locator("style").count() == 0
    assert tab.fault_free()


def test_times_are_the_readers_own_with_the_zone_said(live_server, open_tab, report):
    tab = open_tab(timezone_id="America/New_York")
    sign_in(tab.page, live_server, "dana@example.org")
    tab.page.goto(live_server + report)
    due = tab.page.locator("time[data-local]").first
    assert due.get_attribute("title").endswith("UTC")
    assert due.inner_text().split()[-1] in {"GMT-4", "GMT-5", "EST", "EDT"}
    tab.page.goto(live_server + "/cohorts")
    tab.page.get_by_role("link", name="Residents").click()
    tab.page.get_by_role("link", name="Assign a quiz").click()
    assert tab.page.get_by_label("Time zone of both").input_value() == "America/New_York"
    assert tab.fault_free()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_progress_fits_and_follows_the_theme(live_server, open_tab, report, width, height):
    tab = open_tab(width, height, color_scheme="dark")
    sign_in(tab.page, live_server, "dana@example.org")
    tab.page.goto(live_server + "/progress")
    assert drawn(tab.page) == 2
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert tab.page.evaluate(wide) == 0
    point = tab.page.locator(".scatterlayer .point").first
    dark = point.evaluate("(one) => getComputedStyle(one).fill")
    tab.page.emulate_media(color_scheme="light")
    now = "getComputedStyle(document.querySelector('.scatterlayer .point')).fill"
    tab.page.wait_for_function(f"(before) => {now} !== before", arg=dark)
    assert tab.fault_free()


RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_no_fault(live_server, open_tab, report, app_database, scheme):
    with app_database.reading() as session:
        cohort = session.scalars(select(Cohort.id)).one()
    tab = open_tab(color_scheme=scheme)
    sign_in(tab.page, live_server, "dana@example.org")
    faults = []
    where = ["/cohorts", f"/cohorts/{cohort}", f"/cohorts/{cohort}/assign", report]
    for path in [*where, "/progress", "/measures"]:
        tab.page.goto(live_server + path)
        drawn(tab.page)
        found = Axe().run(tab.page, options=RULES).response["violations"]
        faults += [f"{path} {v['id']}: {n['target']}" for v in found for n in v["nodes"]]
    assert not faults
