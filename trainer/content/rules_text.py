"""The rules on what is said and what is asked: figures, sources, evidence, quizzes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trainer.content.files import Checked
from trainer.content.load import BankFilm, Curricula, LessonFiles, TrackFiles
from trainer.content.markup import check_words
from trainer.content.schema import Concept, Figure, Grade, Quiz
from trainer.content.words import claim_in
from trainer.core.words import Hallmark

HALLMARKS = frozenset(h.value for h in Hallmark)
_WORDS_A_MINUTE = 180  # with films to look at; slower than running text


def figures(track: TrackFiles, curricula: Curricula) -> None:
    """C15 and C26: each figure names a film reserved for lessons; each lesson has what it needs."""
    films = curricula.bank.films
    for lesson in track.lessons.values():
        text = lesson.text.data
        if text is None:
            continue
        used = []
        for line, figure in text.figures:
            film = films.get(str(figure.case))
            wrong = _wrong_with(figure, film)
            if wrong:
                lesson.text.fault("C15", f"film {figure.case} {wrong}", line)
            if film:
                used.append((figure, film))
        if not any(f.show == "pair" and not film.authentic for f, film in used):
            lesson.text.fault("C26", "has no figure of a changed film beside its twin")
        if not any(film.mimic for _, film in used):
            lesson.text.fault("C26", "has no figure of a mimic: show a real look that fools")


def _wrong_with(figure: Figure, film: BankFilm | None) -> str | None:
    if film is None:
        return "is in no manifest of image_bank/"
    if film.split != "lesson":
        return (
            f'is in the {film.split} pool, a quiz could repeat it: take one with split = "lesson"'
        )
    if figure.show in ("twin", "pair") and not film.twin:
        return "has no twin to show"
    if figure.show == "outline" and film.authentic:
        return "is authentic: there is nothing to outline"
    return None


def citations(track: TrackFiles, _: Curricula) -> None:
    """C17: what is cited is listed, and what is listed is cited."""
    if track.references.data is None:
        return
    known = track.references.data.references
    cited: set[str] = set()
    texts: list[tuple[Checked[Any], Iterable[str]]] = [
        (lesson.text, lesson.text.data.cites)
        for lesson in track.lessons.values()
        if lesson.text.data
    ]
    for slug, concept in track.concepts.items():
        sources = [e.source for e in concept.data.evidence if e.source] if concept.data else []
        texts.append((concept, [*track.concept_texts[slug].cites, *sources]))
    for checked, keys in texts:
        for key in keys:
            cited.add(key)
            if key not in known:
                checked.fault("C17", f"cites {key}, which is not in {track.references.path}")
    for key in sorted(set(known) - cited):
        track.references.warn("C17", f"{key} is cited nowhere: cite it or drop it")


def concept_words(track: TrackFiles, _: Curricula) -> None:
    """C16, C18, C19 for the front matter of concepts."""
    for concept in track.concepts.values():
        if concept.data is None:
            continue
        data = concept.data
        for part in (data.name, data.what, data.where, *data.how_to_check, *data.mimics):
            check_words(part, concept, 0, cited=False)
        _check_evidence(concept, data)


def _check_evidence(concept: Checked[Concept], data: Concept) -> None:
    for evidence in data.evidence:
        reasoned = evidence.grade is Grade.REASONING
        check_words(evidence.says, concept, 0, cited=not reasoned)
        if reasoned and claim_in(evidence.says):
            concept.fault("C18", "evidence by reasoning holds a number: no one has measured it")
    if all(e.grade is Grade.REASONING for e in data.evidence) and not data.signoff:
        concept.fault("C18", "rests on reasoning alone: set signoff = true until an expert agrees")


def lesson_words(track: TrackFiles, _: Curricula) -> None:
    """C16, C19, C25 for tracks and lessons."""
    if track.track.data:
        check_words(track.track.data.summary, track.track, 0, cited=False)
    for lesson in track.lessons.values():
        if lesson.lesson.data:
            for part in (lesson.lesson.data.summary, *lesson.lesson.data.objectives):
                check_words(part, lesson.lesson, 0, cited=False)
            _check_length(lesson)


def _check_length(lesson: LessonFiles) -> None:
    if lesson.text.data is None or lesson.lesson.data is None:
        return
    needed = lesson.text.data.words / _WORDS_A_MINUTE
    if needed > lesson.lesson.data.minutes * 1.25:
        lesson.lesson.warn(
            "C25",
            f"says {lesson.lesson.data.minutes} minutes, its text takes {needed:.0f}: shorten it",
        )


def quizzes(track: TrackFiles, curricula: Curricula) -> None:
    """C09, C20: a quiz asks for what was taught, from a set that is there."""
    for lesson, item in track.quizzes():
        if item.data is None:
            continue
        _check_pool(item, item.data, curricula)
        for name in item.data.pool.hallmarks:
            if name not in HALLMARKS:
                item.fault("C09", f"pool.hallmarks: {name} is no hallmark")
            elif name not in track.concepts:
                item.fault("C20", f"pool.hallmarks: {name} has no concept file; feedback needs one")
            elif lesson and not _taught(lesson, name):
                item.fault(
                    "C20", f"asks for {name}, which neither this lesson nor one before teaches"
                )


def _taught(lesson: LessonFiles, name: str) -> bool:
    data = lesson.lesson.data
    return data is None or name in data.teaches or name in data.needs


def _check_pool(item: Checked[Quiz], quiz: Quiz, curricula: Curricula) -> None:
    for slug in quiz.pool.datasets:
        there = curricula.bank.datasets.get(slug)
        if there is None:
            item.fault("C20", f"draws from {slug}, but image_bank/{slug}/dataset.toml is not there")
        elif there != quiz.pool.provenance.value:
            item.fault("C20", f"wants {quiz.pool.provenance} films, but {slug} holds {there} ones")
