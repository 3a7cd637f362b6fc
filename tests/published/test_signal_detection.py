"""Closed forms of signal detection evaluated in R (qnorm, binom) for 15 tables of answers.

``reference/sdt.json``: own computation, free to use. Log-linear correction after Hautus (1995),
variance after Gourevitch and Galanter (1967), coverage by exact enumeration.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scipy.stats import binom, norm

from trainer.core.stats.intervals import wilson
from trainer.core.stats.sdt import detect

REFERENCE = json.loads((Path(__file__).parent / "reference" / "sdt.json").read_text())


def cell_id(case: dict) -> str:
    return "-".join(str(case[k]) for k in ("hits", "misses", "fa", "cr"))


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=cell_id)
def test_d_and_c(case: dict) -> None:
    found = detect(case["hits"], case["misses"], case["fa"], case["cr"])
    expected = case["loglinear"]
    assert found.d_prime.value == pytest.approx(expected["dprime"], abs=1e-9)
    assert found.criterion.value == pytest.approx(expected["c"], abs=1e-9)
    assert found.d_se == pytest.approx(expected["se_d_GG"], abs=1e-9)
    assert found.c_se == pytest.approx(expected["se_c_GG"], abs=1e-9)
    assert [found.d_prime.low, found.d_prime.high] == pytest.approx(expected["ci95_d"], abs=1e-8)


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=cell_id)
def test_wilson_of_both_rates(case: dict) -> None:
    rates = {"H": ("hits", "misses"), "F": ("fa", "cr")}
    for rate, (yes, no) in rates.items():
        found = wilson(case[yes], case[yes] + case[no])
        assert [found.low, found.high] == pytest.approx(case["wilson_ci"][rate], abs=1e-9)


@pytest.mark.parametrize(
    "row",
    [r for r in REFERENCE["small_sample_exact"] if r["n_per_class"] in (10, 20)],
    ids=lambda r: f"n{r['n_per_class']}-d{r['true_d']}-c{r['true_c']}",
)
def test_coverage_by_enumeration(row: dict) -> None:
    """Every possible table of answers, weighted by its chance: the interval holds what it says."""
    n, d, c = row["n_per_class"], row["true_d"], row["true_c"]
    hit, alarm = norm.cdf(d / 2 - c), norm.cdf(-d / 2 - c)
    mean = covered = 0.0
    for i in range(n + 1):
        for j in range(n + 1):
            weight = binom.pmf(i, n, hit) * binom.pmf(j, n, alarm)
            if weight < 1e-12:
                continue
            found = detect(i, n - i, j, n - j).d_prime
            mean += weight * found.value
            covered += weight * (found.low <= d <= found.high)
    assert mean == pytest.approx(row["mean_d"], abs=1e-6)
    assert covered == pytest.approx(row["coverage_GG95"], abs=1e-6)
