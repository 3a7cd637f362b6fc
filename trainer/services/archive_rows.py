"""The bank's rows as lines of JSON, and back: what goes into an archive, and in which order.

Columns are taken from the tables themselves, so that one that is added later comes along.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import String, inspect
from sqlalchemy.schema import Column

from trainer.data.base import Base, UtcDateTime, Word
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.data.review import CaseStop, KeyAgreement
from trainer.data.sets import AuditRun, SetPublication
from trainer.services.errors import InvalidError

#: In this order rows can be put back: each refers only to rows of a table before it.
TABLES: Mapping[str, type[Base]] = {
    "sets": Dataset,
    "images": Image,
    "cases": Case,
    "keys": CaseKey,
    "audits": AuditRun,
    "publications": SetPublication,
    "agreements": KeyAgreement,
    "stops": CaseStop,
}
#: Tables that refer to the bank and stay out of an archive, each for a reason.
LEFT_OUT: Mapping[str, str] = {
    "showing": "what learners were shown belongs to learners, not to the bank",
    "grade": "what learners' answers were worth belongs to learners",
    "film_report": "what learners reported belongs to learners",
    "annotation": "drafts and proposals belong to the curators at work here",
    "case_comment": "what curators say to one another stays between them",
}


#: Columns that say something of this installation alone: counts are kept by the stamp.
_OF_HERE = frozenset({"films_stamp"})


def columns(table: type[Base]) -> dict[str, Column[Any]]:
    """Return a table's columns that are packed, by the names of its attributes."""
    mapped = inspect(table).column_attrs
    return {one.key: one.columns[0] for one in mapped if one.key not in _OF_HERE}  # type: ignore[misc]


def to_json(row: Base) -> dict[str, Any]:
    """Return a row as plain JSON values; who of this installation did it stays here."""
    return {
        name: None if _of_people(column) else _plain(getattr(row, name))
        for name, column in columns(type(row)).items()
    }


def from_json(table: type[Base], line: Any, where: str) -> dict[str, Any]:
    """Return the values of a row; ``where`` names its line in messages.

    Raises
    ------
    InvalidError
        When it is no row of this table, or one of a newer version.
    """
    known = columns(table)
    if not isinstance(line, dict):
        raise InvalidError(f"{where} is no row of the bank: the archive was not made by Telltale.")
    unknown = sorted(set(line) - set(known))
    if unknown:
        raise InvalidError(
            f"{where} says {', '.join(unknown)[:200]}, which this version does not know: the "
            "archive was made by a newer one. Update this installation first."
        )
    values: dict[str, Any] = {}
    for name, column in known.items():
        if name in line:
            values[name] = _value(column, line[name], f"{where}, {name}")
        elif not (column.nullable or column.default or column.server_default):
            raise InvalidError(f"{where} has no {name}: the archive is not whole.")
    return values


def _of_people(column: Column[Any]) -> bool:
    return any(key.target_fullname.startswith("user_account.") for key in column.foreign_keys)


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    return value


def _value(column: Column[Any], value: Any, where: str) -> Any:
    """Return one value in the type of its column, or say what is wrong with it."""
    if value is None:
        if column.nullable:
            return None
        raise InvalidError(f"{where} is empty: the archive is not whole.")
    if _of_people(column):
        return None
    kind = column.type
    try:
        if isinstance(kind, Word):
            return kind.words(value)
        if isinstance(kind, UtcDateTime):
            return _moment(value)
        wanted = kind.python_type
        if wanted is uuid.UUID:
            return uuid.UUID(value)
        if not isinstance(value, _TYPES.get(wanted, wanted)) or (
            wanted is not bool and isinstance(value, bool)
        ):
            raise TypeError(f"it must be {wanted.__name__}")
        if isinstance(kind, String) and kind.length and len(value) > kind.length:
            raise ValueError(f"it has more than {kind.length} letters")
        return value
    except (TypeError, ValueError, AttributeError) as fault:
        raise InvalidError(f"{where}: {str(value)[:60]!r} cannot be used ({fault}).") from fault


#: JSON columns hold documents or lists.
_TYPES: Mapping[type, Any] = {dict: (dict, list)}


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("it has no time zone")
    return moment
