"""The child process that decodes files nobody has vouched for.

A codec that crashes, hangs or eats memory takes this process with it and nothing else; the parent
(:mod:`trainer.imaging.bank.reader`) refuses that one file and starts another worker. It answers
with JSON and raw numbers: nothing it sends is ever executed or unpickled.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import sys
from dataclasses import replace
from typing import Any

import numpy as np

from trainer.imaging.bank.aside import colour_of
from trainer.imaging.bank.decode import decode_file
from trainer.imaging.bank.look import looked_at
from trainer.imaging.bank.mask import Patch, cover
from trainer.imaging.bank.normalise import normalise
from trainer.imaging.bank.plan import Box, Plan, measure
from trainer.imaging.bank.wire import HEAD, send
from trainer.imaging.dicom.decoded import Decoded
from trainer.imaging.dicom.deidentify import deidentify
from trainer.imaging.dicom.errors import IntakeError
from trainer.imaging.dicom.peek import peek
from trainer.imaging.film import FilmError

Answer = tuple[dict[str, Any], np.ndarray[Any, Any] | None]


def _described(decoded: Decoded) -> dict[str, Any]:
    return {
        "bits": decoded.bits,
        "modality": decoded.modality,
        "spacing_mm": decoded.spacing_mm,
        "slice_mm": decoded.slice_mm,
        "shift_mm": decoded.shift_mm,
        "plane": decoded.plane,
        "patient": decoded.patient,
        "series": decoded.series,
        "instance": decoded.instance,
        "facts": decoded.facts,
        "holds": decoded.holds,
    }


def _decode(task: dict[str, Any], data: bytes) -> Answer:
    decoded = decode_file(data, task["name"])
    return _described(decoded), decoded.pixels


def _measure(task: dict[str, Any], data: bytes) -> Answer:
    decoded = decode_file(data, task["name"])
    found = measure(decoded)
    kept = {name: getattr(found, name) for name in found.__slots__}
    return _described(decoded) | {"measure": kept}, None


def _film(task: dict[str, Any], data: bytes) -> Answer:
    decoded = decode_file(data, task["name"])
    seed = bytes.fromhex(task.get("seed") or "") or hashlib.sha256(data).digest()
    if task.get("patches"):
        patches = [Patch(*numbers) for numbers in task["patches"]]
        decoded = replace(decoded, pixels=cover(decoded.pixels, patches, seed))
    decoded = looked_at(decoded)
    made = normalise(
        decoded,
        Plan.from_json(task["plan"]),
        seed,
        task["name"],
        task["region"],
        task["view"],
        Box(*task["box"]) if task.get("box") else None,
    )
    film, box = made.film, made.box
    words = {
        "slice_mm_film": film.slice_mm,
        "placed": film.placed,
        "slope": film.slope,
        "intercept": film.intercept,
        "source_shape": decoded.pixels.shape,
        "box": [box.top, box.left, box.bottom, box.right],
    }
    return _described(decoded) | words, film.pixels


def _clean(task: dict[str, Any], data: bytes) -> Answer:
    cleaned, record = deidentify(data, task["key"].encode(), task["name"])
    return {"record": record}, np.frombuffer(cleaned, np.uint8)


def _peek(task: dict[str, Any], data: bytes) -> Answer:
    return peek(data, task["name"]), None


def _colour(task: dict[str, Any], data: bytes) -> Answer:
    facts, panel = colour_of(data, task["name"])
    return {"colour": facts}, panel


TASKS = {
    "peek": _peek,
    "clean": _clean,
    "colour": _colour,
    "decode": _decode,
    "measure": _measure,
    "film": _film,
}


def answer(task: dict[str, Any], data: bytes) -> Answer:
    """Do one task; a refusal is an answer too."""
    try:
        return TASKS[task["do"]](task, data)
    except IntakeError as fault:
        return {"refused": [fault.reason, fault.cure]}, None
    except FilmError as fault:
        return {"refused": [str(fault), "leave it out, or export it in another size"]}, None
    except MemoryError:
        return {
            "refused": [
                "decoding it needs more memory than one file is given",
                "reduce it or split it into files of fewer frames",
            ]
        }, None
    except RecursionError:
        return {
            "refused": ["its header is nested without end", "export it again from its source"]
        }, None
    except BaseException as fault:  # a decoder in Rust panics with no Exception
        said = " ".join(str(fault).split())[:160] or type(fault).__name__
        return {
            "refused": [f"its decoder gave up ({said})", "export it again from its source"]
        }, None


def limit(memory_bytes: int) -> None:
    """Take away what a decoder never needs."""
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # not every system knows every limit
            resource.setrlimit(what, (most, most))


def main() -> None:
    """Answer tasks from standard input until it closes."""
    source = sys.stdin.buffer
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # codecs print; what they print is no answer
    limit(int(sys.argv[1]))
    cpu_seconds = int(sys.argv[2])
    while True:
        head = source.read(HEAD.size)
        if len(head) < HEAD.size:
            return
        words, size = HEAD.unpack(head)
        task = json.loads(source.read(words))
        data = source.read(size)
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime) + 1
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (spent + cpu_seconds, hard))
        told, pixels = answer(task, data)
        if pixels is not None:
            told |= {"shape": pixels.shape, "dtype": pixels.dtype.str}
            send(sink, told, np.ascontiguousarray(pixels).data.cast("B"))
        else:
            send(sink, told, b"")


if __name__ == "__main__":
    main()
