"""Warming: compile every kernel once, so that a server's first film is as quick as the rest.

``make setup`` does it; what is compiled is kept.
"""

from __future__ import annotations

from trainer.imaging.simulator.anatomy import SCANS, region
from trainer.imaging.simulator.ct.series import Scan
from trainer.imaging.simulator.film import Session

# Together these compile every form of every kernel that any region uses (seen by comparing the
# kernels' signatures before and after taking a film of each of the others); a twin adds those that
# compare two films.
COVER = (("chest", "pa"), ("hand", "pa"), ("shoulder", "ap"))


def warm() -> None:
    """Compile and cache the kernels by taking a few tiny films and a small series."""
    for name, view in COVER:
        place = region(name, view)
        hallmark = next(iter(place.structural))
        twins = Session(place, place.case(0, hallmark=hallmark), 96)
        twins.authentic()
        twins.forged(place.case(0, hallmark=hallmark, dose=1.0))
    for place in SCANS:
        Scan(place, place.case(0, {"slices": 8}), 96).authentic()
