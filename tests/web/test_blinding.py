"""Pixels are the only evidence: nothing else that is sent tells authentic from not.

A reader plays films and stacks, simulated and clinical. A classifier then gets everything that came
over the wire but the meaning of the pixels: addresses, tokens, headers, lengths, order, the
server's time, the page's source, where the slices lie. Its
area under the curve must be 0.5 within its interval. A control shows that it would find a leak: the
length of a *compressed* block, which is why blocks are never compressed.
"""

import json
import re
import time
import zlib
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sqlalchemy import select

from tests.fixtures.app import NOW
from tests.fixtures.blinded import smooth_set
from tests.fixtures.play import POOL, add_quiz
from trainer.core.stats.auc import area_under
from trainer.core.words import Provenance
from trainer.data.images import CaseKey
from trainer.data.learning import Showing
from trainer.services import bank
from trainer.services.bank_audit import REPEATS
from trainer.services.room import film_label


@dataclass(frozen=True)
class Kind:
    """A kind of set, and how many of its films are played."""

    provenance: Provenance
    slices: int
    cases: int


KINDS = {
    "simulated films": Kind(Provenance.SIMULATED, 1, 140),
    "clinical films": Kind(Provenance.CLINICAL, 1, 100),
    "clinical stacks": Kind(Provenance.CLINICAL, 5, 80),
}


@pytest.fixture
def mixed(app):
    """Return a maker of a set whose shapes vary and whose fakes are smooth, and of its quiz."""

    def make(kind):
        database, blobs = app.extensions["telltale_database"], app.extensions["telltale_blobs"]
        with database.transaction() as session:
            smooth_set(
                session,
                blobs,
                "small",
                2 * kind.cases,
                heights=(64, 72, 80),
                slices=kind.slices,
                provenance=kind.provenance,
            )
            bank.publish_set(session, None, "small", now=NOW)
            pool = POOL | {"provenance": kind.provenance.value}
            return add_quiz(session, cases=kind.cases, feedback="at_end", pausable=False, pool=pool)

    return make


def text_features(text):
    """Length, letters and a few hashed pieces of a text."""
    pieces = [text[i : i + 6] for i in range(0, len(text), 6)]
    hashed = np.zeros(16)
    for piece in pieces:
        hashed[sha256(piece.encode()).digest()[0] % 16] += 1
    return [len(text), *hashed, sum(map(ord, text)) / max(len(text), 1)]


def headers_of(answer):
    kept = [(k, v) for k, v in answer.headers if k not in ("X-Request-Id", "Date", "Set-Cookie")]
    return json.dumps(kept)


def out_of_fold_auc(features, truths):
    x = np.asarray(features, float)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=2000))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    said = cross_val_predict(model, x, truths, cv=folds, method="decision_function")
    return area_under(said[truths], said[~truths], confidence=0.999)


@dataclass
class Wire:
    """What came over the wire in one sitting, film by film, and what each film was."""

    features: list[list[float]]
    compressed: list[list[float]]
    made: np.ndarray
    lengths: set[int]
    refusals: set[tuple[int, int]]


