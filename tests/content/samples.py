"""The sample curricula: a good one, and for each rule what to change in it to break that rule."""

from __future__ import annotations

import shutil
from pathlib import Path

TRACKS = Path(__file__).resolve().parents[1] / "tracks"
GOOD = TRACKS / "good"


def broken_rules() -> list[str]:
    """Return the rules that have a broken sample."""
    return sorted(p.name.removeprefix("broken_") for p in TRACKS.glob("broken_*"))


def lay_out(target: Path, rule: str = "") -> Path:
    """Copy the good sample to ``target``, break one rule in it; return its curricula."""
    shutil.copytree(GOOD, target, dirs_exist_ok=True)
    if rule:
        sample = TRACKS / f"broken_{rule}"
        shutil.copytree(sample, target, dirs_exist_ok=True, ignore=lambda *_: {"DELETE"})
        gone = sample / "DELETE"
        for name in gone.read_text().split() if gone.exists() else ():
            (target / name).unlink()
        for folder in sorted((p for p in target.rglob("*") if p.is_dir()), reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()
    return target / "curricula"
