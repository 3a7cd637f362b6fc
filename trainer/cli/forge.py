"""``flask forge``: put one hallmark into one file, or into the slices of one series."""

from __future__ import annotations

from pathlib import Path

import click

WHY = 'say what it is made for: --why "teaching set of June"'


@click.command()
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--hallmark", required=True, metavar="ID", help="See docs/forgery.md.")
@click.option("--dose", type=click.FloatRange(0, 1), default=0.5, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--why",
    help="What it is made for; asked for where it is not given. Goes into the mark.",
)
def forge(
    sources: tuple[Path, ...], hallmark: str, dose: float, seed: int, out: Path, why: str | None
) -> None:
    """Put one hallmark (or mimic) into a DICOM or PNG file, or into the slices of a series.

    SOURCES is a file; or the slices of one series: the folder that holds them, or their files by
    name. Writes the image, its mask and its recipe. The result says in its header that it is
    forged.
    """
    if why is None:
        why = _asked()
    if not why.strip():
        raise click.ClickException(WHY)
    # The engine is slow to load; a serving process never needs it.
    from trainer.imaging.forgery import files, folder, series
    from trainer.imaging.forgery.contract import ForgeryError
    from trainer.imaging.forgery.order import Order

    made: files.ForgedFile | series.ForgedSeries
    written: tuple[Path, ...]
    aside = ""
    try:
        order = Order(hallmark, dose, seed, why.strip())
        if len(sources) > 1 or sources[0].is_dir():
            found = folder.read_slices(sources)
            aside = found.said
            made = series.forge_series(found.parts, order)
            written = (series.write_series(made, out),)
        else:
            made = files.forge_bytes(sources[0].read_bytes(), order)
            written = files.write(made, out)
    except (ForgeryError, OSError) as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(f"{made.report.done} ({made.report.share:.1%} of the image)")
    if aside:
        click.echo(f"note: left aside in the folder: {aside}")
    if made.earlier:
        click.echo(f"note: this was forged before; the new mark says so: {made.earlier}")
    if made.report.everywhere:
        click.echo("note: this hallmark has no place; its mask is the whole image")
    for reason in made.report.refused:
        click.echo(f"note: {reason}")
    for path in written:
        click.echo(path)


def _asked() -> str:
    try:
        return str(click.prompt("What is it made for (goes into the file's mark)"))
    except click.Abort as nobody:  # a script has nobody to answer
        click.echo()
        raise click.ClickException(WHY) from nobody
