"""Vessel and airway trees: balanced minimum spanning trees with Murray-like radii.

The tree trades total length against path length to the root (Cuntz et al., PLoS Comput Biol 2010);
a parent's radius to the power ``exponent`` is the sum of its children's (Murray 1926: 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.imaging.simulator.kernels.trees import branches, count_twigs, span, straighten
from trainer.imaging.simulator.tubes import Tubes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Growth:
    """How a tree grows.

    Parameters
    ----------
    balance : float
        Weight of the path length to the root, 0 (shortest wiring) to 1 (straight spokes).
    tip : float
        Radius of a twig, cm.
    trunk : float
        Largest radius, cm.
    exponent : float
        Of Murray's law; larger makes calibres more alike.
    smoothing : int
        Passes that straighten branches.
    refine : int
        Points per tree edge.
    """

    balance: float = 0.3
    tip: float = 0.04
    trunk: float = 0.8
    exponent: float = 2.7
    smoothing: int = 4
    refine: int = 3


def grow(root: ArrayLike, leaves: ArrayLike, growth: Growth) -> Tubes:
    """Return the tubes of a tree from a root to the places it serves.

    Parameters
    ----------
    root : array-like, shape (3,)
        Where the trunk begins.
    leaves : array-like, shape (n, 3)
        Points to be reached.
    growth : Growth
        How.
    """
    points = np.ascontiguousarray(np.vstack([np.asarray(root, float), leaves]))
    if len(points) < 2:
        return Tubes.none()
    parent, order = span(points, growth.balance)
    tips, main = count_twigs(parent, order)
    smooth = straighten(points, parent, order, main, growth.smoothing)
    radius = np.minimum(growth.tip * tips ** (1 / growth.exponent), growth.trunk)
    nodes, radii, joined = branches(smooth, radius, parent, order, main, growth.refine)
    along = np.diff(nodes, axis=0, append=nodes[-1:])
    size = np.linalg.norm(along, axis=1, keepdims=True)
    along = np.where(size > 1e-9, along / np.maximum(size, 1e-9), 0)
    inner = (joined > 0)[:, None]
    before = np.vstack([np.zeros((1, 3)), np.where(inner, along, 0)[:-1]])
    mitres = np.where(inner, along, 0) + before
    mitres /= np.linalg.norm(mitres, axis=1, keepdims=True) + 1e-12
    n = len(nodes)
    return Tubes(
        nodes=nodes,
        mitres=mitres,
        sides=np.broadcast_to(np.array([0.3, 0.9, 0.2]), (n, 3)).copy(),
        outer=np.stack([radii, radii], 1),
        inner=np.zeros((n, 2)),
        offset=np.zeros(n),
        joined=joined,
    )
