"""What an annotation says of a film, and what it must say to be proposed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from trainer.core.place import Misplaced, misplaced
from trainer.core.words import Hallmark, Modality, Truth
from trainer.data.images import Case, CaseKey, Image
from trainer.imaging import block
from trainer.imaging.film import Mask
from trainer.imaging.runs import RunsError, masks_of, runs_of
from trainer.services.blobs import BlobStore
from trainer.services.errors import Gathered, InvalidError

LONGEST_WORDS = 4000
SHORTEST_REASON = 10
#: Numbers in the runs of one annotation, over all slices.
MOST_NUMBERS = 2_000_000
_WORD = re.compile(r"[a-z0-9][a-z0-9 /-]{0,39}|")


@dataclass(frozen=True, slots=True)
class Facts:
    """What an annotation says besides the place.

    Parameters
    ----------
    truth : Truth or None
        ``None`` in a draft that has not come to it.
    hallmarks : tuple of Hallmark
        What gives the film away.
    mimic_of : Hallmark or None
        What an authentic film imitates.
    everywhere : bool
        The change is all over: there is no one place.
    reason : str
        In words, for learners after the call.
    region, view : str
        What the film shows and how.
    modality : Modality or None
        The kind of acquisition.
    note : str
        Words to the colleague who reads this, for no one else.
    """

    truth: Truth | None = None
    hallmarks: tuple[Hallmark, ...] = ()
    mimic_of: Hallmark | None = None
    everywhere: bool = False
    reason: str = ""
    region: str = ""
    view: str = ""
    modality: Modality | None = None
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the facts as they are kept."""
        return asdict(self) | {"hallmarks": list(self.hallmarks)}


def facts_of(data: Mapping[str, Any]) -> Facts:
    """Return the facts in what a browser sent or a row keeps.

    Raises
    ------
    InvalidError
        Names the part that cannot be read.
    """
    try:
        hallmarks = tuple(dict.fromkeys(Hallmark(h) for h in data.get("hallmarks") or ()))
        facts = Facts(
            truth=Truth(data["truth"]) if data.get("truth") else None,
            hallmarks=hallmarks,
            mimic_of=Hallmark(data["mimic_of"]) if data.get("mimic_of") else None,
            everywhere=bool(data.get("everywhere")),
            reason=str(data.get("reason") or "").strip(),
            region=" ".join(str(data.get("region") or "").lower().split()),
            view=" ".join(str(data.get("view") or "").lower().split()),
            modality=Modality(data["modality"]) if data.get("modality") else None,
            note=str(data.get("note") or "").strip(),
        )
    except (ValueError, TypeError, KeyError) as fault:
        raise InvalidError(f"A part of the annotation cannot be read: {fault}.") from fault
    if max(len(facts.reason), len(facts.note)) > LONGEST_WORDS:
        raise InvalidError(f"Words go up to {LONGEST_WORDS:,} letters each.")
    if not (_WORD.fullmatch(facts.region) and _WORD.fullmatch(facts.view)):
        raise InvalidError(
            "Region and view are short words of the field: hand, chest; pa, lateral."
        )
    return facts


def place_of(place: Any, image: Image) -> dict[int, Mask]:
    """Return the masks of a drawn place by slice; :class:`InvalidError` where it is none."""
    if not isinstance(place, list) or not all(isinstance(part, dict) for part in place):
        raise InvalidError("The drawn place cannot be read.")
    numbers = sum(len(p["runs"]) for p in place if isinstance(p.get("runs"), list))
    if numbers > MOST_NUMBERS:
        raise InvalidError("The drawn place is too ragged to be kept: draw it more simply.")
    try:
        return masks_of(place, len(image.blocks), image.rows, image.columns)
    except RunsError as fault:
        raise InvalidError(f"{str(fault).capitalize()}.") from fault


def runs_by_slice(masks: Mapping[int, Mask]) -> list[dict[str, Any]]:
    """Return masks as they are kept."""
    return [{"z": z, "runs": runs_of(masks[z])} for z in sorted(masks)]


def key_place(blobs: BlobStore, key: CaseKey | None) -> list[dict[str, Any]]:
    """Return the place of a key as runs; empty where it has none."""
    if key is None or key.everywhere:
        return []
    return [
        {"z": int(z), "runs": runs_of(block.decode(blobs.get(sha))[0] > 0)}
        for z, sha in sorted(key.masks.items(), key=lambda pair: int(pair[0]))
    ]


def key_facts(case: Case) -> Facts:
    """Return what the key of a case, and its image, say now."""
    key, image = case.key, case.image
    return Facts(
        truth=key.truth if key else None,
        hallmarks=tuple(Hallmark(h) for h in key.hallmarks) if key else (),
        mimic_of=Hallmark(key.mimic_of) if key and key.mimic_of else None,
        everywhere=bool(key and key.everywhere),
        reason=str(key.body.get("reason", "")) if key else "",
        region=image.region,
        view=image.view,
        modality=image.modality,
    )


def check(facts: Facts, masks: Mapping[int, Mask]) -> None:
    """Refuse a proposal that says too little, or two things at once.

    Raises
    ------
    InvalidError
        Names what is missing.
    """
    faults = Gathered()
    with faults.of("truth"):
        if facts.truth is None:
            raise InvalidError("Say what the film is: authentic, synthetic or tampered.")
    with faults.of("region"):
        if not facts.region:
            raise InvalidError("Name the region.")
    with faults.of("modality"):
        if facts.modality is None:
            raise InvalidError("Name the modality.")
    with faults.of("everywhere"):
        if masks and facts.everywhere:
            raise InvalidError(
                "It is either a place or everywhere: clear the drawing, or the tick."
            )
    if facts.truth is not None:
        (_authentic if facts.truth.is_authentic else _altered)(facts, masks, faults)
    faults.tell()


def _against(facts: Facts, masks: Mapping[int, Mask]) -> Misplaced | None:
    assert facts.truth is not None
    placed = bool(masks) or facts.everywhere
    return misplaced(facts.truth, placed=placed, imitates=bool(facts.mimic_of))


def _authentic(facts: Facts, masks: Mapping[int, Mask], faults: Gathered) -> None:
    with faults.of("mimic_of"):
        if facts.hallmarks or _against(facts, masks) is Misplaced.PLACE:
            raise InvalidError(
                "An authentic film has no hallmark and no changed place. If it only looks like "
                "one, name here what it imitates; else clear the drawing."
            )
    with faults.of("reason"):
        if facts.mimic_of and len(facts.reason) < SHORTEST_REASON:
            raise InvalidError("Say in words what makes it look so: learners read it.")


def _altered(facts: Facts, masks: Mapping[int, Mask], faults: Gathered) -> None:
    with faults.of("mimic_of"):
        if _against(facts, masks) is Misplaced.IMITATES:
            raise InvalidError("Only an authentic film imitates: take the mimic out.")
    with faults.of("everywhere"):
        if not masks and not facts.everywhere:
            raise InvalidError("Draw the place that gives it away, or say that it is everywhere.")
    with faults.of("reason"):
        if len(facts.reason) < SHORTEST_REASON:
            raise InvalidError("Say in words what gives it away: learners read it after the call.")
