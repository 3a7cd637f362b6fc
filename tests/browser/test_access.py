"""Every page in Chromium: axe finds nothing, nothing overflows; both themes, desktop and phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.fixtures.server import sign_in
from tests.fixtures.world import one_of_each, walk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZES = ((1440, 900), (390, 844))
STRANGERS = ("/", "/sign-in", "/password/forgot", "/password/sent", "/join", "/no/such/page")
#: What axe calls a rule for good practice counts as much as a rule of WCAG 2.2 AA.
TAGS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def faults(page, name: str) -> list[str]:
    """Return what axe and the window's edges say, at both sizes."""
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(150)
        for fault in Axe().run(page, options=TAGS).response["violations"]:
            where = [node["target"] for node in fault["nodes"]][:3]
            why = fault["nodes"][0]["failureSummary"].splitlines()[-1].strip()
            found.append(f"{name} {width}: {fault['id']} {where} {why}")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found.append(f"{name} {width}: {wide} px wider than the window")
    return found


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_pages_are_for_everyone(open_tab, world, live_server, theme):
    found: list[str] = []
    chosen = [{"name": "theme", "value": theme, "url": live_server}]
    stranger = open_tab(reduced_motion="reduce")
    stranger.context.add_cookies(chosen)
    for path in STRANGERS:
        stranger.page.goto(live_server + path)
        found += faults(stranger.page, path)
    pages = one_of_each(world, walk(world))
    assert len(pages) >= 14
    tab = open_tab(reduced_motion="reduce")
    tab.context.add_cookies(chosen)
    sign_in(tab.page, live_server, world.email)
    for url in pages.values():
        tab.page.goto(live_server + url)
        assert tab.page.locator("html").get_attribute("data-theme") == theme
        found += faults(tab.page, url)
    assert tab.fault_free()
    assert not found, "\n".join(found)
