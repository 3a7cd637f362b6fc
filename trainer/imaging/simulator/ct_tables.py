"""Make ``data/ct.json``: attenuation of each base material at the scanner's effective energy.

Run as ``python -m trainer.imaging.simulator.ct_tables`` with the development requirements. The
simulator itself reads only the table.

The effective energy is the one at which water attenuates as the detected 120 kV spectrum does
behind 20 cm of water; a scanner's water calibration makes numbers out of projections at about that
energy. Sources: spectrum by SpekPy 2 (Poludniowski et al., Med Phys 2021), attenuation by xraydb
(Elam, Ravel & Sieber 2002), compositions ICRU Report 44. Densities of adipose and soft tissue are
Woodard & White's (Br J Radiol 1986): adipose tissue 3 at 0.93 and muscle at 1.05 g/cm3, which lie
where fat and muscle are found in CT.

For beam hardening the whole spectrum stands beside it, in bins of equal detected energy.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.beam_tables import COMPOSITION
from trainer.imaging.simulator.tissue import MATERIALS

TABLE = Path(__file__).parent / "data" / "ct.json"
KVP, ALUMINIUM_MM, COPPER_MM, WATER_CM = 120, 6.0, 0.1, 20.0
DENSITY = {"adipose": 0.93, "soft": 1.05}
BINS = 12
HARDENING = ("bone", "steel")  # what hardens the beam beyond water, in this order


def table() -> dict[str, object]:
    """Return the effective energy (keV) and attenuation (1/cm) of water and each material."""
    import spekpy
    import xraydb

    tube = spekpy.Spek(kvp=KVP, th=8)
    tube.multi_filter((("Al", ALUMINIUM_MM), ("Cu", COPPER_MM), ("Air", 1000.0)))
    energy, fluence = (np.asarray(v, float) for v in tube.get_spectrum())
    water = xraydb.material_mu("H2O", energy * 1e3, density=1.0)
    weight = fluence * energy * np.exp(-water * WATER_CM)
    mean = float((weight * water).sum() / weight.sum())
    kev = round(float(np.interp(-mean, -water, energy)), 1)
    attenuation = {}
    for name in MATERIALS:
        density, elements = COMPOSITION[name]
        per_gram = sum(w * xraydb.mu_elam(e, kev * 1e3) for e, w in elements.items())
        attenuation[name] = round(float(DENSITY.get(name, density) * per_gram), 6)
    return {
        "source": f"spekpy {spekpy.__version__}, xraydb {xraydb.__version__}, ICRU Report 44",
        "kvp": KVP,
        "kev": kev,
        "water": round(float(xraydb.material_mu("H2O", kev * 1e3, density=1.0)), 6),
        "attenuation_per_cm": attenuation,
        "spectrum": _spectrum(energy, fluence * energy, water),
    }


def _spectrum(
    energy: NDArray[np.float64], weight: NDArray[np.float64], water: NDArray[np.float64]
) -> dict[str, list[float]]:
    """Return the detected spectrum in bins: weights, and attenuation (1/cm) in each."""
    import xraydb

    share = np.cumsum(weight) / weight.sum()
    index = np.clip((share * BINS).astype(int), 0, BINS - 1)

    def binned(values: NDArray[np.float64]) -> list[float]:
        rows = [index == b for b in range(BINS)]
        return [round(float((values * weight)[r].sum() / weight[r].sum()), 6) for r in rows]

    table = {
        "weight": [round(float(weight[index == b].sum() / weight.sum()), 6) for b in range(BINS)],
        "kev": binned(energy),
        "water": binned(water),
    }
    for name in HARDENING:
        density, elements = COMPOSITION[name]
        mu = density * sum(w * xraydb.mu_elam(e, energy * 1e3) for e, w in elements.items())
        table[name] = binned(np.asarray(mu))
    return table


def main() -> None:
    """Write the table."""
    TABLE.write_text(json.dumps(table(), indent=1) + "\n")


if __name__ == "__main__":
    main()
