"""Balanced minimum spanning trees; see ``simulator/trees.py``."""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import kernel


@kernel
def span(pts, balance):
    n = pts.shape[0]
    parent = np.full(n, -1, np.int64)
    best = np.full(n, 1e18)
    via = np.zeros(n, np.int64)
    path = np.zeros(n)
    done = np.zeros(n, np.bool_)
    order = np.zeros(n, np.int64)
    done[0] = True
    last = 0
    for step in range(1, n):
        nearest = -1
        least = 1e19
        for i in range(n):
            if done[i]:
                continue
            dx = pts[i, 0] - pts[last, 0]
            dy = pts[i, 1] - pts[last, 1]
            dz = pts[i, 2] - pts[last, 2]
            d = math.sqrt(dx * dx + dy * dy + dz * dz) + balance * path[last]
            if d < best[i]:
                best[i] = d
                via[i] = last
            if best[i] < least:
                least = best[i]
                nearest = i
        p = via[nearest]
        done[nearest] = True
        parent[nearest] = p
        order[step] = nearest
        path[nearest] = best[nearest] - balance * path[p] + path[p]
        last = nearest
    return parent, order


@kernel
def count_twigs(parent, order):
    """Count the twigs beyond each node, and name each node's main child (-1 for a twig)."""
    n = parent.size
    tips = np.zeros(n)
    main = np.full(n, -1, np.int64)
    for q in range(n - 1, 0, -1):
        j = order[q]
        if main[j] < 0:
            tips[j] = 1
        p = parent[j]
        if main[p] < 0 or tips[j] > tips[main[p]]:
            main[p] = j
        tips[p] += tips[j]
    return tips, main


@kernel
def straighten(pts, parent, order, main, passes):
    now = pts.copy()
    for _ in range(passes):
        new = now.copy()
        for q in range(1, order.size):
            j = order[q]
            m = main[j]
            if m >= 0:
                for d in range(3):
                    new[j, d] = 0.4 * now[j, d] + 0.3 * now[parent[j], d] + 0.3 * now[m, d]
        now = new
    return now


@kernel
def branches(pts, radius, parent, order, main, refine):
    """Walk each branch from its fork to its twig; return nodes, radii and joins."""
    n = pts.shape[0]
    room = 2 * n * (refine + 1) + 8
    nodes = np.empty((room, 3))
    radii = np.empty(room)
    joined = np.zeros(room, np.int32)
    line = np.empty(n + 1, np.int64)
    size = 0
    for q in range(n):
        j = order[q]
        if q > 0 and main[parent[j]] == j:
            continue  # not the beginning of a branch
        count = 0
        if q > 0:
            line[0] = parent[j]
            count = 1
        c = j
        while c >= 0:
            line[count] = c
            count += 1
            c = main[c]
        if count < 2:
            continue
        for s in range(count - 1):
            r0 = radius[line[s]]
            r1 = radius[line[s + 1]]
            if s == 0 and q > 0:
                r0 = min(r0, 1.15 * r1)
            if s == count - 2:
                r1 *= 0.5
            for m in range(refine):
                t = m / refine
                for d in range(3):
                    b = pts[line[s], d]
                    e = pts[line[s + 1], d]
                    a = pts[line[s - 1], d] if s > 0 else 2 * b - e
                    f = pts[line[s + 2], d] if s + 2 < count else 2 * e - b
                    nodes[size, d] = 0.5 * (
                        2 * b
                        + (e - a) * t
                        + (2 * a - 5 * b + 4 * e - f) * t * t
                        + (-a + 3 * b - 3 * e + f) * t * t * t
                    )
                radii[size] = r0 + (r1 - r0) * t
                joined[size] = 1
                size += 1
        for d in range(3):
            nodes[size, d] = pts[line[count - 1], d]
        radii[size] = 0.5 * radius[line[count - 1]]
        joined[size] = 0
        size += 1
    return nodes[:size].copy(), radii[:size].copy(), joined[:size].copy()
