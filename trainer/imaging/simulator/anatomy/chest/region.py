"""The chest as a region: its parameters, its technique, its forgeries."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.chest import everyday, findings
from trainer.imaging.simulator.anatomy.chest.everyday import everyday_parts
from trainer.imaging.simulator.anatomy.chest.findings import finding_parts, rib_break
from trainer.imaging.simulator.anatomy.chest.frame import Frame, frame_of, size_of
from trainer.imaging.simulator.anatomy.chest.girdle import shoulder_parts
from trainer.imaging.simulator.anatomy.chest.lungs import (
    DENSITY,
    airway_part,
    gas_part,
    vessel_part,
)
from trainer.imaging.simulator.anatomy.chest.ribs import cartilage_parts, rib_parts
from trainer.imaging.simulator.anatomy.chest.skeleton import spine_parts, sternum_part
from trainer.imaging.simulator.anatomy.chest.torso import Torso, torso
from trainer.imaging.simulator.body import Body, Mask, Part, Paths, Uneven
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity, Structural
from trainer.imaging.simulator.looks import Parts
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.technique import Point, Technique
from trainer.imaging.simulator.tissue import FAT, GLANDULAR, SOFT, Tissue, lung
from trainer.imaging.simulator.vendors import Tone

QUANTITIES: dict[str, Quantity] = {
    "age": Number(18, 100, 52, 17, "age in years"),
    "bmi": Number(15, 45, 25.5, 4, "body mass index, kg/m2"),
    "stature": Number(-3, 3, 0, 1, "stature, standard deviations"),
    "build": Number(-3, 3, 0, 1, "breadth of the cage, standard deviations"),
    "chest_depth": Number(0.85, 1.25, 1, 0.05, "depth of the cage, relative"),
    "inspiration": Number(-1.2, 1, 0.1, 0.5, "inspiration, 1 full"),
    "rotation": Number(-15, 15, 0, 2.4, "rotation about the long axis, degrees"),
    "tilt": Number(-15, 15, 1, 2, "tilt of the tube, degrees"),
    "roll": Number(-10, 10, 0, 2.0, "turn in the film's plane, degrees"),
    "scoliosis": Number(-2.5, 2.5, 0, 0.5, "sideways curve of the spine, cm"),
    "scoliosis_phase": Number(0, 6.2832, 3.14, 1.8, "where the curve lies, radians"),
    "kyphosis": Number(0.5, 1.9, 1, 0.15, "kyphosis, relative"),
    "asymmetry": Number(-3, 3, 0, 1, "asymmetry of the cage, standard deviations"),
    "heart": Number(0.75, 1.6, 1.02, 0.09, "breadth of the heart, relative"),
    "aorta": Number(0.8, 1.7, 1.02, 0.14, "size and unfolding of the aorta, relative"),
    "left_dome_drop": Number(-0.3, 2.4, 1.1, 0.6, "how much lower the left dome is, cm"),
    "rib_slope": Number(0.75, 1.25, 1, 0.06, "slope of the ribs, relative"),
    "breast": Number(0.2, 1.8, 0.9, 0.25, "size of the breasts, relative"),
    "protraction": Number(-0.5, 2.5, 0.9, 0.4, "how far the shoulders are rolled forward, cm"),
    "shoulder_rise": Number(-1.5, 1.5, 0, 0.5, "how far the shoulders are raised, cm"),
    "arm_left": Number(-3, 3, 0, 1, "left arm away from the body, standard deviations"),
    "arm_right": Number(-3, 3, 0, 1, "right arm away from the body, standard deviations"),
    "field": Number(31, 48, 37.5, 1.5, "width of the film at the patient, cm"),
    "shift_x": Number(-4, 4, 0, 1.0, "film off centre sideways, cm"),
    "shift_y": Number(-4, 4, 0, 0.9, "film off centre along the body, cm"),
    "beam": Choice(("chest 110", "chest 117", "chest 125"), "spectrum"),
    # the chambers end it: what spreads is how they are set
    "exposure": Number(0.1, 10, 1, 0.15, "detector exposure relative to the usual one"),
    **everyday.QUANTITIES,
    **findings.QUANTITIES,
}

_STILL: dict[str, Quantity] = {
    "rotation": Number(-0.4, 0.4, 0, 0.15, "rotation about the long axis, degrees"),
    "roll": Number(-0.4, 0.4, 0, 0.15, "turn in the film's plane, degrees"),
}

COLUMN = Parts(("vertebra *",), bridged=0.5)
STRUCTURAL = {
    Hallmark.TOO_SYMMETRIC: Structural(
        "symmetry model",
        needs={**_STILL},
        mimic={
            **_STILL,
            "scoliosis": Number(-0.1, 0.1, 0, 0.03, "sideways curve of the spine, cm"),
            "asymmetry": Number(-0.3, 0.3, 0, 0.1, "asymmetry of the cage"),
            "left_dome_drop": Number(0, 0.5, 0.25, 0.1, "how much lower the left dome is, cm"),
        },
        look=(Parts(("lungs",)),),
    ),
    Hallmark.STRAIGHT_SPINE: Structural(
        "rigidity model",
        needs={"scoliosis": Number(0.5, 2.5, 0.9, 0.25, "sideways curve of the spine, cm")},
        mimic={
            "scoliosis": Number(-0.05, 0.05, 0, 0.02, "sideways curve of the spine, cm"),
            "age": Number(18, 35, 26, 4, "age in years"),
        },
        look=(COLUMN,),
    ),
    Hallmark.VESSEL_UNIFORM: Structural("calibre model"),
    Hallmark.NO_CONTEXT: Structural(
        "insertion model",
        needs={
            "finding": Choice(("nodule", "mass"), "what is wrong"),
            "consequences": Number(0.8, 1, 1, 0, "what a finding does to its surroundings"),
        },
        mimic={
            "finding": Choice(("nodule",), "what is wrong"),
            "finding_size": Number(0, 0.3, 0.15, 0.1, "size of the finding"),
            "consequences": Number(
                0, 0.15, 0.05, 0.05, "a hamartoma leaves its surroundings alone"
            ),
        },
        look=(Parts(("nodule",)),),
    ),
}


def build(case: Case) -> Body:
    """Return the body of a case."""
    frame = frame_of(case)
    soft = torso(frame)
    # a straightened spine takes ribs and lungs with it, and leaves what lies in them alone
    still = frame.unbent()
    parts = _soft_parts(frame, soft)
    parts += [airway_part(still), gas_part(still, torso(still)), vessel_part(still, torso(still))]
    parts += finding_parts(frame, soft) + everyday_parts(frame)
    parts += rib_parts(frame, rib_break(case))
    parts += cartilage_parts(frame)
    parts += shoulder_parts(still) + spine_parts(frame) + [sternum_part(still)]
    return Body(tuple(parts))


def _soft_parts(frame: Frame, soft: Torso) -> list[Part]:
    case = frame.case
    grain = Uneven(case.number_for("muscle grain"), 2.7, 0.011, Tissue(adipose=1, soft=-1))
    lobules = Uneven(
        case.number_for("lung lobules"), 2.7, 0.20 * DENSITY / 1.06, Tissue(soft=1), power=0.5
    )
    parts = [
        Part("body", soft.solid(soft.body), FAT, structure="body", uneven=grain),
        Part("muscle", soft.solid(soft.muscle), SOFT, FAT),
        Part("pericardial fat", soft.solid(soft.pericardial_fat), FAT, SOFT),
        Part("lungs", soft.solid(soft.lung), lung(DENSITY), SOFT, "lungs", 2.0, uneven=lobules),
        Part("mediastinum", soft.solid(soft.heart), SOFT, SOFT, "mediastinum", 0.5),
    ]
    if frame.female:
        parts.append(Part("glandular tissue", _glands(frame, soft), GLANDULAR, FAT))
    return parts


def _glands(frame: Frame, soft: Torso) -> Solid:
    s, fat = frame.size, soft.fat_cm
    f = soft.grid.like()
    for side in (-1, 1):
        f.ellipsoid(
            (side * 8.6 * s, 11.0 * s + 0.3 * fat, -19.0 * s),
            ((3.9 + 0.2 * fat) * s, (2.0 + 0.3 * fat) * s, (4.4 + 0.2 * fat) * s),
            noise=soft.noise,
            rough=0.6,
        )
    f.values = np.maximum(f.values, soft.body + 0.2)
    return f.smooth(0.8).solid()


def _middle(case: Case) -> Point:
    return (0.0, 0.0, -12.9 * size_of(case) - 0.6 * case.number("inspiration"))


def widened(case: Case) -> float:
    """Return how much wider than the usual a case's film is: women are smaller."""
    return 0.95 if case.word("sex") == "female" else 1.0


