"""What is wrong with a form, said beside the fields it is about; how it is drawn: `_forms.html`."""

from __future__ import annotations

from flask import Flask, g
from flask_wtf import FlaskForm

from trainer.services.errors import ServiceError


def beside(fault: ServiceError, *names: str) -> dict[str, str]:
    """Return what a page says of each of its fields ``names``.

    What is about none of them stands under the empty name, for the head of the form.
    """
    told: dict[str, str] = {}
    for name, words in fault.fields.items():
        place = name if name in names else ""
        told[place] = f"{told[place]} {words}" if place in told else words
    return told


def into(form: FlaskForm, fault: ServiceError) -> str:
    """Put what is wrong beside the fields of a form; return what is about none of them."""
    told = beside(fault, *form.data)
    for name in told.keys() - {""}:
        form[name].errors = [*form[name].errors, told[name]]
    return told.get("", "")


def first_fault() -> bool:
    """Say once for a page that something is wrong: there the focus goes."""
    first = not g.get("faulty", False)
    g.faulty = True
    return first


def ties(name: str, fault: object = "", hint: object = "") -> dict[str, str]:
    """Return the attributes that tie what is said of a field to it.

    Parameters
    ----------
    name : str
        Its id; its hint and its message have the ids ``name-hint`` and ``name-error``.
    fault, hint : object
        True where there is one.
    """
    said = [f"{name}-{kind}" for kind, there in (("hint", hint), ("error", fault)) if there]
    made = {"aria-describedby": " ".join(said)} if said else {}
    if fault:
        made["aria-invalid"] = "true"
        if first_fault():
            made["autofocus"] = "autofocus"
    return made


def init_app(app: Flask) -> None:
    """Give templates what `_forms.html` needs."""
    app.add_template_global(first_fault)
    app.add_template_global(ties)
