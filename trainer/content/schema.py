"""What may stand in a content file: one model per kind of file.

The models are the rule (C02). ``flask content schemas`` writes them as JSON Schemas for editors;
nothing in the program reads those.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from trainer.core.sitting import FeedbackWhen
from trainer.core.words import Modality, Provenance

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"

Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=80)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=90)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=400)]
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(gt=0, le=4 * 3600)]


class Status(StrEnum):
    """Where a track stands in its life. Nothing is deleted: it is retired."""

    WIP = "wip"
    BETA = "beta"
    ACTIVE = "active"
    RETIRED = "retired"


class Grade(StrEnum):
    """How well a statement about a hallmark is supported."""

    STUDY = "study"  # the reader study behind the curriculum: its abstract or release
    CAPTIONS = "captions"  # counted in the authors' own captions; not reader votes
    IMAGES = "images"  # measured or seen on published files
    PAPER = "paper"  # another publication
    REASONING = "reasoning"  # physics or radiology; wants an expert's sign-off


class _File(BaseModel):
    """A file: no field but those named, no silent conversion."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Track(_File):
    """``<track>/track.toml``: a course of lessons in order."""

    uuid: UUID = Field(description="Identity; made once by `flask content new`, never changed.")
    title: Title
    summary: Line
    status: Status
    lessons: tuple[Slug, ...] = Field(min_length=1, description="Folders of lessons, in order.")


class Lesson(_File):
    """``<track>/lessons/<slug>/lesson.toml``: what a lesson is for."""

    uuid: UUID = Field(description="Identity; made once by `flask content new`, never changed.")
    title: Title
    summary: Line
    minutes: int = Field(ge=1, le=60, description="To read it, without the quiz.")
    objectives: tuple[Line, ...] = Field(min_length=1, max_length=6)
    teaches: tuple[str, ...] = Field(min_length=1, description="Concepts, by their file's name.")
    needs: tuple[str, ...] = Field(default=(), description="Concepts that come before.")


class Pool(_File):
    """What a quiz draws from."""

    provenance: Provenance = Field(description="A sitting never mixes the two.")
    datasets: tuple[Slug, ...] = Field(min_length=1)
    regions: tuple[str, ...] = Field(default=(), description="Empty: all.")
    hallmarks: tuple[str, ...] = Field(
        default=(),
        description="Empty: all. Restricts the films that are not authentic, and the mimics.",
    )
    split: Literal["practice", "test"] = "practice"


class Quiz(_File):
    """``items/<slug>.toml`` of kind ``quiz``."""

    uuid: UUID = Field(description="Identity; made once by `flask content new`, never changed.")
    kind: Literal["quiz"]
    slug: Slug
    title: Title
    summary: Line
    cases: int = Field(ge=1, le=200)
    feedback: FeedbackWhen
    case_seconds: Seconds | None = Field(default=None, description="Absent: no limit a case.")
    sitting_seconds: Seconds | None = Field(default=None, description="Absent: no limit in all.")
    pausable: bool = False
    lenses: tuple[str, ...] = Field(default=(), description="Lenses of the viewer it allows.")
    pass_mark: Share = 0.7
    pool: Pool

    @model_validator(mode="after")
    def _times_agree(self) -> Self:
        if self.case_seconds and self.sitting_seconds and self.case_seconds > self.sitting_seconds:
            raise ValueError("case_seconds is longer than sitting_seconds: shorten the one")
        return self


class Evidence(_File):
    """One statement in support of a concept."""

    grade: Grade
    says: Line
    source: str = Field(default="", description="A key of references.toml.")

    @model_validator(mode="after")
    def _has_source(self) -> Self:
        if self.grade is not Grade.REASONING and not self.source:
            raise ValueError(f"evidence of grade {self.grade} names its source")
        return self


class Concept(_File):
    """``<track>/concepts/<hallmark>.md``: the front matter, between two lines of ``+++``."""

    name: Title
    what: Line
    where: Line
    how_to_check: tuple[Line, ...] = Field(min_length=1, max_length=6)
    mimics: tuple[Annotated[str, StringConstraints(min_length=3, max_length=160)], ...] = Field(
        min_length=1, description="Authentic images that look like it."
    )
    modalities: tuple[Modality, ...] = Field(min_length=1)
    evidence_in: Literal["pixels", "file", "series"] = Field(
        description="Where the evidence lies; no blinded quiz can ask for `file`."
    )
    signoff: bool = Field(description="True: waits for an expert's sign-off, and says so.")
    evidence: tuple[Evidence, ...] = Field(min_length=1)


class Reference(_File):
    """One source in ``<track>/references.toml``."""

    text: Line
    url: Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$", max_length=300)]
    kind: Literal["primary", "secondary", "own"] = Field(
        description="`secondary`: a report about a study; `own`: measured by the project."
    )


class References(_File):
    """``<track>/references.toml``: a table of references by key."""

    references: dict[Slug, Reference]


class Figure(_File):
    """A fenced ``figure`` block in a lesson's text."""

    case: UUID = Field(description="A film reserved for lessons.")
    show: Literal["plain", "outline", "twin", "pair"]
    caption: Line
    alt: Line = Field(description="What it shows, for those who cannot see it.")
    crop: tuple[Share, Share, Share, Share] | None = Field(
        default=None, description="Left, top, width, height as shares of the film."
    )

    step: int = Field(
        default=0, ge=-40, le=40,
        description="Of a stack: how many slices beyond the middle of what was changed is shown.",
    )  # fmt: skip

    @model_validator(mode="after")
    def _crop_lies_inside(self) -> Self:
        if self.crop:
            left, top, width, height = self.crop
            if min(width, height) <= 0 or left + width > 1.0001 or top + height > 1.0001:
                raise ValueError(
                    "crop must lie inside the film: left + width and top + height <= 1"
                )
        return self


class Check(_File):
    """A fenced ``check`` block: think, then open."""

    question: Line
    options: tuple[Annotated[str, StringConstraints(min_length=2, max_length=200)], ...] = Field(
        min_length=2, max_length=5
    )
    answer: int = Field(ge=1, description="Number of the right option, from 1.")
    because: Line

    @model_validator(mode="after")
    def _answer_is_an_option(self) -> Self:
        if self.answer > len(self.options):
            raise ValueError(f"answer is {self.answer}, but there are {len(self.options)} options")
        return self


FILES: dict[str, type[BaseModel]] = {
    "track": Track,
    "lesson": Lesson,
    "quiz": Quiz,
    "concept": Concept,
    "references": References,
}
