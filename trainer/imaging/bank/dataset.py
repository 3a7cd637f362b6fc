"""The ``dataset.toml`` of a set: where it comes from and what may be done with it.

::

    title = "Chest radiographs, Hannover and a GAN"
    licence = "CC BY 3.0; MIT"
    licence_url = "https://creativecommons.org/licenses/by/3.0/"
    citation = "Winther et al. 2020, doi 10.6084/m9.figshare.12275009"
    display_allowed = true        # may learners be shown the images?
    provenance = "clinical"       # or "simulated"; no sitting mixes the two
    source = "https://github.com/..."
    consent_basis = "published by the hospital's ethics committee's leave"
    deidentification = "by the publisher: pixels and names only"
    contact = "curator@example.org"
    canvas = [512, 512]           # optional: rows and columns every image is brought to
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any

from trainer.core.words import Provenance
from trainer.imaging.bank.faults import Fault, meant
from trainer.imaging.bank.plan import LARGEST_CANVAS
from trainer.imaging.film import SMALLEST_SIDE

_NEEDED = {
    "title": "what the set is, in a line",
    "licence": "the licence's name, such as CC BY 4.0; ask the owner where you do not know it",
    "citation": "how the owner wants to be cited",
    "display_allowed": "true where the licence lets learners see the images, else false",
    "provenance": "clinical or simulated",
    "source": "where the images were taken from",
    "consent_basis": "on what ground patients' images may be used",
    "deidentification": "who removed what, and how",
}
_OPTIONAL = ("uuid", "slug", "licence_url", "contact", "notes", "canvas")


@dataclass(frozen=True, slots=True)
class About:
    """What a ``dataset.toml`` says. ``canvas`` is rows and columns, or ``None``."""

    title: str
    licence: str
    citation: str
    display_allowed: bool
    provenance: Provenance
    source: str
    consent_basis: str
    deidentification: str
    licence_url: str = ""
    contact: str = ""
    notes: str = ""
    canvas: tuple[int, int] | None = None
    uuid: str = ""
    slug: str = ""

    def body(self) -> dict[str, Any]:
        """Return what has no column of its own, as JSON."""
        return {
            "licence_url": self.licence_url,
            "display_allowed": self.display_allowed,
            "source": self.source,
            "consent_basis": self.consent_basis,
            "deidentification": self.deidentification,
            "contact": self.contact,
            "notes": self.notes,
        }


def read_about(data: bytes, name: str) -> tuple[About | None, list[Fault]]:
    """Read a ``dataset.toml``; collect every fault.

    Returns
    -------
    about : About or None
        ``None`` where anything is wrong. A set whose licence forbids display is wrong too: there
        is nothing a training game could do with it.
    faults : list of Fault
        Each with its cure.
    """
    try:
        said = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        return None, [Fault(name, 0, f"it cannot be read ({fault})", "mend it; it is TOML, UTF-8")]
    return about_of(said, name)


def about_of(said: dict[str, Any], name: str) -> tuple[About | None, list[Fault]]:
    """Check what is said of a set, wherever it was written: a file or a form.

    Parameters
    ----------
    said : dict
        By the fields' names in ``dataset.toml``.
    name : str
        What messages call the place.

    Returns
    -------
    about, faults
        As :func:`read_about`.
    """
    faults = [
        Fault(name, 0, f"unknown field {key}", f"{meant(key, known)} {', '.join(known)}", key)
        for known in [(*_NEEDED, *_OPTIONAL)]
        for key in said
        if key not in known
    ]
    faults += [
        Fault(name, 0, f"the field {key} is missing or empty", f"write {what}", key)
        for key, what in _NEEDED.items()
        if said.get(key) in (None, "") or (isinstance(said[key], str) and not said[key].strip())
    ]
    faults += _values(said, name)
    if faults:
        return None, faults
    canvas = said.get("canvas")
    return About(
        **(
            said
            | {
                "provenance": Provenance(said["provenance"]),
                "canvas": (canvas[0], canvas[1]) if canvas else None,
            }
        )
    ), []


def _values(said: dict[str, Any], name: str) -> list[Fault]:
    faults = []
    shown = said.get("display_allowed")
    if shown is False:
        faults.append(
            Fault(
                name,
                0,
                f"the licence ({said.get('licence', '')}) forbids display to learners",
                "ask the owner for leave, or use another set",
                "display_allowed",
            )
        )
    elif shown not in (True, None, ""):
        faults.append(
            Fault(
                name,
                0,
                "display_allowed is no truth value",
                "write true or false",
                "display_allowed",
            )
        )
    words = [p.value for p in Provenance]
    if said.get("provenance") not in (*words, None, ""):
        faults.append(
            Fault(
                name,
                0,
                f"provenance is {said['provenance']!r}",
                f"write {' or '.join(words)}",
                "provenance",
            )
        )
    canvas = said.get("canvas")
    good = canvas is None or (
        isinstance(canvas, list)
        and len(canvas) == 2
        and all(isinstance(v, int) and SMALLEST_SIDE <= v <= LARGEST_CANVAS for v in canvas)
    )
    if not good:
        faults.append(
            Fault(
                name,
                0,
                f"canvas is {canvas!r}",
                f"write [rows, columns], each from {SMALLEST_SIDE} to {LARGEST_CANVAS}",
                "canvas",
            )
        )
    texts = [*_NEEDED, *_OPTIONAL]
    faults += [
        Fault(name, 0, f"{key} is not text", 'put it in quotation marks: "..."', key)
        for key in texts
        if key not in ("display_allowed", "canvas", "provenance")
        and key in said
        and not isinstance(said[key], str)
    ]
    return faults
