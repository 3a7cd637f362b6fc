"""A made series as files: CT images, truth as DICOM SEG and PNG.

Each slice is a CT Image (PS3.3 A.3); every header says that it is simulated, and of a forgery that
it is forged. As with films, nothing depends on the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from highdicom.seg import Segmentation
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from trainer.imaging.film import Mask
from trainer.imaging.simulator import dicom_out
from trainer.imaging.simulator.dicom_out import MAKER, MODEL, uid

if TYPE_CHECKING:
    from trainer.imaging.made import Made
    from trainer.imaging.recipes import Recipe

KVP = "120"
_STORED_BITS = 12


def images(made: Made, recipe: Recipe) -> list[Dataset]:
    """Return the slices as CT Images, from the head down.

    Parameters
    ----------
    made : Made
        The series and its truth.
    recipe : Recipe
        What it was made from.
    """
    return [_slice(made, recipe, k) for k in range(made.film.pixels.shape[0])]


def _slice(made: Made, recipe: Recipe, index: int) -> Dataset:
    ds = Dataset()
    dicom_out.patient(ds, recipe)
    _series(ds, made, recipe, index)
    _geometry(ds, made, index)
    _pixels(ds, made, index)
    dicom_out.candour(ds, made, recipe, "tomogram")
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return ds


def _series(ds: Dataset, made: Made, recipe: Recipe, index: int) -> None:
    """Fill General Series, CT Image and SOP Common (C.7.3.1, C.8.2.1, C.12.1)."""
    ds.Modality = "CT"
    ds.SeriesInstanceUID = uid(recipe.uuid, "series")
    ds.SeriesNumber = "1"
    ds.SeriesDescription = f"SIMULATED {recipe.region} CT"
    ds.PatientPosition = "HFS"
    ds.BodyPartExamined = recipe.region.upper().replace(" ", "")[:16]
    ds.SOPClassUID = CTImageStorage
    ds.SOPInstanceUID = uid(recipe.uuid, f"image {index}")
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.AcquisitionNumber = "1"
    ds.InstanceNumber = str(index + 1)
    ds.KVP = KVP
    ds.Exposure = str(round(made.report["mas"]))
    ds.ConvolutionKernel = "SIMULATED"


def _geometry(ds: Dataset, made: Made, index: int) -> None:
    """Fill Frame of Reference and Image Plane (C.7.4.1, C.7.6.2).

    DICOM's y runs to the patient's back, the simulator's to the front.
    """
    film, told = made.film, made.report
    ds.FrameOfReferenceUID = uid(ds.SeriesInstanceUID, "frame of reference")
    ds.PositionReferenceIndicator = ""
    ds.PixelSpacing = [f"{mm:.8g}" for mm in film.spacing_mm]
    ds.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    z = film.slice_mm[index]
    place = (told["corner_x_mm"], -told["corner_y_mm"], z)
    ds.ImagePositionPatient = [f"{mm:.4f}" for mm in place]
    ds.SliceThickness = f"{told['slice_mm']:.4g}"
    ds.SliceLocation = f"{z:.4f}"


def _pixels(ds: Dataset, made: Made, index: int) -> None:
    """Fill Image Pixel and what CT Image asks of it (C.7.6.3, C.8.2.1)."""
    film = made.film
    ds.ImageType = ["DERIVED", "PRIMARY", "AXIAL"]
    ds.Rows, ds.Columns = film.pixels.shape[1:]
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, _STORED_BITS, _STORED_BITS - 1
    ds.PixelRepresentation = 0
    ds.RescaleIntercept, ds.RescaleSlope = f"{film.intercept:g}", f"{film.slope:g}"
    ds.RescaleType = "HU"
    ds.WindowCenter, ds.WindowWidth = ["-600", "40"], ["1500", "400"]
    ds.WindowCenterWidthExplanation = ["LUNG", "SOFT TISSUE"]
    ds.LossyImageCompression = "00"
    ds.BurnedInAnnotation = "NO"
    ds.PixelData = film.pixels[index].astype("<u2", copy=False).tobytes()
    ds["PixelData"].VR = "OW"


def truth(made: Made, recipe: Recipe, sources: list[Dataset]) -> Segmentation:
    """Return the structures, findings and alteration of a series as a DICOM segmentation.

    Parameters
    ----------
    made : Made
        The series and its truth.
    recipe : Recipe
        What it was made from.
    sources : list of Dataset
        Of :func:`images`.
    """
    masks = dicom_out.masks_of(made)
    frames = np.stack([m.astype(np.uint8) for m in masks.values()], axis=-1)
    return dicom_out.segmentation(recipe, made, sources, frames, list(masks))


def sheet(mask: Mask) -> Mask:
    """Return a stack of masks as one picture, slices below one another."""
    return mask.reshape(-1, mask.shape[-1])


__all__ = ["MAKER", "MODEL", "images", "sheet", "truth"]
