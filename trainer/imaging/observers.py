"""Observers: what a forgery gives away, as numbers.

Three of them. One knows the change and looks for it where it is (``template_d``). One sees nothing
but the fine residual (``noise_features``): it must not tell a forgery of anatomy from its twin. One
reads what camera forensics measure of a whole image (``forensic_features``). The last two are read
by a logistic detector that is tried on films it has not seen (``detector_auc``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import (
    binary_dilation,
    convolve,
    gaussian_filter,
    gaussian_gradient_magnitude,
    uniform_filter,
)
from scipy.optimize import isotonic_regression
from scipy.stats import kurtosis

from trainer.imaging.film import Mask, Pixels

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

# Immerkaer (1996): blind to any plane, so that it sees noise and little else.
_NOISE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
# Width, in pixels, over which the observer knows the noise.
_NEIGHBOURS = 15
# Blur, in pixels, of the observer's eye.
_EYE = 0.7
_LEAST_NOISE = 1e-4
_DRAWS = 1000


def residual(level: Map) -> Map:
    """Return the fine residual of an image: its noise, and of its edges what is curved."""
    return np.asarray(convolve(level, _NOISE, mode="reflect"), np.float32)


def as_level(image: Pixels) -> Map:
    """Return grey as a float: 0 and 1 are the 0.1 and 99.9 percentiles of the image."""
    return _between(image, *np.quantile(image, (0.001, 0.999)))


def _between(image: Pixels, low: float, high: float) -> Map:
    return np.asarray((image - low) / max(high - low, 1), np.float32)


def _tails(values: Map) -> float:
    """Return the excess kurtosis, at most 40; of values that are all alike, as of a normal 0."""
    return float(min(np.nan_to_num(kurtosis(values)), 40))


def noise_features(image: Pixels, mask: Mask) -> list[float]:
    """Return what the fine residual alone says of a mask and what is just round it.

    Anatomy is left out: only pixels where the image's own slope is small are looked at.

    Parameters
    ----------
    image : ndarray of uint16, shape (rows, columns)
        One film.
    mask : ndarray of bool
        Where; not empty.

    Returns
    -------
    list of float
        Log deviation, correlation with the neighbour across and down, kurtosis, unevenness.
    """
    level = as_level(image)
    r = residual(level)
    where = binary_dilation(mask, iterations=4)
    slope = gaussian_gradient_magnitude(level, 1.2)
    where &= slope <= np.quantile(slope[where], 0.6)
    inside = r[where]
    sd = np.median(np.abs(inside)) / 0.6745 + 1e-6
    across = np.mean(r[:, 1:][where[:, 1:]] * r[:, :-1][where[:, 1:]])
    down = np.mean(r[1:][where[1:]] * r[:-1][where[1:]])
    power = np.mean(inside**2) + 1e-12
    local = np.sqrt(np.maximum(uniform_filter(r * r, 9), 0))[where]  # a running sum may dip below 0
    return [
        float(np.log(sd)),
        float(across / power),
        float(down / power),
        _tails(inside),
        float(local.std() / (local.mean() + 1e-9)),
    ]


def noise_alone(first: Pixels, second: Pixels, mask: Mask) -> list[float]:
    """Return what two exposures of one body say of the noise in a mask: no anatomy is left in it.

    One film's residual holds fine anatomy as well: the vessels of a lung are as narrow as the
    pixels of a small film. What it says of noise can be told from what it says of vessels only so.

    Parameters
    ----------
    first, second : ndarray of uint16, shape (rows, columns)
        Two films that differ by their noise.
    mask : ndarray of bool
        Where; not empty.

    Returns
    -------
    list of float
        As :func:`noise_features`.
    """
    noise = (first.astype(np.float32) - second) / np.float32(np.sqrt(2) * 65535)
    inside = noise[mask]
    power = np.mean(inside**2) + 1e-12
    local = np.sqrt(np.maximum(uniform_filter(noise * noise, 9), 0))[mask]
    return [
        float(0.5 * np.log(power)),
        float(np.mean(noise[:, 1:][mask[:, 1:]] * noise[:, :-1][mask[:, 1:]]) / power),
        float(np.mean(noise[1:][mask[1:]] * noise[:-1][mask[1:]]) / power),
        _tails(inside),
        float(local.std() / (local.mean() + 1e-9)),
    ]


def _slope(power: Floats, frequency: Floats, low: float, high: float) -> float:
    edges = np.geomspace(low, high, 9)
    at = np.digitize(frequency, edges)
    mean = [power[at == k].mean() for k in range(1, 9)]
    return float(np.polyfit(np.log(edges[:-1]), np.log(mean), 1)[0])


def forensic_features(image: Pixels) -> list[float]:
    """Return noise, spectrum and evenness of a whole image, as camera forensics measure them.

    Parameters
    ----------
    image : ndarray of uint16, shape (rows, columns)
        One film, 64 pixels or more either way.
    """
    level = as_level(image)
    everywhere = np.ones(level.shape, np.bool_)
    r = residual(level)
    rows, columns = level.shape
    window = np.hanning(rows)[:, None] * np.hanning(columns)[None]
    power = np.abs(np.fft.fft2((level - level.mean()) * window)) ** 2 + 1e-9
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(rows), np.fft.fftfreq(columns), indexing="ij"))
    fine = np.log(np.abs(np.fft.fft2(r * window)) + 1e-9)
    above = fine - uniform_filter(fine, 15, mode="wrap")
    peak = max(
        above[p - 1 : p + 2, q - 1 : q + 2].max()
        for p in (1, rows // 4, rows // 2)
        for q in (1, columns // 4, columns // 2)
        if (p, q) != (1, 1)
    )
    grey = gaussian_filter(level, 2)
    block = np.sqrt(np.maximum(uniform_filter(r * r, 15), 0))[8::16, 8::16].ravel() + 1e-5
    follows = np.corrcoef(grey[8::16, 8::16].ravel(), np.log(block))[0, 1]
    edges = gaussian_filter(level, 1.5) - gaussian_filter(level, 6)
    middle = gaussian_filter(level, 1) - gaussian_filter(level, 4)
    return [
        *noise_features(image, everywhere),
        _slope(power, frequency, 0.02, 0.1),
        _slope(power, frequency, 0.08, 0.25),
        _slope(power, frequency, 0.25, 0.48),
        float(peak),
        float(follows),
        float(block.std() / block.mean()),
        float(np.log(np.quantile(block, 0.9) / np.quantile(block, 0.1))),
        float(np.log(np.median(np.abs(edges)) + 1e-5)),
        float(np.log(np.median(np.abs(middle)) + 1e-5)),
    ]


def detector_scores(
    features: Sequence[Sequence[float]], forged: Sequence[int], film: Sequence[int]
) -> Floats:
    """Return what a logistic detector says of each image, films held out whole.

    Parameters
    ----------
    features : sequence of sequence of float
        One row an image.
    forged : sequence of int
        1 for a forgery.
    film : sequence of int
        Which film an image is made from: twins share theirs and are held out together, five folds.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=2000))
    folds = GroupKFold(min(5, len(set(film))))
    x, y, groups = np.array(features), np.array(forged), np.array(film)
    score = cross_val_predict(model, x, y, groups=groups, cv=folds, method="decision_function")
    return np.asarray(score, float)


