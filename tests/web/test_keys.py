import json

from sqlalchemy import select

from trainer.data.people import User


def test_a_persons_shortcuts_go_with_the_person(client_of, app_database):
    client = client_of("ann")
    kept = client.post("/keys", data={"keys": json.dumps({"viewer.invert": ["q"]})})
    assert kept.status_code == 200
    with app_database.reading() as session:
        assert session.scalar(select(User.preferences))["keys"] == {"viewer.invert": ["q"]}


def test_what_are_no_shortcuts_is_refused_and_changes_nothing(client_of, app_database):
    client = client_of("ann")
    for bad in ('{"a": "q"}', '{"a": ["' + "x" * 99 + '"]}', "[]", "no"):
        assert client.post("/keys", data={"keys": bad}).status_code == 400
    with app_database.reading() as session:
        assert "keys" not in session.scalar(select(User.preferences))
