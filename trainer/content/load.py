"""The curricula as they stand on disk, every file read, no fault fatal."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.content import markup
from trainer.content.files import Checked, read_front, read_text, read_toml
from trainer.content.markup import Text
from trainer.content.schema import Concept, Lesson, Quiz, References, Track

# Files for authors' eyes: a change in them publishes nothing.
_UNPUBLISHED = ("design.md", "README.md")


@dataclass(slots=True)
class LessonFiles:
    """One lesson's folder."""

    slug: str
    folder: str
    lesson: Checked[Lesson]
    text: Checked[Text]
    design: Checked[str]
    items: list[Checked[Quiz]] = field(default_factory=list)


@dataclass(slots=True)
class TrackFiles:
    """One track's folder."""

    slug: str
    track: Checked[Track]
    references: Checked[References]
    lessons: dict[str, LessonFiles] = field(default_factory=dict)
    concepts: dict[str, Checked[Concept]] = field(default_factory=dict)
    concept_texts: dict[str, Text] = field(default_factory=dict)
    items: list[Checked[Quiz]] = field(default_factory=list)

    def quizzes(self) -> Iterator[tuple[LessonFiles | None, Checked[Quiz]]]:
        """Yield every item with its lesson; None for the track's own."""
        for lesson in self.lessons.values():
            for item in lesson.items:
                yield lesson, item
        for item in self.items:
            yield None, item


@dataclass(frozen=True, slots=True)
class BankFilm:
    """What the rules need of a film that a figure names."""

    split: str
    authentic: bool
    twin: str
    mimic: bool = False


@dataclass(frozen=True, slots=True)
class Bank:
    """The manifests of the image bank: what there will be to show.

    Parameters
    ----------
    datasets : mapping of str to str
        Slug to provenance class.
    films : mapping of str to BankFilm
        By uuid.
    """

    datasets: Mapping[str, str]
    films: Mapping[str, BankFilm]


@dataclass(slots=True)
class Curricula:
    """Everything in the folder."""

    tracks: dict[str, TrackFiles]
    bank: Bank
    content_hash: str

    def files(self) -> Iterator[Checked[Any]]:
        """Yield every file that was read."""
        for track in self.tracks.values():
            yield track.track
            yield track.references
            yield from track.concepts.values()
            for lesson in track.lessons.values():
                yield from (lesson.lesson, lesson.text, lesson.design)
            for _, item in track.quizzes():
                yield item


def load(root: Path, bank: Path) -> Curricula:
    """Read curricula and the manifests of the image bank.

    Parameters
    ----------
    root : Path
        Folder of the tracks.
    bank : Path
        Folder of the datasets (``<dataset>/dataset.toml``, ``films*.toml``).
    """
    folders = sorted(p.parent for p in root.glob("*/track.toml"))
    return Curricula(
        tracks={folder.name: _track(folder, root) for folder in folders},
        bank=load_bank(bank),
        content_hash=hash_of(root),
    )


def hash_of(root: Path) -> str:
    """Return the sha256 over names and bytes of every published file."""
    found = hashlib.sha256()
    for path in sorted(root.glob("*/**/*")):
        name = path.relative_to(root)
        if path.is_file() and path.name not in _UNPUBLISHED and name.parts[0] != "schemas":
            data = path.read_bytes()
            found.update(f"{name.as_posix()}\0{len(data)}\0".encode() + data)
    return found.hexdigest()


def _track(folder: Path, root: Path) -> TrackFiles:
    def name(path: Path) -> str:
        return path.relative_to(root).as_posix()

    made = TrackFiles(
        slug=folder.name,
        track=read_toml(folder / "track.toml", name(folder / "track.toml"), Track),
        references=read_toml(
            folder / "references.toml", name(folder / "references.toml"), References
        ),
    )
    for path in sorted((folder / "concepts").glob("*.md")):
        checked, body = read_front(path, name(path), Concept)
        made.concepts[path.stem] = checked
        offset = len(path.read_bytes().splitlines()) - len(body.splitlines())
        made.concept_texts[path.stem] = markup.read(body, checked, offset=offset, figures=False)
    for path in sorted(p for p in (folder / "lessons").glob("*") if p.is_dir()):
        made.lessons[path.name] = _lesson(path, root)
    made.items = _items(folder, root)
    return made


def _lesson(folder: Path, root: Path) -> LessonFiles:
    base = folder.relative_to(root).as_posix()
    text: Checked[Text] = Checked(f"{base}/text.md")
    source = read_text(folder / "text.md", text)
    if source is not None:
        text.data = markup.read(source, text)
    design: Checked[str] = Checked(f"{base}/design.md")
    design.data = read_text(folder / "design.md", design)
    return LessonFiles(
        slug=folder.name,
        folder=base,
        lesson=read_toml(folder / "lesson.toml", f"{base}/lesson.toml", Lesson),
        text=text,
        design=design,
        items=_items(folder, root),
    )


def _items(folder: Path, root: Path) -> list[Checked[Quiz]]:
    return [
        read_toml(path, path.relative_to(root).as_posix(), Quiz)
        for path in sorted((folder / "items").glob("*.toml"))
    ]


def load_bank(folder: Path) -> Bank:
    """Read the manifests of the image bank; what cannot be read is not there.

    The image bank has checks of its own: here a film either can be named or cannot.
    """
    datasets: dict[str, str] = {}
    films: dict[str, BankFilm] = {}
    for manifest in sorted(folder.glob("*/dataset.toml")):
        facts = _plain(manifest)
        datasets[manifest.parent.name] = str(facts.get("provenance", ""))
        for path in sorted(manifest.parent.glob("films*.toml")):
            for row in _plain(path).get("film", []):
                films.update(_films_of(row))
    return Bank(datasets, films)


def _films_of(row: Mapping[str, Any]) -> dict[str, BankFilm]:
    uuid, twin = str(row.get("uuid", "")).lower(), str(row.get("twin", "")).lower()
    split = str(row.get("split", "practice"))
    found = {uuid: BankFilm(split, "hallmark" not in row, twin, "mimic_of" in row)}
    if twin:
        found[twin] = BankFilm(split, True, uuid)
    return found


def _plain(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}
