"""Areas under the ROC curve: Hanley and McNeil (1982), DeLong et al. (1988), and pROC.

The CT ratings of Hanley JA, McNeil BJ, Radiology 143:29-36, and the data of DeLong ER et al.,
Biometrics 44:837-845, as printed. Values of pROC 1.18 lie outside the repository.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from trainer.core.stats.auc import Method, area_under

HERE = Path(__file__).parent / "reference"


def hanley_mcneil() -> tuple[list[int], list[int]]:
    classes: dict[str, list[int]] = {"0": [], "1": []}
    with (HERE / "hanley_mcneil_1982.csv").open() as file:
        for row in csv.DictReader(file):
            classes[row["truth"]] += [int(row["rating"])] * int(row["n"])
    return classes["1"], classes["0"]


def delong(marker: str) -> tuple[list[float], list[float]]:
    """Return a marker's values; low ones mean disease, so they are turned round."""
    with (HERE / "delong1988.csv").open() as file:
        rows = list(csv.DictReader(file))
    good = [-float(r[marker]) for r in rows if r["popind"] == "0"]
    bad = [-float(r[marker]) for r in rows if r["popind"] == "1"]
    return bad, good


def test_hanley_mcneil_1982_as_printed() -> None:
    found = area_under(*hanley_mcneil())
    assert round(found.area.value, 3) == 0.893
    assert (found.fakes, found.reals) == (51, 58)
    assert found.se == pytest.approx(0.032, abs=0.002)  # theirs is by another formula


@pytest.mark.parametrize(
    ("marker", "area", "se"), [("alb", 0.7366, 0.0927), ("kg", 0.7258, 0.1028), ("tp", 0.6478, 0.1)]
)
def test_delong_1988_as_printed(marker: str, area: float, se: float) -> None:
    found = area_under(*delong(marker))
    value = max(found.area.value, 1 - found.area.value)
    assert value == pytest.approx(area, abs=5.1e-5)
    assert found.se == pytest.approx(se, abs=5.1e-5)


def test_proc_on_hanley_mcneil(shared_reference: Path) -> None:
    expected = json.loads((shared_reference / "roc" / "expected_roc.json").read_text())
    expected = expected["results"]["hanley_mcneil"]
    found = area_under(*hanley_mcneil())
    assert found.method is Method.LOGIT_DELONG
    assert found.area.value == pytest.approx(expected["auc"], abs=1e-10)
    assert found.se == pytest.approx(expected["se_delong"], abs=1e-9)
    ends = [found.area.low, found.area.high]
    assert ends == pytest.approx(expected["ci_logit_delong"], abs=1e-8)


@pytest.mark.parametrize("marker", ["s100b", "ndka", "wfns"])
def test_proc_on_subarachnoid_haemorrhage(shared_reference: Path, marker: str) -> None:
    expected = json.loads((shared_reference / "roc" / "expected_roc.json").read_text())
    expected = expected["results"]["aSAH"][marker]
    with (shared_reference / "roc" / "aSAH.csv").open() as file:
        rows = list(csv.DictReader(file))
    poor, good = (
        [float(r[marker]) for r in rows if r["outcome"] == outcome] for outcome in ("Poor", "Good")
    )
    found = area_under(poor, good)
    assert found.area.value == pytest.approx(expected["auc"], abs=1e-10)
    assert found.se**2 == pytest.approx(expected["var_delong"], abs=1e-12)
