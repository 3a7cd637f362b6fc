import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.core.words import Hallmark, Modality, Truth
from trainer.imaging.bank.dataset import read_about
from trainer.imaging.bank.manifest import COLUMNS, read_manifest

GOOD = (
    "file,truth,region,view,hallmarks,patient,split,generator,notes\n"
    'a.png,synthetic,Chest,pa,"too_symmetric; rib_clone",p1,test,GAN,"said, why"\n'
    "sub/b.dcm,authentic,chest,pa,,p2,,,\n"
)


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.encode("utf-16"),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace('"said, why"', "said  why").replace(",", "\t").encode(),
        GOOD.replace('"said, why"', "said  why").replace(",", ";").encode(),
    ],
    ids=["plain", "bom", "utf16", "crlf", "tabs", "semicolons"],
)
def test_a_spreadsheet_s_ways_of_saving(data):
    out = read_manifest(data, "m.csv")
    assert out.faults == ()
    first, second = out.rows
    assert first.truth is Truth.SYNTHETIC
    assert first.hallmarks == (Hallmark.TOO_SYMMETRIC, Hallmark.RIB_CLONE)
    assert (first.region, first.split, first.generator, first.number) == ("chest", "test", "gan", 2)
    assert (second.file, second.split, second.modality) == ("sub/b.dcm", "practice", Modality.XR)


def faults(text: str) -> list[str]:
    return [str(f) for f in read_manifest(text.encode(), "m.csv").faults]


def test_every_fault_is_named_with_its_row_and_its_cure():
    out = read_manifest(
        b"file,truth,hallmarks,split,patient,mimic_of\n"
        b"a.png,autentic,,,,\n"
        b",synthetic,,,,\n"
        b"../../etc/passwd,synthetic,,,,\n"
        b"b.png,synthetic,rib_clon,,,\n"
        b"c.png,authentic,rib_clone,,,\n"
        b"d.png,synthetic,,exam,,\n"
        b"good.png,synthetic,,,p1,\n"
        b"good.png,synthetic,,,p1,\n"
        b"good.png,authentic,,,p1,\n"
        b"e.png,synthetic,,test,p1,\n"
        b"f.png,synthetic,,,,rib_clone\n"
        b"g.png,synthetic\n",
        "m.csv",
    )
    assert [row.file for row in out.rows] == ["good.png"]
    said = {f.row: str(f) for f in out.faults}
    assert sorted(said) == [2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13]
    assert "did you mean authentic?" in said[2].lower()
    assert "leads out of the folder" in said[4]
    assert "did you mean rib_clone?" in said[5].lower()
    assert "in row 8 already." in said[9]
    assert "says otherwise" in said[10]
    assert "its patient is in practice by row 8" in said[11]


def test_an_authentic_image_has_a_mask_only_where_it_imitates():
    text = "file,truth,mimic_of,mask\n{}\n"
    (kept,) = read_manifest(text.format("a.png,authentic,no_context,m.png").encode(), "m.csv").rows
    assert (kept.mimic_of, kept.mask) == (Hallmark.NO_CONTEXT, "m.png")
    (fault,) = faults(text.format("a.png,authentic,,m.png"))
    assert "no mask, unless it is a mimic" in fault and "mimic_of" in fault
    assert "only an authentic" in faults(text.format("a.png,tampered,no_context,m.png"))[0]


def test_columns_are_checked_before_rows():
    assert "did you mean truth?" in faults("file,thruth\na.png,authentic\n")[0].lower()
    assert "the column truth is missing" in faults("file\na.png\n")[0]
    assert "twice" in faults("file,truth,truth\na,authentic,authentic\n")[0]
    assert "no row" in faults("file,truth\n")[0]
    assert faults("") != []


def test_what_is_no_text():
    assert "UTF-8" in str(read_manifest(b"file,truth\n\xff\xfa\n", "m.csv").faults[0])


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_rows_or_faults(data):
    out = read_manifest(b"file,truth\n" + data, "m.csv")
    assert out.rows or out.faults


@given(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=30), max_size=13))
@settings(max_examples=100, deadline=None)
def test_no_row_ever_leads_out_of_the_folder(cells):
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out)
    cells = {"file": "a.png", "truth": "authentic"} | cells
    writer.writerow(cells)
    writer.writerow(cells.values())
    for row in read_manifest(out.getvalue().encode("utf-8", "replace"), "m.csv").rows:
        for path in (row.file, row.mask, row.twin):
            assert not path.startswith("/")
            assert ".." not in path.split("/")


ABOUT = """
title = "t"
licence = "CC0"
citation = "c"
display_allowed = true
provenance = "clinical"
source = "s"
consent_basis = "k"
deidentification = "d"
"""


def test_about_is_read():
    about, wrong = read_about((ABOUT + "canvas = [256, 320]\n").encode(), "dataset.toml")
    assert wrong == []
    assert about.canvas == (256, 320)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('licence = "CC0"', 'licence = " "'), "licence is missing or empty"),
        (('licence = "CC0"', ""), "licence is missing or empty"),
        (("display_allowed = true", "display_allowed = false"), "forbids display"),
        (("display_allowed = true", 'display_allowed = "yes"'), "no truth value"),
        (('"clinical"', '"real"'), "provenance is 'real'"),
        (('title = "t"', 'titel = "t"'), "unknown field titel"),
        (('title = "t"', "title = 3"), "not text"),
        (('title = "t"', "title = "), "cannot be read"),
        (('title = "t"', 'title = "t"\ncanvas = [3, 9]'), "canvas is"),
        (('title = "t"', 'title = "t"\ncanvas = "big"'), "canvas is"),
    ],
)
def test_a_set_that_must_not_come_in(change, words):
    about, wrong = read_about(ABOUT.replace(*change).encode(), "dataset.toml")
    assert about is None
    assert any(words in str(fault) for fault in wrong)
