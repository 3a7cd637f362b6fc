"""What somebody asks for in a word or two, as the quantities of a region."""

from __future__ import annotations

from trainer.imaging.simulator.case import CaseError, Choice, Region

Given = dict[str, float | str]


def asked(place: Region, text: str) -> Given:
    """Return the quantities that a word, or ``NAME=VALUE``, fixes.

    A bare word is the finding of that name. ``fracture=KIND`` is the fracture of that kind in
    every region, however its own quantities name it.

    Parameters
    ----------
    place : Region
        What is shown.
    text : str
        ``NAME=VALUE`` or a finding.

    Raises
    ------
    CaseError
        The region has no such finding, or no such fracture. Whether a value is one that its
        quantity can have is asked when the case is drawn.
    """
    name, equals, value = text.partition("=")
    if not equals:
        found = _findings(place)
        if name not in found:
            own = place.quantities.get(name)
            options = [f"{name}={o}" for o in own.options] if isinstance(own, Choice) else found
            raise CaseError(_none(place, f"finding {name!r}", options))
        return {"finding": name}
    if name == "fracture" and name not in place.quantities:
        return _fracture(place, value)
    try:
        return {name: float(value)}
    except ValueError:
        return {name: value}


def _fracture(place: Region, kind: str) -> Given:
    """Return a fracture where it is a finding, with kinds of its own or named by its kind."""
    if "fracture_kind" in place.quantities:
        return {"finding": "fracture", "fracture_kind": kind}
    kinds = [f.removesuffix(" fracture") for f in _findings(place) if f.endswith(" fracture")]
    if kind not in kinds:
        raise CaseError(_none(place, f"fracture {kind!r}", kinds))
    return {"finding": f"{kind} fracture"}


def _findings(place: Region) -> list[str]:
    finding = place.quantities.get("finding")
    return list(finding.options) if isinstance(finding, Choice) else []


def _none(place: Region, what: str, there: list[str]) -> str:
    listed = f"say {', '.join(there)}" if there else "say NAME=VALUE"
    return f"{place.name} {place.view} has no {what}; {listed}"
