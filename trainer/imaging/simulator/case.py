"""A case: one patient and one exposure, drawn from a seed; and the region that knows them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from trainer.core.words import Hallmark
from trainer.imaging.simulator.beam import Tube
from trainer.imaging.simulator.body import Body, Paths
from trainer.imaging.simulator.camera import Camera
from trainer.imaging.simulator.detector import Detector
from trainer.imaging.simulator.looks import Look
from trainer.imaging.simulator.vendors import VENDORS, Tone

Value = float | int | str | bool


class CaseError(ValueError):
    """A case that cannot be: the message says which parameter, what it was and what it may be."""


@dataclass(frozen=True)
class Number:
    """A parameter that is a number.

    Parameters
    ----------
    low, high : float
        What is possible.
    mean, spread : float
        Of the normal draw, cut at the limits; a spread of 0 draws the mean.
    what : str
        What it is, with its unit.
    """

    low: float
    high: float
    mean: float
    spread: float
    what: str

    def draw(self, rng: Generator) -> Value:
        """Draw one patient's value."""
        return round(float(np.clip(rng.normal(self.mean, self.spread), self.low, self.high)), 4)

    def check(self, name: str, value: Value) -> Value:
        """Return the value as a float; CaseError when it cannot be."""
        if isinstance(value, str | bool) or not np.isfinite(value):
            raise CaseError(f"{name} ({self.what}) is a number, not {value!r}")
        if not self.low <= value <= self.high:
            raise CaseError(
                f"{name} ({self.what}) lies between {self.low:g} and {self.high:g}, "
                f"{value:g} is outside"
            )
        return float(value)


@dataclass(frozen=True)
class Choice:
    """A parameter that is one of a few words.

    Parameters
    ----------
    options : tuple of str
        What it may be.
    what : str
        What it is.
    common : int
        Only the first so many are drawn; the rest must be asked for.
    weights : tuple of float
        How often each option is drawn, relative; empty where all are alike.
    """

    options: tuple[str, ...]
    what: str
    common: int = 0
    weights: tuple[float, ...] = ()

    def draw(self, rng: Generator) -> Value:
        """Draw one patient's value."""
        if self.weights:
            share = np.cumsum(self.weights) / np.sum(self.weights)
            return self.options[int(np.searchsorted(share, rng.random()))]
        return self.options[int(rng.integers(self.common or len(self.options)))]

    def check(self, name: str, value: Value) -> Value:
        """Return the value; CaseError when it is none of the options.

        A number stands for the option of its value: 2 and 2.0 for ``"2.0"``.
        """
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = next((o for o in self.options if _number(o) == value), value)
        if value not in self.options:
            raise CaseError(
                f"{name} ({self.what}) is one of {', '.join(self.options)}; not {value!r}"
            )
        return value


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


Quantity = Number | Choice

# What every region has. A region's own table is added to these and may replace them.
COMMON: dict[str, Quantity] = {
    "sex": Choice(("female", "male"), "sex"),
    "vendor": Choice(tuple(VENDORS), "processing style"),
    "exposure": Number(0.1, 10, 1.0, 0.3, "detector exposure relative to the usual one"),
    "marker": Choice(("shown", "none"), "lead marker", common=1),
}


def generator(seed: int, purpose: str) -> Generator:
    """Return the generator of one purpose of one seed."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


@dataclass(frozen=True)
class Case:
    """One patient and one exposure.

    Parameters
    ----------
    region, view : str
        What is shown.
    seed : int
        Of everything not given.
    values : mapping of str to value
        Every quantity of the region.
    hallmark : Hallmark, optional
        A structural forgery to be made in the body.
    strength : float
        Its dose, 0..1.
    """

    region: str
    view: str
    seed: int
    values: Mapping[str, Value]
    hallmark: Hallmark | None = None
    strength: float = 0.0

    def number(self, name: str) -> float:
        """Return a numeric quantity."""
        return float(self.values[name])

    def word(self, name: str) -> str:
        """Return a quantity that is a word."""
        return str(self.values[name])

    def rng(self, purpose: str) -> Generator:
        """Return the generator for one purpose: changing one part leaves all others alone."""
        return generator(self.seed, purpose)

    def number_for(self, purpose: str) -> int:
        """Return a seed for one purpose."""
        return int(self.rng(purpose).integers(2**31))

    def key(self) -> tuple[object, ...]:
        """Return what tells this case from others."""
        given = tuple(sorted(self.values.items()))
        return self.region, self.view, self.seed, given, self.hallmark, self.strength

    def authentic(self) -> Case:
        """Return the patient without a forgery.

        What is built from it cannot depend on one, and so may be remembered for the twin.
        """
        return replace(self, hallmark=None, strength=0.0)

    def dose(self, hallmark: Hallmark) -> float:
        """Return the dose of a structural hallmark in this body, 0 where it has none."""
        return self.strength if self.hallmark is hallmark else 0.0


@dataclass(frozen=True)
class Structural:
    """A forgery made in the body and projected again.

    Parameters
    ----------
    family : str
        The generator family it stands for: ``"symmetry model"``.
    needs : mapping of str to Quantity
        Narrower quantities, for the forgery and its authentic twin alike.
    mimic : mapping of str to Quantity
        Narrower quantities that make an authentic body look so; empty where none does.
    look : tuple of Look
        Where that look lies on the film, all of these together; empty without a mimic.

    Raises
    ------
    ValueError
        When it has a mimic and no look, or the reverse: truth is shown where it is.
    """

    family: str
    needs: Mapping[str, Quantity] = field(default_factory=dict)
    mimic: Mapping[str, Quantity] = field(default_factory=dict)
    look: tuple[Look, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a mimic that nobody could be shown."""
        if bool(self.mimic) != bool(self.look):
            raise ValueError(f"{self.family}: a mimic says where its look lies, and only a mimic")


