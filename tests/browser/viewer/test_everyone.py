"""Names, focus, keyboard, small screens, light and dark: what a machine can tell of WCAG 2.2."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.viewer.room import block_of, hand
from tests.browser.viewer.test_looking import hears, pane

pytestmark = pytest.mark.browser

FILM = block_of(hand(400, 320))
SLICES = 6
STACK = {"slices": SLICES, "stack": {"slice_mm": [3.0 * k for k in range(SLICES)]}}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def faults(tab) -> list[str]:
    found = Axe().run(tab.page, options=RULES)
    return [
        f"{v['id']}: {n['target']} {n.get('failureSummary', '')}"
        for v in found.response["violations"]
        for n in v["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("panel", ["", "window", "zoom", "point", "lens", "region", "spectrum"])
def test_axe_finds_no_fault(look, scheme, panel):
    tab = look(FILM, **STACK, tab={"color_scheme": scheme})
    if panel:
        tab.page.evaluate(f"viewer.use('{panel}', true)")
        tab.page.wait_for_selector(".v-flyout:visible")
    assert not faults(tab)


def test_axe_finds_no_fault_in_the_shortcuts_and_after_the_call(look):
    tab = look(FILM)
    tab.page.keyboard.press("?")
    tab.page.wait_for_selector(".v-help[open]")
    assert not faults(tab)
    tab.page.keyboard.press("Escape")
    tab.page.evaluate("viewer.setTruth({outlines: [{points: [[10, 10], [40, 10], [40, 40]]}]})")
    tab.page.keyboard.press("y")
    tab.page.wait_for_selector(".v-flyout:visible")
    assert not faults(tab)


def test_every_control_has_a_name_and_is_large_enough(look):
    tab = look(FILM, **STACK)
    for control in tab.page.locator(".v-stage :is(button, input, select):visible").all():
        name = control.evaluate(
            "e => e.getAttribute('aria-label') || e.textContent || e.labels?.[0]?.textContent"
        )
        box = control.bounding_box()
        assert name.strip(), control.evaluate("e => e.outerHTML")
        assert box["height"] >= 24 or control.get_attribute("type") == "range", name
        assert box["width"] >= 24, name


def test_the_film_is_named_and_introduced(look):
    tab = look(FILM)
    film = tab.page.get_by_role("application", name="Hand PA · simulated film")
    assert film.get_attribute("aria-roledescription") == "film"
    assert hears(tab, re.compile("^Hand PA · simulated film, 320 by 400. window"))


def test_tab_goes_tools_film_call_and_the_tools_are_one_stop(look):
    tab = look(FILM)
    stops = []
    for _ in range(3):
        tab.page.keyboard.press("Tab")
        stops.append(
            tab.page.evaluate(
                "document.activeElement.getAttribute('aria-label')"
                " ?? document.activeElement.textContent"
            )
        )
    assert stops == ["Window and level", "Hand PA · simulated film", "Commit"]
    tab.page.keyboard.press("Shift+Tab")
    tab.page.keyboard.press("Shift+Tab")
    tab.page.keyboard.press("ArrowDown")
    tab.page.keyboard.press("Enter")
    assert tab.page.evaluate("viewer.tool") == "pan"


def test_focus_is_seen(look):
    tab = look(FILM)
    for _ in range(2):
        tab.page.keyboard.press("Tab")
        width, style = tab.page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement);"
            " return [s.outlineWidth, s.outlineStyle]; })()"
        )
        assert (width, style) == ("3px", "solid")


def test_a_whole_call_without_a_pointer(look):
    """Window, zoom, lens, three kinds of mark, hallmark, truth and twin: keys alone."""
    tab = look(FILM, hallmarks=[{"id": "halo_seam", "label": "halo"}])
    press = tab.page.keyboard.press
    press("Tab")
    press("Tab")
    for key in ["[", "+", "Control+ArrowLeft", "n", "Escape", "x", "ArrowDown", "c"]:
        press(key)
    for key in ["Escape", "e", "ArrowRight", "c", *["ArrowRight"] * 3, *["ArrowDown"] * 3, "c"]:
        press(key)
    for key in ["Escape", "o", "c", "ArrowUp", "ArrowUp", "c", "ArrowLeft", "c", "Shift+C"]:
        press(key)
    kinds = tab.page.evaluate("viewer.marks.list.map(m => m.kind)")
    assert kinds == ["point", "ellipse", "outline"]
    assert tab.fault_free()


@pytest.mark.parametrize("width", [360, 390])
def test_a_phone_has_the_tools_below_and_nothing_sticks_out(look, width):
    tab = look(FILM, width=width, height=780, **STACK)
    strip = tab.page.get_by_role("toolbar").bounding_box()
    film = pane(tab).bounding_box()
    assert strip["y"] >= film["y"] + film["height"] and film["width"] >= width - 2
    assert film["height"] > 300
    tab.page.get_by_role("button", name="Window and level").click()
    tab.page.wait_for_selector(".v-flyout:visible")
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= width


def test_meaning_is_not_by_colour_alone(look):
    tab = look(FILM, marks=[{"kind": "point", "points": [[50, 60]], "z": 0}] * 2)
    tab.page.evaluate("viewer.setTruth({outlines: [], hits: [true, false]})")
    tab.page.wait_for_selector(".v-lines .v-miss", state="attached")
    texts = tab.page.locator(".v-lines text").all_text_contents()
    assert ["hit" in t or "miss" in t for t in texts] == [True, True]
    dashes = tab.page.evaluate(
        "[...document.querySelectorAll('.v-hit path:last-child, .v-miss path:last-child')]"
        ".map(p => getComputedStyle(p).strokeDasharray)"
    )
    assert dashes[0] != dashes[1]


def test_reduced_motion_moves_nothing_by_itself(look):
    tab = look(FILM, tab={"reduced_motion": "reduce"})
    moving = tab.page.evaluate(
        "[...document.querySelectorAll('.v-stage *')].filter(e => "
        "parseFloat(getComputedStyle(e).transitionDuration) > 0 || "
        "getComputedStyle(e).animationName !== 'none').length"
    )
    assert moving == 0


def spoken(tab) -> list[tuple[str, str, str]]:
    """What a screen reader is handed: role, name and value of each node of Chromium's own tree."""
    session = tab.context.new_cdp_session(tab.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]

    def text(node, part):
        return str(node.get(part, {}).get("value", ""))

    return [(text(n, "role"), text(n, "name"), text(n, "value")) for n in nodes if not n["ignored"]]


