"""Finding films in the bank: by words, by what they are, a page at a time."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from trainer.core.review import ReportState
from trainer.core.words import Hallmark, Modality, Truth
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.data.review import FilmReport
from trainer.services import holds, set_counts, vouching
from trainer.services.errors import InvalidError
from trainer.services.set_counts import Group

PAGE = 48
LONGEST_TEXT = 120
#: What may be asked of where a film stands: in play, out of play for whatever reason, reported by a
#: learner and not yet looked at, or with a label that nobody has agreed to.
STATES = ("in play", "out of play", "reported", "not agreed")


@dataclass(frozen=True, slots=True)
class Filters:
    """What films are looked for; an empty word is every one.

    Parameters
    ----------
    text : str
        Part of the file's name, the family, the view or the key's reason, or the start of an id.
    truth, region, view, modality, family, hallmark, split, state : str
        One word each, as the bank keeps it.
    set : str
        The set's name, where films of several are listed.
    """

    text: str = ""
    set: str = ""
    truth: str = ""
    region: str = ""
    view: str = ""
    modality: str = ""
    family: str = ""
    hallmark: str = ""
    split: str = ""
    state: str = ""

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Filters:
        """Read the filters from an address; what is not known there is left out.

        Raises
        ------
        InvalidError
            For a word that cannot be: an address that was typed wrong must not look like an empty
            bank.
        """
        made = cls(**{f.name: said.get(f.name, "").strip()[:LONGEST_TEXT] for f in fields(cls)})
        allowed = {
            "truth": [t.value for t in Truth],
            "modality": [m.value for m in Modality],
            "hallmark": [h.value for h in Hallmark],
            "state": list(STATES),
        }
        for name, words in allowed.items():
            value = getattr(made, name)
            if value and value not in words:
                raise InvalidError(f"{name} is one of {', '.join(words)}, not {value!r}.")
        return made

    def as_query(self) -> dict[str, str]:
        """Return what an address needs to ask the same again."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Line:
    """A film in a list or on a contact sheet; ``out`` says how it went out of play, if it did."""

    case_id: uuid.UUID
    slug: str
    name: str
    truth: str
    region: str
    view: str
    modality: str
    family: str
    split: str
    out: str
    hallmarks: tuple[str, ...]
    mimic_of: str
    slices: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page of films, how many there are in all, and how many pages."""

    lines: tuple[Line, ...]
    total: int
    page: int
    pages: int


def _joined(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join(Image, Case.image_id == Image.id)
        .join(CaseKey, CaseKey.id == Case.key_id)
        .join(Dataset, Case.dataset_id == Dataset.id)
    )


def _where(wanted: Filters) -> list[ColumnElement[bool]]:
    """Return the conditions; each is on an indexed or a plain column, never inside a document."""
    plain: dict[str, Any] = {
        "set": Dataset.slug,
        "region": Image.region,
        "view": Image.view,
        "family": Case.family,
        "split": Case.split,
    }
    found: list[ColumnElement[bool]] = [
        column == value for name, column in plain.items() if (value := getattr(wanted, name))
    ]
    if wanted.truth:
        found.append(CaseKey.truth == Truth(wanted.truth))
    if wanted.modality:
        found.append(Image.modality == Modality(wanted.modality))
    if wanted.state:
        found.append(_stands(wanted.state))
    if wanted.hallmark:
        named = cast(CaseKey.hallmarks, String).like(f'%"{wanted.hallmark}"%')
        found.append(or_(named, CaseKey.mimic_of == wanted.hallmark))
    if wanted.text:
        found.append(_says(wanted.text))
    return found


def _stands(state: str) -> ColumnElement[bool]:
    if state == "reported":
        return exists().where(FilmReport.case_id == Case.id, FilmReport.state == ReportState.OPEN)
    if state == "not agreed":
        return ~vouching.answered_for()
    return Case.live == (state == "in play")


def _says(text: str) -> ColumnElement[bool]:
    part = "%" + text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
    columns = (Image.name, Case.family, Image.view, CaseKey.body["reason"].as_string())
    said = [column.ilike(part, escape="\\") for column in columns]
    digits = text.replace("-", "").lower()
    if len(digits) >= 6 and set(digits) <= set("0123456789abcdef"):
        low, high = (uuid.UUID(hex=digits.ljust(32, end)[:32]) for end in "0f")
        said.append(Case.id.between(low, high))
    return or_(*said)


def find_films(session: Session, wanted: Filters, page: int = 1, size: int = PAGE) -> Found:
    """Return a page of the films that match, in the order of their ids.

    Four queries whatever there is to find: how many (mostly kept), the page, what is out of play.
    """
    conditions = _where(wanted)
    total = _total(session, wanted, conditions)
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    rows = session.execute(
        _joined(
            Case.id,
            Dataset.slug,
            Image.name,
            CaseKey.truth,
            Image.region,
            Image.view,
            Image.modality,
            Case.family,
            Case.split,
            CaseKey.hallmarks,
            CaseKey.mimic_of,
            Image.blocks,
        )
        .where(*conditions)
        .order_by(Case.dataset_id, Case.id)
        .limit(size)
        .offset((page - 1) * size)
    ).all()
    out = holds.out_of_play(session, [row.id for row in rows])
    lines = tuple(
        Line(
            case_id=row.id,
            slug=row.slug,
            name=row.name,
            truth=row.truth.value,
            region=row.region,
            view=row.view,
            modality=row.modality.value,
            family=row.family,
            split=row.split,
            out=out.get(row.id, ""),
            hallmarks=tuple(row.hallmarks),
            mimic_of=row.mimic_of,
            slices=len(row.blocks),
        )
        for row in rows
    )
    return Found(lines, total, page, pages)


def groups(session: Session, slug: str = "") -> tuple[Group, ...]:
    """Return how many films of a set, or of the whole bank, are alike; the largest groups first."""
    sums: Counter[Group] = Counter()
    for found in set_counts.of_sets(session, slug).values():
        for group in found:
            sums[replace(group, count=0)] += group.count
    return set_counts.ordered(replace(group, count=count) for group, count in sums.items())


def _total(session: Session, wanted: Filters, conditions: list[ColumnElement[bool]]) -> int:
    """Return how many films match: from the counts that are kept, where these can tell."""
    asked = wanted.as_query()
    slug = asked.pop("set", "")
    state = asked.pop("state", "in play")
    if set(asked) <= {"truth", "region", "view", "modality", "family", "split"} and state in (
        "in play",
        "out of play",
    ):
        return sum(
            group.count
            for group in groups(session, slug)
            if all(getattr(group, name) == word for name, word in asked.items())
            and (not wanted.state or group.live is (state == "in play"))
        )
    return int(session.scalar(_joined(func.count()).select_from(Case).where(*conditions)) or 0)


def choices(found: tuple[Group, ...]) -> dict[str, tuple[str, ...]]:
    """Return for each filter the words that occur, the most frequent first."""
    names = ("truth", "region", "view", "modality", "family", "split")
    made: dict[str, tuple[str, ...]] = {}
    for name in names:
        counts: Counter[str] = Counter()
        for group in found:
            counts[getattr(group, name)] += group.count
        made[name] = tuple(word for word, _ in counts.most_common() if word)
    return made


@dataclass(frozen=True, slots=True)
class Count:
    """A row of the table of counts: class, region and generator by whether they are played."""

    truth: str
    region: str
    family: str
    live: int
    stopped: int


def counted(found: tuple[Group, ...]) -> tuple[Count, ...]:
    """Return the counts by class, region and generator or forgery."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for group in found:
        row = sums.setdefault((group.truth, group.region, group.family), [0, 0])
        row[0 if group.live else 1] += group.count
    return tuple(Count(*key, live, stopped) for key, (live, stopped) in sorted(sums.items()))
