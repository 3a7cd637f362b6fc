"""A made film as files: DICOM, truth as DICOM SEG and PNG, recipe, checksums.

The image is a Digital X-Ray Image for Presentation (PS3.3 A.26); its header says throughout that it
is simulated, and of a forgery that it is forged. Nothing in it depends on the clock, so the same
recipe gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

import numpy as np
from highdicom import AlgorithmIdentificationSequence
from highdicom.seg import Segmentation, SegmentDescription
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from trainer.imaging.film import Mask

if TYPE_CHECKING:  # recipes.py knows the simulator, so this module only names its types
    from trainer.imaging.made import Made
    from trainer.imaging.recipes import Recipe

MAKER = "Telltale"
MODEL = "Telltale radiograph simulator"
_NAMESPACE = UUID("6f0d7a55-3f0f-5b0e-9a63-0f6f2a6c4f11")

# SNOMED CT codes of body parts, DICOM PS3.16 CID 4009
REGIONS = {
    "chest": Code("43799004", "SCT", "Chest"),
    "hand": Code("85562004", "SCT", "Hand"),
    "wrist": Code("74670003", "SCT", "Wrist"),
    "knee": Code("72696002", "SCT", "Knee"),
    "lumbar": Code("122496007", "SCT", "Lumbar spine"),
    "pelvis": Code("12921003", "SCT", "Pelvis"),
    "shoulder": Code("16982005", "SCT", "Shoulder"),
    "ankle": Code("344001", "SCT", "Ankle"),
    "foot": Code("56459004", "SCT", "Foot"),
    "elbow": Code("16953009", "SCT", "Elbow joint"),
    "cervical spine": Code("122494005", "SCT", "Cervical spine"),
    "abdomen": Code("818983003", "SCT", "Abdomen"),
    "skull": Code("89546000", "SCT", "Skull"),
}
# Body Part Examined has terms of its own, PS3.16 Annex L
_EXAMINED = {"lumbar": "LSPINE", "cervical spine": "CSPINE"}
_STRUCTURE = Code("91723000", "SCT", "Anatomical structure")
_ABNORMAL = Code("49755003", "SCT", "Morphologically abnormal structure")
# What a structure is, where SNOMED CT has a code of PS3.16; the rest are codes of our own.
_STRUCTURES = {
    "bones": codes.SCT.Bone,
    "body": codes.SCT.EntireBody,
    "clavicles": codes.SCT.Clavicle,
    "humeri": codes.SCT.Humerus,
    "lung": codes.SCT.Lung,
    "lungs": codes.SCT.Lung,
    "mediastinum": codes.SCT.Mediastinum,
    "ribs": codes.SCT.Rib,
    "scapulae": codes.SCT.Scapula,
    "soft tissue": codes.SCT.SoftTissue,
    "spine": codes.SCT.Spine,
    "sternum": codes.SCT.Sternum,
    "nodule": codes.SCT.Nodule,
    "effusion": codes.SCT.PleuralEffusion,
    "pneumothorax": codes.SCT.Pneumothorax,
}
_OWN_CODES = "99TELLTALE"
_LESIONS = frozenset({"nodule", "consolidation", "effusion", "pneumothorax", "granuloma"})
ALTERED = "altered"


def uid(uuid: str, purpose: str) -> str:
    """Return a DICOM UID for one purpose of one film, always the same (PS3.5 B.2)."""
    return f"2.25.{uuid5(_NAMESPACE, f'{uuid} {purpose}').int}"


def image(made: Made, recipe: Recipe) -> Dataset:
    """Return the film as a Digital X-Ray Image.

    Parameters
    ----------
    made : Made
        The film and its truth.
    recipe : Recipe
        What it was made from.
    """
    ds = Dataset()
    patient(ds, recipe)
    _series(ds, recipe)
    _pixels(ds, made)
    _anatomy(ds, recipe)
    candour(ds, made, recipe, "radiograph")
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return ds


def patient(ds: Dataset, recipe: Recipe) -> None:
    """Fill Patient, General Study and General Equipment (PS3.3 C.7.1.1, C.7.2.1, C.7.5.1)."""
    from trainer.imaging.recipes import case_of  # it knows the simulator

    _, case = case_of(recipe)
    ds.PatientName = f"SIMULATED^{recipe.region.upper()}"
    ds.PatientID = f"SIM-{recipe.uuid[:8]}"
    ds.PatientBirthDate = ""
    ds.PatientSex = {"female": "F", "male": "M"}.get(str(case.values.get("sex")), "O")
    if "age" in case.values:
        ds.PatientAge = f"{round(case.number('age')):03d}Y"
    ds.PatientComments = "No patient: simulated"
    ds.StudyInstanceUID = uid(recipe.uuid, "study")
    ds.StudyDate = ds.StudyTime = ds.ReferringPhysicianName = ds.AccessionNumber = ""
    ds.StudyID = "SIMULATED"
    ds.StudyDescription = f"SIMULATED {recipe.region} {recipe.view}"
    ds.Manufacturer = MAKER
    ds.ManufacturerModelName = MODEL


def _series(ds: Dataset, recipe: Recipe) -> None:
    """Fill General Series, DX Series and SOP Common (C.7.3.1, C.8.11.1, C.12.1)."""
    ds.Modality = "DX"
    ds.PresentationIntentType = "FOR PRESENTATION"
    ds.SeriesInstanceUID = uid(recipe.uuid, "series")
    ds.SeriesNumber = "1"
    ds.SeriesDescription = f"SIMULATED {recipe.region} {recipe.view}"
    ds.SOPClassUID = DigitalXRayImageStorageForPresentation
    ds.SOPInstanceUID = uid(recipe.uuid, "image")
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.InstanceNumber = "1"


def _pixels(ds: Dataset, made: Made) -> None:
    """Fill Image Pixel, DX Image and DX Detector (C.7.6.3, C.8.11.3, C.8.11.4)."""
    film = made.film
    ds.Rows, ds.Columns = film.pixels.shape
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit = 15
    ds.PixelRepresentation = 0
    ds.PixelData = film.pixels.astype("<u2", copy=False).tobytes()
    ds["PixelData"].VR = "OW"
    ds.ImageType = ["DERIVED", "PRIMARY", ""]
    ds.PixelIntensityRelationship = "LOG"
    ds.PixelIntensityRelationshipSign = -1
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", "1", "US"
    ds.PresentationLUTShape = "IDENTITY"
    ds.WindowCenter, ds.WindowWidth = "32768", "65536"
    ds.LossyImageCompression = "00"
    ds.BurnedInAnnotation = "NO"
    ds.DetectorType = "SCINTILLATOR"
    ds.ImagerPixelSpacing = [f"{mm:.6g}" for mm in film.spacing_mm]
    ds.AcquisitionContextSequence = []


def _anatomy(ds: Dataset, recipe: Recipe) -> None:
    """Fill DX Anatomy Imaged and DX Positioning (C.8.11.2, C.8.11.5)."""
    from trainer.imaging.recipes import case_of
    from trainer.imaging.simulator.hanging import hanging

    hangs = hanging(*case_of(recipe))
    code = REGIONS.get(recipe.region)
    if code is not None:
        ds.AnatomicRegionSequence = [_coded(code)]
    ds.ImageLaterality = hangs.laterality
    ds.BodyPartExamined = _EXAMINED.get(recipe.region, recipe.region.upper())
    ds.PatientOrientation = list(hangs.orientation)
    ds.ViewPosition = hangs.position
    view = _coded(hangs.view)
    view.ViewModifierCodeSequence = []
    ds.ViewCodeSequence = [view]
    ds.PositionerType = "NONE"


def _coded(code: Code) -> Dataset:
    """Return a code as an item of a sequence (PS3.3 8.8)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = code.value, code.scheme_designator
    item.CodeMeaning = code.meaning
    return item


