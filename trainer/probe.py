"""A learner without eyes: plays the server and writes down all that comes over the wire.

Run by the audit of a set in a process and on a database of its own (``services/served.py``), so
that nobody's results and nobody's limits are touched::

    python -m trainer.probe SLUG FILMS

It plays sittings of the set's own quiz until it has met those films, and prints one exchange a
line as JSON.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from trainer.app import create_app
from trainer.imaging.bank.served import Answer, Exchange
from trainer.services.database import Database
from trainer.services.served import EMAIL, PASSWORD, unmet
from trainer.services.set_quizzes import FILMS
from trainer.settings import Settings
from trainer.web.limits import limiter

#: Times a block and a page are asked for.
REPEATS = 3
#: Bytes of a block that are kept: its head.
HEAD = 64
_FETCH = {"X-Requested-With": "fetch"}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_STATE = re.compile(r'<script type="application/json" id="state">.*?</script>', re.DOTALL)
#: What counts cases, or is drawn for a session: it changes whatever the film is.
_STATE_NOISE = ("number", "total", "dots", "csrf", "left", "ahead")


def play(app: Flask, slug: str, films: int) -> Iterator[Exchange]:
    """Play sittings on a set until every film was met, and yield what came for each.

    Parameters
    ----------
    app : Flask
        The server.
    slug : str
        The set.
    films : int
        How many there are; no more than three times as many are played.
    """
    database: Database = app.extensions["telltale_database"]
    client = app.test_client()
    csrf = _sign_in(client)
    for sitting in range(3 * films // FILMS + 3):
        with database.reading() as session:
            if not unmet(session):
                return
        begun = client.post(f"/sets/{slug}/sittings", data={"csrf_token": csrf})
        if begun.status_code != 302 or "/sittings/" not in begun.location:
            raise RuntimeError(f"the set cannot be played: {begun.status_code}")
        yield from _sitting(client, begun.location, sitting, csrf)


def _sign_in(client: FlaskClient) -> str:
    """Sign in as a learner; return a token for forms."""
    page = client.get("/sign-in").text
    found = _TOKEN.search(page)
    data = {"email": EMAIL, "password": PASSWORD, "csrf_token": found[1] if found else ""}
    if client.post("/sign-in", data=data).status_code != 302:
        raise RuntimeError("the learner cannot sign in")
    again = _TOKEN.search(client.get("/account").text)
    return again[1] if again else ""


def _sitting(client: FlaskClient, where: str, sitting: int, csrf: str) -> Iterator[Exchange]:
    """Play one sitting to its end; each call is *cannot tell*, so that no answer differs."""
    data: dict[str, Any] = {"csrf_token": csrf}
    shown, seconds = _timed(lambda: client.post(f"{where}/show", data=data, headers=_FETCH))
    position = 0
    while True:
        state: dict[str, Any] = shown.get_json()
        if not state.get("film"):
            return
        film = state["film"]
        yield _exchange(client, where, state, shown, seconds, position, sitting)
        call = {"choice": "verify", "confidence": "3", "csrf_token": csrf}
        client.post(film["call"], data=call, headers=_FETCH)
        position += 1
        data["number"] = position
        shown, seconds = _timed(lambda: client.post(f"{where}/next", data=data, headers=_FETCH))


def _exchange(
    client: FlaskClient,
    where: str,
    state: dict[str, Any],
    shown: TestResponse,
    seconds: float,
    position: int,
    sitting: int,
) -> Exchange:
    film = state["film"]
    blocks = _blocks(client, film)
    page, page_s = _repeated(lambda: client.get(where))
    still = {k: v for k, v in state.items() if k not in _STATE_NOISE}
    still["panel"] = _still(state["panel"], state["number"])
    mine = where.rstrip("/").rsplit("/", 1)[-1]  # the sitting's own id, the same for all its films
    said = json.dumps(still, sort_keys=True).replace(mine, "")
    page_text = _still(page.text, state["number"]).replace(mine, "")
    return Exchange(
        token=film["token"],
        label=film["label"],
        position=position,
        sitting=sitting,
        slices=film["slices"],
        heads=[head for head, _ in blocks],
        shown=Answer(_headers(shown), said, len(said), [seconds]),
        page=Answer(_headers(page), page_text, len(page.data), page_s),
        first=blocks[0][1],
        block=blocks[1][1],
        last=blocks[2][1],
    )


def _blocks(client: FlaskClient, film: dict[str, Any]) -> list[tuple[str, Answer]]:
    """Ask for the middle slice, as the room does, then for both ends; return them in order."""
    last = film["slices"] - 1
    came: dict[int, tuple[str, Answer]] = {}
    for index in (last // 2, 0, last):
        if index not in came:
            block, seconds = _repeated(partial(client.get, f"{film['url']}{index}"))
            answer = Answer(_headers(block), "", len(block.data), seconds)
            came[index] = (block.data[:HEAD].hex(), answer)
    return [came[index] for index in (0, last // 2, last)]


def _still(text: str, number: int) -> str:
    """Return a page without what counts cases or is drawn anew; its state is looked at apart."""
    text = _STATE.sub("", text)
    text = _TOKEN.sub("", text)
    return re.sub(rf"\b[Cc]ase {number}\b|class=\"(?:ok|no|half|on|now|)\"", "", text)


def _headers(answer: TestResponse) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in answer.headers]


def _timed(ask: Callable[[], TestResponse]) -> tuple[TestResponse, float]:
    before = time.perf_counter()
    answer = ask()
    answer.get_data()
    return answer, time.perf_counter() - before


def _repeated(ask: Callable[[], TestResponse]) -> tuple[TestResponse, list[float]]:
    asked = [_timed(ask) for _ in range(REPEATS)]
    return asked[0][0], [seconds for _, seconds in asked]


def main(make: Callable[[Settings], Flask] = create_app) -> None:
    """Play the set named on the command line and print what came."""
    slug, films = sys.argv[1], int(sys.argv[2])
    app = make(Settings.from_env())
    limiter.enabled = False
    logging.getLogger("telltale").setLevel(logging.WARNING)
    for one in play(app, slug, films):
        sys.stdout.write(json.dumps(one.as_json()) + "\n")


if __name__ == "__main__":
    main()
