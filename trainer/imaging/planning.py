"""The plan of the starter bank: which films are made, drawn once from a seed and written down.

Half of the cases are authentic: each forgery has its authentic twin, and the two never meet in one
sitting. Doses are spread evenly, so that no hallmark is always plain. A third of the authentic
films, or more, imitate a hallmark.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.recipes import Recipe, case_of, family_of
from trainer.imaging.simulator.anatomy import region

LOWEST_DOSE, HIGHEST_DOSE = 0.3, 1.0


@dataclass(frozen=True, slots=True)
class Lot:
    """Some films of one kind.

    Parameters
    ----------
    region, view : str
        What is shown.
    films : int
        How many, 1 or more.
    hallmark : Hallmark or None
        The forgery; ``None`` for authentic films without a twin.
    mimic_of, mimic : Hallmark or None, str
        For authentic films: what they look like, and the authentic look that does it (empty: the
        body itself).
    split : str
        ``practice``, ``test`` or ``lesson``.
    reason : str
        One sentence on what was done, for the reader.
    lead : bool
        Made before anything else, so that a first quiz can be played at once.
    """

    region: str
    view: str
    films: int
    hallmark: Hallmark | None = None
    mimic_of: Hallmark | None = None
    mimic: str = ""
    split: str = "practice"
    reason: str = ""
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One film of the plan: its recipe, and what the recipe does not say."""

    recipe: Recipe
    split: str
    reason: str
    lead: bool = False


def rows(lots: Sequence[Lot], seed: int) -> list[Row]:
    """Return the films of these lots, taken in turn so that any head of the list is a fair mix.

    Parameters
    ----------
    lots : sequence of Lot
        What is wanted.
    seed : int
        Draws identities, the films' own seeds and the order of doses.

    Raises
    ------
    RecipeError
        When a lot asks for what a region cannot show.
    """
    made = [list(_lot(lot, seed, number)) for number, lot in enumerate(lots)]
    ordered = [
        (i / len(lot), number, row) for number, lot in enumerate(made) for i, row in enumerate(lot)
    ]
    ordered.sort(key=lambda entry: (not entry[2].lead, *entry[:2]))
    return [row for _share, _number, row in ordered]


def _lot(lot: Lot, seed: int, number: int) -> Iterator[Row]:
    rng = np.random.default_rng([seed, number])
    place = region(lot.region, lot.view)
    steps = np.linspace(LOWEST_DOSE, HIGHEST_DOSE, lot.films) if lot.films > 1 else [0.8]
    doses = rng.permutation(np.round(steps, 2))
    for dose in doses:
        dosed = lot.hallmark is not None or lot.mimic
        recipe = Recipe(
            uuid=_identity(rng),
            region=lot.region,
            view=lot.view,
            seed=int(rng.integers(1, 2**31)),
            hallmark=lot.hallmark,
            dose=float(dose) if dosed else 0.0,
            family=family_of(place, lot.hallmark) if lot.hallmark else "",
            mimic_of=lot.mimic_of,
            mimic=lot.mimic,
            twin=_identity(rng) if lot.hallmark else None,
        )
        case_of(recipe)  # an impossible recipe is refused when it is planned, not when it is made
        yield Row(recipe, lot.split, lot.reason, lot.lead)


def _identity(rng: np.random.Generator) -> str:
    return str(uuid.UUID(bytes=rng.bytes(16), version=4))


def toml(planned: Sequence[Row], head: str) -> str:
    """Return the plan as the text of a TOML file, ``head`` as its comment."""
    lines = [f"# {line}".rstrip() for line in head.splitlines()]
    for row in planned:
        lines += ["", "[[film]]"]
        plain = row.recipe.to_dict()
        parameters = plain.pop("parameters", {})
        lines += [f"{key} = {json.dumps(value)}" for key, value in plain.items()]
        if parameters:
            inner = ", ".join(f"{k} = {json.dumps(v)}" for k, v in parameters.items())
            lines.append(f"parameters = {{ {inner} }}")
        lines.append(f"split = {json.dumps(row.split)}")
        if row.lead:
            lines.append("lead = true")
        if row.reason:
            lines.append(f"reason = {json.dumps(row.reason, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"
