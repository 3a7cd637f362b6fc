"""A digest of many bytes; see ``simulator/memo.py``."""

import numpy as np

from trainer.imaging.simulator.kernels.rays import kernel

LANES = 8
_TURN = np.uint64(0x9E3779B97F4A7C15)
_FOLD = np.uint64(29)


@kernel
def fold(words, lanes):
    """Mix 64-bit words into the lanes, in turn.

    Each step is one to one in the lane, so a single word that differs always shows.
    """
    n = words.size // 8 * 8
    for i in range(0, n, 8):
        for k in range(8):
            mixed = (lanes[k] ^ words[i + k]) * _TURN
            lanes[k] = mixed ^ (mixed >> _FOLD)
    for i in range(n, words.size):
        mixed = (lanes[i - n] ^ words[i]) * _TURN
        lanes[i - n] = mixed ^ (mixed >> _FOLD)
