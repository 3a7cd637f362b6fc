import json

import pydicom
import pytest

from trainer.cli.simulate import simulate


@pytest.fixture
def run():
    from click.testing import CliRunner

    def call(command, *words):
        return CliRunner().invoke(command, [str(w) for w in words])

    return call


def test_a_forged_film_and_its_twin_come_marked_with_recipe_and_checksums(run, tmp_path):
    done = run(
        simulate, "hand", "--seed", 4, "--with", "age=40", "--hallmark", "clean_fracture",
        "--columns", 128, "--out", tmp_path,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    forged = pydicom.dcmread(tmp_path / "forged" / "film.dcm")
    assert str(forged.PatientName).startswith("SIMULATED")
    recipe = json.loads((tmp_path / "forged" / "recipe.json").read_text())
    twin = json.loads((tmp_path / "authentic" / "recipe.json").read_text())
    assert json.dumps(recipe).count("clean_fracture") >= 1
    assert "clean_fracture" not in json.dumps(twin)


def test_a_fracture_is_asked_for_by_its_kind(run, tmp_path):
    done = run(
        simulate, "elbow", "--view", "lateral", "--seed", 4, "--with", "fracture=comminuted",
        "--columns", 128, "--out", tmp_path / "film",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    recipe = json.loads((tmp_path / "film" / "recipe.json").read_text())
    assert recipe["parameters"] == {"finding": "fracture", "fracture_kind": "comminuted"}
    assert (tmp_path / "film" / "mask_fat_pads.png").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["toe"], "no region 'toe'"),
        (["knee", "--view", "pa"], "knee has no view 'pa': it has ap, lateral"),
        (["hand", "--with", "age=-3"], "age"),
        (["chest", "--with", "fracture_bone=radius"], "no parameter 'fracture_bone'"),
        (["elbow", "--with", "fracture=greenstick"], "transverse, oblique, spiral"),
        (["ankle", "--with", "fracture=spiral", "--with", "fracture_bone=calcaneus"],
         "calcaneus does not break"),
        (["hand", "--hallmark", "nothing"], "nothing"),
        (["hand", "--hallmark", "z_break"], "z_break"),
        (["chest", "--view", "ct", "--with", "kernel=bone"], "one of soft, lung; not 'bone'"),
        (["chest", "--view", "ct", "--with", "slice_mm=7"], "thickness, mm) is one of 1.0, 1.5"),
        (["chest", "--view", "ct", "--with", "mas=5"], "between 10 and 400"),
        (["chest", "--view", "ct", "--with", "slices=900"], "between 8 and 200"),
        (["chest", "--view", "ct", "--columns", "900"], "at most 768"),
        (["chest", "--view", "ct", "--columns", "700", "--with", "slices=200", "--with",
          "slice_mm=5"], "take at most 30 slices"),
        (["chest", "--view", "ct", "--hallmark", "no_context", "--with", "effusion"],
         "one of none, nodule; not 'effusion'"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_said_and_nothing_is_written(run, tmp_path, words, said):
    done = run(simulate, "--columns", 128, *words, "--out", tmp_path / "new")
    assert done.exit_code != 0
    assert said in done.output
    assert not (tmp_path / "new").exists()
