"""Figures are what Plotly takes, and every colour in them is one of the stylesheet's."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
import pytest
from plotly import graph_objects

from trainer.core.stats.calibration import calibrate
from trainer.core.stats.intervals import wilson
from trainer.web import charts
from trainer.web.assets import PLOTLY, STATIC

AT = datetime(2026, 11, 23, tzinfo=UTC)
CALIBRATION = calibrate(
    [1, 3, 5] * 20, [True] * 60, [i % 4 != 0 for i in range(60)], np.random.default_rng(1)
)
FIGURES = {
    "forest": charts.forest([("Ann", wilson(7, 10)), ("<b>Ben</b>", wilson(10, 10))], 0.7),
    "over time": charts.scores_over_time(
        [(AT, "A & B", wilson(6, 10)), (AT, "C", wilson(9, 10))],
        [("17 radiologists", wilson(75, 100))],
    ),
    "reliability": charts.reliability(CALIBRATION),
}


def coloured(figure, found=()):
    """Yield every string of a figure that names a custom property."""
    if isinstance(figure, str) and figure.startswith("--"):
        yield figure
    children = figure.values() if isinstance(figure, dict) else figure
    if isinstance(figure, dict | list):
        for child in children:
            yield from coloured(child)


def painted(figure):
    """Return the figure with black for every named colour, as the browser puts one in."""
    if isinstance(figure, dict):
        return {key: painted(value) for key, value in figure.items()}
    if isinstance(figure, list):
        return [painted(value) for value in figure]
    return "#000" if isinstance(figure, str) and figure.startswith("--") else figure


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_plotly_takes_the_figure(figure):
    made = graph_objects.Figure(painted(figure))
    assert len(made.data) == 1


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_colours_are_the_stylesheets(figure):
    style = (STATIC / "telltale.css").read_text()
    names = set(coloured(figure))
    assert names
    assert all(re.search(rf"{name}\s*:", style) for name in names)


def test_the_forest_has_the_best_on_top_with_its_own_interval():
    trace = FIGURES["forest"]["data"][0]
    assert trace["x"] == [70.0, 100.0]
    assert trace["error_x"]["array"][1] == 0.0
    assert trace["error_x"]["arrayminus"][1] == pytest.approx(27.8, abs=0.05)


def test_names_are_text_not_markup():
    figure = FIGURES["forest"]
    assert figure["layout"]["yaxis"]["ticktext"][1] == "&lt;b&gt;Ben&lt;/b&gt;"
    assert "<b>" not in figure["data"][0]["text"][1]
    assert "A &amp; B" in FIGURES["over time"]["data"][0]["text"][0]


def test_plotly_still_asks_for_the_ids_that_keep_it_from_making_styles():
    page = (STATIC.parent / "templates" / "_charts.html").read_text()
    source = PLOTLY.read_text()
    for found in re.findall(r'id="([\w.-]+)"', page):
        prefix = "plotly.js-style-"
        assert (f'"{prefix}"' if found.startswith(prefix) else f'"{found}"') in source
    assert ".no-inline-styles" in source
