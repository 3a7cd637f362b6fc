"""Window, zoom, pan and the rest, by mouse, touch and keyboard."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.viewer.room import block_of, hand

pytestmark = pytest.mark.browser


def state(tab) -> dict:
    return tab.page.evaluate("({...viewer.grey, ...viewer.panes[0].view, preset: viewer.preset})")


def pane(tab):
    return tab.page.locator(".v-pane").first


def hears(tab, words: str | re.Pattern[str]) -> bool:
    """Whether a screen reader is told this, be it after a script or a slice that is on its way."""
    expect(tab.page.locator('[data-live="polite"]')).to_have_text(words, timeout=30_000)
    return True


@pytest.fixture
def tab(look):
    return look(block_of(hand(400, 320)))


def test_a_drag_widens_to_the_right_and_darkens_downwards(tab):
    before = state(tab)
    box = pane(tab).bounding_box()
    tab.page.mouse.move(box["x"] + 300, box["y"] + 300)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 400, box["y"] + 340, steps=4)
    tab.page.mouse.up()
    after = state(tab)
    assert after["width"] == pytest.approx(before["width"] * 1.25)
    assert after["centre"] == pytest.approx(before["centre"] + 0.1 * before["width"])
    assert hears(tab, f"window {round(after['width'])}, level {round(after['centre'])}")
    assert tab.fault_free()


def test_the_wheel_zooms_about_the_pointer(tab):
    box = pane(tab).bounding_box()
    x, y = 500, 350
    under = tab.page.evaluate(f"viewer.panes[0].film({x}, {y})")
    tab.page.mouse.move(box["x"] + x, box["y"] + y)
    for _ in range(12):
        tab.page.mouse.wheel(0, -100)
    tab.page.wait_for_function("viewer.panes[0].view.zoom > 8")
    assert tab.page.evaluate(f"viewer.panes[0].film({x}, {y})") == pytest.approx(under, abs=0.6)


def test_keys_do_what_the_overlay_says(tab):
    pane(tab).focus()
    press = tab.page.keyboard.press
    before = state(tab)
    press("i")
    assert state(tab)["invert"] is True
    press("]")
    assert state(tab)["width"] == pytest.approx(before["width"] * 1.1)
    press("g")
    assert state(tab)["zoom"] == 1
    press("Shift+G")
    assert state(tab)["zoom"] == 4
    cx = state(tab)["cx"]
    press("Control+ArrowRight")
    assert state(tab)["cx"] > cx
    press("t")
    press("h")
    assert (state(tab)["turn"], state(tab)["flip"]) == (1, True)
    press("b")
    assert state(tab)["preset"] == "as sent"
    press("0")
    assert state(tab) == before


@pytest.mark.parametrize("key", ["a", "s", "v", "1", "2", "3", "4", "5", "Enter"])
def test_the_calls_own_keys_are_left_to_the_call(tab, key):
    pane(tab).focus()
    unused = tab.page.evaluate(
        f"""(() => {{ const e = new KeyboardEvent('keydown', {{key: '{key}', bubbles: true,
        cancelable: true}}); document.activeElement.dispatchEvent(e);
        return !e.defaultPrevented; }})()"""
    )
    assert unused


def test_every_drag_has_numbers_and_buttons(tab):
    page = tab.page
    page.get_by_role("button", name="Window and level").click()
    page.get_by_label("Window", exact=True).fill("321")
    page.keyboard.press("Tab")
    assert state(tab)["width"] == 321
    page.get_by_role("button", name="Level up, darker").click()
    page.get_by_label("Preset").select_option("full range")
    assert state(tab)["preset"] == "full range"
    page.get_by_role("button", name="Zoom, turn, flip").click()
    page.get_by_role("button", name="400 %").click()
    assert state(tab)["zoom"] == 4
    page.get_by_role("button", name="Pan", exact=True).click()
    cy = state(tab)["cy"]
    page.get_by_role("button", name="Look down").click()
    assert state(tab)["cy"] > cy


def test_two_fingers_pinch_about_their_middle(look):
    tab = look(block_of(hand(400, 320)), width=390, height=844, tab={"has_touch": True})
    before = state(tab)["zoom"]
    box = pane(tab).bounding_box()
    client = tab.context.new_cdp_session(tab.page)
    x, y = box["x"] + 180, box["y"] + 220

    def touch(kind, apart):
        points = [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}]
        client.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": points if kind != "touchEnd" else []},
        )

    touch("touchStart", 40)
    for apart in (60, 80, 100, 120):
        touch("touchMove", apart)
    touch("touchEnd", 0)
    # a touch is drawn with a later frame
    tab.page.wait_for_function("(wide) => viewer.panes[0].view.zoom > wide", arg=before * 2.85)
    assert state(tab)["zoom"] == pytest.approx(before * 3, rel=0.05)
    assert tab.page.evaluate("viewer.marks.list.length") == 0


def test_one_to_one_means_device_pixels_on_a_dense_screen(look):
    tab = look(block_of(hand(400, 320)), tab={"device_scale_factor": 2})
    tab.page.evaluate("viewer.zoomTo(1)")
    a, b = tab.page.evaluate("[viewer.panes[0].css(0, 0), viewer.panes[0].css(100, 0)]")
    assert b[0] - a[0] == 50
    canvas = tab.page.evaluate("viewer.panes[0].canvas.width / viewer.panes[0].box.clientWidth")
    assert canvas == 2


def test_the_crosshair_reads_the_value_under_it(look):
    pixels = np.arange(100 * 100, dtype=np.uint16).reshape(100, 100)
    tab = look(block_of(pixels, slope=2.0, intercept=-1000.0))
    pane(tab).focus()
    tab.page.evaluate("viewer.cursor = { x: 10, y: 20 }")
    tab.page.keyboard.press("Shift+ArrowRight")
    assert hears(tab, f"column 11, row 20, value {2 * 2011 - 1000}")


def test_words_and_lines_can_be_put_aside(tab):
    pane(tab).focus()
    assert tab.page.locator(".v-tl").is_visible()
    tab.page.keyboard.press("Shift+O")
    assert not tab.page.locator(".v-tl").is_visible()
    tab.page.keyboard.press("Shift+O")
    assert tab.page.locator(".v-tl").is_visible()


def test_a_key_can_be_moved_and_is_kept(tab):
    page = tab.page
    pane(tab).focus()
    page.keyboard.press("?")
    page.get_by_role("button", name="Invert: I. Change").click()
    page.keyboard.press("w")
    assert "Invert: W. Window and level has lost it." in page.locator(".v-help").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    assert state(tab)["invert"] is True
    page.reload()
    page.wait_for_selector('.stage[data-ready="1"]')
    page.keyboard.press("w")
    assert state(tab)["invert"] is True
    assert tab.fault_free()
