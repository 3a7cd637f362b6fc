"""Each source on a small set in its owner's layout, faults included. No pixel is needed here."""

import io

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from tests.fixtures.dicom import dicom_bytes
from trainer.core.words import Modality, Truth
from trainer.imaging.bank.sources import SOURCES
from trainer.imaging.bank.sources.tree import Tree
from trainer.imaging.dicom.peek import peek


def tree(files: dict[str, bytes | str]) -> Tree:
    raw = {n: d.encode() if isinstance(d, str) else d for n, d in files.items()}
    return Tree(frozenset(raw), raw.__getitem__, lambda name: peek(raw[name], name))


def run(source: str, files: dict[str, bytes | str]):
    made = SOURCES[source].rows(tree(files))
    return made.rows, [str(f) for f in made.faults]


def test_deepfakexray():
    rows, faults = run(
        "deepfakexray",
        {
            "images/Radio001.png": "",
            "images/Radio10.png": "",
            "images/Radio100.jpg": "",
            "static/q_and_answer.csv": "Image_Name,Real_or_AI,Reasoning\n"
            'Radio001.png,AI,"smooth, too smooth"\n'
            "Radio010.png,Real,fine\n"
            "Radio100.jpg,Reel,?\n"
            "Radio154.jpg,Real,missing\n"
            "Radio001.png,Real,again\n",
        },
    )
    assert [(r.file, r.truth) for r in rows] == [
        ("images/Radio001.png", Truth.SYNTHETIC),
        ("images/Radio10.png", Truth.AUTHENTIC),
    ]
    assert not any(r.notes or r.hallmarks for r in rows)  # captions are never truth
    assert "row 4: the label is 'Reel'" in faults[0]
    assert "row 5: there is no images/Radio154.jpg" in faults[1]
    assert "row 6" in faults[2]
    assert "says otherwise" in faults[2]
    assert SOURCES["deepfakexray"].terms.display


def test_ct_gan():
    rows, faults = run(
        "ct-gan",
        {
            "labels_exp1.csv": "type,uuid,slice,x,y\nFM,100,12,200,150\nFB,100,30,90,80\n"
            "TB,200,5,10,10\nXX,300,1,1,1\nFM,400,1,1,1\n",
            "labels_exp2.csv": "x,y,type,slice,uuid\n5,6,TM,3,500\n",
            "CT_Scans/EXP1_blind/100/1.dcm": "",
            "CT_Scans/EXP1_blind/200/1.dcm": "",
            "CT_Scans/EXP2_open/500/1.dcm": "",
        },
    )
    by = {r.file: r for r in rows}
    tampered = by["CT_Scans/EXP1_blind/100"]
    assert tampered.truth is Truth.TAMPERED
    assert tampered.slices == (12, 30)
    assert tampered.modality is Modality.CT
    xs, ys = np.array(tampered.outlines[0]).T
    assert (xs.mean(), ys.mean()) == pytest.approx((200, 150))
    assert by["CT_Scans/EXP1_blind/200"].truth is Truth.AUTHENTIC
    assert by["CT_Scans/EXP2_open/500"].truth is Truth.AUTHENTIC
    assert any("the type is 'XX'" in f for f in faults)
    assert any("no CT_Scans/EXP1_blind/400" in f for f in faults)
    assert "labels_exp1.csv: it is missing" in run("ct-gan", {})[1][0]


def test_m3dsynth():
    rows, faults = run(
        "m3dsynth",
        {
            "data/data.csv": "img_id,ty,mod,orig_id,sdir_id,coord_z,coord_y,coord_x\n"
            "a1,inj,cycle,L1,s,3,40,50\na2,rem,pix2pix,L2,s,3,40,50\na3,add,cycle,L1,s,3,4,5\n"
            "a4,inj,diffusion,L9,s,3,4,5\n",
            "data/sets.csv": "orig_id,set\nL1,train\nL2,test\n",
            "cycle/scan/a1/slide0000.tiff": "",
            "cycle/label/a1/slide0000.tiff": "",
            "pix2pix/scan/a2/slide0000.tiff": "",
            "real/scan/L1/slide0000.tiff": "",
        },
    )
    by = {r.file: r for r in rows}
    assert by["cycle/scan/a1"].mask == "cycle/label/a1"
    assert by["cycle/scan/a1"].twin == "real/scan/L1"
    assert by["pix2pix/scan/a2"].split == "test"
    assert by["pix2pix/scan/a2"].outlines
    assert by["pix2pix/scan/a2"].slices == (3,)
    assert by["real/scan/L1"].truth is Truth.AUTHENTIC
    assert len(rows) == 3
    assert "ty is 'add'" in faults[0]


