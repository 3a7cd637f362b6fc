"""Looking at what came: archives opened, files under their names, what each of them is.

Done in a job, and again whenever files are added. It starts from the files as they were sent, so
that an interrupted look leaves nothing half done.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy.orm import Session

from trainer.core.words import Modality
from trainer.imaging.bank.archive import Unpacked, unpack
from trainer.imaging.bank.faults import Fault
from trainer.imaging.bank.grouping import FAMILIES, NEUTRAL
from trainer.imaging.bank.reader import Reader
from trainer.imaging.dicom.errors import IntakeError
from trainer.services.errors import ConflictError
from trainer.services.intake_folder import read_file
from trainer.services.uploads import File, Store, find, is_archive

MANIFEST, ABOUT, DICOMDIR = "images.csv", "dataset.toml", "DICOMDIR"
#: Files that tell of others and are no images themselves.
_BESIDE = (".csv", ".toml", ".txt", ".md", ".json", ".xlsx", ".pdf", ".html", ".xml", ".url")
_MOST_FAULTS = 2000
_RASTERS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
Step = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Unit:
    """What becomes one case: a file, or a folder of slices.

    Parameters
    ----------
    file : str
        Path below the upload's root.
    slices : int
        How many files it has.
    modality, region, view : str
        As the header says, else ``XR`` and empty.
    """

    file: str
    slices: int = 1
    modality: str = Modality.XR.value
    region: str = ""
    view: str = ""


@dataclass(slots=True)
class Found:
    """What came.

    Parameters
    ----------
    root : str
        Folder below the upload from which names count.
    units : list of Unit
        What can become a case.
    faults : list of Fault
        Each file or archive entry that cannot.
    manifest, about, dicomdir : bool
        Whether an ``images.csv``, a ``dataset.toml`` and a ``DICOMDIR`` are there.
    files : int
        All files, opened archives counted by what was in them.
    """

    root: str = ""
    units: list[Unit] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    manifest: bool = False
    about: bool = False
    dicomdir: bool = False
    files: int = 0

    def fault(self, file: str, what: str, cure: str) -> None:
        """Note a file that stays out; beyond a number, only that there are more."""
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(Fault(file, 0, what, cure))


def look(store: Store, upload_id: uuid.UUID, files: Sequence[File], step: Step) -> Found:
    """Put the files under their names, open archives, and say what there is.

    Parameters
    ----------
    store : Store
        Where uploads lie.
    upload_id : UUID
        The upload.
    files : sequence of File
        Its files; one that has not come whole is told and left out.
    step : callable
        Told what is being done, how many are done and how many there are; may raise to end it.
    """
    found = Found()
    _assemble(store, upload_id, files, found, step)
    place = store.files(upload_id)
    names = sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file())
    found.files = len(names)
    found.root = _root(names)
    inside = [n for n in names if _below(n, found.root)]
    for name in names[: _MOST_FAULTS if len(inside) < len(names) else 0]:
        if not _below(name, found.root) and not name.lower().endswith(_BESIDE):
            found.fault(name, f"it lies outside of {found.root}, where the manifest is", "move it")
    names = [n.removeprefix(f"{found.root}/") if found.root else n for n in inside]
    found.manifest, found.about = MANIFEST in names, ABOUT in names
    found.dicomdir = DICOMDIR in names
    with Reader() as reader:
        _study(place / found.root, names, reader, found, step)
    keep(store, upload_id, found)
    return found


def keep(store: Store, upload_id: uuid.UUID, found: Found) -> None:
    """Write what was found beside the files."""
    path = store.place(upload_id) / "found.json"
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(asdict(found)), encoding="utf-8")
    draft.replace(path)


def recall(store: Store, upload_id: uuid.UUID) -> Found:
    """Return what was found.

    Raises
    ------
    ConflictError
        When nobody has looked yet, or the files are gone.
    """
    path = store.place(upload_id) / "found.json"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as fault:
        raise ConflictError("Nobody has looked at these files yet.") from fault
    said["units"] = [Unit(**one) for one in said["units"]]
    said["faults"] = [Fault(**one) for one in said["faults"]]
    return Found(**said)


def looked(session: Session, upload_id: uuid.UUID, found: Found, *, now: datetime) -> None:
    """Write that an upload was looked at, and what there is in short."""
    upload = find(session, None, upload_id)
    if upload.state != "open":
        return
    counts = Counter(unit.modality for unit in found.units)
    upload.state, upload.touched_at = "looked", now
    upload.body = upload.body | {
        "found": {
            "units": len(found.units),
            "refused": len(found.faults),
            "modalities": dict(counts),
            "files": found.files,
        }
    }


def _below(name: str, root: str) -> bool:
    return not root or name.startswith(f"{root}/")


def _assemble(
    store: Store, upload_id: uuid.UUID, files: Sequence[File], found: Found, step: Step
) -> None:
    """Link plain files under their names and open archives, each into a folder of its own."""
    place = store.files(upload_id)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, mode=0o700)
    done = Unpacked()
    archives: list[tuple[File, Path]] = []
    for one in files:
        part = store.part(upload_id, one.id)
        if one.received < one.size or not part.is_file():
            found.fault(
                one.name, f"only {one.received} of {one.size} bytes of it came", "send it again"
            )
        elif is_archive(part, one.name):
            archives.append((one, part))
        else:
            _link(part, place, one.name, done, found)
    for at, (one, part) in enumerate(archives):
        step("opening archives", at, len(archives))
        # One archive is the set itself; of several, each keeps its own name as a folder.
        folder = _stem(one.name) if len(archives) > 1 else ""

        def tick(at: int = at) -> None:
            if done.entries % 50 == 0:
                step("opening archives", at, len(archives))

        unpack(part, one.name, place, folder, done, store.limits, tick)
    for fault in done.faults:
        found.fault(fault.file, fault.reason, fault.cure)


def _link(part: Path, place: Path, name: str, done: Unpacked, found: Found) -> None:
    target = place / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(part, target)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            shutil.copyfile(part, target)
    except (FileExistsError, NotADirectoryError):
        found.fault(name, "a file and a folder have this name", "rename one of the two")
        return
    done.total_bytes += part.stat().st_size


def _stem(name: str) -> str:
    for ending in (".tar.gz", ".tar.bz2"):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    head, dot, _ = name.rpartition(".")
    return head if dot and head else f"{name}-opened"


def _root(names: Sequence[str]) -> str:
    """Return the folder names count from: the manifest's, else what all files share."""
    for wanted in (MANIFEST, ABOUT, DICOMDIR):
        places = [n.rpartition("/")[0] for n in names if n.rpartition("/")[2] == wanted]
        places.sort(key=lambda place: (place.count("/") + bool(place), place))
        if places:
            return places[0]
    shared = [PurePosixPath(n).parts[:-1] for n in names if not n.lower().endswith(_BESIDE)]
    if not shared:
        return ""
    first = shared[0][:1]
    # One folder round everything is how archives are packed; a deeper one may be a stack.
    return (
        first[0]
        if first
        and all(parts[:1] == first for parts in shared)
        and any(len(parts) > 1 for parts in shared)
        else ""
    )


