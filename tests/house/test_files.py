"""What holds for every file of the house."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = {".py", ".js", ".css", ".html", ".toml", ".md"}
LONGEST = 400
#: Texts that are long by nature, and what a tool writes.
FREE = re.compile(
    r"^(migrations/versions/|docs/|curricula/|image_bank/|README|CHANGELOG|CONTRIBUTING|SECURITY)"
)
# Spelt in halves, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(?:TO" + "DO|FIX" + r"ME|HA" + r"CK)\b")
PLACES = re.compile(r"/(?:home|root|work|Users)/\w+/|\b(?:10|192\.168)\.\d+\.\d+\.\d+\b")


def files() -> list[Path]:
    """Return every file that belongs to the repository, new ones included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:  # a copy without its history
        found = [p for p in ROOT.rglob("*") if p.is_file()]
        hidden = {".venv", "instance", "__pycache__", ".git", "test-output"}
        return [p for p in found if not hidden & set(p.relative_to(ROOT).parts)]
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_is_something_to_look_at():
    assert len(files()) > 100


def test_no_file_is_too_long_to_be_read_in_one_go():
    lines = {
        named(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in files()
        if path.suffix in WRITTEN and not FREE.match(named(path))
    }
    long = {name: count for name, count in lines.items() if count > LONGEST}
    assert not long, f"more than {LONGEST} lines, split by subject: {long}"


def test_nothing_is_left_unfinished_and_no_machine_of_ours_is_named():
    found = []
    for path in files():
        if path.suffix not in WRITTEN | {".txt", ".cfg", ".ini", ".sh", ""} or "docs/img" in named(
            path
        ):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            hit = UNFINISHED.search(line) or PLACES.search(line)
            if hit:
                found.append(f"{named(path)}:{number}: {hit.group()}")
    assert not found, "\n".join(found)


def test_no_image_of_a_person_and_nothing_large_is_kept_in_the_repository():
    kinds = {".dcm", ".dicom", ".nii", ".gz", ".zip", ".npy", ".npz", ".tif", ".tiff"}
    odd = [named(p) for p in files() if p.suffix.lower() in kinds]
    large = [named(p) for p in files() if p.stat().st_size > 1_000_000]
    assert not odd, odd
    assert not large, large
