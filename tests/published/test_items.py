"""LSAT section 6 (Bock RD, Lieberman M (1970) Psychometrika 35:179-197), item by item.

Expected values: classical item analysis in R on the same 1,000 examinees.
"""

import csv
import json

import numpy as np
import pytest

from trainer.core.stats import items


def test_corrected_item_total_correlations_of_lsat6(shared_reference):
    expected = json.loads((shared_reference / "irt" / "expected_irt.json").read_text())
    ctt = expected["results"]["lsat6"]["ctt"]
    with (shared_reference / "irt" / "lsat6.csv").open() as file:
        rows = [list(map(float, row)) for row in csv.reader(file) if row[0].strip('"') in "01"]
    answers = np.array(rows)[:, -5:]
    assert answers.shape == (1000, 5)
    for i in range(5):
        rest = answers.sum(axis=1) - answers[:, i]
        r = items.corrected_point_biserial(answers[:, i], rest)
        assert r.value == pytest.approx(ctt["pbis_corrected"][i], abs=1e-12)
        assert items.share_right(answers[:, i]).value == pytest.approx(ctt["p"][i])
