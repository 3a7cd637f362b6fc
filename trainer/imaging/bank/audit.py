"""The shortcut audit: can a simple classifier tell the class from what must not tell it?

Each family of features is given to a small classifier, cross-validated so that images of one
patient are never on both sides. What it reaches is an area under the ROC curve with a 95 %
interval from resampling patients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from threadpoolctl import threadpool_limits

from trainer.imaging.bank.features import FAMILIES

ENGINE = "3"
#: A family gates above this area, if its interval also leaves out chance.
LIMIT = 0.60
FOLDS = 5
RESAMPLES = 1000
#: Below this many images of either class nothing can be said.
FEWEST = 20
_MANY = 30  # features; above, a linear model on principal components

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one family reached.

    Parameters
    ----------
    family, title, note : str
        Which, and what it is in words.
    gates : bool
        Whether it may stop a set from being published.
    auc, low, high : float
        Area under the ROC curve and its 95 % interval; 0.5 is chance.
    """

    family: str
    title: str
    note: str
    gates: bool
    auc: float
    low: float
    high: float

    @property
    def tells(self) -> bool:
        """Whether it gates and gives the class away."""
        return self.gates and self.auc > LIMIT and self.low > 0.5


@dataclass(frozen=True, slots=True)
class Audit:
    """The findings of one set.

    Parameters
    ----------
    findings : tuple of Finding
        One for each family.
    authentic, other : int
        Images of each class.
    enough : bool
        Whether there were enough to say anything.
    """

    findings: tuple[Finding, ...]
    authentic: int
    other: int
    enough: bool
    engine: str = ENGINE

    @property
    def shortcuts(self) -> tuple[Finding, ...]:
        """The findings that must not be."""
        return tuple(f for f in self.findings if f.tells)

    def as_json(self) -> dict[str, Any]:
        """Return the audit as JSON."""
        return asdict(self) | {"findings": [asdict(f) | {"tells": f.tells} for f in self.findings]}


def audit(
    features: Mapping[str, Sequence[Floats | None]],
    authentic: Sequence[bool],
    kin: Sequence[str],
    rng: np.random.Generator,
) -> Audit:
    """Audit a set.

    Parameters
    ----------
    features : mapping
        By family, one row of numbers for each image; ``None`` where it was not measured.
    authentic : sequence of bool
        The class of each image.
    kin : sequence of str
        Images that share this are never split between training and testing, and are resampled
        together.
    rng : Generator
        For the folds and the resampling.
    """
    wanted = ~np.asarray(authentic, bool)
    groups = _numbered(kin)
    enough = min(int(wanted.sum()), int((~wanted).sum())) >= FEWEST
    folds = _folds(wanted, groups, rng) if enough else []
    with threadpool_limits(1):  # the matrices are small: threads would only wait for each other
        findings = _findings(features, wanted, groups, folds, rng)
    return Audit(tuple(findings), int((~wanted).sum()), int(wanted.sum()), enough)


def _findings(
    features: Mapping[str, Sequence[Floats | None]],
    wanted: NDArray[np.bool_],
    groups: NDArray[np.intp],
    folds: list[tuple[NDArray[np.intp], NDArray[np.intp]]],
    rng: np.random.Generator,
) -> list[Finding]:
    findings = []
    for name, family in FAMILIES.items():
        if name not in features:
            continue
        kept = np.array([row is not None for row in features[name]])
        rows = [row for row in features[name] if row is not None]
        area = (0.5, 0.0, 1.0)
        if folds and kept.all():
            area = _area(_matrix(rows), wanted, groups, folds, rng)
        elif folds and min(int(wanted[kept].sum()), int((~wanted[kept]).sum())) >= FEWEST:
            some = np.unique(groups[kept], return_inverse=True)[1]
            parts = _folds(wanted[kept], some, rng)
            area = _area(_matrix(rows), wanted[kept], some, parts, rng)
        findings.append(Finding(name, family.title, family.note, family.gates, *area))
    return findings


def _numbered(names: Sequence[str]) -> NDArray[np.intp]:
    """Return a number for each name, in the order of their first appearance.

    The folds follow the numbers, so that the answer must not depend on how patients are called.
    """
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.intp)


