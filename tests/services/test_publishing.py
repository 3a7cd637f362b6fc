"""Publishing: files to rows on both databases, idempotent, and nothing is ever lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.content.samples import lay_out
from trainer.data.audit import AuditEvent
from trainer.data.catalogue import Concept, Item, ItemRevision, Lesson, Publication, Track
from trainer.services import publishing
from trainer.services.database import Database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
FIRST = UUID("00000000-0000-4000-8000-0000000000a1")
QUIZ = UUID("00000000-0000-4000-8000-0000000000b1")
CHANGED = ("cases = 10", "cases = 12")


@pytest.fixture
def root(tmp_path):
    return lay_out(tmp_path / "content")


def publish(database: Database, root: Path, minutes: int = 0) -> publishing.Outcome:
    with database.transaction() as session:
        return publishing.publish(session, None, root, now=NOW + timedelta(minutes=minutes))


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def edit(root: Path, name: str, old: str, new: str) -> None:
    path = root / "sample" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_files_become_rows(database, root):
    done = publish(database, root)
    assert (done.changed, done.tracks, done.lessons, done.items, done.revisions) == (
        True, 1, 2, 3, 3,
    )  # fmt: skip
    with database.reading() as session:
        lessons = session.scalars(select(Lesson).order_by(Lesson.position)).all()
        assert [(x.slug, x.live) for x in lessons] == [("first", True), ("second", True)]
        kinds = [block["kind"] for block in lessons[0].body["blocks"]]
        assert kinds == ["html", "figure", "figure", "html", "check"]
        assert lessons[0].body["references"][0]["url"] == "https://doi.org/10.1148/radiol.252094"
        exam = session.scalars(select(Item).where(Item.lesson_id.is_(None))).one()
        assert exam.revision.body["cases"] == 20
        concept = session.scalars(select(Concept).where(Concept.slug == "smooth_cortex")).one()
        assert concept.body["evidence"][0]["reference"]["kind"] == "primary"
        assert session.scalars(select(AuditEvent.act)).all() == ["curricula.publish"]


def test_the_body_of_a_quiz_holds_what_a_sitting_reads(database, root):
    publish(database, root)
    with database.reading() as session:
        body = session.get(Item, QUIZ).revision.body
    assert body["uuid"] == str(QUIZ)
    assert (body["kind"], body["feedback"], body["pausable"]) == ("quiz", "after_each", True)
    assert (body["case_seconds"], body["sitting_seconds"], body["pass_mark"]) == (90.0, None, 0.7)
    assert body["lenses"] == ["noise"]
    assert body["pool"] == {
        "provenance": "simulated",
        "datasets": ["starter"],
        "regions": [],
        "hallmarks": ["smooth_cortex"],
        "split": "practice",
    }


def test_the_same_files_publish_nothing_new(database, root):
    publish(database, root)
    again = publish(database, root, minutes=1)
    assert (again.changed, again.lessons, again.revisions) == (False, 2, 0)
    assert count(database, Publication) == 1
    assert count(database, AuditEvent) == 1


def test_notes_for_authors_publish_nothing(database, root):
    publish(database, root)
    edit(root, "lessons/first/design.md", "None yet.", "Someone.")
    assert not publish(database, root, minutes=1).changed


def test_an_edited_quiz_gets_a_revision_and_keeps_the_old_one(database, root):
    publish(database, root)
    edit(root, "lessons/first/items/first-quiz.toml", *CHANGED)
    assert publish(database, root, minutes=1).revisions == 1
    with database.reading() as session:
        bodies = session.scalars(select(ItemRevision).where(ItemRevision.item_id == QUIZ)).all()
        assert sorted(r.body["cases"] for r in bodies) == [10, 12]
        assert session.get(Item, QUIZ).revision.body["cases"] == 12


def test_files_that_come_back_as_they_were_offer_the_old_revision_again(database, root):
    publish(database, root)
    edit(root, "lessons/first/items/first-quiz.toml", *CHANGED)
    publish(database, root, minutes=1)
    edit(root, "lessons/first/items/first-quiz.toml", *reversed(CHANGED))
    assert publish(database, root, minutes=2).changed
    assert not publish(database, root, minutes=3).changed
    with database.reading() as session:
        assert session.get(Item, QUIZ).revision.body["cases"] == 10
    assert count(database, ItemRevision) == 4
    assert count(database, Publication) == 2


def test_a_lesson_that_is_gone_is_no_longer_offered_and_nothing_is_deleted(database, root):
    publish(database, root)
    before = [count(database, table) for table in (Lesson, Item, ItemRevision, Concept)]
    (root / "sample/lessons/first").rename(root.parent / "away")
    edit(root, "track.toml", '"first", ', "")
    edit(root, "lessons/second/lesson.toml", '"smooth_cortex"', "")
    done = publish(database, root, minutes=1)
    assert done.lessons == 1
    assert [count(database, table) for table in (Lesson, Item, ItemRevision, Concept)] == before
    with database.reading() as session:
        assert not session.get(Lesson, FIRST).live
        assert not session.get(Item, QUIZ).live
    (root.parent / "away").rename(root / "sample/lessons/first")
    edit(root, "track.toml", '["second"', '["first", "second"')
    publish(database, root, minutes=2)
    with database.reading() as session:
        assert session.get(Lesson, FIRST).live
        assert session.get(Item, QUIZ).live


def test_a_renamed_lesson_is_the_same_lesson(database, root):
    publish(database, root)
    (root / "sample/lessons/first").rename(root / "sample/lessons/renamed")
    edit(root, "track.toml", '"first"', '"renamed"')
    publish(database, root, minutes=1)
    with database.reading() as session:
        assert session.get(Lesson, FIRST).slug == "renamed"
    assert count(database, Lesson) == 2


def test_a_renamed_track_keeps_its_concepts(database, root):
    publish(database, root)
    (root / "sample").rename(root / "other")
    publish(database, root, minutes=1)
    assert count(database, Track) == 1
    assert count(database, Concept) == 2


def test_a_track_that_is_gone_is_retired(database, root):
    publish(database, root)
    (root / "sample").rename(root.parent / "sample")
    lay_out(root.parent.parent / "more")
    other = root.parent.parent / "more" / "curricula" / "sample"
    for path in other.rglob("*"):
        if path.is_file():
            path.write_text(path.read_text().replace("00000000-0000-4000", "11111111-0000-4000"))
    for path in (root.parent / "image_bank").rglob("*.toml"):
        path.write_text(path.read_text().replace("00000000-0000-4000", "11111111-0000-4000"))
    other.rename(root / "other")
    publish(database, root, minutes=1)
    with database.reading() as session:
        states = {t.slug: t.status for t in session.scalars(select(Track))}
    assert states == {"sample": "retired", "other": "active"}


def test_a_changed_uuid_is_refused(database, root):
    publish(database, root)
    edit(root, "lessons/first/lesson.toml", "0000000000a1", "0000000000aa")
    with pytest.raises(publishing.FaultyContentError, match=r"C05 .*0000000000a1"):
        publish(database, root, minutes=1)


def test_a_published_concept_that_is_gone_is_refused(database, root):
    publish(database, root)
    (root / "sample/concepts/too_symmetric.md").unlink()
    with pytest.raises(publishing.FaultyContentError, match="C06 concept too_symmetric"):
        publish(database, root, minutes=1)


def test_faulty_content_changes_nothing_and_tells_all(database, root):
    publish(database, root)
    edit(root, "lessons/first/items/first-quiz.toml", *CHANGED)
    edit(root, "lessons/first/text.md", "## What it is", "# What it is\n\n<b>x</b>")
    with pytest.raises(publishing.FaultyContentError) as refused:
        publish(database, root, minutes=1)
    assert {fault.rule for fault in refused.value.report.errors} == {"C12", "C22"}
    with database.reading() as session:
        assert session.get(Item, QUIZ).revision.body["cases"] == 10
    assert count(database, Publication) == 1


def test_the_curricula_of_the_house_publish(database):
    done = publish(database, ROOT / "curricula")
    assert (done.lessons, done.items) == (4, 5)
