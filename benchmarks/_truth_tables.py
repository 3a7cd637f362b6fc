"""The tables of ``benchmarks.truth``: d' with its interval, and what the detectors reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from benchmarks._rows import Row
from trainer.imaging.observers import Rise, auc_interval, detector_auc, rise

Curves = dict[int, dict[float, Row]]
FEWEST = 5  # cases below which nothing is said
#: What :func:`trainer.imaging.observers.noise_features` returns, in its order.
FEATURES = ("log SD", "across", "down", "kurtosis", "unevenness")


def tables(rows: Sequence[Row]) -> str:
    """Return the tables as Markdown."""
    groups: dict[tuple[str, str, bool], Curves] = defaultdict(lambda: defaultdict(dict))
    refused: dict[tuple[str, str, bool], set[int]] = defaultdict(set)
    for row in rows:
        key = (row["region"], row["hallmark"], row["built"])
        if "refused" in row:
            refused[key].add(row["seed"])
        else:
            groups[key][row["seed"]][row["dose"]] = row
    for key, seeds in refused.items():
        for seed in seeds:
            groups[key].pop(seed, None)
    furthest = max((row.get("outside", 0) for row in rows), default=0)
    text = [
        "Built into the body:\n",
        _table(groups, refused, True),
        "\nPainted on the film:\n",
        _table(groups, refused, False),
        "\nBuilt, all regions of a hallmark together:\n",
        _pooled(groups, True),
        "\nPainted, all films of a hallmark together:\n",
        _pooled(groups, False),
        "\nNoise of two exposures, twin less authentic, built:\n",
        _differences(groups, True),
        "\nNoise of two exposures, twin less authentic, painted:\n",
        _differences(groups, False),
        f"\nLargest difference outside a mask: {furthest}",
    ]
    return "\n".join(text)


def _table(
    groups: dict[tuple[str, str, bool], Curves],
    refused: dict[tuple[str, str, bool], set[int]],
    built: bool,
) -> str:
    lines = [
        "| region | hallmark | cases | d' at 0.25, 0.5, 0.75, 1 | d' | cases that rise "
        "| residual, AUC at 0.25 and 1 | noise of two exposures, AUC at 0.25 and 1 "
        "| forensic, AUC at 0 and 1 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for key in sorted(set(groups) | set(refused)):
        if key[2] is not built:
            continue
        cases = [c for c in groups[key].values() if len(c) >= 5] if key in groups else []
        many = f"{len(cases)}" + (f" (+{len(refused[key])} refused)" if key in refused else "")
        start = f"| {key[0]} | {key[1]} | {many} "
        if len(cases) < FEWEST:
            if cases or built:
                lines.append(start + "| | | | | | |")
            continue
        doses = sorted(cases[0])[1:]
        risen = rise([[c[d]["d"] for d in doses] for c in cases], np.random.default_rng(0))
        lines.append(
            start + f"| {curve(risen)} | {risen.verdict} | {risen.cases} "
            f"| {', '.join(noise(cases, dose, 'noise') for dose in (doses[0], doses[-1]))} "
            f"| {', '.join(noise(cases, dose, 'alone') for dose in (doses[0], doses[-1]))} "
            f"| {forensic(cases, 0.0)}, {forensic(cases, 1.0)} |"
        )
    return "\n".join(lines)


def curve(risen: Rise) -> str:
    """Return d' at each dose with its interval."""
    pairs = zip(risen.mean, risen.interval, strict=True)
    return ", ".join(f"{mean:.0f} ({low:.0f}-{high:.0f})" for mean, (low, high) in pairs)


def noise(cases: Iterable[dict[float, Row]], dose: float, what: str) -> str:
    """Return what a detector reaches by ``noise`` (one film) or ``alone`` (two exposures)."""
    return auc_of([case[dose][what] for case in cases if what in case[dose]])


def auc_of(found: Sequence[Sequence[Sequence[float]]]) -> str:
    """Return a detector's AUC over pairs, marked where its interval leaves one half out."""
    if len(found) < FEWEST:
        return "-"
    features = [one for pair in found for one in pair]
    forged = [0, 1] * len(found)
    film = [k for k in range(len(found)) for _ in range(2)]
    auc = detector_auc(features, forged, film)
    low, high = auc_interval(auc, len(found))
    plain = f"{auc:.2f} ({max(low, 0):.2f}-{min(high, 1):.2f})"
    return plain if low <= 0.5 <= high else f"**{plain}**"


def forensic(cases: Iterable[dict[float, Row]], dose: float) -> str:
    """Return what a detector of a whole film's forensic features reaches."""
    found = [case[dose]["forensic"] for case in cases]
    features = [one for pair in found for one in pair]
    film = [k for k in range(len(found)) for _ in range(2)]
    return f"{detector_auc(features, [0, 1] * len(found), film):.2f}"


def _pooled(groups: dict[tuple[str, str, bool], Curves], built: bool) -> str:
    """Return noise-only AUCs over all regions; each region's features about its own mean."""
    lines = [
        "| hallmark | pairs | residual, AUC at 0.25, 0.5, 0.75, 1 "
        "| noise of two exposures, AUC at 0.25, 0.5, 0.75, 1 |",
        "|---|---|---|---|",
    ]
    for hallmark in sorted({key[1] for key in groups if key[2] is built}):
        pairs, said = 0, []
        for what in ("noise", "alone"):
            by_dose: dict[float, list[Any]] = defaultdict(list)
            for key, curves in groups.items():
                if key[1] == hallmark and key[2] is built and not key[0].endswith("ct"):
                    for dose in (0.25, 0.5, 0.75, 1.0):
                        by_dose[dose] += _about_mean(curves, dose, what)
            pairs = max(pairs, len(by_dose[1.0]))
            said.append(", ".join(auc_of(found) for found in by_dose.values()))
        lines.append(f"| {hallmark} | {pairs} | {said[0]} | {said[1]} |")
    return "\n".join(lines)


def _about_mean(curves: Curves, dose: float, what: str) -> list[Any]:
    """Return a region's features of both twins of each case, less their mean over all of them."""
    found = [case[dose][what] for case in curves.values() if what in case.get(dose, {})]
    if not found:
        return []
    own = np.array(found)
    return list(own - own.mean((0, 1)))


def _differences(groups: dict[tuple[str, str, bool], Curves], built: bool) -> str:
    """Return what tells twins from authentic films in two exposures: differences of the features.

    Each is the mean over pairs, with its 95 % interval (normal); bold where that leaves out 0.
    """
    lines = [
        "| hallmark | pairs | dose | " + " | ".join(FEATURES) + " |",
        "|---|---|---|" + "---|" * len(FEATURES),
    ]
    for hallmark in sorted({key[1] for key in groups if key[2] is built}):
        curves = [c for key, seeds in groups.items() if key[1:] == (hallmark, built)
                  for c in seeds.values()]  # fmt: skip
        for dose in (0.25, 1.0):
            pairs = [case[dose]["alone"] for case in curves if "alone" in case.get(dose, {})]
            if len(pairs) < FEWEST:
                continue
            by = np.diff(np.array(pairs), axis=1)[:, 0]
            half = 1.96 * by.std(0, ddof=1) / np.sqrt(len(by))
            said = [_shift(m, h) for m, h in zip(by.mean(0), half, strict=True)]
            lines.append(f"| {hallmark} | {len(pairs)} | {dose:g} | {' | '.join(said)} |")
    return "\n".join(lines)


def _shift(mean: float, half: float) -> str:
    plain = f"{mean:+.2f} ({mean - half:+.2f} to {mean + half:+.2f})"
    return f"**{plain}**" if abs(mean) > half else plain
