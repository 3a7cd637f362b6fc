"""The page of a held film: what was typed and drawn is there still after a refusal."""

import re

import pytest

from tests.fixtures.uploads import hold_one
from trainer.core.words import Role


@pytest.fixture
def held(quiz, app_database, client_of):
    """Return (curator, address) of a held film with one line that looks like text."""
    quiz()
    hold_one(app_database)
    client = client_of("cora", Role.CURATOR)
    (where,) = set(
        re.findall(r'href="(/bank/held/[0-9a-f-]{36})"', client.get("/bank/small/held").text)
    )
    return client, where


def boxes(page):
    return page.split("</tbody>")[0].count("data-box>")


def test_a_rejection_without_a_reason_loses_neither_words_nor_boxes(held):
    client, where = held
    assert boxes(client.get(where).text) == 1
    told = client.post(f"{where}/reject", data={"why": "no"})
    assert told.status_code == 400
    assert 'value="no"' in told.text
    assert boxes(told.text) == 1
    assert boxes(client.post(f"{where}/release").text) == 1


def test_boxes_that_were_taken_off_stay_off_when_the_cover_is_refused(held):
    client, where = held
    told = client.post(f"{where}/cover")
    assert told.status_code == 400
    assert "Draw a box first" in told.text
    assert boxes(told.text) == 0
