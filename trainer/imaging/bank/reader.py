"""Reading files that may be hostile: the parent's side of the worker."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.bank.mask import Patch
from trainer.imaging.bank.normalise import Prepared
from trainer.imaging.bank.plan import Box, Measure, Plan
from trainer.imaging.bank.wire import HEAD
from trainer.imaging.dicom.decoded import MOST_PIXELS, Decoded
from trainer.imaging.dicom.errors import IntakeError
from trainer.imaging.film import Film

#: Address space of the worker. Resident memory stays below 1 GiB: libraries map the rest.
MEMORY_BYTES = 1536 * 1024 * 1024
#: Of processor time for one file, and of waiting for it on a busy machine.
CPU_SECONDS = 60
WAIT_SECONDS = 300
#: Larger files are refused unread.
MOST_BYTES = 512 * 1024 * 1024
_MOST_WORDS = 16 * 1024 * 1024
WORKER = ["-m", "trainer.imaging.bank.worker"]
_ROOT = Path(__file__).resolve().parents[3]


class _WorkerDiedError(Exception):
    """The worker ended or fell silent in the middle of a file."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A film made of a file, with what is privately known of it.

    Parameters
    ----------
    prepared : Prepared
        The film and the part of the source it shows.
    source : Decoded
        Facts, identifiers and holds; its ``pixels`` are empty.
    shape : tuple of int
        Frames, rows and columns of the source.
    """

    prepared: Prepared
    source: Decoded
    shape: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Again:
    """How a film is made anew from a source that has one already.

    Parameters
    ----------
    seed : bytes
        The sha256 of the file as it first came.
    box : Box
        The part of it that the film shows.
    patches : sequence of Patch
        What is covered first, in source pixels.
    """

    seed: bytes
    box: Box
    patches: Sequence[Patch]


class Reader:
    """A worker that is started when first needed and again whenever it dies.

    Use as a context manager. Not for several threads at once: give each its own.

    Parameters
    ----------
    memory_bytes : int
        Address space of the worker.
    cpu_seconds : int
        Processor time for one file.
    wait_seconds : float
        Clock time for one file.
    """

    def __init__(
        self,
        memory_bytes: int = MEMORY_BYTES,
        cpu_seconds: int = CPU_SECONDS,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self.memory_bytes = memory_bytes
        self.cpu_seconds = cpu_seconds
        self.wait_seconds = wait_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def decode(self, data: bytes, name: str) -> Decoded:
        """Decode a file; raise :class:`IntakeError` where it cannot be."""
        told, pixels = self._ask({"do": "decode", "name": name}, data)
        assert pixels is not None
        return _decoded(told, pixels.astype(np.float32, copy=False))

    def measure(self, data: bytes, name: str) -> tuple[Measure, Decoded]:
        """Measure a file for the plan of its set."""
        told, _ = self._ask({"do": "measure", "name": name}, data)
        found = told["measure"]
        spacing = found["spacing_mm"]
        row, column = found["whole"]
        kept = found | {"whole": (row, column), "spacing_mm": tuple(spacing) if spacing else None}
        return Measure(**kept), _decoded(told, np.zeros((0, 0, 0), np.float32))

    def film(
        self, data: bytes, name: str, plan: Plan, region: str, view: str, again: Again | None = None
    ) -> Taken:
        """Decode a file and bring it to its set's plan; ``again``: with parts covered."""
        task: dict[str, Any] = {"do": "film", "name": name, "plan": plan.as_json()}
        task |= {"region": region, "view": view}
        if again is not None:
            task |= {"seed": again.seed.hex(), "patches": [p.as_json() for p in again.patches]}
            task |= {"box": list(astuple(again.box))}
        told, pixels = self._ask(task, data)
        assert pixels is not None
        film = Film(
            pixels=pixels.astype(np.uint16, copy=False),
            spacing_mm=plan.spacing_mm,
            modality=plan.modality,
            region=region,
            view=view,
            slope=told["slope"],
            intercept=told["intercept"],
            slice_mm=tuple(told["slice_mm_film"]),
            placed=told["placed"],
        )
        source = _decoded(told, np.zeros((0, 0, 0), np.float32))
        return Taken(Prepared(film, Box(*told["box"])), source, tuple(told["source_shape"]))

    def peek(self, data: bytes, name: str) -> dict[str, Any]:
        """Return what a DICOM header says of its place, or the files a DICOMDIR names."""
        return self._ask({"do": "peek", "name": name}, data)[0]

    def clean(self, data: bytes, name: str, key: str) -> tuple[bytes, dict[str, str]]:
        """De-identify a DICOM file; return its bytes and the record of what was done."""
        told, cleaned = self._ask({"do": "clean", "name": name, "key": key}, data)
        assert cleaned is not None
        return cleaned.tobytes(), {str(k): str(v) for k, v in told["record"].items()}

    def colour(self, data: bytes, name: str) -> tuple[dict[str, Any], NDArray[np.uint8] | None]:
        """Return what a raster's colour says, and a picture of it; see :mod:`.aside`."""
        told, panel = self._ask({"do": "colour", "name": name}, data)
        return told["colour"], None if panel is None else panel.astype(np.uint8, copy=False)

    def _ask(self, task: dict[str, Any], data: bytes) -> tuple[dict[str, Any], NDArray[Any] | None]:
        name = str(task["name"])
        if len(data) > MOST_BYTES:
            raise IntakeError(
                name,
                f"it has {len(data) / 2**20:.0f} MiB; the limit is {MOST_BYTES / 2**20:.0f}",
                "split it into files of fewer frames",
            )
        try:
            told, body = self._exchange(task, data)
        except _WorkerDiedError as fault:
            self.close()
            raise IntakeError(
                name,
                f"decoding it {fault}",
                "the file is damaged or hostile: export it again from its source, or leave it out",
            ) from fault
        except BaseException:
            self.close()  # an interrupt in mid-answer: the pipe is no longer at a message's start
            raise
        if "refused" in told:
            reason, cure = told["refused"]
            raise IntakeError(name, str(reason), str(cure))
        if "shape" not in told:
            return told, None
        return told, np.frombuffer(body, np.dtype(told["dtype"])).reshape(told["shape"])

    def _exchange(self, task: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytearray]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        deadline = time.monotonic() + self.wait_seconds
        head = json.dumps(task).encode()
        self._write(process.stdin, HEAD.pack(len(head), len(data)) + head, deadline)
        self._write(process.stdin, data, deadline)
        words, size = HEAD.unpack(self._read(process.stdout, HEAD.size, deadline))
        if words > _MOST_WORDS or size > max(MOST_PIXELS * 4, 2 * MOST_BYTES):
            raise _WorkerDiedError("gave an answer that makes no sense")
        told = json.loads(bytes(self._read(process.stdout, words, deadline)))
        return told, self._read(process.stdout, size, deadline)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            command = [sys.executable, *WORKER]
            # No secrets in its environment, and no threads it would only waste memory on.
            env = {
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": str(_ROOT),
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "MALLOC_ARENA_MAX": "2",
            }
            self._process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
                [*command, str(self.memory_bytes), str(self.cpu_seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=env,
                cwd="/",
                start_new_session=True,
                bufsize=0,
            )
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None
                os.set_blocking(pipe.fileno(), False)
        return self._process

    def _write(self, pipe: IO[bytes], data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(pipe, deadline, writing=True)
            try:
                view = view[os.write(pipe.fileno(), view[: 1 << 20]) :]
            except BrokenPipeError:
                raise _WorkerDiedError(self._how()) from None

    def _read(self, pipe: IO[bytes], size: int, deadline: float) -> bytearray:
        data = bytearray(size)
        view, got = memoryview(data), 0
        while got < size:
            self._wait(pipe, deadline, writing=False)
            count = os.readv(pipe.fileno(), [view[got : got + (1 << 20)]])
            if count == 0:
                raise _WorkerDiedError(self._how())
            got += count
        return data

    def _wait(self, pipe: IO[bytes], deadline: float, *, writing: bool) -> None:
        left = deadline - time.monotonic()
        sides: tuple[list[IO[bytes]], list[IO[bytes]]] = ([], [pipe]) if writing else ([pipe], [])
        if left <= 0 or not any(select.select(*sides, [], left)):
            raise _WorkerDiedError(f"took more than {self.wait_seconds:.0f} seconds")

    def _how(self) -> str:
        """Say how the worker ended."""
        process = self._process
        code = process.wait(timeout=30) if process is not None else None
        if code == -24:  # SIGXCPU
            return f"took more than {self.cpu_seconds} seconds of processor time"
        if code is not None and code < 0:
            return f"crashed the decoder (signal {-code})"
        return f"ended the decoder (exit code {code}), most likely for want of memory"


def _decoded(told: dict[str, Any], pixels: NDArray[np.float32]) -> Decoded:
    spacing = told["spacing_mm"]
    return Decoded(
        pixels=pixels,
        bits=told["bits"],
        modality=told["modality"],
        spacing_mm=(spacing[0], spacing[1]) if spacing else None,
        slice_mm=tuple(told["slice_mm"]),
        shift_mm=tuple((row, column) for row, column in told["shift_mm"]),
        plane=told["plane"],
        patient=told["patient"],
        series=told["series"],
        instance=told["instance"],
        facts=told["facts"],
        holds=tuple(told["holds"]),
    )
