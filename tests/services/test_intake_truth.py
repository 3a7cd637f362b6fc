"""Truth that comes in with a stack: every slice gets its own."""

import numpy as np
import pytest
from PIL import Image as PictureFile

from trainer.core.words import Modality, Truth
from trainer.imaging.bank.manifest import Row
from trainer.imaging.bank.normalise import Prepared
from trainer.imaging.bank.plan import Box
from trainer.imaging.bank.reader import Reader, Taken
from trainer.imaging.bank.truth import slices_of_files
from trainer.imaging.dicom.decoded import Decoded
from trainer.imaging.dicom.errors import IntakeError
from trainer.imaging.film import Film
from trainer.services.intake_truth import mask_of

SQUARE = ((20.0, 20.0), (40.0, 20.0), (40.0, 40.0), (20.0, 40.0))


@pytest.fixture(scope="module")
def reader():
    with Reader() as one:
        yield one


def taken(slices=6, step=4.0, placed=True):
    film = Film(
        np.zeros((slices, 64, 64), np.uint16),
        (1.0, 1.0),
        Modality.CT,
        slice_mm=tuple(step * z for z in range(slices)),
        placed=placed,
    )
    source = Decoded(np.zeros((0, 64, 64), np.float32), 12)
    return Taken(Prepared(film, Box(0, 0, 64, 64)), source, (slices, 64, 64))


def row(slices, depth_mm=0.0, outlines=1):
    return Row(
        1, "s", Truth.TAMPERED, outlines=(SQUARE,) * outlines, slices=slices, depth_mm=depth_mm
    )


def changed(mask):
    return np.flatnonzero(mask.any(axis=(1, 2))).tolist()


def test_an_outline_lies_in_its_slice_and_as_deep_as_it_says(reader, tmp_path):
    assert changed(mask_of(reader, tmp_path, row((2,)), taken(), [])) == [2]
    assert changed(mask_of(reader, tmp_path, row((2,), 4.5), taken(), [])) == [1, 2, 3]
    # no depth in mm where nobody knows how far apart the slices are
    assert changed(mask_of(reader, tmp_path, row((2,), 4.5), taken(placed=False), [])) == [2]
    two = mask_of(reader, tmp_path, row((0, 5), outlines=2), taken(), [])
    assert changed(two) == [0, 5]


def test_a_slice_is_found_by_the_name_of_its_file(reader, tmp_path):
    names = [f"s/{n}.dcm" for n in (13, 12, 11, 10, 9, 8)]  # head first, numbered from the feet
    assert changed(mask_of(reader, tmp_path, row((12,)), taken(), names)) == [1]
    others = [f"s/i{n}.dcm" for n in (5, 4, 3, 2, 1, 0)]
    assert changed(mask_of(reader, tmp_path, row((0,)), taken(), others)) == [5]
    with pytest.raises(IntakeError, match="names slice 40, it has 6 slices"):
        mask_of(reader, tmp_path, row((40,)), taken(), names)


def test_masks_find_their_slices():
    slices = ["s/c.dcm", "s/b.dcm", "s/a.dcm"]
    assert slices_of_files(["m/a.png", "m/c.png"], slices) == [2, 0]
    assert slices_of_files(["m/1.png", "m/2.png", "m/10.png"], slices) == [2, 1, 0]
    assert slices_of_files(["m/1.png", "m/2.png"], slices) is None


def test_masks_that_do_not_match_are_a_fault(reader, tmp_path):
    (tmp_path / "m").mkdir()
    for n in range(2):
        PictureFile.fromarray(np.full((64, 64), 255, np.uint8)).save(tmp_path / f"m/mark{n}.png")
    with pytest.raises(IntakeError, match="has 2 slices and the image 6"):
        mask_of(
            reader,
            tmp_path,
            Row(1, "s", Truth.TAMPERED, mask="m"),
            taken(),
            [f"s/{z}.dcm" for z in range(6)],
        )
