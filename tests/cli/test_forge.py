import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from trainer.cli.forge import forge

SIDE = 160


@pytest.fixture
def film(tmp_path):
    grain = np.random.default_rng(3).normal(0, 9, (SIDE, SIDE))
    slope = np.linspace(40, 200, SIDE)
    path = tmp_path / "film.png"
    Image.fromarray(np.clip(slope + grain, 0, 255).astype(np.uint8)).save(path)
    return path


def call(*words, answer=None):
    return CliRunner().invoke(forge, [str(word) for word in words], input=answer)


def test_what_a_forgery_is_made_for_is_asked_and_goes_into_its_recipe(film, tmp_path):
    out = tmp_path / "out"
    done = call(film, "--hallmark", "checkerboard", "--out", out, answer="a lesson\n")
    assert done.exit_code == 0, done.output
    (recipe,) = out.glob("*.recipe.json")
    assert "a lesson" in json.dumps(json.loads(recipe.read_text()))


@pytest.mark.parametrize("words", [[], ["--why", "  "]])
def test_where_nobody_answers_the_option_is_named_and_nothing_is_written(film, tmp_path, words):
    done = call(film, "--hallmark", "checkerboard", "--out", tmp_path / "out", *words)
    assert done.exit_code == 1
    assert "Error: say what it is made for: --why" in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--hallmark", "nope"], "no hallmark or mimic is called 'nope'; there are smooth_cortex"),
        (["--hallmark", "checkerboard", "--dose", "1.2"], "1.2 is not in the range"),
        (["--hallmark", "checkerboard", "--dose", "nan"], "nan is outside"),
        (["--hallmark", "rib_clone"], "not sure where the lungs are in this image"),
    ],
)
def test_what_cannot_be_forged_is_said_and_nothing_is_written(film, tmp_path, words, said):
    done = call(film, "--why", "a test", "--out", tmp_path / "out", *words)
    assert done.exit_code != 0
    assert said in done.output
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_film_is_refused(tmp_path):
    path = tmp_path / "film.png"
    path.write_bytes(b"not a film")
    done = call(path, "--why", "a test", "--hallmark", "checkerboard", "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "neither a DICOM (Part 10) nor a whole PNG file" in done.output
    assert not (tmp_path / "out").exists()
