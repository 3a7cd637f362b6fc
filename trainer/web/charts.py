"""Results as figures that Plotly draws in the browser.

A figure is plain JSON. A colour is the name of a custom property of the stylesheet
(``"--amber"``); ``static/charts.js`` puts in what it is in the reader's theme. Every page that
shows a figure shows the same numbers as a table first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from trainer.core.plural import counted
from trainer.core.stats.calibration import Calibration
from trainer.core.stats.intervals import Interval

Figure = dict[str, Any]

_AXIS: Figure = {
    "gridcolor": "--line",
    "linecolor": "--line",
    "zeroline": False,
    "tickfont": {"color": "--soft"},
    "fixedrange": True,
}
_SHARE: Figure = {
    **_AXIS,
    "range": [-2, 103],
    "tickvals": [0, 25, 50, 75, 100],
}


def _layout(**more: Any) -> Figure:
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": "--ink"},
        "margin": {"l": 46, "r": 24, "t": 18, "b": 44},
        "hoverlabel": {
            "bgcolor": "--raised",
            "bordercolor": "--edge",
            "font": {"color": "--ink"},
            "align": "left",
        },
        "hovermode": "closest",
        "showlegend": False,
        **more,
    }


def _percent(value: float) -> float:
    return round(100 * value, 1)


def _arms(intervals: Sequence[Interval], colour: str) -> Figure:
    return {
        "type": "data",
        "symmetric": False,
        "array": [_percent(i.high - i.value) for i in intervals],
        "arrayminus": [_percent(i.value - i.low) for i in intervals],
        "color": colour,
        "thickness": 1.6,
        "width": 0,
    }


def _said(label: str, i: Interval) -> str:
    ends = f"95 % interval {100 * i.low:.0f} to {100 * i.high:.0f}"
    return f"{label}<br>{100 * i.value:.0f} of 100 ({ends})<br>{counted(i.n, 'case')}"


def _line(
    value: float, text: str, *, upright: bool, colour: str, dash: str, anchor: str = "right"
) -> Figure:
    """Return a line across the whole figure at a share, with its name at the end."""
    along, across = ("y", "x") if upright else ("x", "y")
    return {
        "shape": {
            "type": "line",
            f"{along}ref": "paper",
            f"{along}0": 0,
            f"{along}1": 1,
            f"{across}0": _percent(value),
            f"{across}1": _percent(value),
            "line": {"color": colour, "width": 1, "dash": dash},
            "layer": "above",  # a grid line at the same place must not hide it
        },
        "annotation": {
            f"{along}ref": "paper",
            along: 1,
            across: _percent(value),
            "text": text,
            "showarrow": False,
            "xanchor": anchor,
            "yanchor": "bottom",
            "font": {"size": 11, "color": "--soft"},
        },
    }


def _with_lines(layout: Figure, lines: Sequence[Figure]) -> Figure:
    return layout | {
        "shapes": [line["shape"] for line in lines],
        "annotations": [line["annotation"] for line in lines],
    }


def forest(rows: Sequence[tuple[str, Interval]], pass_mark: float) -> Figure:
    """Return each person's score with its interval, the best on top.

    Parameters
    ----------
    rows : sequence of (str, Interval)
        Name and score, 0 to 1.
    pass_mark : float
        0 to 1.
    """
    rows = sorted(rows, key=lambda row: row[1].value)
    intervals = [interval for _, interval in rows]
    sides = ("right", "left") if pass_mark >= 0.5 else ("left", "right")
    lines = [
        _line(0.5, "guessing ", upright=True, colour="--edge", dash="dot", anchor=sides[0]),
        _line(pass_mark, " pass", upright=True, colour="--amber", dash="dash", anchor=sides[1]),
    ]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [_percent(i.value) for i in intervals],
        "y": list(range(len(rows))),
        "error_x": _arms(intervals, "--teal"),
        "marker": {"color": "--teal", "size": 9},
        "text": [_said(_plain(name), i) for name, i in rows],
        "hoverinfo": "text",
    }
    names = {
        **_AXIS,
        "tickvals": list(range(len(rows))),
        "ticktext": [_plain(_short(name)) for name, _ in rows],
        "range": [-0.7, len(rows) - 0.3],
        "automargin": True,
        "showgrid": False,
    }
    layout = _layout(
        xaxis=_SHARE | {"title": {"text": "score"}}, yaxis=names, height=130 + 30 * len(rows)
    )
    layout["margin"] = layout["margin"] | {"t": 30}
    return {"data": [trace], "layout": _with_lines(layout, lines)}


def _short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"


def _plain(name: str) -> str:
    """Return text that Plotly shows as it is: it reads a few tags of HTML in labels."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def scores_over_time(
    points: Sequence[tuple[datetime, str, Interval]],
    references: Sequence[tuple[str, Interval]] = (),
) -> Figure:
    """Return the scores of sittings in their order, with intervals.

    Sittings stand at equal distances: many fall on one day, and the order is what matters.

    Parameters
    ----------
    points : sequence of (datetime, str, Interval)
        When it began, its title, its score; oldest first.
    references : sequence of (str, Interval)
        What others reached on similar sets, under a letter: lines with bands across the figure.
    """
    intervals = [i for _, _, i in points]
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(range(1, len(points) + 1)),
        "y": [_percent(i.value) for i in intervals],
        "error_y": _arms(intervals, "--teal"),
        "line": {"color": "--teal", "width": 1, "dash": "dot"},
        "marker": {"color": "--teal", "size": 9},
        "text": [_said(f"{at:%d %b %Y}<br>{_plain(title)}", i) for at, title, i in points],
        "hoverinfo": "text",
    }
    lines = [_line(0.5, "guessing", upright=False, colour="--edge", dash="dot")]
    layout = _layout(
        xaxis={
            **_AXIS,
            "title": {"text": "sitting"},
            "range": [0.4, len(points) + 0.6],
            "dtick": max(1, len(points) // 10),
            "showgrid": False,
        },
        yaxis=_SHARE,
        height=340,
    )
    for label, i in references:
        line = _line(i.value, f" {label}", upright=False, colour="--blue", dash="dash")
        line["annotation"] |= {"xanchor": "left", "yanchor": "middle"}
        lines.append(line)
    layout = _with_lines(layout, lines)
    layout["shapes"] += [_band(i) for _, i in references]
    return {"data": [trace], "layout": layout}


def _band(i: Interval) -> Figure:
    return {
        "type": "rect",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": _percent(i.low),
        "y1": _percent(i.high),
        "fillcolor": "--blue",
        "opacity": 0.12,
        "line": {"width": 0},
        "layer": "below",
    }


def reliability(found: Calibration) -> Figure:
    """Return how often right against how sure, with the line on which the two agree."""
    intervals = [b.right for b in found.bins]
    sure = [_percent(b.sureness) for b in found.bins]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": sure,
        "y": [_percent(i.value) for i in intervals],
        "error_y": _arms(intervals, "--teal"),
        "marker": {"color": "--teal", "size": 10},
        "text": [_said(f"{s:.0f} % sure", i) for s, i in zip(sure, intervals, strict=True)],
        "hoverinfo": "text",
    }
    layout = _layout(
        xaxis=_AXIS
        | {
            "title": {"text": "how sure you were"},
            "range": [48, 102],
            "tickvals": [50, 60, 70, 80, 90, 100],
            "ticksuffix": " %",
        },
        yaxis=_SHARE | {"title": {"text": "how often right"}},
        height=340,
        shapes=[
            {
                "type": "line",
                "x0": 50,
                "y0": 50,
                "x1": 100,
                "y1": 100,
                "line": {"color": "--edge", "width": 1, "dash": "dot"},
                "layer": "below",
            }
        ],
    )
    layout["margin"] = layout["margin"] | {"l": 64}
    return {"data": [trace], "layout": layout}


