"""Covering parts of held films: a matter of seconds that someone waits for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from trainer.core.permissions import Permission
from trainer.core.plural import counted
from trainer.imaging.bank.mask import Patch
from trainer.imaging.dicom.errors import IntakeError
from trainer.jobs.run import Run
from trainer.jobs.tasks import task
from trainer.services import masking
from trainer.services.errors import InvalidError
from trainer.services.upload_import import open_reader

COVER = "bank.cover"


@task(COVER, Permission.BANK, quick=True)
def cover(run: Run, parameters: Mapping[str, Any]) -> str:
    """Make a film anew from its original, with parts covered."""
    keep = parameters.get("keep")
    order = masking.Order(
        tuple(Patch(*numbers) for numbers in parameters["patches"]),
        (keep[0], keep[1]) if keep else None,
    )
    assert run.actor is not None
    with open_reader() as reader:
        try:
            left = masking.remake(
                run.reading,
                run.transaction,
                run.blobs,
                reader,
                run.actor,
                uuid.UUID(parameters["case"]),
                order,
                now=run.now(),
                step=lambda done, total: run.step(done, total, "decoding"),
            )
        except IntakeError as fault:
            raise InvalidError(str(fault)) from fault
    if left:
        return f"{counted(left, 'place')} may still be text. Look again before you release it."
    return "Nothing looks like text any more. Look at it, then release it."
