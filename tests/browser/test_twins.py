"""Making twins in a real browser, by keyboard: choose, see what fits, sweep the dose, make."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sqlalchemy import func, select

from tests.browser.test_access import faults
from tests.fixtures.app import NOW
from tests.fixtures.server import sign_in
from trainer.core.words import Provenance, Role, Truth
from trainer.data.images import Case, Dataset
from trainer.imaging.film import Film
from trainer.jobs.queue import LocalQueue
from trainer.jobs.run import Office
from trainer.services import bank

pytestmark = pytest.mark.browser


@pytest.fixture
def films(app, app_database):
    """Two authentic films in the set ``mine``, and a set under a licence without derivatives."""
    blobs = app.extensions["telltale_blobs"]
    with app_database.transaction() as session:
        for slug, licence in (("mine", "CC BY 4.0"), ("shut", "CC BY-ND 4.0")):
            facts = bank.SetFacts(slug, f"Set {slug}", Provenance.CLINICAL, licence)
            where = bank.open_set(session, None, facts, now=NOW)
            for seed in range(2):
                rng = np.random.default_rng(seed)
                soft = gaussian_filter(rng.normal(size=(224, 200)), 9)
                grey = 20_000 + 9_000 * soft / soft.std() + rng.normal(0, 500, soft.shape)
                film = Film(grey.clip(0, 65535).astype(np.uint16), (0.4, 0.4), region="hand")
                image = bank.keep_film(
                    session, blobs, where, film, now=NOW, facts={"name": f"{seed}.dcm"}
                )
                truth = bank.TruthFacts(Truth.AUTHENTIC)
                bank.add_case(
                    session, blobs, where, image, film, truth, kin=f"{slug}{seed}", now=NOW
                )


@pytest.fixture
def queue(app, app_database):
    """The queue, at work."""
    made = LocalQueue(
        Office(app.extensions["telltale_settings"], app_database, app.extensions["telltale_blobs"])
    )
    made.start()
    yield made
    made.stop()


def test_twins_are_made_by_keyboard(films, queue, live_server, open_tab, person, app_database):
    tab = open_tab(reduced_motion="reduce")
    page = tab.page
    sign_in(page, live_server, person("cora", Role.CURATOR))
    page.goto(f"{live_server}/bank/mine/twins")
    assert faults(page, "choose") == []
    page.get_by_label("0.dcm").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="See what fits").focus()
    page.keyboard.press("Enter")

    grain = page.get_by_role("radio", name="Uniform grain")
    grain.wait_for(timeout=60_000)
    page.get_by_text("cannot be made here, and why").first.press("Enter")
    assert "stack" in page.locator("dl.facts").first.inner_text()
    grain.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Preview").focus()
    page.keyboard.press("Enter")

    slider = page.get_by_label("Dose", exact=True)
    slider.wait_for(timeout=60_000)
    forged = page.locator("[data-forged]")
    assert slider.get_attribute("aria-valuetext") == "0.6"
    before = forged.get_attribute("src")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "0.7"
    assert page.get_by_text("Dose 0.7").is_visible()
    assert forged.get_attribute("src") != before
    page.keyboard.press("End")
    assert slider.get_attribute("aria-valuetext") == "1.0"
    drawn = "img => img.decode().then(() => [img.naturalWidth, img.naturalHeight])"
    assert forged.evaluate(drawn) == [200, 224]
    assert "everywhere" in page.locator("figcaption").last.inner_text()
    authentic = page.locator("[data-authentic]").get_attribute("src")
    page.keyboard.press("b")
    assert page.get_by_role("button", name="Blink").get_attribute("aria-pressed") == "true"
    page.wait_for_selector(f'[data-forged][src$="{authentic}"]')
    page.keyboard.press("b")
    assert "dose-9" in forged.get_attribute("src")
    assert faults(page, "bench") == []

    page.get_by_label("Its title").fill("Twins to play")
    page.get_by_role("button", name="Make twins of 1 film").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="See what came of it").wait_for(timeout=60_000)
    assert "3 twins are in the set mine-twins." in page.locator("[data-words]").inner_text()
    page.get_by_role("link", name="See what came of it").press("Enter")
    page.get_by_role("heading", name="Twins to play").wait_for()
    with app_database.reading() as session:
        wanted = select(func.count()).select_from(Case).join(Dataset).where(
            Dataset.slug == "mine-twins"
        )  # fmt: skip
        assert session.scalar(wanted) == 4
    tab.fault_free()


def test_a_place_that_is_outlined_can_be_seen_without_its_line(
    films, queue, live_server, open_tab, person
):
    tab = open_tab()
    page = tab.page
    sign_in(page, live_server, person("cora", Role.CURATOR))
    page.goto(f"{live_server}/bank/mine/twins")
    page.get_by_label("1.dcm").check()
    page.get_by_role("button", name="See what fits").click()
    page.get_by_role("radio", name="Halo seam").check(timeout=60_000)
    page.get_by_role("button", name="Preview").click()
    line = page.get_by_role("button", name="Outline")
    line.wait_for(timeout=60_000)
    outline = page.locator("[data-outline]")
    assert outline.is_visible()
    page.keyboard.press("o")
    assert not outline.is_visible()
    assert line.get_attribute("aria-pressed") == "false"
    page.get_by_label("This set").check()
    for dose in ("0.3", "0.6", "0.9"):
        page.get_by_label(dose, exact=True).uncheck()
    page.get_by_role("button", name="Make twins of 1 film").click()
    assert "at least one dose" in page.locator("#dose-error").inner_text()
    assert page.evaluate("document.activeElement.name") == "dose"
    assert page.get_by_label("This set").is_checked()  # nothing that was filled in is lost
    tab.fault_free("400")


def test_a_licence_that_forbids_it_says_so(films, live_server, open_tab, person):
    tab = open_tab()
    sign_in(tab.page, live_server, person("cora", Role.CURATOR))
    tab.page.goto(f"{live_server}/bank/shut")
    tab.page.get_by_role("link", name="Make twins").click()
    assert "forbids altered copies" in tab.page.locator("main").inner_text()
    assert tab.page.get_by_role("checkbox").count() == 0
    tab.fault_free()
