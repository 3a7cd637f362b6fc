from __future__ import annotations

import numpy as np
import pytest

from trainer.core.ability import Ability, Answer, Stage, ability
from trainer.core.benchmarks import PUBLISHED, comparable
from trainer.core.stats.intervals import mean_of, wilson
from trainer.core.words import Choice, Provenance

N, A, V = Choice.NOT_AUTHENTIC, Choice.AUTHENTIC, Choice.VERIFY


def of(*rows: tuple[int, bool, Choice], confidence: int = 4, **more: object) -> list[Answer]:
    return [
        Answer(authentic, choice, confidence, **more)  # type: ignore[arg-type]
        for n, authentic, choice in rows
        for _ in range(n)
    ]


def measure(answers: list[Answer]) -> Ability:
    return ability(answers, np.random.default_rng(1))


def test_nothing_is_said_of_few_answers() -> None:
    found = measure(of((9, False, N), (30, True, A)))
    assert found.stage is Stage.NONE
    assert (found.found, found.kept, found.accused, found.balanced) == (None,) * 4
    assert (found.detection, found.area, found.calibration) == (None,) * 3
    assert measure([]).stage is Stage.NONE


def test_shares_come_early_and_the_rest_from_twenty_and_fifty() -> None:
    early = measure(of((8, False, N), (2, False, A), (7, True, A), (3, True, N)))
    assert early.stage is Stage.EARLY
    assert (early.found, early.accused) == (wilson(8, 10), wilson(3, 10))
    assert early.balanced == mean_of(wilson(8, 10), wilson(7, 10))
    assert early.detection is None
    plain = measure(of((16, False, N), (4, False, A), (15, True, A), (5, True, N)))
    assert plain.stage is Stage.PLAIN
    assert plain.detection is not None
    assert plain.area is not None
    assert plain.calibration is None
    assert measure(of((25, False, N), (25, True, A))).calibration is not None


def test_cannot_tell_is_no_hit_no_false_alarm_and_no_call() -> None:
    found = measure(of((15, False, N), (5, False, V), (12, True, A), (3, True, N), (5, True, V)))
    assert found.found == wilson(15, 20)
    assert found.kept == wilson(12, 20)
    assert found.accused == wilson(3, 20)
    assert found.verify == wilson(10, 40)
    assert found.calls == 30
    assert found.detection is None  # 15 two-way calls on fakes are not 20
    assert found.area is not None
    assert found.area.fakes == 20


def test_accusing_everything_finds_all_and_tells_nothing() -> None:
    found = measure(of((25, False, N), (25, True, N)))
    assert found.found is not None
    assert found.found.value == 1.0
    assert found.balanced is not None
    assert found.balanced.value == 0.5
    assert found.detection is not None
    assert found.detection.d_prime.value == pytest.approx(0)
    assert found.detection.lean == "accuses"
    assert found.area is not None
    assert found.area.area.value == 0.5


def test_families_are_drawn_to_the_readers_mean_of_their_class() -> None:
    answers = [
        *of((8, False, N), hallmarks=("smooth_cortex",)),
        *of((7, False, A), hallmarks=("too_symmetric",)),
        *of((10, True, N), (2, True, A), mimic_of="smooth_cortex"),
    ]
    first, second, lure = measure(answers).families
    assert (first.hallmark, first.imitated, first.n) == ("smooth_cortex", False, 8)
    assert first.share is not None
    assert 0.7 < first.share.value < 0.85
    assert (second.hallmark, second.share) == ("too_symmetric", None)
    assert (lure.imitated, lure.right, lure.n) == (True, 2, 12)


def test_a_comparison_needs_clinical_films_half_and_half() -> None:
    assert comparable(Provenance.CLINICAL, 25, 25) == PUBLISHED
    assert comparable(Provenance.SIMULATED, 25, 25) == ()
    assert comparable(Provenance.CLINICAL, 10, 40) == ()
    assert comparable(Provenance.CLINICAL, 0, 0) == ()


def test_no_published_figure_stands_without_its_interval() -> None:
    for one in PUBLISHED:
        assert one.accuracy.low < one.accuracy.value < one.accuracy.high
        assert one.doi.startswith("10.")
