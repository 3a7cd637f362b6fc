import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.core.stats import items
from trainer.core.stats.intervals import wilson


def readers(n=400, slope=1.0, seed=3):
    """Return the answers to one film and the scores on others of readers of spread ability."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=n)
    right = rng.random(n) < 1 / (1 + np.exp(-slope * ability))
    rest = rng.binomial(20, 1 / (1 + np.exp(-ability))) / 20
    return right.astype(float), rest


def test_nothing_is_said_below_its_count():
    credits, rest = readers(99)
    assert items.corrected_point_biserial(credits, rest) is None
    assert items.upper_lower(credits, rest) is None
    assert items.by_thirds(credits > 0, rest) is None
    assert items.share_right(credits[:29]) is None
    assert items.share_right(credits[:30]) == wilson(float(credits[:30].sum()), 30)


def test_a_film_that_sorts_readers_and_one_whose_key_is_turned():
    credits, rest = readers()
    r = items.corrected_point_biserial(credits, rest)
    assert 0.2 < r.low < r.value < r.high
    turned = items.corrected_point_biserial(1 - credits, rest)
    assert turned.value == pytest.approx(-r.value)
    assert items.upper_lower(1 - credits, rest) == pytest.approx(-items.upper_lower(credits, rest))


def test_the_interval_is_fishers():
    # r = 0.5 from 103 pairs: tanh(0.549306 -+ 1.959964/10), as any table of z has it
    x = np.tile([0.0, 1.0], 52)[:103]
    y = x + np.random.default_rng(0).normal(size=103)
    r = items.corrected_point_biserial(x, y)
    z = np.arctanh(r.value)
    assert np.tanh([z - 0.1959964, z + 0.1959964]) == pytest.approx([r.low, r.high], abs=1e-6)


def test_without_spread_there_is_no_correlation():
    assert items.corrected_point_biserial([1.0] * 150, np.linspace(0, 1, 150)) is None
    assert items.corrected_point_biserial(readers(150)[0], [0.1 + 0.2] * 150) is None


@given(st.permutations(list(range(120))))
def test_the_order_of_readers_does_not_matter_even_with_ties(order):
    credits, rest = readers(120)
    rest = np.round(rest, 1)
    moved = list(order)
    assert items.upper_lower(credits[moved], rest[moved]) == pytest.approx(
        items.upper_lower(credits, rest)
    )
    one, other = (items.by_thirds(credits[i] > 0, rest[i]) for i in (slice(None), moved))
    assert (one.lower, one.middle, one.upper) == pytest.approx(
        (other.lower, other.middle, other.upper)
    )


def test_groups_counted_by_hand():
    # 100 readers, all scores different, the best 27 right and nobody else
    rest = np.arange(100) / 100
    credits = (rest >= 0.73).astype(float)
    assert items.upper_lower(credits, rest) == 1
    assert items.upper_lower(credits, rest, share=0.5) == pytest.approx(27 / 50)
    # everybody tied: both groups are a sample of all
    assert items.upper_lower(credits, np.zeros(100)) == pytest.approx(0)


def test_thirds_add_up_to_all():
    credits, rest = readers(200)
    thirds = items.by_thirds(credits > 0, rest)
    assert (thirds.lower + thirds.middle + thirds.upper) / 3 == pytest.approx(credits.mean())
    assert thirds.lower < thirds.upper


def test_an_odd_time_is_far_from_its_fellows():
    fellows = [20, 22, 25, 24, 19, 30, 28, 21, 23, 26]
    assert items.time_is_odd(24, fellows) is False
    assert items.time_is_odd(90, fellows) is True
    assert items.time_is_odd(4, fellows) is True
    assert items.time_is_odd(24, fellows[:9]) is None
    assert items.time_is_odd(24, [20.0] * 12) is None


@pytest.mark.parametrize("call", [items.corrected_point_biserial, items.upper_lower])
def test_answers_and_scores_go_in_pairs(call):
    with pytest.raises(ValueError, match="one of each"):
        call([1.0] * 100, [0.5] * 101)


def test_flags_say_what_to_look_at():
    r = items.Correlation(0.05, -0.05, 0.15, 380)
    better = items.Correlation(0.3, 0.2, 0.4, 380)
    found = items.flags(
        right=wilson(10, 40),
        authentic=True,
        discrimination=r,
        key_by_thirds={"trabecula": items.Thirds(0.1, 0.1, 0.1)},
        distractors_by_thirds={"halo_seam": items.Thirds(0.0, 0.1, 0.4)},
        distractor_correlations={"halo_seam": better},
        odd_time=True,
    )
    assert len(found) == 5
    quiet = items.flags(
        right=wilson(10, 40),
        authentic=False,  # a film that is hard to find out is no fault
        discrimination=better,
        key_by_thirds={"trabecula": items.Thirds(0.1, 0.2, 0.5)},
        distractors_by_thirds={"halo_seam": items.Thirds(0.2, 0.2, 0.4)},
        distractor_correlations={"halo_seam": r},
        odd_time=None,
    )
    assert quiet == ()
