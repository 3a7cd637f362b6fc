"""Memory of an import and of an archive as the set grows: it is to be flat.

Each number of images is imported, packed and put back by processes of their own (``flask bank``),
and the largest resident memory of each is told, with that of the decoder it starts. Give numbers
to measure others: ``python -m benchmarks.intake_memory 100 10000``.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from PIL import Image

COUNTS = (100, 1000)
ROOT = Path(__file__).resolve().parents[1]
ABOUT = """
title = "Measured"
licence = "CC0"
citation = "none"
display_allowed = true
provenance = "clinical"
source = "made here"
consent_basis = "none needed"
deidentification = "none needed"
"""


def _set(folder: Path, count: int) -> None:
    """Write a set of small films, both classes alike."""
    folder.mkdir()
    (folder / "dataset.toml").write_text(ABOUT)
    rows = ["file,truth,region,patient"]
    y, x = np.mgrid[:160, :160] / 160
    for number in range(count):
        rng = np.random.default_rng(number)
        shape = np.cos(rng.uniform(3, 9) * x + rng.uniform(0, 6)) * np.cos(rng.uniform(3, 9) * y)
        grey = 128 + 60 * shape + rng.normal(0, 5, shape.shape)
        Image.fromarray(grey.clip(0, 255).astype(np.uint8)).save(folder / f"{number}.png")
        rows.append(f"{number}.png,{('authentic', 'synthetic')[number % 2]},chest,p{number}")
    (folder / "images.csv").write_text("\n".join(rows) + "\n")


def _children(parent: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):  # it may have ended by now
        for thread in Path(f"/proc/{parent}/task").iterdir():
            found += [int(word) for word in (thread / "children").read_text().split()]
    return found


def _peak(process: int) -> float:
    """Return the largest resident memory of a process so far, in MiB."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return int(status.split("VmHWM:")[1].split()[0]) / 1024 if "VmHWM:" in status else 0.0


def _run(home: Path, *command: str) -> tuple[float, float, float]:
    """Run a command of ours; return its peak, its decoder's peak (MiB), and CPU seconds of both."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TRAINER_")}
    environment |= {"TRAINER_HOME": str(home), "DATABASE_URL": ""}
    before = os.times()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    own, decoder = 0.0, 0.0
    over = threading.Event()

    def watch() -> None:
        nonlocal own, decoder
        while not over.wait(0.1):
            own = max(own, _peak(process.pid))
            for child in _children(process.pid):
                decoder = max(decoder, _peak(child))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, told = process.communicate()
    over.set()
    watcher.join()
    if process.returncode:
        raise RuntimeError(told.decode()[-500:])
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return own, decoder, used


def main(counts: tuple[int, ...] = COUNTS) -> None:
    """Print the table."""
    print(f"{'images':>8} {'what':<10} {'own MiB':>8} {'decoder MiB':>12} {'CPU-s':>8} {'s':>7}")
    for count in counts:
        with tempfile.TemporaryDirectory() as place:
            where = Path(place)
            _set(where / "set", count)
            here, there = where / "here", where / "there"
            _run(here, "db", "upgrade")
            _run(there, "db", "upgrade")
            archive = str(where / "set.zip")
            for what, home, command in (
                ("import", here, ("bank", "import", str(where / "set"), "--dataset", "measured")),
                ("pack", here, ("bank", "export-archive", archive, "--why", "it is measured")),
                ("put back", there, ("bank", "import-archive", archive)),
            ):
                began = time.perf_counter()
                own, decoder, used = _run(home, *command)
                seconds = time.perf_counter() - began
                print(
                    f"{count:8} {what:<10} {own:8.0f} {decoder:12.0f} {used:8.1f} {seconds:7.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    main(tuple(int(word) for word in sys.argv[1:]) or COUNTS)
