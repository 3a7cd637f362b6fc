"""Which reader a file needs, told by its first bytes and never by its name."""

from __future__ import annotations

from trainer.imaging.bank.raster import read_raster
from trainer.imaging.dicom.decoded import Decoded
from trainer.imaging.dicom.errors import IntakeError
from trainer.imaging.dicom.read import read_dicom

_GIVE = "give DICOM, PNG, JPEG or TIFF"
_OTHERS = (
    (b"PK\x03\x04", "a zip archive", "unpack it and import the folder"),
    (b"PK\x05\x06", "an empty zip archive", _GIVE),
    (b"\x1f\x8b", "a gzip archive", "unpack it and import the folder"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it and import the folder"),
    (b"Rar!", "a rar archive", "unpack it and import the folder"),
    (b"%PDF", "a PDF", _GIVE),
    (b"GIF8", "a GIF", "save it as PNG"),
    (b"BM", "a bitmap", "save it as PNG"),
    (b"RIFF", "a RIFF file (WebP or video)", "save it as PNG"),
    (b"<", "a text file (HTML or XML)", _GIVE),
    (b"\x7fELF", "a program", _GIVE),
    (b"MZ", "a program", _GIVE),
)


def decode_file(data: bytes, name: str) -> Decoded:
    """Decode a file of any kind that is taken in.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What messages call it; its ending is not looked at.

    Raises
    ------
    IntakeError
        When it is empty, of another kind, damaged, too large, or no image.
    """
    if not data:
        raise IntakeError(name, "it is empty (0 bytes)", "copy it again from its source")
    if data[:8] == b"\x89PNG\r\n\x1a\n" or data[:3] == b"\xff\xd8\xff":
        return read_raster(data, name)
    if data[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+") and data[128:132] != b"DICM":
        return read_raster(data, name)
    if data[128:132] == b"DICM":
        return read_dicom(data, name)
    for magic, what, cure in _OTHERS:
        if data.startswith(magic):
            raise IntakeError(name, f"it is {what}, whatever its name says", cure)
    # Old DICOM files lack the preamble: they begin with group 0002, 0008 (or 0000), little or big
    # endian. Anything else is no image, and guessing on would only give a stranger message.
    if data[:2] in (b"\x02\x00", b"\x08\x00", b"\x00\x02", b"\x00\x08", b"\x00\x00", b"\x10\x00"):
        return read_dicom(data, name)
    raise IntakeError(name, "it is neither DICOM, PNG, JPEG nor TIFF", _GIVE)
