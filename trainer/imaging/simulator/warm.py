"""Warming: compile every kernel once, so that a server's first film is as quick as the rest.

``make setup`` does it; what is compiled is kept.
"""

from __future__ import annotations

from trainer.imaging.simulator.anatomy import REGIONS, SCANS
from trainer.imaging.simulator.ct.series import Scan
from trainer.imaging.simulator.film import Session


def warm() -> None:
    """Compile and cache the kernels and templates by taking one tiny film of each region."""
    for region in REGIONS:
        Session(region, region.case(0), 96).authentic()
    for region in SCANS:
        Scan(region, region.case(0, {"slices": 8}), 96).authentic()
