from collections.abc import Callable, Iterator

import pytest

from tests.browser.viewer.room import Room
from tests.fixtures.browser import Tab


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    room = Room()
    yield room
    room.close()


@pytest.fixture
def look(room: Room, open_tab: Callable[..., Tab]) -> Callable[..., Tab]:
    """Return ``look(blocks, ready="1", width=, height=, **options)``: a tab with the film shown."""

    def _look(blocks, ready: str = "1", width: int = 1440, height: int = 900, tab=None, **options):
        tab = open_tab(width, height, **(tab or {}))
        tab.page.goto(room.page(blocks, **options))
        tab.page.wait_for_selector(f'.stage[data-ready="{ready}"]')
        return tab

    return _look
