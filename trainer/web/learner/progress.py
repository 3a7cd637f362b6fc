"""The learner's progress page, and the page that says how its numbers are computed."""

from __future__ import annotations

import re
from pathlib import Path
from string import ascii_uppercase

from flask import abort, render_template
from markdown_it import MarkdownIt
from markupsafe import Markup

from trainer import clock
from trainer.core.permissions import Permission
from trainer.core.stats import auc, calibration, sdt
from trainer.services import progress as service
from trainer.web import charts, db
from trainer.web.access import actor, audience

STATISTICS = Path(__file__).parents[3] / "docs" / "statistics.md"

#: Sittings that the chart shows; the tables show all.
CHART_SITTINGS = 40
#: Sittings that stand open on the page; earlier ones unfold.
NEWEST = 10


@audience(Permission.LEARN)
def progress() -> str:
    found = service.progress(db.session(), actor(), now=clock.now())
    figures = {}
    for pool in found.pools:
        points = [
            (line.started_at, line.title, line.score)
            for line in found.sittings
            if line.score and line.provenance is pool.provenance
        ][-CHART_SITTINGS:]
        if len(points) > 1:
            references = [
                (letter, one.accuracy)
                for letter, one in zip(ascii_uppercase, pool.references, strict=False)
            ]
            figures[f"scores-{pool.provenance}"] = charts.scores_over_time(points, references)
        if pool.ability.calibration:
            figures[f"sure-{pool.provenance}"] = charts.reliability(pool.ability.calibration)
    return render_template(
        "learner/progress.html",
        found=found,
        newest=found.sittings[::-1][:NEWEST],
        earlier=found.sittings[::-1][NEWEST:],
        figures=figures,
        least={
            "early": sdt.EARLY_FROM,
            "plain": sdt.SHOW_FROM,
            "area": auc.SHOW_FROM,
            "calibration": calibration.SHOW_FROM,
            "ece": calibration.ECE_FROM,
        },
    )


@audience(Permission.PUBLIC)
def measures() -> str:
    if not STATISTICS.is_file():
        abort(404)
    title, _, rest = STATISTICS.read_text(encoding="utf-8").partition("\n")
    made = MarkdownIt("commonmark").render(rest)
    # The page's own headings can be linked to: /measures#hallmarks
    made = re.sub(r"<h2>(.*?)</h2>", _with_id, made)
    return render_template(
        "learner/measures.html",
        title=title.lstrip("# "),
        body=Markup(made),  # noqa: S704 (our own file, rendered without raw HTML of others)
    )


def _with_id(heading: re.Match[str]) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", heading[1].lower()).strip("-")
    return f'<h2 id="{words}">{heading[1]}</h2>'
