"""WebGL2 and canvas draw the same picture, and one stands in for the other."""

import numpy as np
import pytest

from tests.browser.viewer.room import block_of, hand
from tests.browser.viewer.test_drawing import by_gl, drawn, on_gl
from tests.browser.viewer.test_looking import pane

pytestmark = pytest.mark.browser

FILM = hand(500, 380, seed=4)


@pytest.fixture
def tab(look):
    tab = look(block_of(FILM), painter="gl", width=900, height=640)
    on_gl(tab)
    return tab


@pytest.mark.parametrize(
    "act",
    [
        "0",
        "viewer.zoomTo(1)",
        "viewer.zoomTo(0.37)",
        "viewer.zoomTo(3.3)",
        "viewer.panes[0].smooth = false, viewer.zoomTo(4)",
        "viewer.rotate(1), viewer.flip(), viewer.zoomTo(1.7)",
        "viewer.invert(), viewer.setWindow(900, 300)",
    ],
)
def test_both_renderers_agree_within_one_grey_level(tab, act):
    tab.page.evaluate(act)
    gl = by_gl(tab)
    tab.page.evaluate("viewer.panes[0].fallBack()")
    cpu = drawn(tab)
    assert gl.shape == cpu.shape and gl.std() > 10
    assert np.abs(gl - cpu).max() <= 1


def test_a_lost_context_comes_back_on_the_canvas(tab):
    before = by_gl(tab)
    tab.page.evaluate("viewer.panes[0].painter.gl.getExtension('WEBGL_lose_context').loseContext()")
    tab.page.wait_for_function("viewer.panes[0].painter.kind === 'cpu'")
    assert np.abs(drawn(tab) - before).max() <= 1
    tab.page.keyboard.press("i")
    assert tab.page.evaluate("viewer.grey.invert") is True


def test_software_webgl_is_told_apart_and_left_alone(look):
    tab = look(block_of(FILM), painter="auto")
    tab.page.wait_for_timeout(600)
    assert tab.page.evaluate("viewer.panes[0].painter.kind") == "cpu"
    assert tab.fault_free()


def test_without_webgl2_nothing_is_missing(look, room, open_tab):
    tab = open_tab()
    tab.page.add_init_script(
        "HTMLCanvasElement.prototype.getContext = new Proxy("
        "HTMLCanvasElement.prototype.getContext, { apply: (f, t, a) => "
        "a[0] === 'webgl2' ? null : Reflect.apply(f, t, a) })"
    )
    tab.page.goto(room.page(block_of(FILM), painter="gl"))
    tab.page.wait_for_selector('.stage[data-ready="1"]')
    tab.page.wait_for_timeout(300)
    assert tab.page.evaluate("viewer.panes[0].painter.kind") == "cpu"
    assert drawn(tab).std() > 10
    assert tab.fault_free()


def test_the_magnifier_shows_three_times_the_place_under_the_crosshair(look):
    tab = look(block_of(FILM))
    pane(tab).focus()
    tab.page.evaluate("viewer.panes[0].smooth = false; viewer.zoomTo(1)")
    tab.page.evaluate("viewer.cursor = { x: 190, y: 250 }")
    tab.page.keyboard.press("l")
    tab.page.wait_for_selector(".v-loupe:visible")
    middle, under = tab.page.evaluate(
        """(() => { const p = viewer.panes[0]; p.draw(); const grey = (c, x, y) =>
        c.getContext('2d').getImageData(x, y, 1, 1).data[0]; const [x, y] = p.css(190, 250);
        return [grey(p.loupe.canvas, 110, 110),
        grey(p.canvas, Math.floor(x), Math.floor(y))]; })()"""
    )
    assert middle == under
    tab.page.keyboard.press("l")
    tab.page.wait_for_selector(".v-loupe", state="detached")
