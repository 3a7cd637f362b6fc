import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trainer.core.words import Modality
from trainer.imaging.bank.plan import make_plan
from trainer.imaging.bank.reader import Reader
from trainer.imaging.dicom.errors import IntakeError


def png(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(array).save(out, "PNG")
    return out.getvalue()


NOISE = png(np.random.default_rng(1).integers(0, 60_000, (300, 400)).astype(np.uint16))


def test_what_the_worker_reads_is_what_the_parent_gets():
    with Reader() as reader:
        decoded = reader.decode(NOISE, "a.png")
        assert decoded.pixels.shape == (1, 300, 400)
        found, source = reader.measure(NOISE, "a.png")
        assert (found.rows, found.columns, found.bits) == (300, 400, 16)
        plan = make_plan(Modality.XR, [[found]])
        one = reader.film(NOISE, "a.png", plan, "chest", "pa")
        assert one.prepared.film.pixels.shape == (plan.rows, plan.columns)
        assert one.shape == (1, 300, 400)
        assert source.facts["format"] == "PNG"


def test_a_refusal_leaves_the_worker_as_it_was():
    with Reader() as reader:
        reader.decode(NOISE, "a.png")
        worker = reader._process.pid
        with pytest.raises(IntakeError, match=r"b\.png: it is empty"):
            reader.decode(b"", "b.png")
        reader.decode(NOISE, "a.png")
        assert reader._process.pid == worker


def test_a_worker_that_dies_costs_one_file():
    with Reader() as reader:
        reader.decode(NOISE, "a.png")
        os.kill(reader._process.pid, 11)
        reader._process.wait()
        assert reader.decode(NOISE, "a.png").pixels.size


def test_too_much_memory_is_one_refused_file():
    big = png(np.zeros((7000, 7000), np.uint8))
    with Reader(memory_bytes=500 * 2**20) as reader:
        with pytest.raises(IntakeError, match="memory"):
            reader.decode(big, "big.png")
        assert reader.decode(NOISE, "a.png").pixels.size


def test_too_long_is_one_refused_file():
    big = png(np.zeros((7000, 7000), np.uint8))
    with Reader(wait_seconds=0.05) as reader, pytest.raises(IntakeError, match="seconds"):
        reader.decode(big, "big.png")


def test_a_hang_is_ended_by_the_processor_clock(tmp_path, monkeypatch):
    """A worker that spins for ever on a file: nothing in it looks at a clock."""
    from trainer.imaging.bank import reader as module

    (tmp_path / "spin.py").write_text(
        "import sys\n"
        "from trainer.imaging.bank import worker\n"
        "def spin(task, data):\n    while True: pass\n"
        "worker.TASKS['decode'] = spin\n"
        "worker.main()\n"
    )
    monkeypatch.setattr(module, "WORKER", [str(tmp_path / "spin.py")])
    with (
        Reader(cpu_seconds=1, wait_seconds=60) as reader,
        pytest.raises(IntakeError, match="processor time"),
    ):
        reader.decode(NOISE, "a.png")


def test_the_worker_sees_no_secret(monkeypatch):
    monkeypatch.setenv("TRAINER_SECRET_KEY", "x" * 40)
    with Reader() as reader:
        reader.decode(NOISE, "a.png")
        environment = Path(f"/proc/{reader._process.pid}/environ").read_text()
        assert "TRAINER_SECRET_KEY" not in environment
