"""The front page's two films under one line."""

import pytest

pytestmark = pytest.mark.browser


def test_the_line_is_drawn_across_by_mouse_and_by_keys(open_tab, live_server):
    tab = open_tab()
    page = tab.page
    page.goto(live_server)
    slider = page.get_by_role("slider")
    at = "getComputedStyle(document.querySelector('.wipe')).getPropertyValue('--at').trim()"
    assert page.evaluate(at) == "50%"
    slider.focus()
    page.keyboard.press("End")
    assert page.evaluate(at) == "100%"
    page.keyboard.press("Home")
    assert page.evaluate(at) == "0%"
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    assert 70 <= float(page.evaluate(at).rstrip("%")) <= 80
    sizes = "[...document.images].map(i => i.naturalWidth)"
    assert page.evaluate(sizes) == [369, 369]
    assert tab.fault_free()
