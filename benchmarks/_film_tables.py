"""The tables of ``benchmarks.forgery_films``: what the observers say of real films."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from benchmarks._rows import DOSES, Row
from benchmarks._truth_tables import FEATURES, FEWEST, curve, forensic, noise
from trainer.imaging.forgery.registry import HALLMARKS
from trainer.imaging.observers import rise

REAL = "real films"  # the region that a row of a film names
_ABOVE = DOSES[1:]
_SAID = 3  # reasons of refusal that are named


def tables(rows: Sequence[Row]) -> str:
    """Return the tables as Markdown."""
    whole: dict[str, dict[str, dict[float, Row]]] = defaultdict(lambda: defaultdict(dict))
    why: dict[str, Counter[str]] = defaultdict(Counter)
    stacks: dict[tuple[str, str], dict[float, Row]] = defaultdict(dict)
    for row in rows:
        if row["region"] != REAL:
            stacks[row["region"], row["hallmark"]][row.get("dose", 0.0)] = row
        elif "refused" in row:
            why[row["hallmark"]][row["refused"].split(" (")[0].split(";")[0]] += 1
        else:
            whole[row["hallmark"]][row["film"]][row["dose"]] = row
    cases = {name: list(films.values()) for name, films in whole.items()}
    furthest = max((row.get("outside", 0) for row in rows), default=0)
    return "\n".join(
        [
            _observers(cases, why),
            "\nThe residual's features, twin less authentic, in their spread between films: mean "
            "(median)\n",
            _shifts(cases),
            "\nStacks:\n",
            _stacks(stacks),
            f"\nLargest difference outside a mask: {furthest}",
        ]
    )


def _observers(cases: dict[str, list[dict[float, Row]]], why: dict[str, Counter[str]]) -> str:
    doses = ", ".join(f"{dose:g}" for dose in _ABOVE)
    lines = [
        f"| hallmark | films | refused, and why | d' at {doses} | d' | films that rise "
        f"| noise, AUC at {doses} | forensic, AUC at 0 and 1 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in (str(h) for h in HALLMARKS if h in cases or h in why):
        own = cases.get(name, [])
        reasons = [f"{count}: {reason}" for reason, count in why[name].most_common(_SAID)]
        start = f"| `{name}` | {len(own)} | {'; '.join(reasons)} "
        if len(own) < FEWEST:
            lines.append(start + "| | | | | |")
            continue
        risen = rise([[c[dose]["d"] for dose in _ABOVE] for c in own], np.random.default_rng(0))
        lines.append(
            start + f"| {curve(risen)} | {risen.verdict} | {risen.cases} "
            f"| {', '.join(noise(own, dose, 'noise') for dose in _ABOVE)} "
            f"| {forensic(own, 0.0)}, {forensic(own, 1.0)} |"
        )
    return "\n".join(lines)


def _shifts(cases: dict[str, list[dict[float, Row]]]) -> str:
    """Return by how much the residual's features move where anatomy alone should have moved."""
    lines = [
        "| hallmark | films | dose | " + " | ".join(FEATURES) + " |",
        "|---|---|---|" + "---|" * len(FEATURES),
    ]
    for hallmark, op in HALLMARKS.items():
        own = cases.get(str(hallmark), [])
        if not op.structural or len(own) < FEWEST:
            continue
        for dose in (0.25, 1.0):
            pairs = np.array([case[dose]["noise"] for case in own])
            moved = np.diff(pairs, axis=1)[:, 0] / pairs[:, 0].std(0, ddof=1)
            both = zip(moved.mean(0), np.median(moved, 0), strict=True)
            said = " | ".join(f"{mean:+.2f} ({median:+.2f})" for mean, median in both)
            lines.append(f"| `{hallmark}` | {len(own)} | {dose:g} | {said} |")
    return "\n".join(lines)


def _stacks(stacks: dict[tuple[str, str], dict[float, Row]]) -> str:
    doses = ", ".join(f"{dose:g}" for dose in _ABOVE)
    lines = [f"| series | hallmark | d' at {doses} |", "|---|---|---|"]
    for (series, hallmark), by_dose in sorted(stacks.items()):
        refused = [row["refused"] for row in by_dose.values() if "refused" in row]
        found = refused or [f"{by_dose[dose]['d']:.0f}" for dose in _ABOVE]
        lines.append(f"| {series} | `{hallmark}` | {', '.join(found)} |")
    return "\n".join(lines)
