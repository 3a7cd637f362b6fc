"""The data card of a set: where it comes from, what was done to it, what is known against it.

After Gebru et al. 2021, *Datasheets for Datasets*, Communications of the ACM 64(12), and Pushkarna
et al. 2022, *Data Cards*, FAccT: origin, terms, composition, processing, checks, limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trainer.core import plural
from trainer.core.words import Provenance
from trainer.data.images import Case, Dataset, Image
from trainer.data.sets import AuditRun, SetPublication
from trainer.services import bank_search, labels, set_publications
from trainer.services.bank_audit import fingerprint
from trainer.services.shelf import find


@dataclass(frozen=True, slots=True)
class Check:
    """What the newest audit said."""

    at: datetime
    engine: str
    passed: bool
    current: bool
    objections: tuple[str, ...]
    findings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Public:
    """A time during which the set was played."""

    since: datetime
    until: datetime | None
    by: str
    override: str
    despite: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A data card.

    Parameters
    ----------
    facts : mapping
        Origin and terms: label and text.
    counts : tuple of Count
        By class, region and generator or forgery, live and held.
    splits : mapping
        Films for practice, test and lessons.
    patients : tuple of int
        Films whose patient is known, and patients.
    deidentified : mapping
        Films by the profile and version they went through here.
    pipelines : mapping
        Films by the version of the pipeline.
    plans : tuple of str
        What each group of films was brought to, in words.
    released : int
        Films that were held and that a person has looked at.
    """

    slug: str
    title: str
    provenance: str
    made_at: datetime
    facts: Mapping[str, str]
    notes: str
    counts: tuple[bank_search.Count, ...]
    splits: Mapping[str, int]
    patients: tuple[int, int]
    deidentified: Mapping[str, int]
    pipelines: Mapping[str, int]
    plans: tuple[str, ...]
    live: int
    stopped: int
    released: int
    check: Check | None
    public: tuple[Public, ...]
    limits: tuple[str, ...]
    #: Who answers for the labels, in sentences.
    answers: tuple[str, ...]

    @property
    def films(self) -> int:
        """How many there are."""
        return self.live + self.stopped

    @property
    def override(self) -> Public | None:
        """The override under which it is played now."""
        return next((p for p in self.public if p.until is None and p.override), None)


def card(session: Session, slug: str, *, now: datetime) -> Card:
    """Return the data card of a set as it stands.

    Raises
    ------
    NotFoundError
        When there is no such set.
    """
    dataset = find(session, slug)
    counts = bank_search.counted(bank_search.groups(session, slug))
    splits = {
        split: count
        for split, count in session.execute(
            select(Case.split, func.count())
            .where(Case.dataset_id == dataset.id)
            .group_by(Case.split)
            .order_by(Case.split)
        )
    }
    known = session.execute(
        select(func.count(), func.count(func.distinct(Case.kin))).where(
            Case.dataset_id == dataset.id, Case.kin.startswith("patient:")
        )
    ).one()
    body = dataset.body
    check = _check(session, dataset)
    stopped = sum(c.stopped for c in counts)
    live = sum(c.live for c in counts)
    return Card(
        slug=slug,
        title=dataset.title,
        provenance=dataset.provenance.value,
        made_at=now,
        facts=_facts(dataset),
        notes=str(body.get("notes", "")),
        counts=counts,
        splits=splits,
        patients=(known[0], known[1]),
        deidentified=_by(session, dataset, "deidentified", "profile", "version"),
        pipelines=_by(session, dataset, None, "pipeline"),
        plans=tuple(_plan(group, plan) for group, plan in sorted(body.get("plans", {}).items())),
        live=live,
        stopped=stopped,
        released=_released(session, dataset),
        check=check,
        public=_public(session, dataset),
        limits=tuple(_limits(dataset, counts, known[0], live + stopped, check)),
        answers=tuple(_answers(labels.standing(session, slug))),
    )


