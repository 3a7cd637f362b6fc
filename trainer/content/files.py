"""Reading one content file. Nothing here stops at a fault: a broken file is data too."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from trainer.content.report import Fault

Model = TypeVar("Model")
Parsed = TypeVar("Parsed", bound=BaseModel)

_UUID = re.compile(
    r"""^\s*uuid\s*=\s*["']([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})""", re.M
)
_FRONT = re.compile(r"\A\+\+\+\n(.*?)\n\+\+\+\n?(.*)\Z", re.S)


@dataclass(slots=True)
class Checked(Generic[Model]):
    """A file that was read: what stood in it, what was wrong with it, whose it is.

    Parameters
    ----------
    path : str
        Relative to the folder of the curricula.
    data : Model or None
        What stood in it; None where it could not be understood.
    uuid : str or None
        Its identity. Recovered even from a broken file, so that a typing error does not orphan
        what learners did.
    errors, warnings : list of Fault
        What was found.
    """

    path: str
    data: Model | None = None
    uuid: str | None = None
    errors: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def fault(self, rule: str, message: str, line: int = 0) -> None:
        """Note an error."""
        self.errors.append(Fault(self.path, line, rule, message))

    def warn(self, rule: str, message: str, line: int = 0) -> None:
        """Note a warning."""
        self.warnings.append(Fault(self.path, line, rule, message))


def read_text(path: Path, checked: Checked[Any]) -> str | None:
    """Return a file's text; note C01 and return None where it has none."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        checked.fault("C03", "is missing: `flask content new` makes every file of a lesson")
    except UnicodeDecodeError as fault:
        checked.fault("C01", f"is not UTF-8 (byte {fault.start}): save it as UTF-8")
    except OSError as fault:
        checked.fault("C01", f"cannot be read: {fault.strerror}")
    else:
        return text.replace("\r\n", "\n")
    return None


def read_toml(path: Path, name: str, model: type[Parsed]) -> Checked[Parsed]:
    """Read a TOML file of one model."""
    checked: Checked[Parsed] = Checked(name)
    text = read_text(path, checked)
    if text is not None:
        _fill(checked, text, model, start=0)
    return checked


def read_front(path: Path, name: str, model: type[Parsed]) -> tuple[Checked[Parsed], str]:
    """Read markdown with TOML front matter; return the front and the text below it."""
    checked: Checked[Parsed] = Checked(name)
    text = read_text(path, checked)
    if text is None:
        return checked, ""
    parts = _FRONT.match(text)
    if parts is None:
        checked.fault("C01", "has no front matter: TOML between two lines of +++", 1)
        return checked, ""
    _fill(checked, parts[1], model, start=1)
    return checked, parts[2]


def _fill(checked: Checked[Parsed], text: str, model: type[Parsed], start: int) -> None:
    found = _UUID.search(text)
    checked.uuid = found[1].lower() if found else None
    try:
        plain = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        line = re.search(r"line (\d+)", str(fault))
        checked.fault("C01", f"is not TOML: {fault}", int(line[1]) + start if line else 0)
        return
    data = parse(checked, plain, model, text, start)
    if data is not None:
        checked.data = data
        checked.uuid = str(getattr(data, "uuid", "")) or None


def parse(
    checked: Checked[Any],
    plain: Mapping[str, Any],
    model: type[Parsed],
    text: str = "",
    start: int = 0,
    rule: str = "C02",
) -> Parsed | None:
    """Return the model of plain values, or note each field that is wrong and return None."""
    try:
        # strict, by way of JSON: "5" is no number, but a text is a uuid
        return model.model_validate_json(json.dumps(plain, default=str), strict=True)
    except ValidationError as fault:
        for error in fault.errors():
            place = ".".join(str(part) for part in error["loc"])
            checked.fault(
                rule,
                f"{place}: {_say(error)}" if place else _say(error),
                _line_of(text, error["loc"], start),
            )
        return None


def _say(error: Mapping[str, Any]) -> str:
    kind, given = error["type"], error.get("input")
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "no such field: remove it, or see curricula/schemas/ for what there is"
    said = str(error["msg"]).removeprefix("Value error, ")
    said = said[:1].lower() + said[1:]
    return said if kind == "value_error" else f"{said}, this is {str(given)[:60]!r}"


def _line_of(text: str, place: tuple[int | str, ...], start: int) -> int:
    """Return the line on which the field stands, or 0 where it cannot be told."""
    names = [str(p) for p in place if isinstance(p, str)]
    for i, line in enumerate(text.splitlines(), start=1 + start):
        if names and re.match(rf"\s*{re.escape(names[-1])}\s*=", line):
            return i
    return 0
