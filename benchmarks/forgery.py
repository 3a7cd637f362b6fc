"""CPU seconds and memory of every forgery operator on a film of 1024 x 1024 pixels.

``python -m benchmarks.forgery [side]``. The picture is the tests' synthetic trunk or limb with its
anatomy handed in; ``finding`` is what looking for the anatomy costs on top for an import. Memory is
the most that one run held beside the image, in MiB (``tracemalloc``, in a run of its own).
"""

from __future__ import annotations

import sys
import time
import tracemalloc

import numpy as np

from tests.imaging.forgery.pictures import limb, stack, trunk
from tests.imaging.forgery.test_operators import ON_LIMB
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.registry import HALLMARKS, MIMICS
from trainer.imaging.forgery.scene import Scene


def cpu(task) -> float:
    """Return the CPU seconds of the faster of two runs."""
    taken = []
    for _ in range(2):
        start = time.process_time()
        task()
        taken.append(time.process_time() - start)
    return min(taken)


def memory(task) -> float:
    """Return the most MiB that a run holds."""
    tracemalloc.start()
    task()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def main(side: int = 1024) -> dict[str, float]:
    """Measure every operator and print a table; return it too."""
    pictures = {"trunk": trunk(side=side), "limb": limb(side=side)}
    pictures["stack"] = stack(side=side // 4, slices=16)
    figures: dict[str, float] = {}
    held: dict[str, float] = {}
    for op in [*HALLMARKS.values(), *MIMICS.values()]:
        kind = "limb" if op.hallmark in ON_LIMB else "trunk"
        image, anatomy = pictures["stack" if op.dimensions == (3,) else kind]

        def run(op=op, image=image, anatomy=anatomy) -> None:
            op(image, dose=0.6, rng=np.random.default_rng(1), anatomy=anatomy)

        try:
            figures[op.name] = cpu(run)
            held[op.name] = memory(run)
        except ForgeryError as refusal:
            print(f"{op.name:20s} refused: {refusal}")
    image = pictures["trunk"][0]

    def look() -> None:
        scene = Scene(image, 1.0, np.random.default_rng(0))
        for part in ("body", "bone", "midline", "lungs", "spine", "marker", "shafts"):
            scene.may(part)

    figures["finding"], held["finding"] = cpu(look), memory(look)
    for name, seconds in figures.items():
        print(f"{name:20s} {seconds:6.2f} CPU-s {held[name]:7.0f} MiB")
    return figures


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