def _answers(stands: labels.Standing) -> Iterator[str]:
    """Yield who answers for the labels of a set."""
    if stands.exempt:
        yield "Every truth is known by construction: this program made the films."
        return
    of = plural.counted(stands.cases, "film")
    yield f"A person agreed to the labels of {stands.agreed} of {of}."
    if stands.made:
        yield f"The truth of {stands.made} is known by construction: they were altered here."
    if stands.waiting:
        yield f"Nobody has agreed to the labels of {stands.waiting}; these are not played."
    for voice in stands.voices:
        why = f": {voice.why}" if voice.why else ""
        yield f"{voice.name} {voice.words}, {voice.at:%Y-%m-%d}{why}"


def _facts(dataset: Dataset) -> dict[str, str]:
    body = dataset.body
    simulated = dataset.provenance is Provenance.SIMULATED
    said = {
        "Source": body.get("source", ""),
        "Licence": dataset.licence,
        "Licence text": body.get("licence_url", ""),
        "Citation": dataset.citation,
        "Display to learners": "allowed"
        if body.get("display_allowed", simulated)
        else "not stated",
        "Consent basis": body.get("consent_basis") or ("no patient behind it" if simulated else ""),
        "De-identification by the source": body.get("deidentification")
        or ("not needed: no patient behind it" if simulated else ""),
        "Contact": body.get("contact", ""),
    }
    return {label: str(text) for label, text in said.items() if text}


def _by(session: Session, dataset: Dataset, part: str | None, *names: str) -> dict[str, int]:
    """Count the films of a set by words inside their private facts."""
    where = Image.facts[part] if part else Image.facts
    columns = [where[name].as_string() for name in names]
    rows = session.execute(
        select(*columns, func.count()).where(Image.dataset_id == dataset.id).group_by(*columns)
    )
    found: dict[str, int] = {}
    for *words, count in rows:
        if words[0]:
            label = ", version ".join(str(word) for word in words if word)
            found[label] = found.get(label, 0) + count
    return found


def _released(session: Session, dataset: Dataset) -> int:
    looked = Image.facts["released"]["by"].as_string()
    query = select(func.count()).where(Image.dataset_id == dataset.id, looked.is_not(None))
    return int(session.scalar(query) or 0)


def _plan(group: str, plan: Mapping[str, Any]) -> str:
    shape = f"{plan['columns']} × {plan['rows']}"
    how = (
        f"flat borders off, cropped with a little jitter and reduced to {shape}, never enlarged"
        if plan["reduced"]
        else f"all of {shape} already: left as they are"
    )
    grey = {
        "XR": "one grey scale for both classes by common quantiles",
        "CT": "Hounsfield units kept",
        "MR": "grey values anchored linearly",
    }.get(str(plan["modality"]), "")
    return f"{group}: {how}; {grey}; dithered as a source of {plan['bits']} bits"


def _check(session: Session, dataset: Dataset) -> Check | None:
    found: AuditRun | None = set_publications.newest(session, dataset.id)
    if found is None:
        return None
    objections = tuple(set_publications.objections(found.result))
    findings = tuple(
        (str(f["title"]), f"{f['auc']:.2f} ({f['low']:.2f} to {f['high']:.2f})")
        for f in found.result["shortcuts"]["findings"]
        if f["gates"]
    )
    return Check(
        found.made_at,
        found.engine,
        not objections,
        found.fingerprint == fingerprint(session, dataset.id),
        objections,
        findings,
    )


def _public(session: Session, dataset: Dataset) -> tuple[Public, ...]:
    rows = session.scalars(
        select(SetPublication)
        .where(SetPublication.dataset_id == dataset.id)
        .order_by(SetPublication.published_at.desc())
    )
    return tuple(
        Public(r.published_at, r.ended_at, r.by, r.override, tuple(r.despite)) for r in rows
    )


