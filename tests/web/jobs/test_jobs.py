"""A person's long work on its pages: seen, followed as JSON, ended; and nobody else's."""

import pytest

from trainer import clock
from trainer.core.words import Role
from trainer.services import accounts, jobs


@pytest.fixture
def cora(client_of):
    return client_of("cora", Role.CURATOR)


@pytest.fixture
def ask(app_database):
    def make(email, **more):
        with app_database.transaction() as session:
            actor = accounts.actor_by_id(session, accounts.user_id_of(session, email))
            return jobs.ask(session, actor, "test.x", {}, now=clock.now(), **more)

    return make


def test_the_list_shows_what_one_asked_for(cora, ask):
    assert "Nothing yet" in cora.get("/work").text
    job = ask("cora@example.org", title="Import of hands")
    page = cora.get("/work").text
    assert "Import of hands" in page
    assert "Waiting for its turn" in page
    assert f'data-job="/work/{job}/state"' in page
    assert "Import of hands" in cora.get(f"/work/{job}").text


def test_the_state_is_json_and_says_when_it_has_ended(cora, ask, app_database):
    job = ask("cora@example.org", title="Import", link="/learn")
    state = cora.get(f"/work/{job}/state").json
    assert state["state"] == "waiting"
    assert state["open"] is True
    assert state["link"] == ""
    with app_database.transaction() as session:
        jobs.end(session, job, "done", "Twelve films.", now=clock.now())
    state = cora.get(f"/work/{job}/state").json
    assert (state["open"], state["link"], state["message"]) == (False, "/learn", "Twelve films.")
    assert "Done. Twelve films." in cora.get(f"/work/{job}").text


def test_cancel_ends_it_and_leads_back_inside_alone(cora, ask):
    job = ask("cora@example.org", title="Import")
    answer = cora.post(f"/work/{job}/cancel", data={"next": "https://evil.example/"})
    assert answer.location == f"/work/{job}"
    assert "Cancelled" in cora.get(f"/work/{job}").text
    answer = cora.post(f"/work/{job}/cancel", data={"next": "/work"}, follow_redirects=True)
    assert "has ended already" in answer.text


def test_work_of_others_is_not_there(cora, client_of, ask):
    other = client_of("ann", Role.CURATOR)
    job = ask("cora@example.org", title="Import")
    assert other.get(f"/work/{job}").status_code == 404
    assert other.get(f"/work/{job}/state").status_code == 404
    assert other.post(f"/work/{job}/cancel").status_code == 404
    assert "Nothing yet" in other.get("/work").text


def test_the_menu_leads_there_whoever_can_ask_for_work(cora, client_of):
    assert 'href="/work"' in cora.get("/work").text
    assert 'href="/work"' not in client_of("ann").get("/learn").text
