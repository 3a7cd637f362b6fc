"""The page of a held film: what was typed and drawn is there still after a refusal."""

import re
import uuid

import pytest

from tests.fixtures.pages import refused
from tests.fixtures.uploads import hold_one
from trainer.core.words import Provenance, Role
from trainer.data.images import Case, Dataset, Image


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
    page = refused(client.post(f"{where}/reject", data={"why": "no"}), why="in a few words")
    assert 'value="no"' in page
    assert boxes(page) == 1
    assert boxes(refused(client.post(f"{where}/release"), looked="you have looked")) == 1


def test_boxes_that_were_taken_off_stay_off_when_the_cover_is_refused(held):
    client, where = held
    page = refused(client.post(f"{where}/cover"))
    assert "Draw a box first" in page
    assert boxes(page) == 0


def test_every_box_that_cannot_be_covered_says_so_beside_itself(held):
    client, where = held
    numbers = {"top": [0, 0, 900], "left": [0, 0, 0], "height": [4, 4000, 5], "width": [4, 4000, 5]}
    data = numbers | {"first": [1, 1, 1], "last": [1, 1, 1]}
    told = client.post(f"{where}/cover", data=data)
    assert told.status_code == 400
    assert boxes(told.text) == 3
    one, most, outside = told.text.split("<tr data-box>")[1:4]
    assert 'aria-invalid="true"' not in one
    assert 'id="box-1-error">A box covers most of the film' in most
    assert 'id="box-2-error">A box lies outside of the film' in outside


def test_what_is_advised_where_nothing_can_be_covered_fits_where_the_film_came_from(
    held, app_database
):
    client, where = held

    def become(provenance, made):
        with app_database.transaction() as session:
            case = session.get_one(Case, uuid.UUID(where.rpartition("/")[2]))
            image = session.get_one(Image, case.image_id)
            image.facts = {k: v for k, v in image.facts.items() if k not in ("originals", "box")}
            session.get_one(Dataset, case.dataset_id).provenance = provenance
            case.key.body = {k: v for k, v in case.key.body.items() if k != "recipe"} | made
        return client.get(where).text

    assert "import it anew" in become(Provenance.CLINICAL, {})
    page = become(Provenance.SIMULATED, {})
    assert "Another seed makes another film" in page and "import it" not in page
    page = become(Provenance.CLINICAL, {"engine": "5", "recipe": {"dose": 0.5}})
    assert "then make the twin again" in page and "import it" not in page