def _limits(
    dataset: Dataset,
    counts: Sequence[bank_search.Count],
    with_patient: int,
    films: int,
    check: Check | None,
) -> Iterator[str]:
    """Yield what a reader of the card must know against the set."""
    if check is None:
        yield "The set was never audited."
    elif not check.current:
        yield "The set has changed since its newest audit."
    yield from (check.objections if check else ())
    if dataset.provenance is Provenance.CLINICAL and with_patient < films:
        yield (
            f"The patient of {films - with_patient} of {films} films is not known: each counts as "
            "a patient of its own, and two of one patient may lie on both sides of a split."
        )
    families = {c.family or "unnamed" for c in counts if c.truth != "authentic"}
    if len(families) == 1:
        yield (
            "All films that are not authentic come from one generator or forgery: what is learnt "
            "here may not carry over to another."
        )
    sides = {
        region: {c.truth == "authentic" for c in counts if c.region == region}
        for region in {c.region for c in counts}
    }
    for region, both in sorted(sides.items()):
        if len(both) == 1:
            yield f"Films of the region {region or 'unnamed'} are of one class only."
    yield (
        "Text is found, not read, and faces are not recognised: a person decides on what is held. "
        "The audit finds what simple classifiers find; it cannot prove that nothing else tells."
    )


def as_markdown(made: Card) -> str:
    """Return a card as Markdown."""
    return "\n".join(_lines(made)) + "\n"


def _lines(made: Card) -> Iterator[str]:
    yield f"# {_md(made.title)}"
    yield ""
    yield f"Data card of the set `{made.slug}` ({made.provenance}), {made.made_at:%Y-%m-%d}."
    if made.override:
        yield ""
        yield (
            f"**Published in spite of its audit** by {_md(made.override.by or 'the command line')} "
            f"since {made.override.since:%Y-%m-%d}: {_md(made.override.override)}"
        )
        yield from (f"- {_md(one)}" for one in made.override.despite)
    yield from ("", "## Origin and terms", "")
    yield from (f"- {label}: {_md(text)}" for label, text in made.facts.items())
    if made.notes:
        yield from ("", _md(made.notes))
    yield from ("", "## What is in it", "")
    yield "| Class | Region | Generator or forgery | In play | Out of play |"
    yield "| --- | --- | --- | ---: | ---: |"
    for c in made.counts:
        yield f"| {c.truth} | {_md(c.region)} | {_md(c.family)} | {c.live} | {c.stopped} |"
    yield ""
    yield "Split: " + (", ".join(f"{n} {name}" for name, n in made.splits.items()) or "none") + "."
    if made.patients[0]:
        known, patients = made.patients
        yield f"Films whose patient is known: {known}, of {plural.counted(patients, 'patient')}."
    yield from ("", "## What was done to the images", "")
    yield from (
        f"- {_md(name)}: {plural.counted(n, 'film')}" for name, n in made.deidentified.items()
    )
    yield from (
        f"- Pipeline version {_md(name)}: {plural.counted(n, 'film')}"
        for name, n in made.pipelines.items()
    )
    yield from (f"- {_md(plan)}" for plan in made.plans)
    yield from ("", "## Review", "")
    yield (
        f"In play: {made.live}. Out of play: {made.stopped}. "
        f"Held and released by a person: {made.released}."
    )
    yield from ("", "## Who answers for the labels", "")
    yield from (f"- {_md(one)}" for one in made.answers)
    yield from ("", "## Audit", "")
    yield from _audit_lines(made.check)
    yield from ("", "## Publications", "")
    for one in made.public:
        until = f"{one.until:%Y-%m-%d}" if one.until else "today"
        why = f"; in spite of its audit: {_md(one.override)}" if one.override else ""
        yield f"- {one.since:%Y-%m-%d} to {until}, by {_md(one.by or 'the command line')}{why}"
    if not made.public:
        yield "None through an audit."
    yield from ("", "## Known limits", "")
    yield from (f"- {_md(limit)}" for limit in made.limits)


def _audit_lines(check: Check | None) -> Iterator[str]:
    if check is None:
        yield "Never audited."
        return
    state = "passed" if check.passed else "did not pass"
    yield f"{check.at:%Y-%m-%d}, engine {check.engine}: {state}."
    yield ""
    yield "| What must not tell the class | AUC (95 % interval) |"
    yield "| --- | --- |"
    yield from (f"| {_md(title)} | {area} |" for title, area in check.findings)


def _md(text: str) -> str:
    """Return text that stands in one line of Markdown as it is."""
    flat = " ".join(str(text).split())
    for sign in ("\\", "`", "*", "_", "|", "<", ">", "["):
        flat = flat.replace(sign, f"\\{sign}")
    return flat
