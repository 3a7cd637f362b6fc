"""A recipe: all that is needed to make one film again; and the making."""

from __future__ import annotations

import json
import math
import tomllib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

import numpy as np

from trainer.core.words import Hallmark, Truth
from trainer.imaging.film import Film, Mask
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.registry import operator
from trainer.imaging.known_anatomy import anatomy_of
from trainer.imaging.made import Made
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.case import Case, CaseError, Region, Value
from trainer.imaging.simulator.ct.series import Scan, Series
from trainer.imaging.simulator.film import Photograph, Session
from trainer.imaging.simulator.looks import Everywhere

# Raised whenever the same recipe would give another film.
ENGINE_VERSION = "20"


class RecipeError(ValueError):
    """A recipe that cannot be followed: the message says which field, what it was, what to do."""


@dataclass(frozen=True)
class Recipe:
    """One film, as words and numbers.

    Parameters
    ----------
    uuid : str
        The film's identity.
    region, view : str
        What is shown.
    seed : int
        Of everything ``parameters`` leaves open, and of the noise.
    parameters : mapping of str to value
        Quantities of the region (see its table); others are drawn from the seed.
    hallmark : Hallmark, optional
        The forgery; None for an authentic film.
    dose : float
        Its strength, 0..1; 0 for an authentic film.
    family : str
        The generator family that the forgery stands for; empty for an authentic film.
    mimic_of : Hallmark, optional
        The hallmark that an authentic film looks like without having it.
    mimic : str
        The authentic look that does it (an id of the forgery engine's mimics); empty where the
        body itself looks so. ``dose`` is then its strength.
    twin : str, optional
        Identity of the matched film.
    """

    uuid: str
    region: str
    view: str
    seed: int
    parameters: Mapping[str, Value] = field(default_factory=dict)
    hallmark: Hallmark | None = None
    dose: float = 0.0
    family: str = ""
    mimic_of: Hallmark | None = None
    twin: str | None = None
    mimic: str = ""

    def __post_init__(self) -> None:
        """Refuse what contradicts itself; hold the parameters fast."""
        _check_uuid("uuid", self.uuid)
        if self.twin is not None:
            _check_uuid("twin", self.twin)
            if self.twin == self.uuid:
                raise RecipeError("twin: a film is not its own twin")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise RecipeError(f"seed: a whole number from 0, not {self.seed!r}")
        if not (math.isfinite(self.dose) and 0 <= self.dose <= 1):
            raise RecipeError(f"dose: between 0 and 1, not {self.dose!r}")
        if self.hallmark is None and (self.family or (self.dose and not self.mimic)):
            raise RecipeError("dose and family belong to a forgery: name its hallmark or drop them")
        if self.mimic and self.mimic_of is None:
            raise RecipeError("mimic: name the hallmark that it looks like in mimic_of")
        if self.hallmark is not None and self.mimic_of is not None:
            raise RecipeError("mimic_of: only an authentic film mimics; drop it or the hallmark")
        if self.hallmark is not None and not self.family:
            raise RecipeError("family: a forgery names the generator family it stands for")
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as plain values: a mapping proxy cannot."""
        return Recipe.from_dict, (self.to_dict(),)

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as plain values; fields left open are left out."""
        plain: dict[str, Any] = {}
        for part in fields(self):
            value = getattr(self, part.name)
            if part.name == "parameters":
                plain["parameters"] = dict(sorted(value.items()))
            elif value not in (None, ""):
                plain[part.name] = str(value) if isinstance(value, Hallmark) else value
        return plain

    def to_json(self) -> str:
        """Return the recipe as JSON."""
        return json.dumps(self.to_dict(), indent=1) + "\n"

    def to_toml(self) -> str:
        """Return the recipe as TOML."""
        plain = self.to_dict()
        table = plain.pop("parameters")
        lines = [f"{k} = {_toml(v)}" for k, v in plain.items()]
        lines += ["", "[parameters]", *(f"{k} = {_toml(v)}" for k, v in table.items())]
        return "\n".join(lines) + "\n"

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> Recipe:
        """Return the recipe that plain values describe.

        Raises
        ------
        RecipeError
            Naming the first field that is unknown, missing or of the wrong kind.
        """
        _check_kinds(plain)
        values = dict(plain)
        for name in ("hallmark", "mimic_of"):
            if name in values:
                values[name] = _hallmark(name, values[name])
        values["dose"] = float(values.get("dose", 0.0))
        return Recipe(**values)

    @staticmethod
    def from_json(text: str) -> Recipe:
        """Return the recipe of a JSON text; RecipeError when it is none."""
        try:
            plain = json.loads(text)
        except json.JSONDecodeError as error:
            raise RecipeError(f"not JSON: {error}") from error
        if not isinstance(plain, dict):
            raise RecipeError("a recipe is a JSON object")
        return Recipe.from_dict(plain)

    @staticmethod
    def from_toml(text: str) -> Recipe:
        """Return the recipe of a TOML text; RecipeError when it is none."""
        try:
            return Recipe.from_dict(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise RecipeError(f"not TOML: {error}") from error


_KINDS: dict[str, type | tuple[type, ...]] = {
    "uuid": str, "region": str, "view": str, "seed": int, "parameters": dict, "hallmark": str,
    "dose": (int, float), "family": str, "mimic_of": str, "mimic": str, "twin": str,
}  # fmt: skip
_NEEDED = ("uuid", "region", "view", "seed")


def _toml(value: Value) -> str:
    """Return a value as TOML writes it: as JSON does, but for two matters of escaping."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _check_kinds(plain: Mapping[str, Any]) -> None:
    """Refuse unknown, missing and misshapen fields."""
    for name, value in plain.items():
        if name not in _KINDS:
            raise RecipeError(f"{name}: no such field; a recipe has {', '.join(_KINDS)}")
        if not isinstance(value, _KINDS[name]) or isinstance(value, bool):
            raise RecipeError(f"{name}: {value!r} is of the wrong kind")
    for name in _NEEDED:
        if name not in plain:
            raise RecipeError(f"{name}: missing")
    for name, value in plain.get("parameters", {}).items():
        if not isinstance(value, float | int | str | bool):
            raise RecipeError(f"parameters.{name}: {value!r} is no number, word or truth value")


def _check_uuid(name: str, value: str) -> None:
    try:
        UUID(value)
    except (ValueError, AttributeError, TypeError) as error:
        raise RecipeError(f"{name}: {value!r} is no uuid") from error


def _hallmark(name: str, value: str) -> Hallmark:
    try:
        return Hallmark(value)
    except ValueError as error:
        raise RecipeError(f"{name}: {value!r} is no hallmark of the survey") from error


def case_of(recipe: Recipe) -> tuple[Region, Case]:
    """Return the region of a recipe and its authentic case.

    Raises
    ------
    RecipeError
        When the region, a parameter or the hallmark is impossible.
    """
    try:
        place = region(recipe.region, recipe.view)
        structural = recipe.hallmark if recipe.hallmark in place.structural else None
        mimicked = None if recipe.mimic else recipe.mimic_of
        case = place.case(recipe.seed, recipe.parameters, structural, 0.0, mimicked)
    except CaseError as error:
        raise RecipeError(str(error)) from error
    if recipe.mimic:
        look = _painter(place, recipe.mimic)
        if not look.mimic or look.hallmark is not recipe.mimic_of:
            raise RecipeError(
                f"mimic: {recipe.mimic} looks like {look.hallmark}, not like {recipe.mimic_of}"
            )
    if recipe.hallmark is not None:
        place_family = family_of(place, recipe.hallmark)
        if recipe.family != place_family:
            raise RecipeError(
                f"family: {recipe.hallmark} stands for the {place_family!r}, not {recipe.family!r}"
            )
    return place, case


def family_of(place: Region, hallmark: Hallmark) -> str:
    """Return the generator family that a hallmark stands for in a region.

    A hallmark the body can be built with is built (the physics stays right); any other is made on
    the finished film by the forgery engine.

    Raises
    ------
    RecipeError
        When neither knows it, or it is a matter of slices and the region a film, or the reverse.
    """
    if hallmark in place.structural:
        return place.structural[hallmark].family
    return _painter(place, hallmark.value).family


def _painter(place: Region, name: str) -> Operator:
    """Return the operator that paints on what a region gives; RecipeError when none can."""
    found = _operator(name)
    try:
        found.check_dimensions(3 if place.stack else 2)
    except ForgeryError as error:
        raise RecipeError(f"{place.name} {place.view}: {error}") from error
    return found


def _operator(name: str) -> Operator:
    try:
        return operator(name)
    except ForgeryError as error:
        raise RecipeError(f"hallmark: {error}") from error


def authentic_of(recipe: Recipe) -> Recipe:
    """Return the recipe of a forgery's authentic twin, every parameter written out.

    Raises
    ------
    RecipeError
        When the recipe is no forgery or names no twin.
    """
    if recipe.hallmark is None or recipe.twin is None:
        raise RecipeError("only a forgery that names its twin has an authentic one")
    _, case = case_of(recipe)
    return replace(
        recipe,
        uuid=recipe.twin,
        twin=recipe.uuid,
        parameters=dict(case.values),
        hallmark=None,
        dose=0.0,
        family="",
    )


def make(recipe: Recipe, columns: int | None = None) -> Made:
    """Make the film of a recipe. The same recipe gives the same film.

    Parameters
    ----------
    recipe : Recipe
        What to make.
    columns : int, optional
        Width in pixels; the usual one of a film (1024) or a series (320) where none is named.

    Raises
    ------
    RecipeError
        When it cannot be followed.
    """
    place, case = case_of(recipe)
    session = _session(place, case, columns)
    return (
        _authentic(session, place, case, recipe)
        if recipe.hallmark is None
        else _forged(session, place, case, recipe)
    )


def make_twins(recipe: Recipe, columns: int | None = None) -> tuple[Made, Made]:
    """Make a forgery and its authentic twin, sharing all that they share.

    Returns
    -------
    tuple of Made
        The authentic film, the forged film.

    Raises
    ------
    RecipeError
        When the recipe is no forgery or cannot be followed.
    """
    if recipe.hallmark is None:
        raise RecipeError("hallmark: an authentic film has no forged twin; name the forgery")
    place, case = case_of(recipe)
    session = _session(place, case, columns)
    return _authentic(session, place, case, recipe), _forged(session, place, case, recipe)


def _session(place: Region, case: Case, columns: int | None) -> Session | Scan:
    """Return the patient before the detector, or in the scanner."""
    kind = Scan if place.stack else Session
    try:
        return kind(place, case) if columns is None else kind(place, case, columns)
    except CaseError as error:
        raise RecipeError(str(error)) from error


def _authentic(session: Session | Scan, body: Region, case: Case, recipe: Recipe) -> Made:
    shot = session.authentic()
    film, masks = shot.film, shot.structures
    report: dict[str, Any] = dict(shot.report)
    place, everywhere = None, False
    if recipe.mimic:
        film, mask, told = _painted(film, masks, recipe.mimic, recipe)
        everywhere = bool(mask.all())
        place = mask if mask.any() and not everywhere else None
        report["mimic"] = told
    elif recipe.mimic_of is not None:
        looks = body.forgery(recipe.mimic_of).look
        everywhere = Everywhere() in looks
        seen = None if everywhere else session.place_of(looks)
        place = seen if seen is not None and seen.any() else None
    return Made(film, Truth.AUTHENTIC, (), None, place, everywhere, masks, report, ENGINE_VERSION)


def _forged(session: Session | Scan, place: Region, case: Case, recipe: Recipe) -> Made:
    assert recipe.hallmark is not None
    if recipe.hallmark in place.structural:
        changed = place.case(recipe.seed, dict(case.values), recipe.hallmark, recipe.dose)
        shot: Photograph | Series = session.forged(changed)
        film, mask, place_of_it, masks = shot.film, shot.mask, shot.place, shot.structures
        report: dict[str, Any] = dict(shot.report)
    else:
        shot = session.authentic()
        masks = shot.structures
        film, mask, told = _painted(shot.film, masks, recipe.hallmark.value, recipe)
        place_of_it = mask
        report = dict(shot.report) | {"forgery": told}
    everywhere = mask is not None and bool(mask.all())
    return Made(
        film=film,
        truth=Truth.TAMPERED,
        hallmarks=(recipe.hallmark,),
        mask=mask,
        place=place_of_it,
        everywhere=everywhere,
        structures=masks,
        report=report,
        engine_version=ENGINE_VERSION,
    )


def _painted(
    film: Film, masks: Mapping[str, Mask], name: str, recipe: Recipe
) -> tuple[Film, Mask, dict[str, Any]]:
    """Let the forgery engine change a finished film, with the anatomy that is known of it."""
    rng = np.random.default_rng([recipe.seed, zlib.crc32(name.encode())])
    try:
        pixels, mask, told = _operator(name)(
            film.pixels, dose=recipe.dose, rng=rng, anatomy=anatomy_of(masks)
        )
    except ForgeryError as error:
        raise RecipeError(f"{recipe.region} {recipe.view}, seed {recipe.seed}: {error}") from error
    return film.with_pixels(pixels), mask, told.as_json()
