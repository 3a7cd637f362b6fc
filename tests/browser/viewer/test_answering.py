"""Marks by mouse, touch and keyboard; the truth and the twin after the call."""

import re

import numpy as np
import pytest

from tests.browser.viewer.room import block_of, hand
from tests.browser.viewer.test_drawing import drawn
from tests.browser.viewer.test_looking import hears, pane

pytestmark = pytest.mark.browser

HALLMARKS = [{"id": "clean_fracture", "label": "clean fracture"}]
A = hand(400, 320)
B = A.copy()
B[100:140, 150:200] += 500


def marks(tab) -> list[dict]:
    return tab.page.evaluate("viewer.marks.list")


@pytest.fixture
def tab(look):
    return look(block_of(A), hallmarks=HALLMARKS)


def at(tab, x: float, y: float) -> tuple[float, float]:
    """Page coordinates of a film pixel."""
    box = pane(tab).bounding_box()
    cx, cy = tab.page.evaluate(f"viewer.panes[0].css({x}, {y})")
    return box["x"] + cx, box["y"] + cy


def drag(tab, *places) -> None:
    tab.page.mouse.move(*places[0])
    tab.page.mouse.down()
    for place in places[1:]:
        tab.page.mouse.move(*place, steps=3)
    tab.page.mouse.up()


def test_a_click_marks_the_pixel_under_it(tab):
    tab.page.keyboard.press("x")
    tab.page.mouse.click(*at(tab, 60, 90))
    [mark] = marks(tab)
    assert mark["kind"] == "point" and mark["points"][0] == pytest.approx([60, 90], abs=0.6)
    assert hears(tab, "mark 1 of 1 at upper left")
    assert tab.page.evaluate("calls.at(-1)[0]") in ("marks", "select")
    assert tab.fault_free()


def test_a_mark_is_dragged_tied_to_a_hallmark_and_undone(tab):
    tab.page.keyboard.press("x")
    tab.page.mouse.click(*at(tab, 60, 90))
    drag(tab, at(tab, 60, 90), at(tab, 100, 120), at(tab, 160, 200))
    assert marks(tab)[0]["points"][0] == pytest.approx([160, 200], abs=1)
    tab.page.get_by_role("button", name="Mark: point").click()
    tab.page.get_by_label("Hallmark").select_option("clean_fracture")
    tab.page.get_by_label("How sure").select_option("4")
    assert (marks(tab)[0]["hallmark"], marks(tab)[0]["confidence"]) == ("clean_fracture", 4)
    # drawn with the next frame
    tab.page.locator(".v-lines text", has_text="1 · clean fracture · 4/5").wait_for()
    pane(tab).focus()
    for _ in range(3):  # confidence, hallmark, the whole drag
        tab.page.keyboard.press("u")
    assert marks(tab)[0]["points"][0] == pytest.approx([60, 90], abs=0.6)
    tab.page.keyboard.press("Control+z")
    assert marks(tab) == []


def test_a_mark_is_placed_and_moved_with_keys_alone(tab):
    pane(tab).focus()
    for key in ["ArrowRight"] * 5 + ["c"] + ["Shift+ArrowDown"] * 3:
        tab.page.keyboard.press(key)
    [mark] = marks(tab)
    step = tab.page.evaluate("10 * viewer.panes[0].reach")
    assert mark["points"][0] == pytest.approx([159.5 + 5 * step, 199.5 + 3], abs=0.2)
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("k")
    tab.page.keyboard.press("Delete")
    assert marks(tab) == [] and hears(tab, "mark 1 removed, 0 left")


def test_ellipses_and_outlines_by_mouse_and_keys(tab):
    tab.page.keyboard.press("e")
    drag(tab, at(tab, 50, 60), at(tab, 90, 100))
    tab.page.keyboard.press("o")
    for place in ([200, 200], [240, 200], [240, 260]):
        tab.page.mouse.click(*at(tab, *place))
        tab.page.wait_for_timeout(350)  # not a double click
    tab.page.keyboard.press("Shift+C")
    drag(tab, at(tab, 100, 300), at(tab, 140, 300), at(tab, 140, 340), at(tab, 100, 340))
    ellipse, outline, free = marks(tab)
    assert np.allclose(ellipse["points"], [[50, 60], [90, 100]], atol=1)
    assert np.allclose(outline["points"], [[200, 200], [240, 200], [240, 260]], atol=1)
    assert free["kind"] == "outline" and len(free["points"]) > 6


