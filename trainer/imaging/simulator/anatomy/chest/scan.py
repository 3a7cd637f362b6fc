"""The chest in a scanner, as a region: its parameters and its forgeries."""

from __future__ import annotations

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.chest.findings import KINDS
from trainer.imaging.simulator.anatomy.chest.region import CHEST_PA
from trainer.imaging.simulator.case import Choice, Number, Quantity, Region, Structural
from trainer.imaging.simulator.looks import Everywhere, Step, Without

QUANTITIES: dict[str, Quantity] = {
    **CHEST_PA.quantities,
    "finding": Choice(
        KINDS, "what is wrong", weights=(0.36, 0.32, 0.04, 0.08, 0.07, 0.04, 0.02, 0.03, 0.04)
    ),
    "leads": Choice(("none",), "ECG electrodes: taken off for a scan"),
    "cables": Choice(("none",), "hoses and cables: laid aside for a scan"),
    "skin_fold": Choice(("none",), "fold of skin: seen on films only"),
    "fissure": Choice(("none",), "horizontal fissure on edge: seen on films only"),
    "granuloma": Choice(("none", "shown"), "calcified granuloma", weights=(0.94, 0.06)),
    "emphysema": Choice(
        ("none", "centrilobular"), "emphysema of the upper lungs", weights=(0.93, 0.07)
    ),
    "lung_density": Number(0.09, 0.26, 0.155, 0.02, "density of aerated lung, g/cm3"),
    "contrast": Choice(("none", "venous"), "contrast medium", weights=(0.6, 0.4)),
    "mas": Number(10, 400, 75, 32, "effective tube current-time product, mAs"),
    "slice_mm": Choice(
        ("1.0", "1.5", "2.0", "2.5", "3.0", "5.0"), "slice thickness, mm",
        weights=(0.1, 0.2, 0.25, 0.25, 0.12, 0.08),
    ),
    "kernel": Choice(("soft", "lung"), "reconstruction kernel", weights=(0.45, 0.55)),
    "recon": Choice(("fbp", "iterative", "deep"), "reconstruction", weights=(0.72, 0.2, 0.08)),
    "slices": Number(8, 200, 28, 3, "number of slices"),
    "field": Number(0.8, 1.6, 1.06, 0.04, "width of the slices relative to the body"),
    "breath": Number(0, 9, 0, 0, "step of a breath between two slices, mm"),
}  # fmt: skip

_LESION: dict[str, Quantity] = {
    "finding": Choice(("none", "nodule"), "what is wrong", weights=(0.55, 0.45)),
    "granuloma": Choice(("none",), "calcified granuloma"),
}
_FBP: dict[str, Quantity] = {"recon": Choice(("fbp",), "reconstruction")}
# enough noise to be looked at
_GRAINY: dict[str, Quantity] = {
    "mas": Number(15, 70, 35, 12, "effective tube current-time product, mAs"),
    "slice_mm": Choice(("1.0", "1.5", "2.0"), "slice thickness, mm"),
}

STRUCTURAL = {
    Hallmark.NO_CONTEXT: Structural(
        "volume insertion model",
        needs=_LESION,
        mimic={
            "finding": Choice(("none",), "what is wrong"),
            "granuloma": Choice(("shown",), "calcified granuloma"),
        },
        look=(Without({"granuloma": "none"}, rim=0.2),),
    ),
    Hallmark.HALO_SEAM: Structural(
        "volume pasting model",
        needs={**_LESION, **_FBP},
        mimic={
            "finding": Choice(("nodule",), "what is wrong"),
            "slice_mm": Choice(("5.0",), "slice thickness, mm"),
        },
        look=(Without({"finding": "none"}, rim=0.2),),
    ),
    Hallmark.Z_BREAK: Structural(
        "slice model",
        needs={"finding": Choice(("none", "nodule"), "what is wrong", weights=(0.7, 0.3))},
        mimic={"breath": Number(4, 8, 6, 1, "step of a breath between two slices, mm")},
        look=(Step(),),
    ),
    Hallmark.HU_NOISE: Structural(
        "volume texture model",
        needs={**_FBP, **_GRAINY},
        mimic={**_GRAINY, "recon": Choice(("iterative", "deep"), "reconstruction")},
        look=(Everywhere(),),
    ),
}

# Camera, technique and tones are the radiograph's: the same patient can be photographed as well.
CHEST_CT = Region(
    name="chest",
    view="ct",
    quantities=QUANTITIES,
    build=CHEST_PA.build,
    camera=CHEST_PA.camera,
    tube=CHEST_PA.tube,
    detector=CHEST_PA.detector,
    tones=CHEST_PA.tones,
    structural=STRUCTURAL,
    stack=True,
)
