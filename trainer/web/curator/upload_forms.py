"""The form that says what an upload is: read from what was sent, drawn again as it was filled."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trainer.core.plural import counted
from trainer.core.words import Hallmark, Modality, Provenance, Truth
from trainer.imaging.bank.faults import Fault
from trainer.services.upload_import import BY_FORM, BY_MANIFEST, Said
from trainer.services.upload_look import Found, Unit

#: So many films have a line each; of more, each folder has one.
MOST_LINES = 60
MOST_FOLDERS = 200
CELLS = ("truth", "modality", "region", "view", "hallmarks", "patient", "generator", "split")
TRUTHS = tuple(word.value for word in Truth)
MODALITIES = tuple(word.value for word in Modality)
HALLMARKS = tuple(word.value for word in Hallmark)

#: Field of ``dataset.toml``, label, hint, whether it is needed.
FACTS = (
    ("title", "Title", "What the set is, in a line.", True),
    ("licence", "Licence", "Its name, such as CC BY 4.0. Ask the owner if in doubt.", True),
    ("licence_url", "Address of the licence", "", False),
    ("citation", "Citation", "How the owner wants to be cited.", True),
    ("source", "Source", "Where the images were taken from.", True),
    ("consent_basis", "Consent", "On what ground patients' images may be used.", True),
    ("deidentification", "De-identification", "Who removed what, and how.", True),
    ("contact", "Contact", "", False),
    ("notes", "Notes", "", False),
)  # fmt: skip
PROVENANCES = tuple(word.value for word in Provenance)
#: So many files with one and the same fault are told one by one.
MOST_ALIKE = 3
#: What is to be done where a list was left alone; a file is written, a list is chosen from.
CHOICES = {
    "provenance": ("Origin", "choose clinical or simulated"),
    "display_allowed": ("Does the licence let learners see the images", "choose yes or no"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the form: one film, or all films of a folder."""

    key: str
    label: str
    units: tuple[Unit, ...]

    def shown(self, cell: str) -> str:
        """Return what the headers say of a cell, where they say one thing."""
        if cell not in ("modality", "region", "view"):
            return ""
        said = {str(getattr(unit, cell)) for unit in self.units}
        return said.pop() if len(said) == 1 else ""


def lines(found: Found) -> list[Line]:
    """Return the lines of the form."""
    units = found.units
    if len(units) <= MOST_LINES:
        return [Line(f"l{i}", unit.file, (unit,)) for i, unit in enumerate(units)]
    folders: dict[str, list[Unit]] = {}
    for unit in units:
        folders.setdefault(unit.file.rpartition("/")[0], []).append(unit)
    if len(folders) > MOST_FOLDERS:
        return []
    return [
        Line(f"l{i}", folder or "(no folder)", tuple(some))
        for i, (folder, some) in enumerate(sorted(folders.items()))
    ]


def cells_of(form: Mapping[str, str], drawn: Sequence[Line], found: Found) -> list[dict[str, str]]:
    """Return the cells of every film: its line's, else those of all, else its header's."""
    rows = []
    for line in drawn or [Line("", "", tuple(found.units))]:
        said = {cell: form.get(f"{line.key}-{cell}", "").strip() for cell in CELLS}
        for unit in line.units:
            row = {"file": unit.file}
            for cell in CELLS:
                own = str(getattr(unit, cell)) if cell in ("modality", "region", "view") else ""
                row[cell] = said[cell] or form.get(f"all-{cell}", "").strip() or own
            rows.append(row)
    return rows


