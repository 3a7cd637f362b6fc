"""Packing and putting back archives of the bank as long work."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainer.core.permissions import Permission
from trainer.core.plural import counted
from trainer.jobs.run import Lost, Run, Stopped
from trainer.jobs.tasks import task
from trainer.services.archives import FILE, PACK, RESTORE
from trainer.services.blobs import PIECE


@task(PACK, Permission.BANK, resumable=True)
def pack(run: Run, parameters: Mapping[str, Any]) -> str:
    """Pack the set ``slug`` (empty: all) into an archive to be fetched, with the reason ``why``."""
    from trainer.services import archive_pack

    with tempfile.TemporaryDirectory(prefix="archive-", dir=_scratch(run)) as folder:
        path = Path(folder) / FILE
        packed = archive_pack.pack(
            run.reading,
            run.blobs,
            path,
            slug=str(parameters["slug"]),
            why=str(parameters["why"]),
            by=run.actor.name if run.actor else "",
            originals=bool(parameters["originals"]),
            now=run.now(),
            step=run.step,
        )
        with path.open("rb") as file:
            run.keep_file(FILE, file)
        size = path.stat().st_size / 1e6
    sets = counted(len(packed.sets), "set")
    return f"{sets}, {packed.blobs} blobs, {size:.1f} MB. Kept for a week."


@task(RESTORE, Permission.BANK, resumable=True)
def restore(run: Run, parameters: Mapping[str, Any]) -> str:
    """Put back the archive that was sent and kept in ``folder``."""
    from trainer.services import archive_restore

    folder = str(parameters["folder"])
    try:
        with tempfile.TemporaryDirectory(prefix="archive-", dir=_scratch(run)) as here:
            path = Path(here) / FILE
            with run.blobs.open_output(f"{folder}/{FILE}") as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, PIECE)
            restored = archive_restore.restore(
                path, run.transaction, run.blobs, run.actor, now=run.now(), step=run.step
            )
    except (Stopped, Lost):
        raise  # it is tried again, and needs what was sent
    except BaseException:
        run.blobs.drop_outputs(folder)
        raise
    run.blobs.drop_outputs(folder)
    return str(restored)


def _scratch(run: Run) -> Path:
    """Return where large files may lie for a while: not in /tmp, which may be memory."""
    place = run.settings.home / "scratch"
    place.mkdir(parents=True, exist_ok=True)
    return place
