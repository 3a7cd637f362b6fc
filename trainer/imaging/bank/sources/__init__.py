"""Named sources: each reads a set in the layout its owner publishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trainer.imaging.bank.manifest import Manifest
from trainer.imaging.bank.sources import (
    ct_gan,
    deepfakexray,
    dicom_files,
    m3dsynth,
    mura,
    nih,
    real_bones,
)
from trainer.imaging.bank.sources.tree import Terms, Tree


@dataclass(frozen=True, slots=True)
class Source:
    """A source: its owner's terms, and how it makes rows of a folder."""

    terms: Terms
    rows: Callable[[Tree], Manifest]


SOURCES: Mapping[str, Source] = {
    "deepfakexray": Source(deepfakexray.TERMS, deepfakexray.rows),
    "ct-gan": Source(ct_gan.TERMS, ct_gan.rows),
    "m3dsynth": Source(m3dsynth.TERMS, m3dsynth.rows),
    "btxrd": Source(real_bones.BTXRD, real_bones.btxrd),
    "fracatlas": Source(real_bones.FRACATLAS, real_bones.fracatlas),
    "mura": Source(mura.TERMS, mura.rows),
    "nih-chestxray14": Source(nih.TERMS, nih.rows),
    "dicom-folder": Source(dicom_files.TERMS, dicom_files.folder),
    "dicomdir": Source(dicom_files.TERMS, dicom_files.dicomdir),
}
