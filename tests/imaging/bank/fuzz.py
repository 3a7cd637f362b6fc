"""Throw changed files at the worker for a while; not a test by itself.

``python -m tests.imaging.bank.fuzz FOLDER --minutes 10`` takes every small file of the folder,
changes it and asks for a decode. It prints how many were read, refused, and how often the worker
died, with the changed file kept for each way of dying.
"""

import argparse
import collections
import time
from pathlib import Path

import numpy as np

from trainer.imaging.bank.reader import Reader
from trainer.imaging.dicom.errors import IntakeError

LARGEST = 120_000


def changed(data: bytes, rng: np.random.Generator, other: bytes) -> bytes:
    """Return the file with one to some changes of the kinds that break parsers."""
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 6))):
        kind, at = int(rng.integers(7)), int(rng.integers(max(1, min(len(out), 4000))))
        if rng.random() < 0.3:
            at = int(rng.integers(max(1, len(out))))
        if kind == 0:
            out[at : at + 1] = bytes([int(rng.integers(256))])
        elif kind == 1:
            out[at : at + 4] = rng.bytes(4)
        elif kind == 2:
            out[at : at + 4] = [b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\xff\xff\xff\x7f"][
                int(rng.integers(3))
            ]
        elif kind == 3:
            del out[at : at + int(rng.integers(1, 200))]
        elif kind == 4:
            out[at:at] = out[at : at + int(rng.integers(1, 200))]
        elif kind == 5:
            out[at:at] = other[: int(rng.integers(1, 400))]
        else:
            del out[at + int(rng.integers(len(out) + 1)) :]
    return bytes(out)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("/tmp/fuzz"))
    given = parser.parse_args()
    given.keep.mkdir(exist_ok=True)
    rng = np.random.default_rng(given.seed)
    seeds = [
        p.read_bytes()
        for p in sorted(given.folder.rglob("*"))
        if p.is_file() and p.suffix != ".csv" and 0 < p.stat().st_size <= LARGEST
    ]
    # The synthetic PNGs are alike; the odd DICOM files are what parsers stumble over.
    seeds = [s for i, s in enumerate(seeds) if s[128:132] == b"DICM" or i % 8 == 0]
    ends: collections.Counter[str] = collections.Counter()
    started = time.monotonic()
    with Reader(cpu_seconds=20, wait_seconds=60) as reader:
        while time.monotonic() - started < given.minutes * 60:
            data = changed(
                seeds[int(rng.integers(len(seeds)))], rng, seeds[int(rng.integers(len(seeds)))]
            )
            ends["tried"] += 1
            try:
                pixels = reader.decode(data, "x").pixels
                ends["read"] += 1
                if not np.isfinite(pixels).all():
                    ends["read, not finite"] += 1
                    (given.keep / f"nan-{ends['tried']}").write_bytes(data)
            except IntakeError as fault:
                if fault.reason.startswith("decoding it"):
                    ends[fault.reason] += 1
                    (given.keep / f"died-{ends['tried']}").write_bytes(data)
                else:
                    ends["refused"] += 1
            except Exception as fault:
                ends[f"WRONG {fault!r}"[:200]] += 1
                (given.keep / f"wrong-{ends['tried']}").write_bytes(data)
    for what, count in ends.most_common():
        print(f"{count:8} {what}")


if __name__ == "__main__":
    main()
