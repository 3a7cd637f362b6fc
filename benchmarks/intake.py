"""Bringing DICOM in: CPU seconds for an image, beside DCMTK's renderer and dicom-anonymizer.

The same files, made here (CT-like, 512 x 512, 16 bit), in one run. ``dcmj2pnm`` is started once for
each file, as it has to be; its start-up alone is measured on a file it refuses.
"""

from __future__ import annotations

import io
import os
import resource
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from scipy.ndimage import gaussian_filter

from trainer.core.words import Modality
from trainer.imaging.bank.audit import audit
from trainer.imaging.bank.features import from_pixels
from trainer.imaging.bank.plan import make_plan
from trainer.imaging.bank.reader import Reader
from trainer.imaging.dicom.deidentify import deidentify

COUNT = 40


def _file(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    soft = gaussian_filter(rng.normal(size=(512, 512)), 20)
    pixels = (soft / np.abs(soft).max() * 900 + rng.normal(size=soft.shape) * 15).astype(np.int16)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[str(seed)])
    ds = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = (
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
    )
    ds.Modality, ds.PatientID, ds.PatientName = "CT", f"P{seed}", "Doe^Jane"
    ds.StudyDate, ds.InstitutionName, ds.ReferringPhysicianName = "20250101", "Ward", "Roe^Jo"
    ds.Rows = ds.Columns = 512
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.RescaleSlope, ds.RescaleIntercept = "1", "0"
    ds.WindowCenter, ds.WindowWidth = "0", "1500"
    ds.PixelData = pixels.tobytes()
    ds["PixelData"].VR = "OW"
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _own() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _row(what: str, seconds: float) -> None:
    print(f"{what:46} {seconds / COUNT * 1000:7.1f} CPU-ms an image {COUNT / seconds:7.1f} a CPU-s")


def _measured(what: str, act: Callable[[], None], clock: Callable[[], float]) -> None:
    started = clock()
    act()
    _row(what, clock() - started)


def main() -> None:
    """Print the table."""
    files = [_file(i) for i in range(COUNT)]
    with Reader() as reader:
        found, _ = reader.measure(files[0], "x")
        plan = make_plan(Modality.CT, [[found]])
        worker = reader._running().pid
        ticks = os.sysconf("SC_CLK_TCK")

        def both() -> float:
            words = Path(f"/proc/{worker}/stat").read_text().rsplit(")", 1)[1].split()
            return _own() + (int(words[11]) + int(words[12])) / ticks

        def films() -> None:
            for data in files:
                reader.film(data, "x", plan, "", "")

        _measured("film: decode, look for text, normalise (worker)", films, both)
        status = Path(f"/proc/{worker}/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    _measured(
        "de-identify: ours, 2026c",
        lambda: [deidentify(data, b"k" * 32, "x") for data in files] and None,
        _own,
    )
    _others(files)
    print(f"worker's largest resident memory {peak:.0f} MiB")
    _audit()


def _others(files: list[bytes]) -> None:
    from dicomanonymizer.simpledicomanonymizer import anonymize_dataset, initialize_actions

    def rules() -> dict[object, object]:
        return dict(initialize_actions("dicomfields_2026c"))

    def anonymize() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for data in files:
                ds = pydicom.dcmread(io.BytesIO(data))
                anonymize_dataset(ds, base_rules_gen=rules)
                ds.save_as(io.BytesIO())

    _measured("de-identify: dicom-anonymizer, 2026c", anonymize, _own)
    renderer = shutil.which("dcmj2pnm")
    if renderer is None:
        print("dcmj2pnm is not here: install DCMTK with `apt-get install dcmtk`")
        return
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for index, data in enumerate(files):
            paths.append(Path(folder) / f"{index}.dcm")
            paths[-1].write_bytes(data)
        bad = Path(folder) / "bad.dcm"
        bad.write_bytes(b"no DICOM")

        def render(sources: list[Path]) -> None:
            for path in sources:
                command = [renderer, "+on2", str(path), str(path) + ".png"]
                subprocess.run(command, capture_output=True, check=False)

        _measured("render: dcmj2pnm, one start a file", lambda: render(paths), _children)
        _measured("        of which starting it", lambda: render([bad] * COUNT), _children)


def _audit() -> None:
    """Audit 1,000 films of noise, features included."""
    started = time.process_time()
    rng = np.random.default_rng(1)
    rows: dict[str, list[np.ndarray]] = {}
    for _ in range(1000):
        grain = gaussian_filter(rng.normal(size=(256, 256)), 3)
        pixels = ((grain - grain.min()) / np.ptp(grain) * 65535).astype(np.uint16)
        for family, numbers in from_pixels(pixels).items():
            rows.setdefault(family, []).append(numbers)
    audit(rows, [bool(i % 2) for i in range(1000)], [str(i) for i in range(1000)], rng)
    print(f"audit of 1,000 films of 256 x 256 {time.process_time() - started:14.1f} CPU-s")


if __name__ == "__main__":
    main()
