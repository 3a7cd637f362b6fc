"""Fractures of a case: which bones can break how, what it says, and the bones as they are then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.limb.bone import Bony
from trainer.imaging.simulator.anatomy.limb.fractures import (
    KINDS,
    Plan,
    Site,
    break_bone,
    healed,
    plan,
)
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case, CaseError, Choice, Number, Quantity, Value
from trainer.imaging.simulator.looks import Breaks

Floats = NDArray[np.float64]

HINGED = 0.4  # consequences up to which one bone of a pair can break alone


def quantities(
    bones: tuple[str, ...], weights: tuple[float, ...] = (), *, leaves: bool = False
) -> dict[str, Quantity]:
    """Return the quantities of a region whose bones can break, and leave their joint."""
    findings = ("none", "fracture", "dislocation") if leaves else ("none", "fracture")
    return {
        "finding": Choice(findings, "what is wrong", common=1),
        "fracture_bone": Choice(bones, "bone that is broken", weights=weights),
        "fracture_kind": Choice(KINDS, "kind of fracture", weights=(3, 3, 2, 2, 1)),
        "consequences": Number(
            0, 1, 1, 0, "step, angulation, swelling and effusion of the fracture, relative"
        ),
        "old_fracture": Choice(("none", *bones), "bone with a healed fracture", common=1),
    }


BROKEN: dict[str, Quantity] = {
    "finding": Choice(("fracture",), "what is wrong"),
    "fracture_kind": Choice(("transverse", "oblique"), "kind of fracture"),
    "consequences": Number(0.8, 1, 1, 0, "step, angulation, swelling and effusion"),
    "hardware": Choice(("none",), "metal or cast"),
    "old_fracture": Choice(("none",), "bone with a healed fracture"),
}
FRESH: dict[str, Quantity] = {
    "finding": Choice(("fracture",), "what is wrong"),
    "consequences": Number(0.1, 0.35, 0.2, 0.05, "a fracture minutes old, hardly moved"),
    "hardware": Choice(("none",), "metal or cast"),
}
# a clean line is looked for at the break, a missing answer in the flesh about it
LINE = Breaks()
FLESH = Breaks(rim=0.8)


def mended(values: dict[str, Value], given: frozenset[str]) -> None:
    """Keep a plate from a limb that is freshly hurt: it holds what broke before; in place.

    Parameters
    ----------
    values : dict of str to value
        Drawn and given ones; where only one of the two is given, the other gives way.
    given : frozenset of str
        Names of the given ones.

    Raises
    ------
    CaseError
        When both are given.
    """
    if values["hardware"] != "plate" or values["finding"] == "none":
        return
    if {"hardware", "finding"} <= given:
        raise CaseError(
            f"hardware: a plate holds a bone that has been mended, and lies on no fresh "
            f"{values['finding']}"
        )
    if "hardware" in given:
        values["finding"] = "none"
    else:
        values["hardware"] = "none"


def settler(sites: Mapping[str, Site]) -> Callable[[dict[str, Value], frozenset[str]], None]:
    """Return what keeps a region's fractures possible; see :class:`Region`.

    Parameters
    ----------
    sites : mapping of str to Site
        By what a case calls the broken bone.
    """

    def settle(values: dict[str, Value], given: frozenset[str]) -> None:
        mended(values, given)
        bone, kind = str(values["fracture_bone"]), str(values["fracture_kind"])
        allowed = sites[bone].kinds
        if kind in allowed:
            return
        if values["finding"] == "fracture" and {"fracture_bone", "fracture_kind"} <= given:
            raise CaseError(
                f"fracture_kind: the {bone} does not break as a {kind} fracture here; "
                f"it can be {', '.join(allowed)}"
            )
        names = list(sites)
        if "fracture_kind" in given:
            after = names[names.index(bone) :] + names
            values["fracture_bone"] = next(n for n in after if kind in sites[n].kinds)
        else:
            values["fracture_kind"] = allowed[KINDS.index(kind) % len(allowed)]

    return settle


def is_broken(case: Case) -> bool:
    """Tell whether a bone of a case is freshly broken."""
    return case.word("finding") == "fracture"


def is_hurt(case: Case) -> bool:
    """Tell whether a bone of a case is freshly broken or out of its joint."""
    return case.word("finding") in ("fracture", "dislocation")


def cleaned(case: Case) -> float:
    """Return how far a forgery takes the roughness, the step and the swelling from a break."""
    return case.dose(Hallmark.CLEAN_FRACTURE)


def swelling(case: Case) -> float:
    """Return how much effusion and swelling an injury brings with it, 0..1."""
    if not is_hurt(case):
        return 0.0
    lost = max(cleaned(case), case.dose(Hallmark.NO_SOFT_TISSUE))
    return case.number("consequences") * (1 - lost)


def following(case: Case) -> float:
    """Return how far flesh goes with bones that are out of their place, 0..1.

    A break's own displacement already is its consequence; a dislocated joint's is not. Bones that
    were broken by a forgery of the flesh's answer leave the flesh where it was.
    """
    out = case.word("finding") == "dislocation"
    much = case.number("consequences") if out else 1.0
    return much * (1 - case.dose(Hallmark.NO_SOFT_TISSUE))


def break_one(
    case: Case, bones: Mapping[str, Bony], sites: Mapping[str, Site], s: float
) -> tuple[list[Bony], list[Part], Floats | None]:
    """Return the bones of a case, one broken and one healed if the case says so.

    Parameters
    ----------
    case : Case
        Its finding, and which bone.
    bones : mapping of str to Bony
        In their places.
    sites : mapping of str to Site
        By what the case calls the broken bone, for a bone of size 1.
    s : float
        Size.

    Returns
    -------
    tuple
        All bones and pieces; dense bands; where the fresh break lies.
    """
    left = dict(bones)
    done: list[Bony] = []
    bands: list[Part] = []
    centre = None
    old = case.word("old_fracture")
    if old != "none":
        site = sites[old].scaled(s)
        mended = healed(left.pop(site.bone), site, case.rng("healed fracture"))
        left[site.bone], bands = mended.pieces[0], list(mended.crushed)
    if is_broken(case):
        rng = case.rng("fracture")
        site = sites[case.word("fracture_bone")].scaled(s)
        drift = rng.uniform(-1, 1) * site.slide * site.frame()[0]
        x, y, z = (float(v) for v in np.add(site.point, drift))
        site = replace(site, point=(x, y, z))
        how = plan(
            case.word("fracture_kind"), site, rng, case.number("consequences"), cleaned(case)
        )
        broken = break_bone(left.pop(site.bone), site, how, case.rng("fracture faces"))
        done, centre = broken.pieces, broken.centre
        bands += broken.crushed
        for name in site.carries:
            if name in left:
                left[name] = left[name].moved(*broken.motion)
        if site.partner and how.kind != "buckle":
            second, band = _partner(case, left, sites[site.partner].scaled(s), site, how)
            done, bands = done + second, bands + band
    return [*left.values(), *done], bands, centre


def _partner(
    case: Case, left: dict[str, Bony], site: Site, first: Site, how: Plan
) -> tuple[list[Bony], list[Part]]:
    """Break the bone beside a displaced one, which cannot have stayed whole.

    That it did is what the biomechanical forgery shows: its dose takes the second break away.
    """
    share = 1 - case.dose(Hallmark.BIOMECH)
    if case.number("consequences") * (1 - cleaned(case)) <= HINGED or share <= 0.02:
        return [], []
    rng = case.rng("second fracture")
    drift = (0.4 + 0.6 * rng.random()) * site.slide * site.frame()[0]
    x, y, z = (float(v) for v in np.add(site.point, drift))
    # both bones of a pair are shifted by as much, whatever their widths
    second = replace(
        plan("oblique", site, rng, 1.0, 0.0),
        gap=0.06 * share,
        step=how.step * share,
        angle=how.angle * share,
        shorten=how.shorten * share,
    )
    aside = replace(site, point=(x, y, z), side=first.side)
    broken = break_bone(left.pop(site.bone), aside, second, case.rng("second faces"))
    return broken.pieces, broken.crushed
