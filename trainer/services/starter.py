"""The starter bank: simulated films made from recipes, pair by pair, resumable at any point."""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.words import Hallmark, Provenance, Truth
from trainer.data.images import Case
from trainer.imaging.made import Made
from trainer.imaging.recipes import ENGINE_VERSION, Recipe, RecipeError, make, make_twins
from trainer.services import bank
from trainer.services.blobs import BlobStore
from trainer.services.errors import OperatorError

STARTER = Path(__file__).resolve().parents[2] / "image_bank" / "starter"
SERIES = STARTER.with_name("starter-ct")


@dataclass(frozen=True, slots=True)
class Planned:
    """One film of the plan, with its twin where it has one.

    Parameters
    ----------
    recipe : Recipe
        A forgery that names its authentic twin, or an authentic film without one.
    split : str
        ``practice``, ``test``, or ``lesson`` for the worked figures.
    reason : str
        What was done to this film, in words for the reader.
    lead : bool
        Made before anything else, so that a first lesson and its quiz are there at once.
    """

    recipe: Recipe
    split: str
    reason: str
    lead: bool

    @property
    def ids(self) -> tuple[uuid.UUID, ...]:
        """The cases that come of it."""
        names = (self.recipe.uuid, self.recipe.twin)
        return tuple(uuid.UUID(name) for name in names if name)


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of one planned film: one made film, or the authentic one and its forged twin."""

    planned: Planned
    authentic: Made | None
    forged: Made | None


def facts(folder: Path = STARTER) -> bank.SetFacts:
    """Return what a folder's ``dataset.toml`` says of a set.

    Films and series of slices are sets of their own: a sitting holds one kind alone, for they
    are read in different ways, and every block of a sitting has one length.
    """
    body = tomllib.loads((folder / "dataset.toml").read_text(encoding="utf-8"))
    return bank.SetFacts(
        slug=body["slug"],
        title=body["title"],
        provenance=Provenance(body["provenance"]),
        licence=body["licence"],
        citation=body.get("citation", ""),
        body=body,
    )


@cache
def slugs() -> frozenset[str]:
    """Return the names of the sets that the starter's films go into."""
    return frozenset(facts(folder).slug for folder in (STARTER, SERIES))


def plan(folder: Path = STARTER) -> list[Planned]:
    """Return the films to make, in the order of making.

    Raises
    ------
    OperatorError
        Names the file and the film whose recipe cannot be read.
    """
    planned: list[Planned] = []
    for path in sorted(folder.glob("films*.toml")):
        for i, row in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["film"], start=1):
            extra = {name: row.pop(name, "") for name in ("split", "reason", "lead")}
            try:
                recipe = Recipe.from_dict(row)
            except RecipeError as fault:
                raise OperatorError(f"{path.name}, film {i}: {fault}") from fault
            planned.append(
                Planned(recipe, extra["split"] or "practice", extra["reason"], bool(extra["lead"]))
            )
    return sorted(planned, key=lambda p: not p.lead)  # stable: otherwise as written


def missing(session: Session, planned: Iterable[Planned]) -> list[Planned]:
    """Return those of the plan that are not in the bank whole."""
    there = set(session.scalars(select(Case.id)))
    return [p for p in planned if not there.issuperset(p.ids)]


def produce(recipe: str) -> tuple[str, tuple[Made | None, Made | None] | RecipeError]:
    """Make the authentic and the forged film of a recipe's JSON, as far as the plan wants both.

    Returns the recipe's identity and the films, or why they cannot be made. Pure, and its
    argument plain text, so that it can run in another process.
    """
    wanted = Recipe.from_json(recipe)
    try:
        if wanted.hallmark is None:
            return wanted.uuid, (make(wanted), None)
        authentic, forged = make_twins(wanted)
        return wanted.uuid, (authentic if wanted.twin else None, forged)
    except RecipeError as fault:
        return wanted.uuid, fault


def produce_all(planned: list[Planned], pool: Pool) -> Iterator[Finished | RecipeError]:
    """Make the films in other processes; yield each as it is finished.

    A film that cannot be made is yielded as its error, and the others go on.
    """
    by_name = {p.recipe.uuid: p for p in planned}
    recipes = [p.recipe.to_json() for p in planned]
    for name, made in pool.imap_unordered(produce, recipes):
        yield made if isinstance(made, RecipeError) else Finished(by_name[name], *made)


def keep(session: Session, blobs: BlobStore, finished: Finished, *, now: datetime) -> None:
    """Put a finished film and its twin into the bank: both cases or none."""
    made = finished.authentic or finished.forged
    of = facts(SERIES if made is not None and made.film.pixels.ndim == 3 else STARTER)
    where = bank.open_set(session, None, of, now=now)
    recipe = finished.planned.recipe
    images = {
        made.truth: bank.keep_film(
            session, blobs, where, made.film, now=now, facts={"engine": ENGINE_VERSION}
        )
        for made in (finished.authentic, finished.forged)
        if made is not None
    }
    for made, name in ((finished.authentic, _authentic_id(recipe)), (finished.forged, recipe.uuid)):
        if made is None or name is None:
            continue
        twins = [image for truth, image in images.items() if truth is not made.truth]
        bank.add_case(
            session,
            blobs,
            where,
            images[made.truth],
            made.film,
            _truth(made, finished.planned),
            kin=f"{recipe.region}-{recipe.seed}",
            now=now,
            case_id=uuid.UUID(name),
            twin_image_id=twins[0] if twins else None,
            split=finished.planned.split,
            family=recipe.family if made.truth is not Truth.AUTHENTIC else "",
        )
    bank.publish_set(session, None, of.slug, now=now)


def _authentic_id(recipe: Recipe) -> str | None:
    name: str | None = recipe.uuid if recipe.hallmark is None else recipe.twin
    return name


def _truth(made: Made, planned: Planned) -> bank.TruthFacts:
    recipe = planned.recipe
    fake = made.truth is not Truth.AUTHENTIC
    body: dict[str, Any] = {
        "recipe": recipe.to_dict(),
        "engine": made.engine_version,
        "report": {k: v for k, v in made.report.items() if isinstance(v, int | float | str)},
    }
    if fake:
        body |= {"dose": recipe.dose, "reason": planned.reason}
    mimic: Hallmark | None = None if fake else recipe.mimic_of
    if mimic:
        body["reason"] = planned.reason
    return bank.TruthFacts(
        truth=made.truth,
        hallmarks=made.hallmarks,
        mimic_of=mimic,
        mask=made.place,
        everywhere=made.everywhere,
        body=body,
    )
