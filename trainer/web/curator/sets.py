"""The sets of the bank, one of them, and the films in them."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import bank_search, data_cards, hallmarks, shelf
from trainer.services.bank_search import Filters
from trainer.web import db
from trainer.web.access import audience

#: How the films of a page are laid out.
LAYOUTS = ("sheet", "list")


@audience(Permission.BANK)
def bank() -> str:
    found = shelf.summaries(db.session())
    return render_template("curator/bank.html", sets=found, total=sum(s.films for s in found))


def _films(slug: str = "") -> dict[str, Any]:
    """Return what a page of films needs; everything asked stands in the address."""
    wanted = Filters.of(request.args.to_dict() | ({"set": slug} if slug else {}))
    groups = bank_search.groups(db.session(), slug)
    layout = request.args.get("as", "")
    layout = layout if layout in LAYOUTS else LAYOUTS[0]
    page = request.args.get("page", 1, type=int)
    query = wanted.as_query()
    if slug:
        del query["set"]
    return {
        "wanted": wanted,
        "query": query,
        "layout": layout,
        "found": bank_search.find_films(db.session(), wanted, page),
        "choices": bank_search.choices(groups),
        "hallmarks": hallmarks.names(db.session()),
        "groups": groups,
    }


@audience(Permission.BANK)
def image_set(slug: str) -> str:
    one = shelf.summary(db.session(), slug)
    films = _films(slug)
    return render_template(
        "curator/set.html", set=one, counts=bank_search.counted(films["groups"]), **films
    )


@audience(Permission.BANK)
def films() -> str:
    return render_template("curator/films.html", sets=shelf.summaries(db.session()), **_films())


@audience(Permission.BANK)
def licences() -> str:
    return render_template("curator/licences.html", licences=shelf.licences(db.session()))


@audience(Permission.BANK)
def card(slug: str) -> str:
    made = data_cards.card(db.session(), slug, now=clock.now())
    return render_template("curator/card.html", card=made)


@audience(Permission.BANK)
def card_file(slug: str) -> Response:
    made = data_cards.card(db.session(), slug, now=clock.now())
    answer = make_response(data_cards.as_markdown(made))
    answer.mimetype = "text/markdown"
    answer.headers["Content-Disposition"] = f'attachment; filename="{made.slug}.md"'
    return answer