def said_by(form: Mapping[str, str], found: Found) -> Said:
    """Return what the sent form says."""
    how = form.get("how", "")
    if how not in (BY_MANIFEST, BY_FORM):
        how = form.get("known", "") if how == "known" else ""
    into = form.get("into", "")
    facts: dict[str, Any] = {key: form.get(key, "").strip() for key, *_ in FACTS}
    facts["provenance"] = form.get("provenance", "")
    facts["display_allowed"] = {"yes": True, "no": False}.get(form.get("display_allowed", ""))
    return Said(
        how=how,
        slug=into or form.get("slug", "").strip().lower(),
        existing=bool(into),
        facts=facts,
        cells=cells_of(form, lines(found), found) if how == BY_FORM else (),
        leave=form.get("leave", ""),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What is wrong with what was said: beside the fields, by their ids, and what is about none."""

    beside: Mapping[str, str]
    rest: Sequence[Fault]


def told(faults: Sequence[Fault], form: Mapping[str, str], found: Found) -> Told:
    """Place every fault beside the field of the page that it is about."""
    line_of = {unit.file: line for line in lines(found) for unit in line.units}
    fields = {key for key, *_ in FACTS} | {*CHOICES, "slug", "into", "leave", "how"}
    said: dict[str, list[str]] = {}
    rest: list[Fault] = []
    films = {unit.file for unit in found.units}
    for fault, ids in _placed(faults, form, films, line_of, fields):
        words = f"{fault.what}. {fault.cure[:1].upper()}{fault.cure[1:]}."
        for id_ in ids:
            said.setdefault(id_, []).append(words[:1].upper() + words[1:])
        if not ids:
            rest.append(fault)
    return Told({id_: " ".join(dict.fromkeys(words)) for id_, words in said.items()}, rest)


def _placed(
    faults: Sequence[Fault],
    form: Mapping[str, str],
    films: Collection[str],
    line_of: Mapping[str, Line],
    fields: Collection[str],
) -> Iterator[tuple[Fault, list[str]]]:
    """Yield each fault, in the words of the page, with the ids of what it is about."""
    alike: dict[tuple[str, str, str], list[Fault]] = {}
    for fault in faults:
        alike.setdefault((fault.what, fault.cure, fault.field), []).append(fault)
    for some in alike.values():
        fault = some[0]
        if fault.field in CELLS and all(one.file in films for one in some):
            wrong = [line_of[one.file] for one in some if one.file in line_of]
            ids = _cells(fault.field, wrong, form) if wrong else [f"all-{fault.field}"]
            what = fault.what.removeprefix(f"{fault.field}: ")
            if len(some) > len(ids):
                what = f"{_many(some)}: {what}"
            yield replace(fault, what=what), ids
        elif fault.field in fields:
            way = "known" if fault.field == "how" and form.get("how") == "known" else fault.field
            yield _in_words(fault), [way]
        elif len(some) > MOST_ALIKE:
            yield replace(fault, file=_many(some)), []
        else:
            yield from ((one, []) for one in some)


def _cells(column: str, wrong: Sequence[Line], form: Mapping[str, str]) -> list[str]:
    """Return the cells of the table to be mended: a line's own, or the one that holds for all."""
    own = [line for line in dict.fromkeys(wrong) if form.get(f"{line.key}-{column}", "").strip()]
    left = [line for line in dict.fromkeys(wrong) if line not in own]
    ids = [f"{line.key}-{column}" for line in own]
    if form.get(f"all-{column}", "").strip() or len(left) > MOST_ALIKE:
        return [f"all-{column}", *ids] if left else ids
    return [*ids, *(f"{line.key}-{column}" for line in left)]


def _in_words(fault: Fault) -> Fault:
    """Return a fault of a field in the words that people see in place of the field's name."""
    if fault.field in CHOICES and "is missing" in fault.what:
        label, choice = CHOICES[fault.field]
        return replace(fault, what=f"“{label}” is open", cure=choice)
    labels = {key: label for key, label, *_ in FACTS}
    what = fault.what.replace("'' cannot name a set", "the set has no name yet")
    what = what.replace(f"the field {fault.field} is", f"“{labels.get(fault.field)}” is")
    return replace(fault, what=what)


def _many(faults: Sequence[Fault]) -> str:
    return f"{counted(len(faults), 'file')}, {faults[0].file} the first"


def first_values(inside: Mapping[str, Any], title: str) -> dict[str, str]:
    """Return what the form shows before anyone filled it in."""
    values = {key: str(inside.get(key) or "") for key, *_ in FACTS}
    values["title"] = values["title"] or title
    values["provenance"] = str(inside.get("provenance") or "")
    values["slug"] = str(inside.get("slug") or "")
    if inside:
        values["display_allowed"] = "yes"
    return values
