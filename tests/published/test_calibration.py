"""Brier score and its split on 200 simulated forecasts, evaluated in base R and rms::val.prob.

``reference/calib200.csv`` and ``calibration.json``: own simulation, free to use.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from trainer.core.stats.calibration import SURENESS, calibrate, gaps, murphy

HERE = Path(__file__).parent / "reference"
EXPECTED = json.loads((HERE / "calibration.json").read_text())["results"]


def forecasts() -> tuple[np.ndarray, np.ndarray]:
    with (HERE / "calib200.csv").open() as file:
        rows = [(float(r["p"]), float(r["y"])) for r in csv.DictReader(file)]
    p, y = np.array(rows).T
    return p, y


def test_brier_and_its_parts() -> None:
    found = murphy(*forecasts())
    expected = EXPECTED["murphy"]
    assert found.brier == pytest.approx(EXPECTED["brier"], abs=1e-12)
    assert found.skill == pytest.approx(EXPECTED["brier_skill"], abs=1e-12)
    assert found.reliability == pytest.approx(expected["reliability"], abs=1e-12)
    assert found.resolution == pytest.approx(expected["resolution"], abs=1e-12)
    assert found.uncertainty == pytest.approx(expected["uncertainty"], abs=1e-12)


def test_over_confidence() -> None:
    assert gaps(*forecasts()).mean() == pytest.approx(EXPECTED["mean_conf_minus_acc"], abs=1e-12)


@pytest.mark.parametrize("row", EXPECTED["ece_null_bias_5levels"], ids=lambda r: f"n{r['n']}")
def test_the_calibration_error_of_a_perfect_reader_is_not_zero(row: dict) -> None:
    """The null value beside an ECE: five equally used steps, exact confidence."""
    rng = np.random.default_rng(5)
    n = row["n"]
    nulls = []
    for _ in range(8):
        steps = rng.integers(1, 6, n)
        truth = rng.random(n) < 0.5
        said = truth == (rng.random(n) < np.array([SURENESS[s] for s in steps]))
        nulls.append(calibrate(steps, said, truth, rng).ece_null)
    assert np.mean(nulls) == pytest.approx(
        row["mean_ECE_when_perfectly_calibrated"], rel=0.08, abs=0.002
    )
