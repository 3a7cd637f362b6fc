import json

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

ABOUT = """
title = "Trial"
licence = "CC0"
citation = "none"
display_allowed = true
provenance = "clinical"
source = "made here"
consent_basis = "none needed"
deidentification = "none needed"
"""


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "set"
    place.mkdir()
    rows = ["file,truth,region"]
    for index in range(44):
        rng = np.random.default_rng(index + 7000)
        soft = gaussian_filter(rng.normal(size=(150, 160)), 8)  # no class in it
        grey = (soft - soft.min()) / np.ptp(soft) * 230 + rng.normal(size=soft.shape) * 3
        Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(place / f"{index}.png")
        rows.append(f"{index}.png,{'authentic' if index % 2 else 'synthetic'},chest")
    (place / "images.csv").write_text("\n".join(rows) + "\n")
    (place / "dataset.toml").write_text(ABOUT)
    return place


def test_from_a_folder_to_a_published_set(app, folder):
    run = app.test_cli_runner().invoke
    done = run(args=["bank", "import", str(folder), "--dataset", "trial"])
    assert done.exit_code == 0, done.output
    assert "44 taken in, 0 were in, 0 refused" in done.output
    (folder / "extra.png").write_bytes(b"")
    with (folder / "images.csv").open("a") as file:
        file.write("gone.png,authentic,chest\n")
    again = run(args=["bank", "import", str(folder), "--dataset", "trial"])
    assert again.exit_code == 1
    assert "images.csv, row 46: gone.png: there is no such file" in again.output
    assert "1 image files have no row" in again.output
    assert "0 taken in, 44 were in, 1 refused" in again.output

    audited = run(args=["bank", "audit", "trial", "--json"])
    found = json.loads(audited.output)
    tells = [f for f in found["shortcuts"]["findings"] if f["tells"]]
    assert audited.exit_code == 0, tells
    assert found["shortcuts"]["authentic"] == 22
    assert "AUC 0.5 is chance" in run(args=["bank", "audit", "trial"]).output
    alone = run(args=["bank", "publish", "trial"])
    assert alone.exit_code == 1
    assert "nobody has agreed to the labels of 44 of its 44 cases" in alone.output
    assert "bank agree trial --by" in alone.output
    agree = ["bank", "agree", "trial", "--by", "Ann Lee", "--why"]
    assert "ten letters at least" in run(args=[*agree, "yes"]).output
    agreed = run(args=[*agree, "every label against the table of the paper"])
    assert agreed.output == "trial: Ann Lee answers for the labels of 44 cases\n"
    assert "waits for anyone" in run(args=[*agree, "every label, once more"]).output
    assert run(args=["bank", "publish", "trial"]).output == "trial is published with 44 cases\n"
    assert "22 authentic, 22 synthetic; played since" in run(args=["bank", "list"]).output
    assert run(args=["bank", "held", "trial"]).output == "0 held\n"
    assert run(args=["bank", "verify"]).output == "every blob is whole\n"


def test_a_set_that_tells_is_published_only_with_a_name(app, folder):
    run = app.test_cli_runner().invoke
    for index in range(0, 44, 2):  # the synthetic ones get a bright corner
        path = folder / f"{index}.png"
        pixels = np.asarray(Image.open(path)).copy()
        pixels[30:75, 30:80] = np.clip(pixels[30:75, 30:80].astype(int) + 60, 0, 255)
        Image.fromarray(pixels).save(path)
    assert run(args=["bank", "import", str(folder), "--dataset", "trial"]).exit_code == 0
    agree = ["bank", "agree", "trial", "--by", "Ann Lee", "--why", "made here, labels known"]
    assert run(args=agree).exit_code == 0
    stopped = run(args=["bank", "publish", "trial"])
    assert stopped.exit_code == 1
    assert "may be told apart without looking at anatomy" in stopped.output
    assert "results carry it. (--override)" in stopped.output
    nameless = run(args=["bank", "publish", "trial", "--override", "we know and want it"])
    assert nameless.exit_code == 1
    assert "the name of who answers for it. (--by)" in nameless.output
    done = run(
        args=["bank", "publish", "trial", "--override", "we know and want it", "--by", "Ann Lee"]
    )
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: (f / "dataset.toml").unlink(), "without a licence and a source"),
        (lambda f: (f / "images.csv").unlink(), "no manifest images.csv"),
        (lambda f: (f / "dataset.toml").write_text(ABOUT.replace("CC0", "")), "licence is missing"),
    ],
)
def test_what_is_missing_is_told(app, folder, change, words):
    change(folder)
    done = app.test_cli_runner().invoke(args=["bank", "import", str(folder), "--dataset", "trial"])
    assert done.exit_code == 1
    assert words in done.output


def test_a_source_whose_terms_forbid_it_is_refused_with_the_reason(app, folder):
    (folder / "dataset.toml").unlink()
    run = app.test_cli_runner().invoke
    told = ["bank", "import", str(folder), "--dataset", "quiz", "--source"]
    assert "reserves all rights" in run(args=[*told, "deepfakexray"]).output
    assert "there are: deepfakexray" in run(args=[*told, "list"]).output
    done = run(args=[*told, "fracatlas"])
    assert done.exit_code == 1
    assert "dataset.csv: it is missing" in done.output
