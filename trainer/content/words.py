"""What may be said: claims want a source, and some sentences are wrong or unkind."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PEOPLE = (
    "radiologists|readers|people|patients|participants|experts|cardiologists|residents|students|"
    "studies|films|radiographs|images|fellows|interns|clinicians"
)
_CLAIM = re.compile(
    r"(?<![\w.])\d+(?:\.\d+)?\s?%"
    r"|\b\d+ (?:of|in|out of) (?:the )?\d+\b"
    rf"|\b\d+(?:,\d{{3}})* (?:[a-z-]+ )?(?:{_PEOPLE})\b"
    r"|\b(?:AUC|kappa|sensitivity|specificity) (?:of )?0?\.\d+",
    re.I,
)
_ZOOM = re.compile(r"(?<!\d)(?:25|100|200|300|400)\s?%")

_BANNED: tuple[tuple[str, str], ...] = (
    (
        r"\b41\s?%(?! of (?:the )?(?:17 )?readers)",
        "41 % is the share of readers who spoke up unasked (7 of 17), not of images: "
        "write `41 % of readers`, or leave it out",
    ),
    (
        r"\brang\w*\b[^.]{0,60}\b62\b[^.]{0,12}\b78\b",
        "62 to 78 is the confidence interval of the mean on the RoentGen films, not the range of "
        "the readers",
    ),
    (r"\b(?:obviously|of course|simply|just look)\b", "belittles who did not see it: say where"),
    (r"\b(?:easy|easily) (?:to )?(?:spot|see|tell|detect)", "it is not easy: say how to check"),
    (r"\bclearly (?:fake|false|ai)\b", "say what shows it, and where"),
    (r"\b(?:foolproof|infallible|never wrong|guarantee[ds]?)\b", "no sign is sure: say how far"),
    (
        r"\b(?:proves?|proof) (?:that )?(?:it|this|the|an?) (?:\w+ )?(?:is|was) "
        r"(?:an? )?(?:fake|authentic|real|ai\b)",
        "a sign suggests, it does not prove: send the reader to the source",
    ),
    (r"\b(?:lorem ipsum|todo|tbd|fixme|xxx)\b", "unfinished: write it or leave it out"),
)
_BANNED_COMPILED = tuple((re.compile(pattern, re.I), why) for pattern, why in _BANNED)


def claim_in(text: str) -> str | None:
    """Return the first number in a text that reads as a finding, or None.

    Parameters
    ----------
    text : str
        Plain text of one paragraph, list item or field.

    Returns
    -------
    str or None
        Percentages, ``n of m``, ``17 radiologists``, an AUC. A zoom (``200 %``) is an instruction.
    """
    rest = _ZOOM.sub("", text) if re.search(r"\bzoom", text, re.I) else text
    found = _CLAIM.search(rest)
    return found[0] if found else None


def banned_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield each banned phrase of a text and why it is banned."""
    for pattern, why in _BANNED_COMPILED:
        found = pattern.search(text)
        if found:
            yield found[0], why
