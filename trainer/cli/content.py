"""``flask content``: check, publish and write curricula."""

from __future__ import annotations

import uuid
from pathlib import Path

import click
from flask.cli import with_appcontext

from trainer import clock
from trainer.cli.wrapper import plain_errors, transaction
from trainer.content import rules, write
from trainer.core.plural import counted
from trainer.services import publishing

ROOT = Path(__file__).resolve().parents[2] / "curricula"

curricula = click.option(
    "--curricula",
    "root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=ROOT,
    help="Folder of the tracks; image_bank/ is looked for beside it.",
)


@click.group()
def content() -> None:
    """Check, publish and write the curricula."""


@content.command()
@curricula
def check(root: Path) -> None:
    """Hold every content file against the rules; needs no database."""
    _, report = rules.check(root, root.parent / "image_bank")
    for line in report.lines():
        click.echo(line)
    if not report.clean:
        raise SystemExit(1)


@content.command()
@curricula
@with_appcontext
@plain_errors
def publish(root: Path) -> None:
    """Check the curricula and put them before learners."""
    with transaction() as session:
        done = publishing.publish(session, None, root, now=clock.now())
    for warning in done.report.warnings:
        click.echo(f"{warning} (warning)")
    if done.changed:
        click.echo(
            f"published {done.lessons} lessons and {done.items} quizzes, {done.revisions} of them "
            "new or changed"
        )
    else:
        click.echo("nothing has changed since the last publication")


@content.group()
def new() -> None:
    """Make the files of something new."""


@new.command()
@click.argument("track")
@click.argument("slug")
@curricula
def lesson(track: str, slug: str, root: Path) -> None:
    """Make the lesson SLUG at the end of TRACK, with fresh uuids."""
    try:
        made = write.new_lesson(root, track, slug, uuid.uuid4)
    except write.ScaffoldError as fault:
        raise click.ClickException(str(fault)) from fault
    for path in made:
        click.echo(path.relative_to(root))


@content.command()
@curricula
def fmt(root: Path) -> None:
    """Put the keys of every content file in their usual order."""
    changed = 0
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        model = write.model_of(path)
        if model is None:
            continue
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        tidy = write.formatted(text, model)
        if tidy != text:
            path.write_text(tidy, encoding="utf-8", errors="surrogateescape")
            click.echo(path.relative_to(root))
            changed += 1
    click.echo(f"{counted(changed, 'file')} changed" if changed else "every file is in order")


@content.command()
@curricula
def schemas(root: Path) -> None:
    """Write the JSON Schemas that editors use."""
    folder = root / "schemas"
    folder.mkdir(exist_ok=True)
    for name, text in write.schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(f"schemas/{name}")