def test_marks_survive_a_reload(look):
    tab = look(block_of(A), keepAs="showing-1")
    tab.page.keyboard.press("x")
    tab.page.mouse.click(*at(tab, 60, 90))
    before = marks(tab)
    tab.page.reload()
    tab.page.wait_for_selector('.stage[data-ready="1"]')
    assert marks(tab) == before and len(before) == 1


def test_no_more_marks_than_the_sitting_allows(look):
    tab = look(block_of(A), maxMarks=1)
    pane(tab).focus()
    tab.page.keyboard.press("c")
    tab.page.keyboard.press("c")
    assert len(marks(tab)) == 1 and hears(tab, "No more than 1 marks.")


@pytest.fixture
def told(tab, room):
    room.blocks["twin-b"] = block_of(B)
    tab.page.keyboard.press("x")
    tab.page.mouse.click(*at(tab, 175, 120))
    tab.page.evaluate(
        """viewer.setTruth({outlines: [{points: [[149.5, 99.5], [199.5, 99.5], [199.5, 139.5],
        [149.5, 139.5]]}], twinUrl: '/block/twin-b/0', hits: [true], text: 'outlined'})"""
    )
    tab.page.wait_for_selector(".v-truth", state="attached")
    return tab


def test_the_truth_is_outlined_and_the_mark_beside_it(told):
    assert told.page.locator(".v-truth").count() == 1
    assert "your mark · hit" in told.page.locator(".v-lines text").text_content()
    told.page.keyboard.press("c")
    assert len(marks(told)) == 1
    told.page.keyboard.press(".")
    assert hears(told, "place 1 of 1")


def test_the_twin_blinks_wipes_stands_beside_and_is_subtracted(told):
    film = drawn(told)
    told.page.keyboard.press("Space")
    told.page.wait_for_selector(".v-tl:has-text('twin')")
    twin = drawn(told)
    assert (film != twin).any()
    told.page.evaluate("viewer.compare('wipe')")
    told.page.wait_for_selector(".v-wipe", state="attached")
    wiped = drawn(told)
    half = film.shape[1] // 2
    assert np.array_equal(wiped[:, :half], film[:, :half])
    assert np.array_equal(wiped[:, half:], twin[:, half:])
    told.page.evaluate("viewer.compare('difference')")
    told.page.wait_for_selector(".v-tl:has-text('minus')")
    gap = drawn(told)
    y, x = (int(v) for v in told.page.evaluate("viewer.panes[0].css(175, 120)")[::-1])
    assert gap[y, x] == 0 and 127 <= gap[y, x + 200] <= 128
    told.page.evaluate("viewer.compare('side')")
    told.page.wait_for_selector(".v-pane >> nth=1")
    told.page.keyboard.press("Escape")
    told.page.wait_for_selector('.v-room[data-panes="1"]')
    assert told.page.locator(".v-pane").count() == 1
    assert told.fault_free()


def test_a_mask_without_outlines_is_traced_along_its_pixel_edges(tab, room):
    mask = np.zeros(A.shape, np.uint16)
    mask[100:140, 150:200] = 65535
    mask[110:120, 160:170] = 0
    room.blocks["mask"] = block_of(mask)
    tab.page.evaluate("viewer.setTruth({maskUrl: '/block/mask/0'})")
    tab.page.wait_for_selector(".v-truth")
    outer, hole = tab.page.evaluate("viewer.truth.regions.map(r => r.points)")
    square = {(149.5, 99.5), (199.5, 99.5), (199.5, 139.5), (149.5, 139.5)}
    assert {tuple(p) for p in outer} == square and len(outer) == 4
    inner = {(159.5, 109.5), (169.5, 109.5), (169.5, 119.5), (159.5, 119.5)}
    assert {tuple(p) for p in hole} == inner


def test_a_twin_that_does_not_come_leaves_the_film(tab):
    tab.page.evaluate("viewer.setTruth({twinUrl: '/block/nowhere/0'})")
    tab.page.evaluate("viewer.compare('blink')")
    assert hears(tab, re.compile("could not be loaded"))
    assert tab.page.evaluate("viewer.truth.mode") == "off"
    assert tab.fault_free("404")