def candour(ds: Dataset, made: Made, recipe: Recipe, kind: str) -> None:
    """Say what it is, where any reader of headers looks (C.7.6.1, C.12.1)."""
    ds.ContentDate = ds.ContentTime = ""
    ds.AcquisitionDate = ds.AcquisitionTime = ""
    ds.SoftwareVersions = f"engine {made.engine_version}"
    ds.ImageComments = f"Simulated {kind}, recipe {recipe.uuid}. For training only."
    ds.QualityControlImage = "YES"
    if recipe.hallmark is not None:
        ds.DerivationDescription = (
            f"Simulated and FORGED: {recipe.hallmark} at dose {recipe.dose:g} ({recipe.family})"
        )
    else:
        ds.DerivationDescription = "Simulated from physics, not altered afterwards"


def truth(made: Made, recipe: Recipe, source: Dataset) -> Segmentation:
    """Return the structures, findings and alteration of a film as a DICOM segmentation.

    Parameters
    ----------
    made : Made
        The film and its truth.
    recipe : Recipe
        What it was made from.
    source : Dataset
        Of :func:`image`.
    """
    masks = masks_of(made)
    frames = np.stack([m.astype(np.uint8) for m in masks.values()], axis=-1)[None]
    return segmentation(recipe, made, [source], frames, list(masks))


