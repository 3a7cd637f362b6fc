"""``flask simulate``: make one film, authentic or with a hallmark, as DICOM with its truth."""

from __future__ import annotations

import secrets
import uuid
from pathlib import Path

import click

LISTED = 24  # more files than that are counted, not named


SERIES = """\b
A CT of the chest, of the patient whom --view pa photographs:
  flask simulate chest --view ct --seed 7 --out series
  --with kernel=lung       or soft
  --with slice_mm=1        1, 1.5, 2, 2.5, 3 or 5
  --with mas=40            10 to 400
  --with slices=40         8 to 200
  --with recon=deep        fbp, iterative or deep
  --with contrast=venous   or none
  --with effusion          nodule, mass, pneumonia, pneumothorax, oedema ...
  --hallmark no_context    or halo_seam, z_break, hu_noise"""


@click.command(epilog=SERIES)
@click.argument("region")
@click.option("--view", default="", help="The region's first view where none is named.")
@click.option("--seed", type=click.IntRange(min=0), help="Drawn, and said, where none is named.")
@click.option(
    "--with",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="Fix a quantity (age=70, fracture=spiral); the rest is drawn from the seed.",
)
@click.option("--hallmark", default="", help="Also make a forged twin with this hallmark.")
@click.option("--dose", type=click.FloatRange(0, 1), default=0.8, show_default=True)
@click.option("--columns", type=click.IntRange(128, 4096), help="1024; 320 for a series of slices.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
def simulate(
    region: str,
    view: str,
    seed: int | None,
    given: tuple[str, ...],
    hallmark: str,
    dose: float,
    columns: int | None,
    out: Path,
) -> None:
    """Make a film of REGION, or a series of slices (--view ct).

    Written are 16-bit DICOM, truth as SEG and PNG, recipe and checksums.

    With --hallmark two folders are written: the authentic film and its forged twin.
    """
    # The simulator is slow to load; a serving process never needs it.
    from trainer.core.words import Hallmark
    from trainer.imaging.recipes import Recipe, RecipeError, family_of, make, make_twins
    from trainer.imaging.simulator import anatomy, dicom_out
    from trainer.imaging.simulator.asked import asked
    from trainer.imaging.simulator.case import CaseError

    seed = secrets.randbelow(2**31) if seed is None else seed
    try:
        place = anatomy.region(region, view)
        sign = Hallmark(hallmark) if hallmark else None
        recipe = Recipe(
            uuid=str(uuid.uuid4()),
            region=place.name,
            view=place.view,
            seed=seed,
            parameters={k: v for text in given for k, v in asked(place, text).items()},
            hallmark=sign,
            dose=dose if sign else 0.0,
            family=family_of(place, sign) if sign else "",
            twin=str(uuid.uuid4()) if sign else None,
        )
        if sign is None:
            films = {"": (make(recipe, columns), recipe)}
        else:
            authentic, forged = make_twins(recipe, columns)
            own = Recipe(
                uuid=str(recipe.twin),
                region=place.name,
                view=place.view,
                seed=seed,
                parameters=recipe.parameters,
                twin=recipe.uuid,
            )
            films = {"authentic": (authentic, own), "forged": (forged, recipe)}
        for name, (made, its) in films.items():
            folder = out / name if name else out
            sums = dicom_out.write(made, its, folder)
            listed = ", ".join(sums) if len(sums) <= LISTED else f"{len(sums)} files"
            click.echo(f"{folder}: {listed} (seed {seed})")
    except (CaseError, RecipeError, ValueError, FileExistsError) as fault:
        raise click.ClickException(str(fault)) from fault
