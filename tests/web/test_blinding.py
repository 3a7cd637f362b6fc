"""Pixels are the only evidence: nothing else that is sent tells authentic from not.

A reader plays 200 cases. A classifier then gets everything that came over the wire but the meaning
of the pixels: addresses, tokens, headers, lengths, order, the server's time, the page's source. Its
area under the curve must be 0.5 within its interval. A control shows that it would find a leak: the
length of a *compressed* block, which is why blocks are never compressed.
"""

import json
import time
import zlib
from hashlib import sha256

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sqlalchemy import select

from tests.fixtures.app import NOW
from tests.fixtures.play import add_quiz
from trainer.core.stats.auc import area_under
from trainer.core.words import Hallmark, Provenance, Truth
from trainer.data.images import CaseKey
from trainer.data.learning import Showing
from trainer.imaging.film import Film
from trainer.services import bank
from trainer.services.room import film_label

CASES = 200


@pytest.fixture
def mixed(app):
    """A set whose tampered films are smooth and whose shapes vary, and a quiz of 200 over it."""
    database, blobs = app.extensions["telltale_database"], app.extensions["telltale_blobs"]
    rng = np.random.default_rng(3)
    with database.transaction() as session:
        facts = bank.SetFacts("small", "Small films", Provenance.SIMULATED, "CC0")
        where = bank.open_set(session, None, facts, now=NOW)
        for i in range(2 * CASES):
            fake = i % 2 == 0
            rows = int(rng.choice([64, 72, 80]))
            pixels = rng.normal(20_000, 3_000, (rows, 64))
            pixels = gaussian_filter(pixels, 2) if fake else pixels
            film = Film(
                pixels.clip(0, 65535).astype(np.uint16), (0.2, 0.2), region="hand", view="pa"
            )
            image = bank.keep_film(session, blobs, where, film, now=NOW)
            truth = bank.TruthFacts(
                Truth.TAMPERED if fake else Truth.AUTHENTIC,
                (Hallmark.SMOOTH_CORTEX,) if fake else (),
                body={"reason": "smoothed"} if fake else {},
            )
            bank.add_case(session, blobs, where, image, film, truth, kin=f"kin-{i}", now=NOW)
        bank.publish_set(session, None, "small", now=NOW)
        return add_quiz(session, cases=CASES, feedback="at_end", pausable=False)


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


def test_nothing_but_the_pixels_tells(app, mixed, client_of, app_database):
    client = client_of("ann")
    sitting = client.post(f"/items/{mixed}/sittings").location.rsplit("/", 1)[1]
    scripted = {"X-Requested-With": "fetch"}
    features, compressed, tokens, lengths = [], [], [], set()
    before = time.perf_counter()
    answer = client.post(f"/sittings/{sitting}/show", headers=scripted)
    for number in range(1, CASES + 1):
        shown_s = time.perf_counter() - before
        state = answer.get_json()
        source = answer.text.replace(state["film"]["token"], "TOKEN").replace(
            f"Case {number}", "Case N"
        )
        page = client.get(f"/sittings/{sitting}")
        page_text = page.text.replace(state["film"]["token"], "TOKEN")
        before = time.perf_counter()
        block = client.get(state["film"]["url"] + "0")
        block_s = time.perf_counter() - before
        lengths.add(len(block.data))
        compressed.append(len(zlib.compress(block.data)))
        tokens.append(state["film"]["token"])
        features.append(
            [
                number,
                shown_s,
                block_s,
                *text_features(state["film"]["token"]),
                *text_features(source),
                len(page_text),
                *text_features(headers_of(block)),
                *text_features(headers_of(page)),
                len(block.data),
                *text_features(state["film"]["label"]),
            ]
        )
        before = time.perf_counter()
        call = {"choice": "authentic", "confidence": "3"}
        answer = client.post(state["film"]["call"], data=call, headers=scripted)
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
    truths = np.array([not known[t].is_authentic for t in tokens])
    assert len(lengths) == 1, "every block of a sitting has one length"
    control = out_of_fold_auc([[c] for c in compressed], truths)
    assert control.area.low > 0.7, "the classifier must be able to find a leak"
    told = out_of_fold_auc(features, truths)
    assert told.area.low <= 0.5 <= told.area.high, told


def test_the_pool_s_own_hallmarks_are_not_what_a_reader_may_choose_from(mixed, client_of):
    client = client_of("ann")
    sitting = client.post(f"/items/{mixed}/sittings").location.rsplit("/", 1)[1]
    client.post(f"/sittings/{sitting}/show")
    page = client.get(f"/sittings/{sitting}").text
    for word in ("tampered", "synthetic", "smoothed", "kin-", "mimic", 'truth": {', "sha256"):
        assert word not in page


def test_what_a_source_wrote_of_a_clinical_film_s_view_is_not_shown():
    labels = {
        film_label("chest", view, Provenance.CLINICAL) for view in ("ap", "pa", "frontal", "")
    }
    assert labels == {"Chest · film"}