def play(client, quiz, kind, app_database):
    """Play a sitting to its end and keep what came."""
    sitting = client.post(f"/items/{quiz}/sittings").location.rsplit("/", 1)[1]
    scripted = {"X-Requested-With": "fetch"}
    features, compressed, tokens, lengths, refusals = [], [], [], set(), set()
    asked = sorted({0, (kind.slices - 1) // 2, kind.slices - 1})
    before = time.perf_counter()
    answer = client.post(f"/sittings/{sitting}/show", headers=scripted)
    for number in range(1, kind.cases + 1):
        shown_s = time.perf_counter() - before
        state = answer.get_json()
        film = state["film"]
        source = answer.text.replace(film["token"], "TOKEN").replace(f"Case {number}", "Case N")
        page = client.get(f"/sittings/{sitting}")
        page_text = page.text.replace(film["token"], "TOKEN")
        parts = []
        for index in asked:
            before = time.perf_counter()
            block = client.get(f"{film['url']}{index}")
            parts += [time.perf_counter() - before, *text_features(headers_of(block))]
            lengths.add(len(block.data))
            size = len(zlib.compress(block.data))
            unseen = client.get(f"/films/{film['token']}/mask/{index}")
            refusals.add((unseen.status_code, len(unseen.data)))
            parts += text_features(headers_of(unseen))
        compressed.append([size])
        tokens.append(film["token"])
        features.append(
            [
                number,
                shown_s,
                *parts,
                film["slices"],
                *text_features(film["token"]),
                *text_features(source),
                *text_features(json.dumps(film["stack"])),
                len(page_text),
                *text_features(headers_of(page)),
                len(block.data),
                *text_features(film["label"]),
            ]
        )
        before = time.perf_counter()
        call = {"choice": "authentic", "confidence": "3"}
        answer = client.post(film["call"], data=call, headers=scripted)
    with app_database.reading() as session:
        known = dict(
            list(
                session.execute(
                    select(Showing.token, CaseKey.truth).join(
                        CaseKey, Showing.case_key_id == CaseKey.id
                    )
                )
            )
        )
    made = np.array([not known[t].is_authentic for t in tokens])
    return Wire(features, compressed, made, lengths, refusals)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_nothing_but_the_pixels_tells(mixed, client_of, app_database, kind):
    quiz = mixed(kind)
    # Tokens and times are drawn anew each time, and one in a hundred draws tells by chance. What
    # leaks tells every reader, so it must tell as often as the audit of a set asks for.
    for reader in range(REPEATS):
        wire = play(client_of(f"reader{reader}"), quiz, kind, app_database)
        assert len(wire.lengths) == 1, "every block of a sitting has one length"
        assert len(wire.refusals) == 1, "what has a mask is refused as what has none"
        assert wire.refusals.pop()[0] == 404
        control = out_of_fold_auc(wire.compressed, wire.made)
        assert control.area.low > 0.5, "the classifier must be able to find a leak"
        told = out_of_fold_auc(wire.features, wire.made)
        if told.area.low <= 0.5 <= told.area.high:
            return
    raise AssertionError(told)


TELLING = ("tampered", "synthetic", "smoothed", "kin-", "mimic", 'truth": {', "sha256")
PRIVATE = ("frontal", " AP", "gan", "scanner", "generated", "ward", "patient", "-300", ".png")


def words_of(text, *drawn):
    """Return a text without what is drawn by chance, which may spell any word by chance."""
    for one in (*drawn, *re.findall(r'"csrf": ?"([^"]+)"', text)):
        text = text.replace(one, "")
    return text.replace("patients", "")


@pytest.mark.parametrize("name", ["simulated films", "clinical stacks"])
def test_what_is_known_of_a_film_is_not_in_its_page(mixed, client_of, name):
    kind = replace(KINDS[name], cases=10)
    quiz = mixed(kind)
    client = client_of("ann")
    sitting = client.post(f"/items/{quiz}/sittings").location.rsplit("/", 1)[1]
    scripted = {"X-Requested-With": "fetch"}
    said = client.post(f"/sittings/{sitting}/show", headers=scripted)
    for _ in range(4):
        film = said.get_json()["film"]
        page = words_of(client.get(f"/sittings/{sitting}").text, film["token"], sitting)
        sent = words_of(said.text, film["token"], sitting)
        for word in TELLING + PRIVATE * (kind.provenance is Provenance.CLINICAL):
            assert word not in page
            assert word not in sent
        said = client.post(
            film["call"], data={"choice": "verify", "confidence": "3"}, headers=scripted
        )


def test_what_a_source_wrote_of_a_clinical_film_s_view_is_not_shown():
    labels = {
        film_label("chest", view, Provenance.CLINICAL) for view in ("ap", "pa", "frontal", "")
    }
    assert labels == {"Chest · film"}
