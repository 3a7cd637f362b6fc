"""The browser's lenses are their numpy twins: one definition, two computers."""

import base64
import re

import numpy as np
import pytest

from tests.browser.viewer.room import block_of, hand
from tests.browser.viewer.test_looking import hears, pane
from trainer.imaging import lenses

pytestmark = pytest.mark.browser

FILM = hand(240, 300, seed=9)

MAP = """async ([module, name, args]) => {
  const lens = await import(`/source/viewer/lens/${module}.js`);
  const found = lens[name](viewer.slice, ...args);
  const bytes = new Uint8Array(found.buffer);
  let text = '';
  for (const b of bytes) text += String.fromCharCode(b);
  return btoa(text); }"""
PART = """async ([name, args]) => {
  const lens = await import('/source/viewer/lens/regions.js');
  const found = lens[name](viewer.slice, ...args);
  return JSON.parse(JSON.stringify(found, (k, v) => ArrayBuffer.isView(v) ? [...v] : v)); }"""


@pytest.fixture(scope="module")
def shown(chromium, room):
    """One page for all comparisons."""
    page = chromium.new_context().new_page()
    page.goto(room.page(block_of(FILM)))
    page.wait_for_selector('.stage[data-ready="1"]')
    yield page
    page.context.close()


@pytest.mark.parametrize(
    ("name", "args", "tolerance"),
    [
        ("detail", [], 1e-3),
        ("noise", [], 1e-3),
        ("smoothness", [], 0.02),
        ("amplify", [], 1e-4),
        ("mirror", [149.5], 1e-3),
        ("mirror", [100], 1e-3),
        ("asymmetry", [180.5], 1e-3),
    ],
)
def test_a_map_is_its_numpy_twin(shown, name, args, tolerance):
    text = shown.evaluate(MAP, ["maps", name, args])
    found = np.frombuffer(base64.b64decode(text), "<f4").reshape(FILM.shape)
    assert np.abs(found - getattr(lenses, name)(FILM, *args)).max() < tolerance


@pytest.mark.parametrize("kind", ["box", "ellipse"])
@pytest.mark.parametrize(
    "corners", [[[10, 20], [70, 90]], [[70.4, 90.2], [10.1, 20.7]], [[-5, -5], [400, 8]]]
)
def test_a_regions_numbers_are_numpys(shown, kind, corners):
    found = shown.evaluate(PART, ["numbers", [{"kind": kind, "points": corners}]])
    twin = lenses.numbers(FILM, corners, kind)
    assert [found["count"], found["min"], found["max"]] == [twin.count, twin.low, twin.high]
    assert found["mean"] == pytest.approx(twin.mean, rel=1e-12)
    assert found["sd"] == pytest.approx(twin.sd, rel=1e-12)


def test_a_histogram_is_numpys(shown):
    found = shown.evaluate(PART, ["histogram", [None]])
    counts, edges = np.histogram(FILM, 128)
    assert found["counts"] == counts.tolist()
    assert (found["low"], found["high"]) == (edges[0], edges[-1])


def test_a_profile_is_its_numpy_twin(shown):
    ends = [[12.3, 40.8], [250.1, 200.4]]
    found = shown.evaluate(PART, ["profile", [ends]])
    assert found["values"] == pytest.approx(lenses.profile(FILM, ends), rel=1e-9)


@pytest.mark.parametrize(("centre", "size"), [((150, 120), 128), ((3, 230), 64), ((150, 120), 256)])
def test_a_spectrum_is_numpys_transform(shown, centre, size):
    found = shown.evaluate(PART, ["spectrum", [*centre, size]])
    twin = lenses.spectrum(FILM, centre, size)
    assert np.allclose(found["power"], twin.power.ravel(), rtol=1e-6, atol=twin.power.max() * 1e-12)
    assert found["ring"] == pytest.approx(twin.ring, rel=1e-9)
    assert [found["peak"][k] for k in ("fx", "fy", "ratio")] == pytest.approx(twin.peak)


@pytest.fixture
def tab(look):
    patched = FILM.copy()
    patched[100:150, 120:180] = patched[100:150, 120:180].mean()
    return look(block_of(patched))


def test_a_lens_is_drawn_from_the_worker_and_has_its_own_window(tab):
    pane(tab).focus()
    tab.page.keyboard.press("n")
    assert hears(tab, "Noise map")
    tab.page.wait_for_selector(".v-tl:has-text('Noise map'):not(:has-text('…'))")
    film = tab.page.evaluate("viewer.grey.width")
    tab.page.keyboard.press("]")
    assert tab.page.evaluate("viewer.grey.width") == film
    painted, flat = tab.page.evaluate(
        """(() => { const p = viewer.panes[0]; const l = p.layers(p)[0];
        const v = (x, y) => l.slice.data[y * l.slice.w + x] * l.slice.slope + l.slice.intercept;
        return [v(40, 40), v(150, 125)]; })()"""
    )
    assert painted > 10 and flat < 0.5
    tab.page.keyboard.press("Escape")
    assert tab.page.evaluate("viewer.panes[0].lens") == ""
    assert tab.fault_free()


def test_boxes_are_compared_and_read_out(tab):
    tab.page.get_by_role("button", name="Box and ellipse").click()
    tab.page.wait_for_selector(".v-flyout")
    for name, x, y in (("A", 40, 40), ("B", 150, 125)):
        tab.page.evaluate(f"viewer.cursor = {{ x: {x}, y: {y} }}")
        tab.page.get_by_role("button", name="At crosshair").click()
        tab.page.locator(".v-numbers tr", has_text=re.compile(rf"^{name}.*1089$")).wait_for()
    rows = tab.page.locator(".v-numbers tr").all_inner_texts()
    expected = lenses.numbers(FILM, ((24, 24), (56, 56)))
    assert rows[1].split("\t")[1:3] == [f"{expected.mean:.1f}", f"{expected.sd:.2f}"]
    assert rows[2].split("\t")[2] == "0.00"
    assert hears(tab, re.compile("1089 pixels$"))
    assert "A − B" in tab.page.locator(".v-flyout").inner_text()


def test_the_page_is_not_blocked_and_the_film_travels_once(tab):
    tab.page.keyboard.press("n")
    tab.page.keyboard.press("d")
    tab.page.wait_for_selector(".v-tl:has-text('Detail'):not(:has-text('…'))")
    assert tab.page.evaluate("viewer.lensWorker.then(l => l.sends)") == 1


def test_a_sitting_allows_only_its_own_lenses(look):
    tab = look(block_of(FILM), lenses=["noise", "region"])
    pane(tab).focus()
    tab.page.keyboard.press("d")
    assert tab.page.evaluate("viewer.panes[0].lens") == ""
    tab.page.keyboard.press("f")
    assert tab.page.evaluate("viewer.tool") == "window"
    names = [b.get_attribute("aria-label") for b in tab.page.locator(".v-tool:visible").all()]
    assert "Box and ellipse" in names and "Spectrum of a box" not in names
    tab.page.get_by_role("button", name="Lenses").click()
    tab.page.get_by_role("button", name="Noise map").wait_for()
    assert tab.page.get_by_role("button", name="Detail (high-pass)").count() == 0
    tab.page.evaluate("viewer.setTruth({outlines: []})")
    pane(tab).focus()
    tab.page.keyboard.press("d")
    assert tab.page.evaluate("viewer.panes[0].lens") == "detail"