def areas(rows: Sequence[tuple[str, float, float, float, bool]], limit: float) -> Figure:
    """Return the areas under the ROC curve of an audit, the highest on top.

    Parameters
    ----------
    rows : sequence of (str, float, float, float, bool)
        Label, area, ends of its 95 % interval, and whether it tells what it must not.
    limit : float
        The area above which a family stops a set.
    """
    rows = sorted(rows, key=lambda row: row[1])
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [round(area, 3) for _, area, *_ in rows],
        "y": list(range(len(rows))),
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [round(high - area, 3) for _, area, _, high, _ in rows],
            "arrayminus": [round(area - low, 3) for _, area, low, _, _ in rows],
            "color": "--soft",
            "thickness": 1.6,
            "width": 0,
        },
        "marker": {
            "color": ["--rose" if tells else "--teal" for *_, tells in rows],
            "symbol": ["x" if tells else "circle" for *_, tells in rows],
            "size": 10,
        },
        "text": [
            f"{_plain(label)}<br>{area:.2f} (95 % interval {low:.2f} to {high:.2f})"
            for label, area, low, high, _ in rows
        ],
        "hoverinfo": "text",
    }
    marks = [
        _line(0.5, "a coin ", upright=True, colour="--edge", dash="dot"),
        _line(limit, " limit", upright=True, colour="--amber", dash="dash", anchor="left"),
    ]
    for mark in marks:  # areas stand as they are, not in percent
        for part in (mark["shape"], mark["annotation"]):
            part.update({k: v / 100 for k, v in part.items() if k in ("x", "x0", "x1")})
    names = {
        **_AXIS,
        "tickvals": list(range(len(rows))),
        "ticktext": [_plain(_short(label)) for label, *_ in rows],
        "range": [-0.7, len(rows) - 0.3],
        "automargin": True,
        "showgrid": False,
    }
    across = {
        **_AXIS,
        "range": [-0.02, 1.02],
        "tickvals": [0, 0.25, 0.5, 0.75, 1],
        "title": {"text": "area under the ROC curve"},
    }
    layout = _layout(xaxis=across, yaxis=names, height=130 + 28 * len(rows))
    layout["margin"] = layout["margin"] | {"t": 30}
    return {"data": [trace], "layout": _with_lines(layout, marks)}