def detector_auc(
    features: Sequence[Sequence[float]], forged: Sequence[int], film: Sequence[int]
) -> float:
    """Return the area under the curve of :func:`detector_scores`."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(np.array(forged), detector_scores(features, forged, film)))


def auc_interval(auc: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of an AUC of ``n`` forged and ``n`` authentic (Hanley 1982)."""
    q1, q2 = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    variance = (auc * (1 - auc) + (n - 1) * (q1 - auc**2 + q2 - auc**2)) / n**2
    half = 1.96 * np.sqrt(max(variance, 1e-9))
    return float(auc - half), float(auc + half)


def template_d(before: Sequence[Pixels], after: Sequence[Pixels], masks: Sequence[Mask]) -> float:
    """Return d' of an observer who knows the change and looks only inside the mask.

    A matched filter in noise that is white and, as films have it, stronger here than there:
    the root of the change's energy over the local variance of the authentic image's fine residual.
    That noise is the authentic film's at every dose, so that d' moves with the change alone and not
    with which pixels a mask takes in. Averaged over films.

    Parameters
    ----------
    before, after : sequence of ndarray of uint16
        Authentic and forged, film by film.
    masks : sequence of ndarray of bool
        Where each was changed; an empty one counts 0.
    """
    found = []
    for authentic, forged, mask in zip(before, after, masks, strict=True):
        if not mask.any():
            found.append(0.0)
            continue
        low, high = np.quantile(authentic, (0.001, 0.999))
        a, f = _between(authentic, low, high), _between(forged, low, high)
        noise = uniform_filter(np.abs(residual(a)), _NEIGHBOURS) / np.float32(0.7979)
        change = gaussian_filter(f - a, _EYE) / (noise + np.float32(_LEAST_NOISE))
        found.append(float(np.sqrt(np.sum(change[mask].astype(float) ** 2))))
    return float(np.mean(found))


@dataclass(frozen=True, slots=True)
class Rise:
    """How a measure follows the dose.

    Parameters
    ----------
    mean : tuple of float
        At each dose, over cases.
    interval : tuple of (float, float)
        95 % bootstrap interval of each mean; cases are drawn whole.
    steps : tuple of (float, float)
        The same of each step from one dose to the next, the first from nought.
    verdict : str
        ``"rises"``: every step's interval lies above 0. ``"may rise"``: not so, but the rising
        curve nearest to the means (isotonic regression) lies inside the interval at every dose,
        and the last is above the first. ``"does not"``: anything else.
    cases : int
        How many cases rise at every single step.
    """

    mean: tuple[float, ...]
    interval: tuple[tuple[float, float], ...]
    steps: tuple[tuple[float, float], ...]
    verdict: str
    cases: int


def rise(curves: ArrayLike, rng: Generator) -> Rise:
    """Return how a measure follows the dose over some cases.

    Parameters
    ----------
    curves : array-like, shape (cases, doses)
        The measure of each case at each dose above 0, doses rising. At dose 0 it is 0.
    rng : numpy.random.Generator
        Draws the bootstrap samples.
    """
    c = np.atleast_2d(np.asarray(curves, float))
    steps = np.diff(c, axis=1, prepend=0.0)
    drawn = rng.integers(len(c), size=(_DRAWS, len(c)))
    low, high = np.quantile(c[drawn].mean(1), (0.025, 0.975), axis=0)
    step_low, step_high = np.quantile(steps[drawn].mean(1), (0.025, 0.975), axis=0)
    mean = c.mean(0)
    fitted = np.asarray(isotonic_regression(mean).x)
    inside = bool(np.all((fitted >= low - 1e-12) & (fitted <= high + 1e-12)))
    verdict = "does not"
    if inside and mean[-1] > mean[0] > 0:
        verdict = "rises" if bool(np.all(step_low > 0)) else "may rise"
    return Rise(
        tuple(map(float, mean)),
        tuple(zip(map(float, low), map(float, high), strict=True)),
        tuple(zip(map(float, step_low), map(float, step_high), strict=True)),
        verdict,
        int(np.sum(np.all(steps > 0, axis=1))),
    )