def segmentation(
    recipe: Recipe,
    made: Made,
    sources: list[Dataset],
    frames: NDArray[np.uint8],
    names: list[str],
) -> Segmentation:
    """Return a segmentation of images; the same recipe gives the same bytes.

    Parameters
    ----------
    recipe : Recipe
        Of the images, for the identities.
    made : Made
        What is known of them.
    sources : list of Dataset
        The images.
    frames : ndarray of uint8, shape (images, rows, columns, segments)
        1 where a segment is.
    names : list of str
        Of the segments.
    """
    seg = Segmentation(
        source_images=sources,
        pixel_array=frames,
        segmentation_type="BINARY",
        segment_descriptions=[_segment(k + 1, name) for k, name in enumerate(names)],
        series_instance_uid=uid(recipe.uuid, "truth series"),
        series_number=2,
        sop_instance_uid=uid(recipe.uuid, "truth"),
        instance_number=1,
        manufacturer=MAKER,
        manufacturer_model_name=MODEL,
        software_versions=f"engine {made.engine_version}",
        device_serial_number="0",
        content_description="Truth of a simulated film",
        content_label="TRUTH",
        omit_empty_frames=False,
    )
    for name in ("ContentDate", "ContentTime", "InstanceCreationDate", "InstanceCreationTime"):
        if name in seg:
            setattr(seg, name, "19700101" if name.endswith("Date") else "000000")
    if "PatientOrientation" in sources[0]:  # a film's; a slice has a place in space instead
        seg.PatientOrientation = sources[0].PatientOrientation
    own = Dataset()
    own.CodingSchemeDesignator = _OWN_CODES
    own.CodingSchemeName = "Structures of the Telltale simulator"
    own.CodingSchemeResponsibleOrganization = MAKER
    seg.CodingSchemeIdentificationSequence = [own]
    organisation = uid(recipe.uuid, "truth dimensions")
    for item in [*seg.DimensionOrganizationSequence, *seg.DimensionIndexSequence]:
        item.DimensionOrganizationUID = organisation
    for item in seg.get("ContributingEquipmentSequence", []):
        if "ContributionDateTime" in item:
            del item.ContributionDateTime
    return seg


def masks_of(made: Made) -> dict[str, Mask]:
    """Return the masks that are written: what is seen, by name, and where it was altered."""
    masks = {name: mask for name, mask in sorted(made.structures.items()) if mask.any()}
    if made.mask is not None and made.mask.any():
        masks[ALTERED] = made.mask
    return masks


def _segment(number: int, name: str) -> SegmentDescription:
    """Return the description of one mask."""
    category = _ABNORMAL if name in _LESIONS or name == ALTERED else _STRUCTURE
    own = Code(f"{name.upper().replace(' ', '_')[:16]}", _OWN_CODES, name)
    how = AlgorithmIdentificationSequence(
        name=MODEL,
        family=Code("123109", "DCM", "Manual Processing"),
        version="path lengths",
    )
    return SegmentDescription(
        segment_number=number,
        segment_label=name,
        segmented_property_category=category,
        segmented_property_type=_STRUCTURES.get(name, own),
        algorithm_type="AUTOMATIC",
        algorithm_identification=how,
    )


def write(made: Made, recipe: Recipe, folder: Path) -> dict[str, str]:
    """Write a film and its truth into a new folder, all or nothing.

    Parameters
    ----------
    made : Made
        The film and its truth.
    recipe : Recipe
        What it was made from.
    folder : Path
        Must not exist yet; its parent is made where missing.

    Returns
    -------
    dict of str to str
        sha256 of each file by its name, as in ``sha256.txt``.

    Raises
    ------
    FileExistsError
        When the folder is there already: nothing is overwritten.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} is there already; name another folder or remove it")
    folder.parent.mkdir(parents=True, exist_ok=True)
    rough = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        sums = {}
        for name, data in _files(made, recipe).items():
            (rough / name).write_bytes(data)
            sums[name] = hashlib.sha256(data).hexdigest()
        lines = [f"{digest}  {name}\n" for name, digest in sorted(sums.items())]
        (rough / "sha256.txt").write_text("".join(lines))
        rough.chmod(0o755)
        rough.rename(folder)
    except BaseException:
        shutil.rmtree(rough, ignore_errors=True)
        raise
    return sums


def _files(made: Made, recipe: Recipe) -> dict[str, bytes]:
    from trainer.imaging.simulator import ct_out  # it writes with this module's words

    stack = made.film.pixels.ndim == 3
    if stack:
        slices = ct_out.images(made, recipe)
        files = {f"slice-{k + 1:03d}.dcm": _bytes(ds) for k, ds in enumerate(slices)}
        files["truth.dcm"] = _bytes(ct_out.truth(made, recipe, slices))
    else:
        source = image(made, recipe)
        files = {"film.dcm": _bytes(source), "truth.dcm": _bytes(truth(made, recipe, source))}
    files["recipe.json"] = recipe.to_json().encode()
    for name, mask in masks_of(made).items():
        held = io.BytesIO()
        Image.fromarray(ct_out.sheet(mask) if stack else mask).save(held, format="PNG")
        files[f"mask {name}.png".replace(" ", "_")] = held.getvalue()
    return files


def _bytes(ds: Dataset) -> bytes:
    held = io.BytesIO()
    ds.save_as(held, enforce_file_format=True)
    return held.getvalue()
