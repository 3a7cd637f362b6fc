"""Stacks: streamed nearest first within a budget, scrolled, reformatted as numpy slices them."""

import base64
import threading

import numpy as np
import pytest

from tests.browser.viewer.room import block_of
from tests.browser.viewer.test_looking import hears, pane

pytestmark = pytest.mark.browser

N = 24


def volume(seed: int = 0) -> np.ndarray:
    """A tilted ellipsoid in noise: no two slices or planes are alike."""
    rng = np.random.default_rng(seed)
    z, y, x = np.mgrid[0:N, 0:96, 0:80]
    body = ((x - 40 - z * 0.4) / 30) ** 2 + ((y - 48) / 38) ** 2 + ((z - 11) / 10) ** 2 < 1
    return (1000 * body + 900 + rng.integers(0, 60, body.shape)).astype(np.uint16)


VOLUME = volume()
BLOCKS = [block_of(s, (1400, 1200), spacing_mm=(0.8, 0.8)) for s in VOLUME]
EVEN = [2.5 * k for k in range(N)]


def serve(z: int, _asked: int) -> bytes:
    return BLOCKS[z]


def settled(tab, count: int = N) -> None:
    tab.page.evaluate(
        f"new Promise(r => {{ const t = setInterval(() => {{ if (viewer.stack && "
        f"viewer.stack.slices.size >= {count} && !viewer.stack.coming.size) "
        "{ clearInterval(t); r(); } }, 20); })"
    )


@pytest.fixture
def tab(look):
    tab = look(serve, slices=N, stack={"slice_mm": EVEN}, modality="CT", width=1100, height=760)
    settled(tab)
    return tab


def plane(tab, name: str) -> np.ndarray:
    rows, columns, text = tab.page.evaluate(
        """(name) => { const s = viewer.stack.plane(name); let out = '';
        for (const b of new Uint8Array(s.data.buffer)) out += String.fromCharCode(b);
        return [s.h, s.w, btoa(out)]; }""",
        name,
    )
    return np.frombuffer(base64.b64decode(text), "<u2").reshape(rows, columns)


def test_slices_come_nearest_first_and_the_middle_one_is_first(look, room):
    order = []

    def note(z, _asked):
        order.append(z)
        return BLOCKS[z]

    tab = look(note, slices=N, stack={"slice_mm": EVEN})
    settled(tab)
    assert order[0] == 11 and sorted(order) == list(range(N))
    assert np.all(np.diff(np.abs(np.array(order) - 11)) > -4)  # five are on their way at once


@pytest.mark.parametrize(("key", "z"), [("PageDown", 12), ("PageUp", 10), ("Home", 0), ("End", 23)])
def test_keys_scroll(tab, key, z):
    pane(tab).focus()
    tab.page.keyboard.press(key)
    assert hears(tab, f"slice {z + 1} of {N}")
    shown = tab.page.evaluate("viewer.panes[0].slice.data[96 * 40]")
    assert shown == VOLUME[z].ravel()[96 * 40]


def test_wheel_drag_slider_and_cine_scroll(tab):
    page = tab.page
    box = pane(tab).bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    page.mouse.wheel(0, 100)
    page.wait_for_selector(".v-slice-text:has-text('13 of 24')")
    page.keyboard.press("Shift+Z")
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 300 - 31, steps=4)
    page.mouse.up()
    page.wait_for_selector(".v-slice-text:has-text('8 of 24')")
    page.get_by_role("slider", name="Slice", exact=True).fill("20")
    page.wait_for_selector(".v-slice-text:has-text('20 of 24 · 47.5 mm')")
    page.get_by_role("button", name="Play").click()
    turned = page.evaluate(
        "new Promise(r => { const t = setInterval(() => { if (viewer.stack.way < 0) "
        "{ clearInterval(t); r(viewer.z); } }, 5); })"
    )
    assert turned >= N - 3  # played to the end and turned there
    page.get_by_role("button", name="Stop").click()
    assert tab.fault_free()