TECHNIQUE = Technique(
    film=(1, 1),
    centre=_middle,
    distance=180,
    behind=17,
    motion_mm=0.25,
    quanta=1.42e5,
    widen=widened,
)


def tones(paths: Paths) -> list[Tone]:
    """Return the tone curve's anchors: lung, mediastinum, abdomen."""
    lung_path, body = paths.structures["lungs"], paths.structures["body"] > 8
    rows, columns = lung_path.shape
    clear = lung_path > 8
    seen = np.flatnonzero(clear.any(1))
    top, bottom = (int(seen[0]), int(seen[-1])) if len(seen) else (0, rows - 1)
    height = bottom - top
    middle = body & (lung_path < 6)
    middle[: top + height // 3] = False
    middle[bottom - height // 6 :] = False
    middle[:, : int(0.36 * columns)] = False
    middle[:, int(0.64 * columns) :] = False
    abdomen = body & (lung_path < 0.2)
    abdomen[: bottom - height // 8] = False
    abdomen[:, : columns // 4] = False
    abdomen[:, -(columns // 4) :] = False
    spine = middle & (paths.structures["spine"] > 3)
    return [
        Tone(air(paths), 0.50, 0.125),
        Tone(clear, 0.03, 0.17),
        Tone(clear, 0.50, 0.34),
        Tone(middle, 0.40, 0.55),
        Tone(abdomen, 0.60, 0.565),
        Tone(spine, 0.95, 0.63),
    ]


def air(paths: Paths) -> Mask:
    """Return where the beam met no body; not worth an anchor unless it is a hundredth of a film."""
    bare = paths.structures["body"] < 0.05
    return bare if bare.mean() > 0.01 else np.zeros_like(bare)


CHEST_PA = TECHNIQUE.region(
    "chest",
    "pa",
    QUANTITIES,
    build,
    tones,
    structural=STRUCTURAL,
    blades=0.45,
    detail=0.54,
    force=0.68,
    beyond=0.57,
    contrast=0.9,
    thinnest="lungs",
    chambers=("lungs", 0.122),
)
