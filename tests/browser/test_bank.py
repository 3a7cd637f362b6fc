"""The bank's film page in a real browser: its truth and its twin, whichever class it is of."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.fixtures.server import sign_in
from trainer.core.words import Role
from trainer.data.images import Case, CaseKey

pytestmark = pytest.mark.browser


@pytest.fixture
def pair(quiz, app_database):
    """An authentic and a tampered case, each the other's twin."""
    quiz()
    with app_database.transaction() as session:
        made = {
            truth: session.scalars(
                select(Case).join(CaseKey, Case.key_id == CaseKey.id).where(CaseKey.truth == truth)
            ).first()
            for truth in ("authentic", "tampered")
        }
        authentic, tampered = made["authentic"], made["tampered"]
        authentic.twin_image_id = tampered.image_id
        tampered.twin_image_id = authentic.image_id
        return {truth: case.id for truth, case in made.items()}


@pytest.mark.parametrize(
    ("truth", "says"),
    [
        ("authentic", "nothing was changed here; its twin was"),
        ("tampered", "what was changed is outlined"),
    ],
)
def test_a_film_is_laid_beside_its_twin(pair, open_tab, live_server, person, truth, says):
    tab = open_tab(reduced_motion="reduce")
    page = tab.page
    sign_in(page, live_server, person("cora", Role.CURATOR))
    page.goto(f"{live_server}/bank/small/films/{pair[truth]}")
    page.get_by_text(says).first.wait_for()
    with page.expect_response(lambda r: "/twin/" in r.url) as twin:
        page.get_by_role("button", name="Side by side").press("Enter")
    assert twin.value.ok
    page.get_by_role("button", name="Side by side", pressed=True).wait_for()
    assert tab.fault_free()
