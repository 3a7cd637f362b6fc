"""Observers: forensic features of an image, and a detector that reads them.

The features follow the literature on camera forensics: residual noise, its colour and evenness, the
spectrum's slope and its periodic peaks, and the likeness of the two sides.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import (
    binary_dilation,
    convolve,
    gaussian_filter,
    gaussian_gradient_magnitude,
    uniform_filter,
)
from scipy.stats import kurtosis
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from trainer.imaging.film import Mask, Pixels

# Immerkaer (1996): blind to any plane, so that it sees noise and little else.
_NOISE = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6


def residual(level: np.ndarray) -> np.ndarray:
    return convolve(level, _NOISE, mode="reflect")


def as_level(image: Pixels) -> np.ndarray:
    low, high = np.quantile(image, (0.001, 0.999))
    return ((image - low) / (high - low)).astype(np.float32)


def noise_features(image: Pixels, mask: Mask) -> list[float]:
    """Return what the fine residual alone says of a mask and what is just round it.

    Anatomy is left out: only pixels where the image's own slope is small are looked at.
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
    local = np.sqrt(uniform_filter(r * r, 9))[where]
    return [
        float(np.log(sd)),
        float(across / power),
        float(down / power),
        float(min(kurtosis(inside), 40)),
        float(local.std() / (local.mean() + 1e-9)),
    ]


def _slope(power: np.ndarray, frequency: np.ndarray, low: float, high: float) -> float:
    edges = np.geomspace(low, high, 9)
    at = np.digitize(frequency, edges)
    mean = [power[at == k].mean() for k in range(1, 9)]
    return float(np.polyfit(np.log(edges[:-1]), np.log(mean), 1)[0])


def forensic_features(image: Pixels) -> list[float]:
    """Return noise, spectrum, evenness and symmetry of a whole image."""
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
    block = np.sqrt(uniform_filter(r * r, 15))[8::16, 8::16].ravel() + 1e-5
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


def detector_auc(features: list[list[float]], forged: list[int], film: list[int]) -> float:
    """Return a logistic detector's AUC, films held out whole (grouped 5-fold)."""
    X, y, groups = np.array(features), np.array(forged), np.array(film)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=2000))
    folds = GroupKFold(min(5, len(set(film))))
    score = cross_val_predict(model, X, y, groups=groups, cv=folds, method="decision_function")
    return float(roc_auc_score(y, score))


def auc_interval(auc: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of an AUC of ``n`` forged and ``n`` authentic (Hanley 1982)."""
    q1, q2 = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    variance = (auc * (1 - auc) + (n - 1) * (q1 - auc**2 + q2 - auc**2)) / n**2
    half = 1.96 * np.sqrt(max(variance, 1e-9))
    return auc - half, auc + half


def template_d(before: list[Pixels], after: list[Pixels], masks: list[Mask]) -> float:
    """Return d' of an observer who knows the change and looks only inside the mask.

    A matched filter in white noise: the root of the change's energy over the variance of the
    image's own fine residual there; averaged over films.
    """
    found = []
    for authentic, forged, mask in zip(before, after, masks, strict=True):
        if not mask.any():
            found.append(0.0)
            continue
        a, f = as_level(authentic), as_level(authentic) * 0
        low, high = np.quantile(authentic, (0.001, 0.999))
        f = ((forged - low) / (high - low)).astype(np.float32)
        change = gaussian_filter(f - a, 0.7)[mask]
        noise = np.median(np.abs(residual(a)[mask])) / 0.6745 + 1e-4
        found.append(float(np.sqrt(np.sum(change.astype(float) ** 2)) / noise))
    return float(np.mean(found))