def test_the_tree_of_a_screen_reader_has_every_part_by_name(look):
    tab = look(lambda z, _: FILM, slices=9, stack={"slice_mm": [2.0 * z for z in range(9)]})
    tab.page.wait_for_selector(".v-slice-text:has-text('5 of 9')")
    pane(tab).focus()
    tab.page.keyboard.press("x")
    tab.page.keyboard.press("c")
    tab.page.keyboard.press("PageDown")
    tab.page.wait_for_selector(".v-slice-text:has-text('6 of 9')")
    assert hears(tab, "slice 6 of 9")
    tree = spoken(tab)
    named = {(role, name) for role, name, _ in tree}
    for part in (
        ("toolbar", "Tools"),
        ("application", "Hand PA · simulated film"),
        ("group", "Slices"),
        ("slider", "Slice"),
        ("button", "Next slice"),
        ("button", "Play"),
        ("button", "Window and level"),
    ):
        assert part in named, part
    controls = [node for node in tree if node[0] in ("button", "slider", "spinbutton", "combobox")]
    assert len(controls) > 15
    assert all(name for _, name, _ in controls)
    # Pictures and lines say nothing by themselves: what happens is announced.
    assert not [node for node in tree if node[0] in ("image", "Canvas", "graphics-symbol")]
    assert ("StaticText", "slice 6 of 9") in named
    assert tab.page.evaluate("[...document.querySelectorAll('[aria-live]')].length") >= 1
