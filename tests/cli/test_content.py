"""``flask content``: what it prints and how it exits."""

import pytest
from sqlalchemy import select

from tests.content.samples import lay_out
from trainer.data.catalogue import Lesson
from trainer.settings import Settings


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=["content", *map(str, words)])


def test_check_exits_with_0_when_all_is_clean(run, tmp_path):
    done = run("check", "--curricula", lay_out(tmp_path / "c"))
    assert (done.exit_code, done.output) == (0, "13 content files are clean\n")


def test_check_lists_every_fault_and_exits_with_1(run, tmp_path):
    done = run("check", "--curricula", lay_out(tmp_path / "c", "C15"))
    assert done.exit_code == 1
    assert done.output.count(": C15 ") == 4
    assert "docs/content-rules.md" in done.output


def test_check_needs_no_database(tmp_path):
    from trainer.app import create_app

    app = create_app(Settings(home=tmp_path / "home", database_url="postgresql://nobody@/none"))
    done = app.test_cli_runner().invoke(
        args=["content", "check", "--curricula", str(lay_out(tmp_path / "c"))]
    )
    assert done.exit_code == 0, done.output


def test_publish_twice(run, tmp_path, app_database):
    root = lay_out(tmp_path / "c")
    first, second = (run("publish", "--curricula", root) for _ in range(2))
    assert first.output == "published 2 lessons and 3 quizzes, 3 of them new or changed\n"
    assert second.output == "nothing has changed since the last publication\n"
    with app_database.reading() as session:
        assert len(session.scalars(select(Lesson)).all()) == 2


def test_publish_of_faulty_files_is_one_report_and_exit_1(run, tmp_path, app_database):
    done = run("publish", "--curricula", lay_out(tmp_path / "c", "C16"))
    assert done.exit_code == 1
    assert "C16" in done.output and "Traceback" not in done.output
    with app_database.reading() as session:
        assert session.scalars(select(Lesson)).all() == []


def test_new_lesson_then_fmt_then_schemas(run, tmp_path):
    root = lay_out(tmp_path / "c")
    made = run("new", "lesson", "sample", "third", "--curricula", root)
    assert made.exit_code == 0
    assert "sample/lessons/third/text.md" in made.output
    assert run("new", "lesson", "sample", "third", "--curricula", root).exit_code == 1
    assert run("fmt", "--curricula", root).output == "every file is in order\n"
    assert "schemas/quiz.schema.json" in run("schemas", "--curricula", root).output
    assert (root / "schemas/quiz.schema.json").is_file()
