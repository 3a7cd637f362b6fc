"""Writing content files: JSON Schemas for editors, a new lesson, files in their usual order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import tomlkit
from pydantic import BaseModel
from tomlkit.container import Container
from tomlkit.exceptions import ParseError
from tomlkit.items import AoT, Item, Key, Table

from trainer.content.schema import FILES, SLUG, Concept, Lesson, Quiz, References, Track


class ScaffoldError(ValueError):
    """A lesson that cannot be made here; the message says why."""


# --- schemas ----------------------------------------------------------------------------------


def schemas() -> dict[str, str]:
    """Return file name to JSON Schema for each kind of content file."""
    return {
        f"{name}.schema.json": json.dumps(_schema(name, model), indent=2) + "\n"
        for name, model in FILES.items()
    }


def _schema(name: str, model: type[BaseModel]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Written by `flask content schemas`; for editors only, no program reads it.",
        **model.model_json_schema(),
        "title": name,
    }


# --- order of keys ----------------------------------------------------------------------------


def model_of(path: Path) -> type[BaseModel] | None:
    """Return the model a content file is checked by; None for a file that is plain text."""
    named: dict[str, type[BaseModel]] = {
        "track.toml": Track,
        "lesson.toml": Lesson,
        "references.toml": References,
    }
    if path.parent.name == "items" and path.suffix == ".toml":
        return Quiz
    if path.parent.name == "concepts" and path.suffix == ".md":
        return Concept
    return named.get(path.name)


def formatted(text: str, model: type[BaseModel]) -> str:
    """Return a content file with its keys in the model's order; comments stay with their key.

    A file that is not TOML is returned as it is: the check says what is wrong with it.
    """
    if model is Concept:
        parts = re.match(r"\A\+\+\+\n(.*?)\n\+\+\+\n?(.*)\Z", text, re.S)
        if parts is None:
            return text
        front = _ordered(parts[1] + "\n", model)
        body = parts[2].strip()
        return f"+++\n{front}+++\n" + (f"\n{body}\n" if body else "")
    return _ordered(text, model)


def _ordered(text: str, model: type[BaseModel]) -> str:
    try:
        document = tomlkit.parse(text)
    except ParseError:
        return text
    order = {name: i for i, name in enumerate(model.model_fields)}
    groups = list(_groups(document))
    head = [] if not groups or groups[0][0] is not None else groups.pop(0)[1]
    groups.sort(key=lambda g: (_is_table(g[1][-1][1]), order.get(_name(g[0]), len(order))))
    pairs = [*head, *(pair for group in groups for pair in group[1])]
    text = "".join(_rendered(key, item) for key, item in pairs)
    lines = [line.rstrip() for line in text.splitlines()]
    tidy = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return re.sub(r"([^\n])\n(\[)", r"\1\n\n\2", tidy) + "\n"


def _groups(body: Container) -> Iterator[tuple[Key | None, list[tuple[Key | None, Item]]]]:
    """Yield each key with the comments above it; what stands before a blank line is the head's."""
    waiting: list[tuple[Key | None, Item]] = []
    first = True
    for key, item in body.body:
        if key is None:
            if first and waiting and not item.as_string().strip():
                yield None, [*waiting, (key, item)]
                waiting, first = [], False
            elif item.as_string().strip():
                waiting.append((key, item))
            continue
        yield key, [*waiting, (key, item)]
        waiting, first = [], False
    if waiting:
        yield tomlkit.key("~"), waiting  # comments at the end stay there


def _rendered(key: Key | None, item: Item) -> str:
    # One at a time: in a document of many, tomlkit moves blank lines to where it likes them.
    alone = tomlkit.document()
    alone.append(key, item)
    return tomlkit.dumps(alone)


def _name(key: Key | None) -> str:
    return key.key if key else ""


def _is_table(item: Item) -> bool:
    return isinstance(item, Table | AoT)


# --- a new lesson -----------------------------------------------------------------------------

_LESSON = """uuid = "{uuid}"
title = "{title}"
summary = "What the reader will be able to do, in one line."
minutes = 6
objectives = ["Say what the sign is, and where to look for it."]
teaches = []
needs = []
"""
_TEXT = """## What it is

## Where to look

## How to check

## What real films look like it

## What it cannot tell you
"""
_DESIGN = """# Design

## Goal

## Objectives

## Out of scope

## Sources

## Reviewers

None yet.
"""
_QUIZ = """uuid = "{uuid}"
kind = "quiz"
slug = "{slug}"
title = "{title}: quiz"
summary = "Ten films, the truth after each call."
cases = 10
feedback = "after_each"
case_seconds = 90
pausable = true
pass_mark = 0.7

[pool]
provenance = "simulated"
datasets = ["starter"]
hallmarks = []
split = "practice"
"""


def new_lesson(root: Path, track: str, slug: str, make_uuid: Callable[[], UUID]) -> list[Path]:
    """Make the files of a lesson and list it in its track.

    Parameters
    ----------
    root : Path
        Folder of the tracks.
    track, slug : str
        The track's folder; the lesson's new one.
    make_uuid : callable
        Source of fresh identities.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    ScaffoldError
        When there is no such track, the name is not usable or is taken.
    """
    manifest = root / track / "track.toml"
    folder = root / track / "lessons" / slug
    if not manifest.is_file():
        there = ", ".join(sorted(p.parent.name for p in root.glob("*/track.toml"))) or "none"
        raise ScaffoldError(f"there is no track {track!r} in {root.name}/ (there: {there})")
    if not re.match(SLUG, slug):
        raise ScaffoldError(f"{slug!r} is no name: lower-case letters, digits and single hyphens")
    if folder.exists() or slug in {p.name for p in root.glob("*/lessons/*")}:
        raise ScaffoldError(f"there is a lesson {slug!r} already")
    title = slug.replace("-", " ").capitalize()
    quiz = f"{slug}-quiz"
    files = {
        folder / "lesson.toml": _LESSON.format(uuid=make_uuid(), title=title),
        folder / "text.md": _TEXT,
        folder / "design.md": _DESIGN,
        folder / "items" / f"{quiz}.toml": _QUIZ.format(uuid=make_uuid(), slug=quiz, title=title),
    }
    document = tomlkit.parse(manifest.read_text(encoding="utf-8"))
    document["lessons"].append(slug)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    manifest.write_text(tomlkit.dumps(document), encoding="utf-8")
    return [*files, manifest]