def test_planes_are_numpys_slices_head_up(tab):
    pane(tab).focus()
    tab.page.keyboard.press("9")
    tab.page.wait_for_selector('.v-room[data-panes="3"]')
    tab.page.evaluate("viewer.stack.setCross({ x: 33, y: 51, z: 7 })")
    assert np.array_equal(plane(tab, "coronal"), VOLUME[::-1, 51, :])
    assert np.array_equal(plane(tab, "sagittal"), VOLUME[::-1, :, 33])
    height, width = tab.page.evaluate(
        "[viewer.panes[1].slice.rowMm * 24, viewer.panes[1].slice.columnMm * 80]"
    )
    assert (height, round(width, 4)) == (60, 64)
    assert tab.page.evaluate("viewer.z") == 7
    assert tab.fault_free()


def test_a_falling_stack_is_head_up_too(look):
    tab = look(serve, slices=N, stack={"slice_mm": EVEN[::-1]})
    settled(tab)
    tab.page.evaluate("viewer.stack.planes()")
    tab.page.evaluate("viewer.stack.setCross({ x: 33, y: 51, z: 7 })")
    assert np.array_equal(plane(tab, "coronal"), VOLUME[:, 51, :])


def test_uneven_slices_are_interpolated_where_they_lie_and_said(look):
    positions = [2.0 * k if k < 12 else 24 + 4.0 * (k - 12) for k in range(N)]
    tab = look(serve, slices=N, stack={"slice_mm": positions})
    settled(tab)
    tab.page.evaluate("viewer.stack.planes()")
    tab.page.evaluate("viewer.stack.setCross({ x: 33, y: 51, z: 7 })")
    rows = np.arange(0, positions[-1] + 1e-9, 2.0)
    at = np.interp(rows, positions, np.arange(N))
    low = np.floor(at + 1e-9).astype(int)
    t = at - low
    section = VOLUME[:, 51, :].astype(float)
    expected = section[low] + (section[np.minimum(low + 1, N - 1)] - section[low]) * t[:, None]
    assert np.abs(plane(tab, "coronal") - expected[::-1]).max() <= 0.51
    assert "2.0 to 4.0 mm apart" in tab.page.locator(".v-tl").nth(1).inner_text()


@pytest.mark.parametrize(
    ("stack", "words"),
    [
        ({"slice_mm": EVEN, "tilt": 12.0}, "tilted by 12.0°"),
        ({"slice_mm": EVEN, "plane": "sagittal"}, "cut from axial slices, these are sagittal"),
        ({}, "does not say where"),
        ({"slice_mm": [0, 5, 3, *EVEN[3:]]}, "do not follow"),
    ],
)
def test_planes_that_would_be_wrong_are_refused_in_words(look, stack, words):
    tab = look(serve, slices=N, stack=stack)
    settled(tab)
    pane(tab).focus()
    tab.page.keyboard.press("9")
    assert words in tab.page.locator(".v-notice").inner_text()
    assert tab.page.locator(".v-pane").count() == 1
    tab.page.get_by_role("button", name="Close").click()
    assert tab.page.evaluate("viewer.ready") is True


def test_a_mark_on_a_plane_is_a_mark_on_its_slice(tab):
    page = tab.page
    page.evaluate("viewer.stack.planes()")
    page.evaluate("viewer.stack.setCross({ x: 33, y: 51, z: 7 })")
    page.keyboard.press("x")
    coronal = page.locator(".v-pane").nth(1)
    box = coronal.bounding_box()
    x, y = page.evaluate("viewer.panes[1].css(20, 23 - 15)")
    page.mouse.click(box["x"] + x, box["y"] + y)
    [mark] = page.evaluate("viewer.marks.list")
    assert mark["z"] == 15 and mark["points"][0] == pytest.approx([20, 51], abs=0.6)
    page.locator(".v-pane").nth(1).locator("text").wait_for(state="attached")  # the next frame
    assert page.locator(".v-pane").nth(0).locator("text").count() == 0
    page.evaluate("viewer.select(0)")
    assert page.evaluate("viewer.z") == 15


