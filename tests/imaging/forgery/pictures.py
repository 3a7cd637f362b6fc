"""Synthetic pictures with the anatomy the operators ask for; cheap, seeded, no file."""

from __future__ import annotations

import numpy as np

from trainer.imaging.film import Pixels
from trainer.imaging.forgery.anatomy import Anatomy, Box, Shaft
from trainer.imaging.forgery.texture import blur, field

SIDE = 288


def trunk(seed: int = 0, side: int = SIDE) -> tuple[Pixels, Anatomy]:
    """Return a trunk in front view: two lungs with ribs and vessels, a heart, a spine, a marker."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices((side, side), dtype=np.float32) / side
    grey = 0.58 + 0.04 * field((side, side), 0.05 * side, rng)
    body = np.abs(columns - 0.5) < 0.45
    left = np.square((columns - 0.29) / 0.14) + np.square((rows - 0.45) / 0.28) < 1
    right = np.square((columns - 0.71) / 0.14) + np.square((rows - 0.43) / 0.28) < 1
    heart = np.square((columns - 0.57) / 0.13) + np.square((rows - 0.6) / 0.13) < 1
    lungs = (left | right) & ~heart
    grey = grey - 0.3 * blur(lungs.astype(np.float32), 0.008 * side)
    ribs = np.clip(np.cos(2 * np.pi * (rows * 13 + 3 * np.square(columns - 0.5))), 0, 1) ** 2
    grey = grey + 0.17 * ribs * blur((left | right).astype(np.float32), 3)
    vessels = np.clip(field((side, side), 0.008 * side, rng), 0.4, 3) - 0.4
    grey = grey + 0.05 * vessels * lungs
    spine = 0.5 + 0.025 * np.sin(2 * np.pi * rows[:, 0])
    off = (columns - spine[:, None]) / 0.045
    discs = 0.5 + 0.5 * np.cos(2 * np.pi * rows * 12 + 0.15 * np.sin(9 * rows))
    grey = grey + 0.2 * np.exp(-(off**4)) * (0.35 + 0.65 * discs)
    bubbles = np.zeros_like(grey)
    for row, column, size in ((0.86, 0.35, 0.035), (0.9, 0.62, 0.028)):
        bubbles += np.hypot(rows - row, columns - column) < size
    grey = grey - 0.2 * blur(bubbles, 1.5)
    grey = np.where(body, grey, 0.06)
    top, edge = int(0.06 * side), int(0.84 * side)
    tall = max(12, side // 18)
    letter = np.zeros_like(grey)
    letter[top : top + tall, edge : edge + max(2, tall // 5)] = 1
    letter[top + tall - max(2, tall // 5) : top + tall, edge : edge + int(0.7 * tall)] = 1
    grey = np.maximum(grey, 0.98 * blur(letter, 0.6))
    noise = rng.standard_normal((side, side)) * (0.012 + 0.012 * (1 - grey))
    image = np.clip(np.rint((grey + noise) * 50_000 + 4_000), 0, 65_535).astype(np.uint16)
    bone = (np.abs(off) < 1) | ((ribs > 0.25) & (left | right))
    pad = max(2, tall // 4)
    return image, Anatomy(
        body=body,
        bone=bone,
        lungs=lungs,
        heart=heart,
        midline=np.full(side, side / 2, np.float32),
        spine=(spine * side).astype(np.float32),
        marker=Box(top - pad, edge - pad, top + tall + pad, edge + tall + pad),
    )


def limb(seed: int = 0, side: int = SIDE) -> tuple[Pixels, Anatomy]:
    """Return a limb: two rows of three long bones with joints between, in soft tissue, in air."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices((side, side), dtype=np.float32) / side
    body = np.square((columns - 0.5) / 0.42) + np.square((rows - 0.5) / 0.62) < 1
    grey = np.where(body, 0.32 + 0.03 * field((side, side), 0.02 * side, rng), 0.04)
    grey = blur(grey, 0.006 * side)
    bones = np.zeros((side, side), np.int32)
    shafts = []
    number = 0
    for centre in (0.28, 0.5, 0.72):
        for top, bottom in ((0.1, 0.5), (0.515, 0.9)):
            number += 1
            ends = np.minimum(rows - top, bottom - rows)
            width = 0.045 + 0.018 * np.exp(-np.square(ends / 0.05))
            across = np.abs(columns - centre) / width
            inside = (across < 1) & (ends > 0)
            bones[inside] = number
            cortex = np.clip((across - 0.62) / 0.2, 0, 1)
            grey = grey + blur(inside * (0.22 + 0.25 * cortex), 0.8)
            middle = (top + bottom) / 2
            shafts.append(Shaft(middle * side, centre * side, 1.0, 0.0, 0.045 * side))
    bone = bones > 0
    fibres = field((side, side), 1.2, rng) * np.clip(1.2 - 0.4 * rows, 0, 1)
    grey = grey + 0.035 * bone * fibres
    noise = rng.standard_normal((side, side)) * (0.01 + 0.012 * (1 - grey))
    image = np.clip(np.rint((grey + noise) * 50_000 + 4_000), 0, 65_535).astype(np.uint16)
    return image, Anatomy(body=body, bone=bone, bones=bones, shafts=tuple(shafts))


def stack(seed: int = 0, side: int = 160, slices: int = 10) -> tuple[Pixels, Anatomy]:
    """Return a stack: an oval body with an organ that moves slowly from slice to slice."""
    rng = np.random.default_rng(seed)
    deep, rows, columns = np.indices((slices, side, side), dtype=np.float32)
    rows, columns, deep = rows / side, columns / side, deep / slices
    body = np.square((columns - 0.5) / 0.42) + np.square((rows - 0.5) / 0.36) < 1
    grey = np.where(body, 0.5, 0.05)
    organ = np.hypot(rows - 0.5 - 0.06 * deep, columns - 0.42 - 0.1 * deep) < 0.14
    tube = np.hypot(rows - 0.45, columns - 0.68 + 0.05 * deep) < 0.04
    grey = grey + 0.2 * organ + 0.25 * tube
    texture = np.stack([field((side, side), 2.0, rng) for _ in range(slices)])
    noise = rng.standard_normal(grey.shape) * 0.02
    image = np.clip(np.rint((grey + 0.02 * texture + noise) * 40_000 + 4_000), 0, 65_535)
    return image.astype(np.uint16), Anatomy(
        body=body[0], slice_mm=tuple(2.5 * i for i in range(slices))
    )
