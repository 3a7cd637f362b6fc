"""Blocks that do not arrive, or arrive wrong: said in words, marks kept, nothing answerable."""

import struct

import numpy as np
import pytest

from tests.browser.viewer.room import block_of

pytestmark = pytest.mark.browser

FILM = block_of(np.full((128, 96), 900, np.uint16))
MARK = {"kind": "point", "points": [[40, 50]], "z": 0, "hallmark": None, "confidence": 3}


def notice(tab) -> str:
    return tab.page.locator(".v-notice").inner_text()


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (403, "token", "opened elsewhere"),
        (410, "token", "has ended"),
        (404, "missing", "not there"),
        (409, "token", "would not send"),
    ],
)
def test_a_refused_token_is_said_at_once_and_keeps_the_marks(look, room, status, kind, words):
    tab = look(status, ready="error", marks=[MARK], name=f"refused{status}")
    assert words in notice(tab) and "Your marks are kept" in notice(tab)
    assert room.asked[f"/block/refused{status}/0"] == 1
    assert tab.page.evaluate("viewer.ready") is False
    assert tab.page.evaluate("viewer.marks.list.length") == 1
    assert tab.page.evaluate("calls.find(c => c[0] === 'error')[1].kind") == kind
    assert tab.page.get_by_role("alert").inner_text() == notice(tab).split("\n")[0]


def test_a_lost_line_is_tried_again_and_then_shown(look):
    tab = look(lambda _, asked: 503 if asked < 3 else FILM)
    assert tab.page.evaluate("viewer.slice.w") == 96
    assert tab.page.evaluate("calls.filter(c => c[0] === 'first').length") == 1
    assert not tab.page.locator(".v-notice").is_visible()


def test_a_line_that_drops_in_mid_slice_is_tried_again(look, room):
    def dropping(_, asked):
        return (FILM, len(FILM) // 2) if asked < 3 else FILM

    tab = look(dropping, name="dropping")
    assert room.asked["/block/dropping/0"] == 3
    assert tab.page.evaluate("viewer.slice.data.at(-1)") == 900


def test_a_block_cut_short_is_never_half_shown(look, room):
    tab = look(FILM[:-1000], ready="error", name="cut")
    assert "cut short" in notice(tab) and room.asked["/block/cut/0"] == 3
    assert tab.page.evaluate("viewer.panes[0].frames") == 0
    room.blocks["cut"] = FILM
    tab.page.get_by_role("button", name="Try again").click()
    tab.page.wait_for_selector('.stage[data-ready="1"]')


@pytest.mark.parametrize("size", [(0, 0), (20_000, 40)])
def test_an_impossible_size_is_refused_before_its_pixels_are_read(look, size):
    block = bytearray(FILM)
    struct.pack_into("<II", block, 8, *size)
    tab = look(bytes(block), ready="error")
    assert f"{size[0]} × {size[1]}" in notice(tab)


def test_what_is_no_block_is_said(look):
    tab = look(b"<html>not a film</html>" * 9, ready="error")
    assert "not an image" in notice(tab)
    assert tab.fault_free()


def test_padding_after_the_pixels_is_left_alone(look):
    tab = look(FILM + bytes(5000))
    assert tab.page.evaluate("[viewer.slice.data.length, viewer.slice.data[0]]") == [128 * 96, 900]


def test_the_next_case_comes_from_what_was_fetched_ahead(look, room):
    tab = look(FILM, name="now")
    room.blocks["ahead"] = block_of(np.full((128, 96), 1234, np.uint16))
    room.blocks["early"] = lambda _, asked: 404 if asked < 2 else room.blocks["ahead"]
    with tab.page.expect_response("**/ahead/0"), tab.page.expect_response("**/early/0"):
        tab.page.evaluate("viewer.prefetch('/block/ahead/0'), viewer.prefetch('/block/early/0')")
    assert room.asked["/block/ahead/0"] == room.asked["/block/early/0"] == 1
    for name, asked in (("ahead", 1), ("early", 2)):
        value = tab.page.evaluate(
            """(url) => new Promise(done => { viewer.destroy();
            const stage = document.querySelector('.stage');
            window.viewer = new viewer.constructor(stage, { blockUrl: () => url,
            onFirstPaint: () => done(viewer.slice.data[0]) }); })""",
            f"/block/{name}/0",
        )
        assert (value, room.asked[f"/block/{name}/0"]) == (1234, asked)
    assert tab.page.locator(".v-pane").count() == 1