def _matrix(rows: Sequence[Floats]) -> Floats:
    return np.nan_to_num(np.vstack(rows), posinf=1e12, neginf=-1e12)


def _folds(
    wanted: NDArray[np.bool_], groups: NDArray[np.intp], rng: np.random.Generator
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    from sklearn.model_selection import StratifiedGroupKFold

    split = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=int(rng.integers(2**31)))
    return [
        (train, test)
        for train, test in split.split(np.zeros(wanted.size), wanted, groups)
        if len(set(wanted[train])) == 2
    ]


def _area(
    matrix: Floats,
    wanted: NDArray[np.bool_],
    groups: NDArray[np.intp],
    folds: list[tuple[NDArray[np.intp], NDArray[np.intp]]],
    rng: np.random.Generator,
) -> tuple[float, float, float]:
    """Return the cross-validated area and its interval."""
    # Slow to load, and whoever only reads what an audit said does not need them.
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import QuantileTransformer, SplineTransformer, StandardScaler

    if np.all(matrix == matrix[0]):
        return 0.5, 0.5, 0.5
    scores = np.full(wanted.size, 0.5)
    for train, test in folds:
        if matrix.shape[1] > _MANY:
            parts = min(20, len(train) // 5)
            model = make_pipeline(
                StandardScaler(),
                PCA(parts, random_state=int(rng.integers(2**31))),
                LogisticRegression(C=0.1, solver="newton-cholesky"),
            )
        else:
            # Ranks, bent by a few splines: any rise, fall or hump of a single feature is seen.
            model = make_pipeline(
                QuantileTransformer(n_quantiles=min(100, len(train)), random_state=0),
                SplineTransformer(n_knots=4, degree=2),
                LogisticRegression(C=1.0, solver="newton-cholesky"),
            )
        model.fit(matrix[train], wanted[train])
        found = model.predict_proba(matrix[test])[:, 1]
        # Ranked within its fold: two models' scales are not one scale.
        scores[test] = rankdata(found) / (len(test) + 1)
    low, high = _interval(scores, wanted, groups, rng)
    return auc(scores, wanted), low, high


def weaker(one: Audit, again: Audit) -> Audit:
    """Return an audit with the weaker of two findings for each family that both have.

    What is measured (the server's time) or drawn (tokens, order) must tell twice to count: a leak
    is there each time, chance is not.
    """
    other = {finding.family: finding for finding in again.findings}
    kept = [min(f, other.get(f.family, f), key=lambda x: x.auc) for f in one.findings]
    return replace(one, findings=tuple(kept))


def auc(scores: Floats, wanted: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve (Mann-Whitney, ties count half)."""
    hits, others = int(wanted.sum()), int((~wanted).sum())
    if not hits or not others:
        return 0.5
    ranks = rankdata(scores)
    return float((ranks[wanted].sum() - hits * (hits + 1) / 2) / (hits * others))


def _interval(
    scores: Floats,
    wanted: NDArray[np.bool_],
    groups: NDArray[np.intp],
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Return the 95 % interval of the area from drawing patients anew, per class."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) > 0])  # ties share a step
    hits = wanted[order].astype(np.float64)
    has = np.zeros(groups.max() + 1, bool)
    has[groups[wanted]] = True
    sides = [np.flatnonzero(has), np.flatnonzero(~has)]
    areas: list[float] = []
    for _ in range(RESAMPLES // 100):
        counts = np.zeros((100, has.size))
        for side in sides:
            if side.size:
                even = np.full(side.size, 1 / side.size)
                counts[:, side] = rng.multinomial(side.size, even, 100)
        weights = counts[:, groups[order]]
        above = np.add.reduceat(weights * hits, starts, axis=1)
        below = np.add.reduceat(weights * (1 - hits), starts, axis=1)
        won = (above * (np.cumsum(below, axis=1) - below / 2)).sum(axis=1)
        pairs = above.sum(axis=1) * below.sum(axis=1)
        areas += [float(w / p) if p else 0.5 for w, p in zip(won, pairs, strict=True)]
    low, high = np.quantile(areas, (0.025, 0.975))
    return float(low), float(high)
