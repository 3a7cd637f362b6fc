"""Make ``data/beams.json``: spectra and attenuation in ten energy bins.

Run as ``python -m trainer.imaging.simulator.beam_tables`` with the development requirements. The
simulator itself reads only the table.

Sources: spectra by SpekPy 2 (Poludniowski et al., Med Phys 2021), 12 degree tungsten anode;
attenuation by xraydb (Elam, Ravel & Sieber 2002); tissue compositions ICRU Report 44; the detector
a 0.55 mm CsI scintillator at 75 % packing. Bins hold equal detected energy.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.tissue import MATERIALS

TABLE = Path(__file__).parent / "data" / "beams.json"
BINS = 10
CSI_CM, CSI_PACKING = 0.055, 0.75

# name: (kVp, aluminium mm, copper mm)
BEAMS = {
    "extremity 50": (50, 2.5, 0.0),
    "extremity 55": (55, 2.5, 0.0),
    "joint 62": (62, 2.5, 0.0),
    "spine 75": (75, 2.5, 0.1),
    "spine 85": (85, 2.5, 0.1),
    "bed 90": (90, 2.5, 0.1),
    "chest 110": (110, 2.5, 0.1),
    "chest 117": (117, 2.5, 0.1),
    "chest 125": (125, 2.5, 0.1),
}

# material: density g/cm3, elements by mass fraction
COMPOSITION: dict[str, tuple[float, dict[str, float]]] = {
    "adipose": (
        0.95,
        {"H": 0.114, "C": 0.598, "N": 0.007, "O": 0.278, "Na": 0.001, "S": 0.001, "Cl": 0.001},
    ),
    "soft": (
        1.06,
        {
            "H": 0.102, "C": 0.143, "N": 0.034, "O": 0.708, "Na": 0.002, "P": 0.003, "S": 0.003,
            "Cl": 0.002, "K": 0.003,
        },
    ),
    "bone": (
        1.92,
        {
            "H": 0.034, "C": 0.155, "N": 0.042, "O": 0.435, "Na": 0.001, "Mg": 0.002, "P": 0.103,
            "S": 0.003, "Ca": 0.225,
        },
    ),
    "aluminium": (2.70, {"Al": 1.0}),
    "steel": (7.87, {"Fe": 0.72, "Cr": 0.18, "Ni": 0.10}),
    "lead": (11.35, {"Pb": 1.0}),
}  # fmt: skip


def beam(
    kvp: int, aluminium_mm: float, copper_mm: float
) -> dict[str, list[float] | list[list[float]]]:
    """Return one beam: bin energies (keV), energy and quantum weights, attenuation (1/cm)."""
    import spekpy
    import xraydb

    tube = spekpy.Spek(kvp=kvp, th=12)
    tube.multi_filter((("Al", aluminium_mm), ("Cu", copper_mm), ("Air", 1800.0)))
    energy, fluence = (np.asarray(v, float) for v in tube.get_spectrum())
    csi = xraydb.material_mu("CsI", energy * 1e3, density=4.51 * CSI_PACKING)
    quanta = fluence * (1 - np.exp(-csi * CSI_CM))
    weight = quanta * energy
    edges = np.linspace(0, 1, BINS + 1)
    index = np.clip(np.searchsorted(edges, np.cumsum(weight) / weight.sum()) - 1, 0, BINS - 1)

    def binned(values: NDArray[np.float64]) -> list[float]:
        return [
            round(float((values * weight)[index == b].sum() / weight[index == b].sum()), 6)
            for b in range(BINS)
        ]

    attenuation = []
    for name in MATERIALS:
        density, elements = COMPOSITION[name]
        mu = density * sum(w * xraydb.mu_elam(e, energy * 1e3) for e, w in elements.items())
        attenuation.append(binned(np.asarray(mu)))
    share = [float(weight[index == b].sum() / weight.sum()) for b in range(BINS)]
    count = [float(quanta[index == b].sum() / quanta.sum()) for b in range(BINS)]
    return {
        "kev": binned(energy),
        "energy_weight": [round(v, 8) for v in share],
        "quantum_weight": [round(v, 8) for v in count],
        "attenuation_per_cm": attenuation,
    }


def main() -> None:
    """Write the table."""
    import spekpy
    import xraydb

    table = {
        "source": f"spekpy {spekpy.__version__}, xraydb {xraydb.__version__}, ICRU Report 44",
        "materials": list(MATERIALS),
        "filters": {name: {"aluminium_mm": al, "copper_mm": cu, "kvp": kvp}
                    for name, (kvp, al, cu) in BEAMS.items()},
        "beams": {name: beam(*settings) for name, settings in BEAMS.items()},
    }  # fmt: skip
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
