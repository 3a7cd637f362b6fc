"""The states of keys in the making and of films in doubt."""

from __future__ import annotations

from enum import StrEnum


class AnnotationState(StrEnum):
    """Where an annotation stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    AGREED = "agreed"  # it became a key
    CLOSED = "closed"  # taken back, or another one became the key


class StopKind(StrEnum):
    """Why a film is not played."""

    REPORT = "report"  # someone says that it identifies a person: nobody has looked yet
    HELD = "held"
    WITHDRAWN = "withdrawn"


class ReportReason(StrEnum):
    """What a learner says is wrong with a film."""

    KEY = "key"
    PERSON = "person"
    IMAGE = "image"
    WORDS = "words"
    OTHER = "other"


class ReportState(StrEnum):
    """What became of a report."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