@dataclass(frozen=True)
class Region:
    """A region and view: one module of anatomy supplies one.

    Parameters
    ----------
    name, view : str
        ``chest``, ``pa``.
    quantities : mapping of str to Quantity
        Its parameters, besides :data:`COMMON`.
    build : callable
        Case to body.
    camera : callable
        Case and number of columns to camera.
    tube, detector : callable
        Case to the technique.
    tones : callable
        Path lengths to the anchors of the tone curve.
    structural : mapping of Hallmark to Structural
        Forgeries that its body can be built with.
    blades : float
        How often collimator blades show.
    detail : float
        How much of a vendor's lift of fine bands is used (see ``vendors.enhance``).
    force, contrast : float
        How much of a vendor's own style its preset for this examination has (see
        ``vendors.Vendor.at``): chests are shown flat or hard, bones much alike.
    settle : callable, optional
        Values drawn, and the names of those that were given: makes drawn values fit each other and
        the given ones, in place; CaseError when given ones contradict each other.
    thinnest : str
        The structure whose thinnest parts are the least that processing counts as anatomy (see
        ``vendors.enhance``): the lungs of a chest. Empty where the skin matters.
    beyond : float
        Share of the contrast that is kept of what is thinner still.
    chambers : tuple of str and float, optional
        Automatic exposure control: the structure that its chambers lie behind, and the signal there
        at which the technique's exposure holds. None where the exposure is one for all.
    suited : float
        How far the exposure follows that signal from patient to patient, as a power: 1 where
        chambers end it, less where someone sets it by hand and by the patient's girth.
    marker_places : tuple
        For ``L`` and for ``R``: row and column range of the marker, as shares of the film.
    stack : bool
        A series of slices is taken, not a film.
    """

    name: str
    view: str
    quantities: Mapping[str, Quantity]
    build: Callable[[Case], Body]
    camera: Callable[[Case, int], Camera]
    tube: Callable[[Case], Tube]
    detector: Callable[[Case], Detector]
    tones: Callable[[Paths], list[Tone]]
    structural: Mapping[Hallmark, Structural] = field(default_factory=dict)
    blades: float = 0.6
    detail: float = 0.45
    force: float = 1.0
    contrast: float = 0.4
    settle: Callable[[dict[str, Value], frozenset[str]], None] | None = None
    thinnest: str = ""
    beyond: float = 1 / 3
    chambers: tuple[str, float] | None = None
    suited: float = 1.0
    marker_places: tuple[tuple[float, float, float, float], tuple[float, float, float, float]] = (
        (0.03, 0.10, 0.82, 0.88),
        (0.03, 0.10, 0.06, 0.12),
    )
    stack: bool = False

    def table(self) -> dict[str, Quantity]:
        """Return every quantity a case of this region has."""
        return {**COMMON, **self.quantities}

    def case(
        self,
        seed: int,
        given: Mapping[str, Value] | None = None,
        hallmark: Hallmark | None = None,
        dose: float = 0.0,
        mimic_of: Hallmark | None = None,
    ) -> Case:
        """Return a case: what is given, and the rest drawn from the seed.

        Parameters
        ----------
        seed : int
            >= 0.
        given : mapping, optional
            Quantities by name.
        hallmark : Hallmark, optional
            A structural forgery this region knows.
        dose : float
            Its strength, 0..1.
        mimic_of : Hallmark, optional
            A structural forgery that the authentic body shall look like.

        Raises
        ------
        CaseError
            When a quantity is unknown or impossible, the hallmark unknown, the dose outside 0..1.
        """
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise CaseError(f"the seed is a whole number from 0, not {seed!r}")
        if not 0 <= dose <= 1:
            raise CaseError(f"a dose lies between 0 and 1, {dose:g} is outside")
        table = self.table()
        given = dict(given or {})
        for name in given:
            if name not in table:
                raise CaseError(
                    f"{self.name} {self.view} has no parameter {name!r}: it has "
                    f"{', '.join(sorted(table))}"
                )
        if hallmark is not None:
            table.update(self.forgery(hallmark).needs)
        if mimic_of is not None:
            table.update(self.forgery(mimic_of).mimic)
        values: dict[str, Value] = {}
        for name, quantity in table.items():
            drawn = quantity.draw(generator(seed, f"quantity {name}"))
            values[name] = quantity.check(name, given[name]) if name in given else drawn
        if self.settle is not None:
            self.settle(values, frozenset(given))
        return Case(
            self.name,
            self.view,
            seed,
            MappingProxyType(values),
            hallmark,
            dose if hallmark else 0.0,
        )

    def changed(self, case: Case, values: Mapping[str, Value]) -> Case:
        """Return the same patient with other values of some quantities."""
        return self.case(case.seed, {**case.values, **values})

    def forgery(self, hallmark: Hallmark) -> Structural:
        """Return the structural forgery of a hallmark; CaseError when the body knows none."""
        if hallmark not in self.structural:
            known = ", ".join(self.structural) or "none"
            raise CaseError(
                f"{hallmark} cannot be built into a {self.name} {self.view} body; it knows: {known}"
            )
        return self.structural[hallmark]
