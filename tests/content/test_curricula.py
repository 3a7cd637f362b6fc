"""The curricula of the house: clean, and enough for every word of feedback."""

from pathlib import Path

from trainer.content import rules
from trainer.content.schema import Grade
from trainer.core.words import Hallmark

ROOT = Path(__file__).resolve().parents[2]


def test_the_curricula_are_clean():
    _, report = rules.check(ROOT / "curricula", ROOT / "image_bank")
    assert report.lines()[:-1] == []


def test_every_hallmark_has_the_words_its_feedback_is_made_of():
    curricula, _ = rules.check(ROOT / "curricula", ROOT / "image_bank")
    concepts = curricula.tracks["authentic-or-not"].concepts
    assert set(concepts) == {h.value for h in Hallmark}


def test_what_rests_on_reasoning_says_so():
    curricula, _ = rules.check(ROOT / "curricula", ROOT / "image_bank")
    for slug, concept in curricula.tracks["authentic-or-not"].concepts.items():
        grades = {e.grade for e in concept.data.evidence}
        if grades <= {Grade.REASONING, Grade.PAPER}:
            assert concept.data.signoff or Grade.REASONING not in grades, slug


def test_the_exam_is_over_all_and_each_lesson_has_ten_films():
    curricula, _ = rules.check(ROOT / "curricula", ROOT / "image_bank")
    track = curricula.tracks["authentic-or-not"]
    exam = track.items[0].data
    assert (exam.cases, exam.feedback.value, exam.pool.hallmarks) == (20, "at_end", ())
    cases = {name: lesson.items[0].data.cases for name, lesson in track.lessons.items()}
    assert cases.pop("tampered-ct") == 8  # stacks take longer to read
    assert list(cases.values()) == [10, 10, 10]
    assert all(5 <= lesson.lesson.data.minutes <= 8 for lesson in track.lessons.values())