def test_truth_in_three_dimensions(tab):
    tab.page.evaluate(
        """viewer.setTruth({outlines: [7, 8, 9].map(z => (
        {z, points: [[20, 40], [50, 40], [50, 60], [20, 60]]})).concat(
        {z: 15, points: [[60, 70], [70, 70], [70, 80]]})})"""
    )
    tab.page.wait_for_selector(".v-tl:has-text('unchanged here; changed in slices 8 to 10, 16')")
    assert tab.page.locator(".v-truth").count() == 0
    tab.page.keyboard.press(".")
    tab.page.wait_for_selector(".v-truth.v-looked", state="attached")
    assert tab.page.evaluate("viewer.z") == 8
    assert hears(tab, "place 1 of 2, slices 8 to 10")
    tab.page.wait_for_selector(".v-tl:not(:has-text('unchanged here'))")
    assert "changed in slices 8 to 10, 16" in tab.page.locator(".v-tl").first.inner_text()
    tab.page.keyboard.press(".")
    tab.page.wait_for_selector(".v-bl:has-text('slice 16 of 24')")
    tab.page.keyboard.press(",")
    tab.page.wait_for_selector(".v-bl:has-text('slice 9 of 24')")
    tab.page.evaluate("viewer.stack.planes()")
    assert tab.page.evaluate("viewer.stack.cross") == {"x": 35, "y": 50}
    truths = tab.page.locator(".v-pane").nth(1).locator(".v-truth")
    truths.first.wait_for(state="attached")
    assert truths.count() == 3


def test_a_twin_follows_the_slice_and_is_not_named_before_it_is_there(tab, room):
    let_go = threading.Event()

    def twin(z, _asked):
        if z == 12:
            let_go.wait(20)
        return block_of(np.full((96, 80), 100 + z, np.uint16))

    room.blocks["twins"] = twin
    tab.page.evaluate("viewer.setTruth({outlines: [], twinUrl: z => `/block/twins/${z}`})")
    tab.page.evaluate("viewer.blink()")
    tab.page.wait_for_selector(".v-tl:has-text('twin')")
    tab.page.evaluate("viewer.goTo(12)")
    tab.page.wait_for_selector(".v-tl:has-text('this film; its twin is on its way')")
    shown = "viewer.panes[0].layers(viewer.panes[0])[0].slice.data[0]"
    assert tab.page.evaluate(shown) == VOLUME[12].ravel()[0]
    let_go.set()
    tab.page.wait_for_selector(".v-tl:not(:has-text('on its way'))")
    assert tab.page.evaluate(shown) == 112


def test_memory_is_bounded(look):
    budget = 5 * 96 * 80 * 2 / 1e6
    tab = look(serve, slices=N, stack={"slice_mm": EVEN, "budgetMb": budget})
    tab.page.wait_for_selector(".v-slice-text:has-text('12 of 24')")  # keys before are not heard
    pane(tab).focus()
    for key in ("End", "Home"):
        tab.page.keyboard.press(key)
        tab.page.wait_for_selector(f".v-slice-text:has-text('{1 if key == 'Home' else N} of 24')")
        tab.page.wait_for_timeout(200)
        assert tab.page.evaluate("viewer.stack.slices.size") <= 5


