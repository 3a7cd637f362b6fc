"""M3Dsynth: lung CT with nodules injected or removed by three generators.

``<root>/{cycle,pix2pix,diffusion,real}/scan/<img_id>/slide%04d.tiff``, masks in ``label``,
``data/data.csv`` and ``data/sets.csv``. The test part of its split stays a test part here.
"""

from __future__ import annotations

from trainer.core.words import Modality, Truth
from trainer.imaging.bank.manifest import Manifest, Row
from trainer.imaging.bank.sources.tree import Draft, Terms, Tree, circle, table

TERMS = Terms(
    "M3Dsynth: locally manipulated lung CT",
    "non-profit use only (GRIP-UNINA)",
    "https://github.com/grip-unina/M3Dsynth",
    "Zingarini et al., M3Dsynth, ICASSP 2024; LIDC-IDRI, TCIA",
    "https://github.com/grip-unina/M3Dsynth",
)
_KINDS = {"inj": "nodule injected", "rem": "nodule removed"}
_MODELS = ("cycle", "pix2pix", "diffusion")
#: The networks work on a cube of 32 voxels a side, of about 1 mm.
RADIUS = RADIUS_MM = 16.0


def rows(tree: Tree) -> Manifest:
    """Return a row for each manipulated scan and one for each real scan that is there."""
    draft = Draft()
    folders = tree.folders()
    sets = {
        cells["orig_id"]: "test" if cells["set"] == "test" else "practice"
        for _, cells in table(tree, "data/sets.csv", ("orig_id", "set"), draft)
    }
    columns = ("img_id", "ty", "mod", "orig_id", "coord_z", "coord_y", "coord_x")
    for line, cells in table(tree, "data/data.csv", columns, draft):
        kind, model = cells["ty"], cells["mod"]
        if kind not in _KINDS or model not in _MODELS:
            draft.fault(
                "data/data.csv",
                line,
                f"ty is {kind!r} and mod {model!r}",
                "ty must be inj or rem, mod cycle, pix2pix or diffusion",
            )
            continue
        scan, label = (f"{model}/{part}/{cells['img_id']}" for part in ("scan", "label"))
        if scan not in folders:
            continue  # the three archives are published apart: what is not there is not asked for
        try:
            place = circle(float(cells["coord_x"]), float(cells["coord_y"]), RADIUS)
            depth = int(float(cells["coord_z"]))
        except ValueError:
            draft.fault("data/data.csv", line, "a coordinate is no number", "take it again")
            continue
        real = f"real/scan/{cells['orig_id']}"
        has_mask = label in folders
        draft.rows.append(
            Row(
                line, scan, Truth.TAMPERED, modality=Modality.CT, region="chest", view="axial",
                patient=cells["orig_id"], split=sets.get(cells["orig_id"], "practice"),
                generator=f"m3dsynth-{model}", notes=_KINDS[kind],
                mask=label if has_mask else "", outlines=() if has_mask else (place,),
                slices=() if has_mask else (depth,), depth_mm=RADIUS_MM,
                twin=real if real in folders else "",
            )
        )  # fmt: skip
    for folder in sorted(f for f in folders if f.startswith("real/scan/")):
        original = folder.rpartition("/")[2]
        draft.rows.append(
            Row(
                0, folder, Truth.AUTHENTIC, modality=Modality.CT, region="chest", view="axial",
                patient=original, split=sets.get(original, "practice"),
            )
        )  # fmt: skip
    if not draft.rows:
        draft.fault("data/data.csv", 0, "no scan of it is there", "unpack an archive beside it")
    return draft.done("data/data.csv")
