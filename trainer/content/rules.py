"""The rules that hold between files. ``docs/content-rules.md`` explains each by its number.

C01 to C03 are found while reading (``files``), C12 to C16, C19 and C21 to C23 in the text
(``markup``); what is said and asked in ``rules_text``, the rest here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.content import graph, rules_text
from trainer.content.files import Checked
from trainer.content.load import Curricula, TrackFiles, load
from trainer.content.report import Report

_DESIGN = ("Goal", "Objectives", "Out of scope", "Sources", "Reviewers")


@dataclass(frozen=True, slots=True)
class Published:
    """What stood in the last publication and is still offered.

    Parameters
    ----------
    uuids : mapping of str to str
        Path without extension (``track``, ``track/lesson``, ``track/lesson/item``) to uuid.
    concepts : frozenset of str
        ``<track uuid>/<slug>``.
    """

    uuids: Mapping[str, str] = field(default_factory=dict)
    concepts: frozenset[str] = frozenset()


def check(root: Path, bank: Path, published: Published | None = None) -> tuple[Curricula, Report]:
    """Read the curricula and hold them against every rule.

    Parameters
    ----------
    root : Path
        Folder of the tracks.
    bank : Path
        Folder of the image bank's datasets.
    published : Published, optional
        What the last publication said; C05 and C06 need it.

    Returns
    -------
    Curricula
        What was read, faults and all.
    Report
        Every fault of every file.
    """
    curricula = load(root, bank)
    found = Checked[None](root.name)
    if not curricula.tracks:
        found.fault("C03", "holds no track: `<track>/track.toml` is where one begins")
    for track in curricula.tracks.values():
        for rule in _TRACK_RULES:
            rule(track, curricula)
    _unique_uuids(curricula)
    _unique_lessons(curricula)
    if published:
        _kept_uuids(curricula, published)
        _kept_concepts(curricula, published, found)
    files = [found, *curricula.files()]
    return curricula, Report.of(
        (e for f in files for e in f.errors), (w for f in files for w in f.warnings), len(files) - 1
    )


# --- identity ---------------------------------------------------------------------------------


def identities(curricula: Curricula) -> Iterator[tuple[str, Checked[Any]]]:
    """Yield each file that carries a uuid, with its path as :class:`Published` names it."""
    for track in curricula.tracks.values():
        yield track.slug, track.track
        for lesson in track.lessons.values():
            yield f"{track.slug}/{lesson.slug}", lesson.lesson
        for of, item in track.quizzes():
            name = Path(item.path).stem
            yield "/".join([track.slug, *([of.slug] if of else []), f"items/{name}"]), item


def _unique_uuids(curricula: Curricula) -> None:
    owners: dict[str, str] = {}
    for _, checked in identities(curricula):
        if checked.uuid is None:
            continue
        if checked.uuid in owners:
            checked.fault(
                "C04",
                f"uuid {checked.uuid} is that of {owners[checked.uuid]} too: a copy takes its own",
            )
        owners.setdefault(checked.uuid, checked.path)


def _unique_lessons(curricula: Curricula) -> None:
    owners: dict[str, str] = {}
    for track in curricula.tracks.values():
        for slug, lesson in track.lessons.items():
            if slug in owners:
                lesson.lesson.fault("C07", f"the name {slug} is taken by {owners[slug]}: rename it")
            owners.setdefault(slug, lesson.folder)


def _kept_uuids(curricula: Curricula, published: Published) -> None:
    present = {checked.uuid for _, checked in identities(curricula)}
    for name, checked in identities(curricula):
        before = published.uuids.get(name)
        if before and checked.uuid != before and before not in present:
            checked.fault(
                "C05",
                f"its uuid was {before} when it was published: put it back, "
                "or what learners did here is lost to it",
            )


def _kept_concepts(curricula: Curricula, published: Published, found: Checked[None]) -> None:
    present = {
        f"{track.track.uuid}/{slug}"
        for track in curricula.tracks.values()
        for slug in track.concepts
    }
    tracks = {str(track.track.uuid) for track in curricula.tracks.values()}
    for name in sorted(published.concepts - present):
        if name.split("/")[0] in tracks:
            found.fault(
                "C06",
                f"concept {name.split('/')[1]} was published and is gone: feedback on films that "
                "learners have seen is made of it; put it back",
            )


# --- structure --------------------------------------------------------------------------------


def _order(track: TrackFiles, _: Curricula) -> None:
    if track.track.data is None:
        return
    listed = track.track.data.lessons
    for slug in sorted(set(listed)):
        if slug not in track.lessons:
            track.track.fault("C08", f"lists the lesson {slug}, but lessons/{slug}/ is not there")
        if listed.count(slug) > 1:
            track.track.fault("C08", f"lists the lesson {slug} {listed.count(slug)} times")
    for slug, lesson in track.lessons.items():
        if slug not in listed:
            lesson.lesson.fault("C08", f"is not in the lessons of {track.track.path}: add {slug!r}")


def _whole_lessons(track: TrackFiles, _: Curricula) -> None:
    for lesson in track.lessons.values():
        if not lesson.items:
            lesson.lesson.fault("C03", "has no quiz: add items/<name>.toml")
        if lesson.design.data is not None:
            for heading in _DESIGN:
                if f"## {heading}\n" not in lesson.design.data + "\n":
                    lesson.design.fault("C24", f"has no heading `## {heading}`")


def _names(track: TrackFiles, _: Curricula) -> None:
    for _lesson, item in track.quizzes():
        name = Path(item.path).stem
        if item.data and item.data.slug != name:
            item.fault(
                "C07", f"slug is {item.data.slug!r}, its file is named {name!r}: make them one"
            )


def _concept_names(track: TrackFiles, _: Curricula) -> None:
    for slug, concept in track.concepts.items():
        if slug not in rules_text.HALLMARKS:
            concept.fault("C09", f"{slug} is no hallmark: trainer/core/words.py lists them")


def _concept_graph(track: TrackFiles, _: Curricula) -> None:
    known = set(track.concepts)
    for lesson in track.lessons.values():
        if lesson.lesson.data is None:
            continue
        data = lesson.lesson.data
        for kind, names in (("teaches", data.teaches), ("needs", data.needs)):
            for name in names:
                if name not in known:
                    lesson.lesson.fault(
                        "C10", f"{kind} {name}, which has no file in {track.slug}/concepts/"
                    )
    if any(lesson.lesson.data is None for lesson in track.lessons.values()):
        return  # what an unreadable lesson teaches is not known: mend that first
    order = list(track.track.data.lessons) if track.track.data else sorted(track.lessons)
    plain = {
        slug: (lesson.lesson.data.teaches, lesson.lesson.data.needs)
        for slug, lesson in track.lessons.items()
        if lesson.lesson.data is not None
    }
    for slug, rule, message in graph.faults(plain, order):
        track.lessons[slug].lesson.fault(rule, message)


_TRACK_RULES: tuple[Callable[[TrackFiles, Curricula], None], ...] = (
    _order,
    _whole_lessons,
    _names,
    _concept_names,
    _concept_graph,
    rules_text.figures,
    rules_text.citations,
    rules_text.concept_words,
    rules_text.lesson_words,
    rules_text.quizzes,
)