def test_a_slice_on_its_way_leaves_the_old_one_and_says_so(look):
    let_go = threading.Event()

    def slow(z, _asked):
        if z == 20:
            let_go.wait(60)
        return BLOCKS[z]

    # At once: the script for stacks may still be on its way, and what is asked for is not lost.
    tab = look(slow, slices=N, stack={"slice_mm": EVEN})
    tab.page.evaluate("() => { viewer.goTo(20); }")
    tab.page.wait_for_selector(".v-slice-text:has-text('21 on its way')")
    assert tab.page.locator(".v-slice-text").inner_text().startswith("12 of 24")
    assert tab.page.evaluate("[viewer.ready, viewer.z]") == [True, 11]
    let_go.set()
    tab.page.wait_for_selector(".v-slice-text:has-text('21 of 24')")


def test_a_slice_that_does_not_come_is_said_and_asked_for_again(look):
    lost = {"z": True}

    def broken(z, _asked):
        return 503 if z == 12 and lost["z"] else BLOCKS[z]

    tab = look(broken, slices=N, stack={"slice_mm": EVEN})
    settled(tab, N - 1)
    pane(tab).focus()
    tab.page.keyboard.press("PageDown")
    tab.page.wait_for_selector('.stage[data-ready="error"]')
    assert "Slice 13: The server answered 503" in tab.page.locator(".v-notice").inner_text()
    lost["z"] = False
    tab.page.get_by_role("button", name="Try again").click()
    tab.page.wait_for_selector('.stage[data-ready="1"]')
    assert tab.page.evaluate("viewer.z") == 12


def test_ct_presets(tab):
    tab.page.get_by_role("button", name="Window and level").click()
    tab.page.get_by_label("Preset").select_option("lung")
    assert tab.page.evaluate("[viewer.grey.width, viewer.grey.centre]") == [1500, -600]


def test_linked_views_move_together_and_each_has_its_own_lens(tab):
    pane(tab).focus()
    tab.page.keyboard.press("7")
    tab.page.evaluate("viewer.zoomTo(3)")
    first, second = tab.page.evaluate("viewer.panes.map(p => p.view)")
    assert first == second
    tab.page.locator(".v-pane").nth(1).focus()
    tab.page.keyboard.press("n")
    assert tab.page.evaluate("viewer.panes.map(p => p.lens)") == ["", "noise"]
    tab.page.keyboard.press("Shift+K")
    tab.page.evaluate("viewer.zoomTo(1)")
    assert len(set(tab.page.evaluate("viewer.panes.map(p => p.view.zoom)"))) == 2
    tab.page.keyboard.press("8")
    assert tab.page.locator(".v-pane").count() == 4
    tab.page.keyboard.press("6")
    assert tab.page.locator(".v-pane").count() == 1


def test_an_authentic_stack_leads_to_where_its_twin_was_changed(tab, room):
    room.blocks["changed"] = lambda z, _: BLOCKS[z]
    tab.page.evaluate(
        """viewer.setTruth({twinUrl: z => `/block/changed/${z}`,
        twinOutlines: [5, 6].map(z => ({z, points: [[20, 40], [50, 40], [50, 60]]}))})"""
    )
    tab.page.wait_for_selector(".v-tl:has-text('its twin is changed in slices 6 to 7')")
    pane(tab).focus()
    tab.page.keyboard.press(".")
    tab.page.wait_for_selector(".v-bl:has-text('slice 7 of 24')")
    assert tab.page.locator(".v-truth").count() == 0  # nothing was changed on this film
    tab.page.keyboard.press("Space")
    tab.page.wait_for_selector(".v-truth", state="attached")


def test_views_are_hung_and_linked_without_keys(tab):
    tab.page.get_by_role("button", name="Zoom, turn, flip").click()
    tab.page.get_by_role("button", name="4 linked views").click()
    assert tab.page.locator(".v-pane").count() == 4
    linked = tab.page.get_by_role("button", name="Linked", exact=True)
    assert linked.get_attribute("aria-pressed") == "true"
    linked.click()
    assert tab.page.evaluate("viewer.linked") is False
    tab.page.get_by_role("button", name="One view").click()
    assert tab.page.locator(".v-pane").count() == 1
    assert linked.is_hidden()
