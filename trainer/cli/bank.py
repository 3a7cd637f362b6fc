"""``flask bank``: the image bank."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from trainer import clock
from trainer.cli.wrapper import blobs, database, plain_errors, transaction
from trainer.core.plural import counted
from trainer.services.errors import ConflictError, InvalidError
from trainer.settings import Settings

if TYPE_CHECKING:
    from trainer.imaging.bank.dataset import About
    from trainer.imaging.bank.manifest import Manifest
    from trainer.imaging.bank.sources import Source
    from trainer.imaging.bank.sources.tree import Terms
    from trainer.services.bank_audit import SetAudit
    from trainer.services.served import Player


@click.group()
def bank() -> None:
    """Look after the image bank."""


@bank.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--manifest",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("images.csv"),
    show_default=True,
    help="CSV with one row for each image; looked for in FOLDER too.",
)
@click.option("--dataset", "slug", required=True, help="Name of the set, in one word.")
@click.option(
    "--about",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Its dataset.toml. Default: FOLDER/dataset.toml, then image_bank/NAME/dataset.toml.",
)
@click.option(
    "--source",
    default="",
    help="Read FOLDER in the layout of a known set instead of by a manifest; "
    "`--source list` names them.",
)
@with_appcontext
@plain_errors
def import_(folder: Path, manifest: Path, slug: str, about: Path | None, source: str) -> None:
    """Take the images of FOLDER in. Run it again to go on after an interruption."""
    # Decoders are slow to load; a serving process never needs them.
    from trainer.imaging.bank.reader import Reader
    from trainer.services import image_intake
    from trainer.services.intake_folder import tree_of

    settings: Settings = current_app.extensions["telltale_settings"]
    if not slug.replace("-", "").isalnum() or slug != slug.lower() or len(slug) > 80:
        raise InvalidError(
            f"{slug!r} cannot name a set: use lower-case letters, digits and hyphens"
        )
    known = _source(source) if source else None
    facts = _about(folder, slug, about, known.terms if known else None)
    with Reader() as reader:
        rows = known.rows(tree_of(folder, reader)) if known else _manifest(folder, manifest)
        report = image_intake.import_rows(
            image_intake.Work(
                transaction=transaction,
                blobs=blobs(),
                reader=reader,
                folder=folder,
                key=settings.key(),
                manifest=source or manifest.name,
                actor=None,
                now=clock.now(),
            ),
            slug,
            facts,
            rows.rows,
            _progress,
        )
    faults = [*rows.faults, *report.faults]
    for fault in sorted(faults, key=lambda f: f.row):
        click.echo(f"refused  {fault}", err=True)
    if report.unlisted:
        names = ", ".join(report.unlisted[:3]) + (" ..." if len(report.unlisted) > 3 else "")
        click.echo(
            f"unlisted {len(report.unlisted)} image files have no row and stay "
            f"out: {names}. Add a row for each that belongs to the set.",
            err=True,
        )
    click.echo(
        f"{slug}: {report.taken} taken in, {report.already} were in, {len(faults)} refused, "
        f"{report.held} held for a person to look at"
    )
    if faults:
        sys.exit(1)


def _manifest(folder: Path, path: Path) -> Manifest:
    where = next((p for p in (path, folder / path) if p.is_file()), None)
    if where is None:
        raise InvalidError(
            f"no manifest {path}, neither here nor in {folder}. Write one: a CSV with the columns "
            "file and truth, one row for each image; docs/image-bank.md has an example."
        )
    from trainer.imaging.bank.manifest import read_manifest

    return read_manifest(where.read_bytes(), where.name)


def _source(name: str) -> Source:
    from trainer.imaging.bank.sources import SOURCES

    if name not in SOURCES:
        raise InvalidError(f"no source {name!r}; there are: {', '.join(SOURCES)}")
    return SOURCES[name]


def _about(folder: Path, slug: str, path: Path | None, terms: Terms | None) -> About:
    places = [path] if path else [folder / "dataset.toml", _shelf(slug)]
    where = next((p for p in places if p.is_file()), None)
    if where is None and terms is not None:
        return _by_terms(terms)
    if where is None:
        raise InvalidError(
            f"no dataset.toml in {' or '.join(str(p.parent) for p in places)}: a set without a "
            "licence and a source is not taken in. docs/image-bank.md has one to copy."
        )
    from trainer.imaging.bank.dataset import read_about

    about, faults = read_about(where.read_bytes(), str(where))
    if about is None:
        raise InvalidError("\n".join(str(fault) for fault in faults))
    return about


def _by_terms(terms: Terms) -> About:
    """Return what a known set says of itself; refuse it where its terms forbid display."""
    from trainer.core.words import Provenance
    from trainer.imaging.bank.dataset import About

    if terms.display:
        title, licence = terms.title or "this source", terms.licence or "no licence"
        raise InvalidError(
            f"{title} is not taken in as it is ({licence}): {terms.display}. "
            "Write what you were allowed into FOLDER/dataset.toml; docs/image-bank.md shows one."
        )
    return About(
        title=terms.title,
        licence=terms.licence,
        licence_url=terms.licence_url,
        citation=terms.citation,
        display_allowed=True,
        provenance=Provenance.CLINICAL,
        source=terms.origin,
        consent_basis="published by its owner",
        deidentification="by its owner, and by the Basic Profile on import",
    )


def _shelf(slug: str) -> Path:
    return Path(current_app.root_path).parents[1] / "image_bank" / slug / "dataset.toml"


def _progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{what} {done} of {total} ", nl=done == total, err=True)


@bank.command("list")
@with_appcontext
@plain_errors
def list_() -> None:
    """Show every set: how many of which truth, how many are held, whether it is played."""
    from trainer.services import shelf

    with database().reading() as session:
        found = shelf.summaries(session)
    if not found:
        click.echo("the bank is empty")
    for one in found:
        counts = ", ".join(f"{count} {truth}" for truth, count in sorted(one.counts.items()))
        state = f"played since {one.published_at:%Y-%m-%d}" if one.published_at else "not published"
        out = f", {one.stopped} out of play" if one.stopped else ""
        click.echo(f"{one.slug} ({one.provenance}): {counts or 'empty'}{out}; {state}")
        click.echo(f"    {one.title}; {one.licence}")


@bank.command()
@click.argument("slug")
@click.option("--override", default="", help="Publish in spite of shortcuts, and why.")
@click.option("--by", default="", help="Who answers for the override.")
@with_appcontext
@plain_errors
def publish(slug: str, override: str, by: str) -> None:
    """Let the set SLUG be played; audit it first, unless it was audited as it stands."""
    from trainer.services import bank_audit, set_publications, shelf, vouching

    now = clock.now()
    with database().reading() as session:
        try:
            vouching.gate(session, shelf.find(session, slug))  # before the long part
        except ConflictError as fault:
            raise ConflictError(
                f"{fault} The set as a whole: `flask --app wsgi bank agree {slug} "
                '--by "your name" --why "what was checked, and against what"`.'
            ) from fault
        known = set_publications.is_audited(session, slug)
        found = (
            None if known else bank_audit.audit_set(session, blobs(), slug, _progress, _player())
        )
    if found is not None:
        with transaction() as session:
            set_publications.record(session, None, slug, found, now)
    with transaction() as session:
        count = set_publications.publish(session, None, slug, now, override=override, by=by)
    click.echo(f"{slug} is published with {counted(count, 'case')}")


@bank.command()
@click.argument("slug")
@with_appcontext
@plain_errors
def withdraw(slug: str) -> None:
    """Let no new sitting draw from the set SLUG; sittings that have begun go on."""
    from trainer.services import set_publications

    with transaction() as session:
        set_publications.withdraw(session, None, slug, clock.now())
    click.echo(f"{slug} is withdrawn")


@bank.command()
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="All numbers, for a program.")
@with_appcontext
@plain_errors
def audit(slug: str, as_json: bool) -> None:
    """Say what gives the set SLUG away; exit code 1 where it must not be published."""
    from trainer.services import bank_audit, set_publications

    with database().reading() as session:
        found = bank_audit.audit_set(session, blobs(), slug, _progress, _player())
    with transaction() as session:
        set_publications.record(session, None, slug, found, clock.now())
    click.echo(json.dumps(found.as_json(), indent=2) if as_json else "\n".join(_told(found)))
    if found.shortcuts.shortcuts:
        sys.exit(1)


def _player() -> Player:
    """Return what plays a set as a browser would."""
    from trainer.services import served

    return served.player(current_app.extensions["telltale_settings"], clock.now())


def _told(found: SetAudit) -> Iterator[str]:
    one = found.shortcuts
    yield f"{one.authentic} authentic, {one.other} other; AUC 0.5 is chance"
    for finding in one.findings:
        mark = "SHORTCUT" if finding.tells else ("ok" if finding.gates else "reported")
        note = f" ({finding.note})" if finding.note else ""
        yield (
            f"{mark:9}{finding.auc:.2f}  {finding.low:.2f} to {finding.high:.2f}  "
            f"{finding.title}{note}"
        )
    if not one.enough:
        yield "too few images of a class: nothing can be said before there are 20 of each"
    across = sum(pair.across_classes for pair in found.pairs)
    split = sum(pair.across_splits for pair in found.pairs)
    yield (
        f"{counted(len(found.pairs), 'pair')} of one picture, {across} across classes, {split} "
        f"across splits; {counted(len(found.straddling), 'patient')} on both sides of the split; "
        f"{counted(found.held, 'case')} held"
    )


@bank.command()
@click.argument("slug")
@with_appcontext
@plain_errors
def held(slug: str) -> None:
    """List the cases of SLUG that wait for a person, and why."""
    from trainer.services import holds

    with database().reading() as session:
        waiting = holds.held(session, slug)
    for one in waiting:
        click.echo(f"{one.case_id}  {one.file} ({one.truth}): {'; '.join(one.reasons)}")
    click.echo(f"{len(waiting)} held" + (": `bank release CASE --by NAME`" if waiting else ""))


@bank.command()
@click.argument("cases", type=click.UUID, nargs=-1, required=True)
@click.option("--by", required=True, help="Who has looked at them.")
@with_appcontext
@plain_errors
def release(cases: tuple[uuid.UUID, ...], by: str) -> None:
    """Let held CASES be played: someone has looked and found nothing that identifies a person."""
    from trainer.services import holds

    with transaction() as session:
        for case in cases:
            holds.release(session, None, case, by=by, now=clock.now())
    click.echo(f"released {len(cases)}")


@bank.command()
@with_appcontext
@plain_errors
def verify() -> None:
    """Read every pixel of the bank again and compare it with its sha256."""
    from trainer.services import shelf

    with database().reading() as session:
        faults = list(shelf.verify(session, blobs(), _progress))
    for fault in faults:
        click.echo(f"blob {fault.sha256} {fault.what} ({fault.where})", err=True)
    if faults:
        click.echo(
            f"{len(faults)} blobs are damaged: put them back from a backup, or import the sets "
            "named above again",
            err=True,
        )
        sys.exit(1)
    click.echo("every blob is whole")
