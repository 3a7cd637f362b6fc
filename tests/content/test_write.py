"""Writing: schemas are current, formatting changes no meaning, a new lesson has what it needs."""

import tomllib
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.content.samples import GOOD, lay_out
from trainer.content import rules, write
from trainer.content.schema import Concept, Lesson

CURRICULA = Path(__file__).resolve().parents[2] / "curricula"


def test_the_schemas_on_disk_are_current():
    on_disk = {p.name: p.read_text() for p in (CURRICULA / "schemas").iterdir()}
    assert on_disk == write.schemas(), "run `flask --app wsgi content schemas`"


def test_every_file_of_the_curricula_is_in_order():
    paths = [p for p in CURRICULA.rglob("*") if p.is_file() and write.model_of(p)]
    assert len(paths) > 30
    untidy = [
        p for p in paths if write.formatted(p.read_text(), write.model_of(p)) != p.read_text()
    ]
    assert not untidy, "run `flask --app wsgi content fmt`"


def test_formatting_orders_keys_and_keeps_comments_and_meaning():
    text = (
        "# about this file\n\nminutes = 3\n# the name\ntitle = 'A lesson'   \n\n\n\n"
        'uuid = "00000000-0000-4000-8000-000000000001"\n# at the end\n'
    )
    tidy = write.formatted(text, Lesson)
    assert tidy == (
        '# about this file\n\nuuid = "00000000-0000-4000-8000-000000000001"\n'
        "# the name\ntitle = 'A lesson'\nminutes = 3\n# at the end\n"
    )
    assert write.formatted(tidy, Lesson) == tidy
    assert tomllib.loads(tidy) == tomllib.loads(text)


def test_formatting_leaves_a_broken_file_as_it_is():
    for text in ('title = "open\n', "no front matter\n"):
        assert write.formatted(text, Lesson) == text
    assert write.formatted("no front matter\n", Concept) == "no front matter\n"


def test_formatting_a_concept_keeps_front_and_text():
    path = GOOD / "curricula/sample/concepts/too_symmetric.md"
    assert write.formatted(path.read_text(), Concept) == path.read_text()


def test_a_new_lesson_has_every_file_and_only_wants_words(tmp_path):
    root = lay_out(tmp_path)
    made = write.new_lesson(root, "sample", "third-lesson", uuid4)
    assert all(path.is_file() for path in made)
    track = tomllib.loads((root / "sample/track.toml").read_text())
    assert track["lessons"] == ["first", "second", "third-lesson"]
    lesson = tomllib.loads((root / "sample/lessons/third-lesson/lesson.toml").read_text())
    assert UUID(lesson["uuid"]).version == 4
    _, report = rules.check(root, tmp_path / "image_bank")
    assert all("third-lesson" in fault.path for fault in report.errors)
    assert {fault.rule for fault in report.errors} == {
        "C02",
        "C26",
    }  # teaches nothing, shows nothing


@pytest.mark.parametrize(
    ("track", "slug", "said"),
    [
        ("nowhere", "third", "there: sample"),
        ("sample", "First Lesson", "lower-case"),
        ("sample", "first", "already"),
    ],
)
def test_a_new_lesson_that_cannot_be_is_refused_and_nothing_written(tmp_path, track, slug, said):
    root = lay_out(tmp_path)
    before = sorted(root.rglob("*"))
    with pytest.raises(write.ScaffoldError, match=said):
        write.new_lesson(root, track, slug, uuid4)
    assert sorted(root.rglob("*")) == before
