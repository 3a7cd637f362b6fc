"""Which way a film lies and from where it was taken, in DICOM's words.

Patient Orientation (PS3.3 C.7.6.1.1.1) names the way to a film's right and to its lower edge by the
directions of a patient in the anatomical position: palms forward, soles on the floor. So fingers
point to the feet (F), toes to the front (A).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from trainer.imaging.simulator.camera import Camera
from trainer.imaging.simulator.case import Case, Region

# Below this share of a direction a second letter is left out.
_SLIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Hanging:
    """How a film hangs.

    Parameters
    ----------
    orientation : tuple of str
        Patient Orientation: the way to the film's right, and down.
    view : Code
        Of CID 4010, DX View.
    position : str
        View Position; empty where DICOM has no term for it.
    laterality : str
        ``L`` or ``R`` of a limb, ``U`` of what is not paired.
    """

    orientation: tuple[str, str]
    view: Code
    position: str
    laterality: str


_VIEWS: dict[str, Code] = {
    "AP": codes.cid4010.AnteroPosterior,
    "PA": codes.cid4010.PosteroAnterior,
    "LL": codes.cid4010.LeftLateral,
    "RL": codes.cid4010.RightLateral,
}
# A limb is put before the detector part by part, so its camera does not know where its front is: of
# a left one, the way to the film's right, the way down, and from where.
_LIMBS: dict[tuple[str, str], tuple[str, str, str | Code]] = {
    ("hand", "pa"): ("L", "H", "PA"),
    ("wrist", "pa"): ("L", "H", "PA"),
    ("wrist", "lateral"): ("A", "H", codes.cid4010.LateralMedial),
    ("elbow", "ap"): ("L", "F", "AP"),
    ("elbow", "lateral"): ("A", "F", codes.cid4010.LateralMedial),
    ("shoulder", "ap"): ("L", "F", "AP"),
    ("knee", "ap"): ("L", "F", "AP"),
    ("knee", "lateral"): ("P", "F", codes.cid4010.MedioLateralProjection),
    ("ankle", "ap"): ("L", "F", "AP"),
    ("ankle", "lateral"): ("P", "F", codes.cid4010.MedioLateralProjection),
    ("foot", "dp"): ("R", "P", codes.cid4010.Dorsoplantar),
    ("foot", "oblique"): ("RH", "P", codes.cid4010.MedialOblique),
}
_MIRROR = str.maketrans("LR", "RL")


def hanging(place: Region, case: Case) -> Hanging:
    """Return how the film of a case hangs.

    Parameters
    ----------
    place : Region
        The region and view.
    case : Case
        The patient and the exposure.
    """
    limb = _LIMBS.get((place.name, place.view))
    if limb is None:
        return _of_trunk(place.camera(case, 64))
    right, down, view = limb
    side = case.word("side")
    if side == "right":
        right, down = right.translate(_MIRROR), down.translate(_MIRROR)
    code = _VIEWS[view] if isinstance(view, str) else view
    position = view if isinstance(view, str) else ""
    return Hanging((right, down), code, position, "R" if side == "right" else "L")


def _of_trunk(camera: Camera) -> Hanging:
    """Return how a trunk's film hangs: its camera stands in the patient's own axes."""
    middle = camera.origin + 0.5 * (
        (camera.columns - 1) * camera.right + (camera.rows - 1) * camera.down
    )
    way = letters(middle - camera.source)[0]
    # The side nearest to the detector names a lateral: the beam leaves there.
    position = {"A": "PA", "P": "AP", "L": "LL", "R": "RL"}[way]
    return Hanging(
        (letters(camera.right)[0], letters(camera.down)[0]),
        _VIEWS[position],
        position,
        "U",
    )


def letters(direction: NDArray[np.float64]) -> str:
    """Return a direction in the patient's axes as DICOM's letters, the main one first.

    Parameters
    ----------
    direction : ndarray, shape (3,)
        To the patient's left, front and head.
    """
    unit = direction / np.linalg.norm(direction)
    order = np.argsort(-np.abs(unit))
    names = (("R", "L"), ("P", "A"), ("F", "H"))
    return "".join(names[k][int(unit[k] > 0)] for k in order if abs(unit[k]) > _SLIGHT)
