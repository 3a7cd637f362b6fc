"""The words of the field, shared by every room of the house. See ``docs/words.md``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Truth(StrEnum):
    """What a film is. ``TAMPERED`` is a real or simulated acquisition that was altered."""

    AUTHENTIC = "authentic"
    SYNTHETIC = "synthetic"
    TAMPERED = "tampered"

    @property
    def is_authentic(self) -> bool:
        """Whether the film is what it claims to be."""
        return self is Truth.AUTHENTIC


class Choice(StrEnum):
    """What a reader can say of a film."""

    AUTHENTIC = "authentic"
    NOT_AUTHENTIC = "not_authentic"
    VERIFY = "verify"  # cannot tell, would verify at the source


class Provenance(StrEnum):
    """The class of the pool a film belongs to; no sitting mixes two.

    A simulated film and a clinical film differ in ways that are not the lesson.
    """

    SIMULATED = "simulated"
    CLINICAL = "clinical"


class Modality(StrEnum):
    """Modalities a case can have, by their DICOM family."""

    XR = "XR"
    CT = "CT"
    MR = "MR"


class Hallmark(StrEnum):
    """Signs that an image may not be what it claims. Texts: ``curricula/<track>/concepts``.

    The ids are those of the literature survey behind the curriculum; they never change.
    """

    SMOOTH_CORTEX = "smooth_cortex"
    TRABECULA = "trabecula"
    UNIFORM_GRAIN = "uniform_grain"
    COLOUR_CAST = "colour_cast"
    TOO_SYMMETRIC = "too_symmetric"
    STRAIGHT_SPINE = "straight_spine"
    VERTEBRA_CLONE = "vertebra_clone"
    RIB_CLONE = "rib_clone"
    VESSEL_UNIFORM = "vessel_uniform"
    CLEAN_FRACTURE = "clean_fracture"
    NO_SOFT_TISSUE = "no_soft_tissue"
    BIOMECH = "biomech"
    JOINT_MERGE = "joint_merge"
    SKIN_RIM = "skin_rim"
    GAS_SHAPE = "gas_shape"
    RENDER_LOOK = "render_look"
    NO_ACQUISITION_TRACE = "no_acquisition_trace"
    BAD_TEXT = "bad_text"
    FORMAT_TELL = "format_tell"
    MODE_COLLAPSE = "mode_collapse"
    HALO_SEAM = "halo_seam"
    Z_BREAK = "z_break"
    NO_CONTEXT = "no_context"
    HU_NOISE = "hu_noise"
    MR_PHYSICS = "mr_physics"
    CHECKERBOARD = "checkerboard"
    OVER_TYPICAL = "over_typical"


class Role(StrEnum):
    """What a person is in an institution. A role is a membership, not a flag on the user."""

    LEARNER = "learner"
    DIRECTOR = "director"
    CURATOR = "curator"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Point:
    """A place on a film.

    Parameters
    ----------
    x, y : float
        Column and row in native pixels; ``(0, 0)`` is the centre of the top left pixel.
    z : int
        Slice index, 0 for a single film.
    """

    x: float
    y: float
    z: int = 0
