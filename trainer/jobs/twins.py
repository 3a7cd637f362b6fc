"""Looking which hallmarks fit, previews at every dose, and twins in full, as long work."""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping
from typing import Any

from trainer.core.permissions import Permission
from trainer.core.plural import counted
from trainer.jobs.run import Run
from trainer.jobs.tasks import task
from trainer.services.errors import InvalidError
from trainer.services.twins import (
    DOSES,
    LOOK,
    MAKE,
    MOST_LOOKED,
    PREVIEW,
    Order,
    check_cases,
)

# The forgery engine is slow to load; a process that only serves pages never needs it.

#: Doses of a preview of a stack, whose every slice is worked on.
STACK_DOSES = (0.2, 0.4, 0.6, 0.8, 1.0)


@task(LOOK, Permission.BANK, quick=True, resumable=True)
def look(run: Run, parameters: Mapping[str, Any]) -> str:
    """Find out which hallmarks fit the first few of the chosen films, and why others do not."""
    from trainer.imaging.forgery.twins import what_fits
    from trainer.services.twins_keep import load

    films = []
    cases = parameters["cases"][:MOST_LOOKED]
    for done, case in enumerate(cases):
        run.step(done, len(cases), "looking")
        with run.reading() as session:
            source = load(session, run.blobs, uuid.UUID(case))
        fits = [
            {"name": f.name, "truth": f.truth.value, "look": f.look, "refusal": f.refusal}
            for f in what_fits(source.film.pixels)
        ]
        films.append({"case": case, "name": source.name or case[:8], "fits": fits})
    run.results["films"] = films
    run.step(len(cases), len(cases))
    possible = {f["name"] for film in films for f in film["fits"] if not f["refusal"]}
    return f"{counted(len(possible), 'change')} can be made."


@task(PREVIEW, Permission.BANK, quick=True, resumable=True, keep_days=1)
def preview(run: Run, parameters: Mapping[str, Any]) -> str:
    """Make one hallmark at every dose on a reduced film, as pictures."""
    from trainer.imaging.forgery import twins
    from trainer.imaging.preview import outline_png, plane_png, widest_slice
    from trainer.services.twins_keep import load

    with run.reading() as session:
        source = load(session, run.blobs, uuid.UUID(parameters["case"]))
    small = twins.reduced(source.film.pixels)
    doses = DOSES if small.ndim == 2 else STACK_DOSES
    hallmark, seed = str(parameters["hallmark"]), int(parameters["seed"])
    made: list[twins.Twin] = []
    for done, dose in enumerate(reversed(doses)):  # the strongest first: it says the slice
        run.step(done, len(doses), f"dose {dose:g}")
        made += twins.make_twins(small, hallmark=hallmark, doses=[dose], seed=seed)
    made.reverse()
    z = widest_slice(made[-1].mask)
    _keep(run, "authentic.png", plane_png(small, small, z, source.film))
    for number, twin in enumerate(made):
        _keep(run, f"dose-{number}.png", plane_png(twin.pixels, small, z, source.film))
        _keep(run, f"outline-{number}.png", outline_png(twin.mask, z))
    run.results |= {
        "doses": list(doses),
        "done": [twin.report.done for twin in made],
        "share": [twin.report.share for twin in made],
        "everywhere": made[-1].report.everywhere,
        "slice": z + 1 if small.ndim == 3 else 0,
        "width": small.shape[-1],
        "height": small.shape[-2],
    }
    run.step(len(doses), len(doses))
    return str(made[-1].report.done)


def _keep(run: Run, name: str, data: bytes) -> None:
    run.keep_file(name, io.BytesIO(data))


@task(MAKE, Permission.BANK, resumable=True)
def make(run: Run, parameters: Mapping[str, Any]) -> str:
    """Make the twins of an order, one after the other, each committed on its own."""
    from trainer.imaging.forgery import twins
    from trainer.imaging.forgery.contract import ForgeryError
    from trainer.services import twins_keep

    order = Order.from_json(parameters)
    total = len(order.cases) * len(order.doses)
    done = made = 0
    refused: list[str] = []
    with run.reading() as session:
        check_cases(session, order.slug, order.cases)
    for case in order.cases:
        with run.reading() as session:
            missing = [
                dose
                for dose in order.doses
                if not twins_keep.is_there(session, twins_keep.twin_id(order, case, dose))
            ]
            source = twins_keep.load(session, run.blobs, case) if missing else None
        done += len(order.doses) - len(missing)
        made += len(order.doses) - len(missing)
        for dose in missing:
            assert source is not None
            run.step(done, total, source.name)
            try:
                (twin,) = twins.make_twins(
                    source.film.pixels, hallmark=order.hallmark, doses=[dose], seed=order.seed
                )
            except ForgeryError as fault:
                refused.append(f"{source.name or case}: {str(fault)[:200]}")
                done += len(missing) - missing.index(dose)
                break
            if not (twin.pixels != source.film.pixels).any():
                refused.append(f"{source.name or case}: nothing changed at dose {dose:g}")
            else:
                with run.transaction() as session:
                    twins_keep.keep(
                        session, run.blobs, run.actor, order, source, twin, now=run.now()
                    )
                made += 1
            done += 1
    run.step(total, total)
    run.results["refused"] = refused[:200]
    if not made:
        raise InvalidError("No twin could be made. " + "; ".join(refused)[:1500])
    said = f"{counted(made, 'twin is', 'twins are')} in the set {order.target}."
    return said + (f" {len(refused)} were left out: " + "; ".join(refused) if refused else "")
