"""Progress in a real browser: it moves by itself, is said aloud, and Cancel works by keyboard."""

import threading

import pytest

import tests.jobs.samples  # noqa: F401
from tests.fixtures.jobs import until
from tests.fixtures.server import sign_in
from trainer import clock
from trainer.core.permissions import Permission
from trainer.core.words import Role
from trainer.jobs.queue import LocalQueue
from trainer.jobs.run import Office
from trainer.jobs.tasks import task
from trainer.services import accounts, jobs

pytestmark = pytest.mark.browser
GO = threading.Event()


@task("test.steps", Permission.BANK)
def steps(run, parameters):
    """Go half the way, wait to be let on, go the rest."""
    run.step(5, 10, "halfway")
    while not GO.wait(0.02):
        run.step(5, 10, "halfway")
    run.step(10, 10)
    return "All ten."


def test_progress_moves_is_said_aloud_and_can_be_ended_by_key(
    app, app_database, live_server, open_tab, person
):
    email = person("cora", Role.CURATOR)
    queue = LocalQueue(
        Office(app.extensions["telltale_settings"], app_database, app.extensions["telltale_blobs"])
    )

    def ask(title):
        with app_database.transaction() as session:
            actor = accounts.actor_by_id(session, accounts.user_id_of(session, email))
            return jobs.ask(
                session, actor, "test.steps", {}, now=clock.now(), title=title, link="/learn"
            )

    GO.clear()
    tab = open_tab()
    page = tab.page
    sign_in(page, live_server, email)
    ask("Import of hands")
    page.goto(f"{live_server}/work")
    box = page.get_by_role("region", name="Import of hands")
    assert "Waiting" in box.inner_text()
    queue.start()
    try:
        bar = box.get_by_role("progressbar")
        box.get_by_text("halfway").wait_for()
        assert bar.get_attribute("value") == "5"
        assert bar.get_attribute("max") == "10"
        assert "5 of 10 · halfway" in box.inner_text()
        assert box.get_by_role("status").inner_text() == "Import of hands: 50 percent"
        GO.set()
        box.get_by_role("link", name="See what came of it").wait_for()
        assert "Done. All ten." in box.inner_text()
        assert box.get_by_role("button").count() == 0
        assert box.get_by_role("status").inner_text() == "Import of hands: Done. All ten."

        GO.clear()
        job = ask("Archive of hands")
        until(lambda: _state(app_database, job).message == "halfway")
        page.goto(f"{live_server}/work/{job}")
        page.get_by_role("button", name="Cancel Archive of hands").focus()
        page.keyboard.press("Enter")
        page.get_by_text("Cancelled. What was done before stays.").first.wait_for()
        assert _state(app_database, job).state == "cancelled"
    finally:
        GO.set()
        queue.stop()
    tab.fault_free()


def _state(database, job):
    with database.reading() as session:
        return jobs.look(session, None, job, now=clock.now())