def _study(root: Path, names: Sequence[str], reader: Reader, found: Found, step: Step) -> None:
    series: dict[str, dict[str, list[tuple[str, dict[str, Any]]]]] = {}
    for at, name in enumerate(names):
        if at % 10 == 0:
            step("looking at files", at, len(names))
        last = name.rpartition("/")[2]
        if last in (MANIFEST, ABOUT, DICOMDIR) or last.lower().endswith(_BESIDE):
            continue
        try:
            said = _said(root, name, reader)
        except IntakeError as fault:
            found.fault(name, fault.reason, fault.cure)
            continue
        if said["modality"] in (Modality.CT.value, Modality.MR.value):
            folder = name.rpartition("/")[0]
            series.setdefault(folder, {}).setdefault(said["series"], []).append((name, said))
        else:
            found.units.append(_unit(name, said))
    step("looking at files", len(names), len(names))
    for folder, parts in sorted(series.items()):
        _stacks(root, folder, parts, names, found)
    found.units.sort(key=lambda unit: unit.file)


def _said(root: Path, name: str, reader: Reader) -> dict[str, Any]:
    """Return what a file's first bytes or header say of it; refuse what is no image."""
    with (root / name).open("rb") as file:
        head = file.read(132)
    if head.startswith(_RASTERS) and head[128:132] != b"DICM":
        return {"modality": "XR", "series": "", "region": "", "view": ""}
    data = read_file(root, name)
    if head[128:132] != b"DICM":
        reader.measure(data, name)  # an old DICOM file without a head, or a plain refusal
        return {"modality": "XR", "series": "", "region": "", "view": ""}
    said = reader.peek(data, name)
    if "files" in said:
        raise IntakeError(name, "it is a DICOMDIR under another name", "name it DICOMDIR")
    stated = said["modality"]
    family = FAMILIES.get(stated)
    if family is None and stated not in NEUTRAL:
        raise IntakeError(
            name, f"its modality is {stated}, the bank takes radiographs, CT and MR", "leave it out"
        )
    return dict(said) | {"modality": (family or Modality.XR).value}


def _unit(name: str, said: dict[str, Any], slices: int = 1) -> Unit:
    region, view = (str(said[key]).lower().strip()[:40] for key in ("region", "view"))
    return Unit(name, slices, said["modality"], region, view)


def _stacks(
    root: Path,
    folder: str,
    parts: dict[str, list[tuple[str, dict[str, Any]]]],
    names: Sequence[str],
    found: Found,
) -> None:
    """Make a stack of each series; a series among other files gets a folder of its own."""
    beside = sum(n.rpartition("/")[0] == folder for n in names) - sum(map(len, parts.values()))
    own = len(parts) == 1 and not beside and folder
    for number, slices in enumerate(parts.values(), 1):
        first, said = slices[0]
        if len(slices) == 1:
            found.units.append(_unit(first, said))
        elif own:
            found.units.append(_unit(folder, said, len(slices)))
        elif found.manifest or found.dicomdir:
            found.units += [_unit(name, each) for name, each in slices]
        else:
            place = f"{folder}/series-{number}" if folder else f"series-{number}"
            (root / place).mkdir(exist_ok=True)
            for name, _ in slices:
                (root / name).rename(root / place / name.rpartition("/")[2])
            found.units.append(_unit(place, said, len(slices)))
