"""Where a forged film may differ from its authentic twin, and where it plainly does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.film import Mask
from trainer.imaging.simulator.blur import soft
from trainer.imaging.simulator.kernels.masks import nearest, opened, tally, weigh

Map = NDArray[np.float32]

# Noise-free log attenuation from which a pixel counts as changed: half the quantum noise of a
# usual film, so that nothing a reader could see lies outside.
CHANGED = 0.004
# Grey level (of 1) from which a change that processing spread is taken into the mask.
SHOWN = 0.008
# Width of the rim in which a twin passes into its authentic film, and what lies before it.
RIM_CM = 0.5
_BEFORE_CM = 0.1
# A change is plain, and shown as the place, from this share of the strongest on; between the log
# attenuation that noise hides and one that nobody overlooks.
PLAIN_SHARE = 0.1
PLAIN = (0.008, 0.03)


def where(change: Map, shown: Map, pixel_cm: float) -> tuple[Mask, Map]:
    """Return the mask and the weight of the forged film, 1 inside and 0 outside the mask.

    Besides the changed paths, the mask holds what processing and scatter made visible about
    them: a grey-level change, averaged over a few pixels, that a reader could see.

    Parameters
    ----------
    change : ndarray of float32
        Difference of the noise-free log attenuation.
    shown : ndarray of float32
        Difference of the grey levels, of 1.
    pixel_cm : float
        Pixel size.
    """
    weight = np.zeros(change.shape, np.float32)
    changed = np.abs(change) > CHANGED
    if not changed.any():
        return np.zeros(change.shape, bool), weight
    averaged = soft(shown, 0.1 / pixel_cm)
    either = changed | (np.abs(averaged, out=averaged) > SHOWN)
    here = around(either, int((RIM_CM + 2 * _BEFORE_CM) / pixel_cm) + 2)
    start, width = _BEFORE_CM / pixel_cm, RIM_CM / pixel_cm
    away = nearest(opened(either[here].view(np.uint8)), start + width + 1)
    weigh(away, changed[here], np.float32(start), np.float32(width), weight[here])
    return weight > 0, weight


def plain(change: Map, mask: Mask, pixel_cm: float) -> Mask:
    """Return where a change is plain to see, averaged over a millimetre or two."""
    if not mask.any():
        return mask
    here = around(mask, 0)
    strength = soft(np.abs(change[here]), 0.15 / pixel_cm)
    sample = strength[mask[here]]
    least = np.clip(PLAIN_SHARE * np.quantile(sample, 0.995), *PLAIN)
    found = np.zeros(mask.shape, bool)
    found[here] = (strength > least) & mask[here]
    return found if found.any() else mask


def figures(mask: Mask, change: Map, shown: Map) -> dict[str, float]:
    """Return a forgery's numbers: the change, its share of the film, the step at the mask's rim."""
    largest, mean, count, step = tally(mask, change, shown)
    return {
        "largest_change": float(largest),
        "mean_change_in_mask": float(mean),
        "mask_share": count / mask.size,
        "largest_step_at_rim": float(step),
    }


def around(mask: Mask, margin: int) -> tuple[slice, slice]:
    """Return the rows and columns of what is marked, and so many pixels more on each side."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + margin + 1),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1),
    )