def test_btxrd_and_fracatlas():
    rows, faults = run(
        "btxrd",
        {
            "dataset.csv": "image_id,age,hand,hip bone,tumor,frontal,lateral\n"
            "IMG000001.jpeg,12,0,1,1,1,0\nIMG000002.jpeg,12,1,0,0,0,1\nIMG000003,1,0,0,0,0,0\n",
            "images/IMG000001.jpeg": "",
            "images/IMG000002.jpg": "",
        },
    )
    assert [(r.file, r.region, r.view) for r in rows] == [
        ("images/IMG000001.jpeg", "hip", "frontal"),
        ("images/IMG000002.jpg", "hand", "lateral"),
    ]
    assert "no image IMG000003" in faults[0]
    rows, faults = run(
        "fracatlas",
        {
            "dataset.csv": "\ufeffimage_id,hand,leg,fractured,frontal\n"
            "IMG1.jpg,1,0,1,1\nIMG2.jpg,0,1,0,0\n",
            "images/Fractured/IMG1.jpg": "",
            "images/Non_fractured/IMG2.jpg": "",
        },
    )
    assert [r.region for r in rows] == ["hand", "leg"]
    assert {r.truth for r in rows} == {Truth.AUTHENTIC}
    assert not faults


@pytest.mark.parametrize("root", ["", "MURA-v1.1/"])
def test_mura(root):
    one = "train/XR_WRIST/patient00001/study1_positive/image1.png"
    two = "valid/XR_HAND/patient00003/study1_negative/image1.png"
    rows, faults = run(
        "mura",
        {
            f"{root}train_image_paths.csv": f"MURA-v1.1/{one}\n"
            "MURA-v1.1/train/XR_WRIST/patient00002/study1_negative/image1.png\nnonsense\n",
            f"{root}valid_image_paths.csv": f"MURA-v1.1/{two}\n",
            f"{root}{one}": "",
            f"{root}{two}": "",
        },
    )
    assert [(r.region, r.patient, r.split) for r in rows] == [
        ("wrist", "patient00001", "practice"),
        ("hand", "patient00003", "test"),
    ]
    assert "there is no MURA" in faults[0]
    assert "'nonsense' is no path" in faults[1]
    assert SOURCES["mura"].terms.display


def test_nih():
    rows, faults = run(
        "nih-chestxray14",
        {
            "Data_Entry_2017_v2020.csv": "Image Index,Finding Labels,Follow-up #,Patient ID,"
            "Patient Age,Patient Gender,View Position\n"
            "00000001_000.png,Cardiomegaly|Effusion,0,1,57,M,PA\n"
            "00000002_000.png,No Finding,0,2,57,M,AP\n00000003_000.png,No Finding,0,3,5,F,PA\n",
            "test_list.txt": "00000002_000.png\n",
            "images_001/images/00000001_000.png": "",
            "images_001/images/00000002_000.png": "",
            "images_001/images/stray.png": "",
        },
    )
    assert [(r.file[-16:], r.view, r.split, r.patient) for r in rows] == [
        ("00000001_000.png", "pa", "practice", "1"),
        ("00000002_000.png", "ap", "test", "2"),
    ]
    assert "stray.png" in faults[0]


def test_another_edition_s_table_is_a_fault_and_no_crash():
    assert "is missing" in run("fracatlas", {"dataset.csv": "name,hand\nx,1\n"})[1][0]
    assert "UTF-8" in run("fracatlas", {"dataset.csv": b"image_id\n\xff\xfe\xfa"})[1][0]


PIXELS = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)


def test_a_folder_of_dicom():
    ct = {"Modality": "CT", "SeriesInstanceUID": "1.2.9", "BodyPartExamined": "CHEST"}
    rows, faults = run(
        "dicom-folder",
        {
            "cr.dcm": dicom_bytes(PIXELS, BodyPartExamined="HAND", ViewPosition="PA"),
            "ct/1": dicom_bytes(PIXELS, **ct),
            "ct/2": dicom_bytes(PIXELS, **ct),
            "us.dcm": dicom_bytes(PIXELS, Modality="US"),
            "mixed/1": dicom_bytes(PIXELS, **ct | {"SeriesInstanceUID": "1.2.7"}),
            "mixed/2": dicom_bytes(PIXELS, **ct | {"SeriesInstanceUID": "1.2.7"}),
            "mixed/3": dicom_bytes(PIXELS, **ct | {"SeriesInstanceUID": "1.2.8"}),
            "mixed/4": dicom_bytes(PIXELS, **ct | {"SeriesInstanceUID": "1.2.8"}),
            "notes.txt": "hello",
        },
    )
    assert [(r.file, r.modality, r.region) for r in rows] == [
        ("cr.dcm", Modality.XR, "hand"),
        ("ct", Modality.CT, "chest"),
    ]
    assert sum("folder of its own" in f for f in faults) == 2
    assert any("modality is US" in f for f in faults)
    assert any("notes.txt: it is no DICOM file" in f for f in faults)


def test_a_dicomdir():
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    ds = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    records = []
    for kind, path in (
        ("PATIENT", None),
        ("IMAGE", ["IMAGES", "CR1"]),
        ("IMAGE", ["IMAGES", "GONE"]),
    ):
        record = Dataset()
        record.DirectoryRecordType = kind
        if path:
            record.ReferencedFileID = path
        records.append(record)
    ds.DirectoryRecordSequence = records
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    files = {"DICOMDIR": out.getvalue(), "IMAGES/CR1": dicom_bytes(PIXELS), "IMAGES/CR2": b""}
    rows, faults = run("dicomdir", files)
    assert [r.file for r in rows] == ["IMAGES/CR1"]
    assert "it names IMAGES/GONE, which is not there" in faults[0]
