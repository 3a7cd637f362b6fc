"""Figures on real films go on where a run stopped, say what is not there, and count refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import forgery_films
from benchmarks._rows import read
from tests.imaging.forgery.pictures import trunk

THERE = 5
ASKED = "uniform_grain,trabecula"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Five of the twenty films, drawn; nothing else."""
    for seed, name in enumerate(forgery_films.FILMS[:THERE]):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((trunk(seed, 144)[0] >> 8).astype(np.uint8)).save(path)
    return tmp_path / "data"


def run(data: Path, store: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[str, str]:
    forgery_films.main([str(data), str(store), "--only", ASKED, *more])
    said = capsys.readouterr()
    return said.out, said.err


def line(table: str, hallmark: str) -> list[str]:
    (found,) = (row for row in table.splitlines() if row.startswith(f"| `{hallmark}` |"))
    return [cell.strip() for cell in found.split("|")[1:-1]]


def test_a_run_that_was_cut_short_goes_on(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "store"
    run(data, store, capsys, "--films", "2")
    rows = store / "rows.jsonl"
    first = rows.read_text()
    assert {row["film"] for row in read(rows) if "film" in row} == set(forgery_films.FILMS[:2])
    half = next(text for text in first.splitlines() if '"dose": 1.0' in text)
    half = half.replace(forgery_films.FILMS[0], forgery_films.FILMS[2])
    with rows.open("a") as out:
        out.write(half + "\n" + half[:40])
    assert len(read(rows)) == 2 * (5 + 1)
    table, missing = run(data, store, capsys)
    assert rows.read_text().startswith(first)
    found = [(row["film"], row["hallmark"], row.get("dose")) for row in read(rows)]
    assert len(found) == THERE * (5 + 1) + 1 and len(set(found)) == THERE * (5 + 1)
    for name in (*forgery_films.FILMS[THERE:], *forgery_films.SERIES):
        assert f"left out: {data / name} is not there" in missing
    assert table == run(data, store, capsys, "--table")[0]
    assert line(run(data, store, capsys, "--table", "--films", "2")[0], "uniform_grain")[1] == "2"


def test_observers_and_refusals_are_told(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, _ = run(data, tmp_path / "store", capsys)
    _, films, refused, seen, verdict, rising, noise, forensic = line(table, "uniform_grain")
    assert (films, refused, verdict, rising) == (str(THERE), "", "rises", str(THERE))
    means = [float(part.split(" (")[0]) for part in seen.split("), ")]
    assert means == sorted(means) and len(means) == 4 and means[0] > 0
    assert noise.startswith("**1.00") and forensic.startswith("0.50, ")
    _, films, refused, *rest = line(table, "trabecula")
    assert films == "0" and refused.startswith(f"{THERE}: not sure where the bone is")
    assert not any(rest)


def test_an_unknown_hallmark_is_named(data: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        forgery_films.main([str(data), str(tmp_path / "store"), "--only", "nothing"])
    assert not (tmp_path / "store").exists()
