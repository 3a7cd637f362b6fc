"""Faults, and the report that lists them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trainer.core.plural import counted


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong with one file.

    Parameters
    ----------
    path : str
        The file, relative to the folder of the curricula.
    line : int
        From 1; 0 where it is the file as a whole.
    rule : str
        Number of the rule on ``docs/content-rules.md``.
    message : str
        What is wrong and what to do.
    """

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.rule} {self.message}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found.

    Parameters
    ----------
    errors : tuple of Fault
        Any one of these stops a publication.
    warnings : tuple of Fault
        Worth a look; stop nothing.
    files : int
        How many files were checked.
    """

    errors: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    files: int

    @classmethod
    def of(cls, errors: Iterable[Fault], warnings: Iterable[Fault], files: int) -> Report:
        """Return a report, sorted by place, each fault once."""
        return cls(tuple(sorted(set(errors))), tuple(sorted(set(warnings))), files)

    @property
    def clean(self) -> bool:
        """Whether it can be published."""
        return not self.errors

    def lines(self) -> list[str]:
        """Return the report as lines of text, errors first."""
        found = [str(f) for f in self.errors]
        found += [f"{w} (warning)" for w in self.warnings]
        return [*found, self.verdict()]

    def verdict(self) -> str:
        """Return the last line."""
        if self.clean:
            more = f", {_count(self.warnings, 'warning')}" if self.warnings else ""
            return f"{self.files} content files are clean{more}"
        return (
            f"{_count(self.errors, 'fault')} in {self.files} content files; "
            "docs/content-rules.md explains each rule"
        )

    def to_json(self) -> dict[str, object]:
        """Return the report as plain values, for the publication's row."""
        return {
            "files": self.files,
            "errors": [str(f) for f in self.errors],
            "warnings": [str(w) for w in self.warnings],
        }


def _count(things: Sequence[object], word: str) -> str:
    return counted(len(things), word)
