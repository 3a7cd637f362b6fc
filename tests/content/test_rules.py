"""Every rule: the good sample keeps it, its broken sample breaks it and no other."""

import re
from pathlib import Path

import pytest

from tests.content.samples import GOOD, broken_rules, lay_out
from trainer.content import rules
from trainer.content.catalogue import catalogue

ROOT = Path(__file__).resolve().parents[2]
RULES = re.findall(r"^## (C\d\d) ", (ROOT / "docs" / "content-rules.md").read_text(), re.M)
WARNINGS = {"C25"}


def published_good() -> rules.Published:
    curricula, _ = rules.check(GOOD / "curricula", GOOD / "image_bank")
    names = {
        "sample": curricula.tracks["sample"].track.uuid,
        "sample/first": curricula.tracks["sample"].lessons["first"].lesson.uuid,
        "sample/second": curricula.tracks["sample"].lessons["second"].lesson.uuid,
    }
    track = names["sample"]
    concepts = {f"{track}/{slug}" for slug in curricula.tracks["sample"].concepts}
    return rules.Published(names, frozenset(concepts))


def test_the_good_sample_keeps_every_rule():
    _, report = rules.check(GOOD / "curricula", GOOD / "image_bank", published_good())
    assert report.lines() == ["13 content files are clean"]


def test_every_rule_is_on_the_page_and_has_a_broken_sample():
    assert broken_rules() == sorted(RULES)
    assert len(RULES) == len(set(RULES)) >= 26


@pytest.mark.parametrize("rule", broken_rules())
def test_a_broken_sample_breaks_its_rule_and_no_other(rule, tmp_path):
    root = lay_out(tmp_path, rule)
    _, report = rules.check(root, tmp_path / "image_bank", published_good())
    found = report.warnings if rule in WARNINGS else report.errors
    assert {fault.rule for fault in found} == {rule}, report.lines()
    assert report.clean == (rule in WARNINGS)
    assert all(fault.path and fault.message for fault in found)


def test_all_faults_are_listed_not_the_first(tmp_path):
    root = lay_out(tmp_path, "C15")
    text = root / "sample/lessons/first/text.md"
    text.write_text(text.read_text() + "\n<b>raw</b>\n\n## Todo\n")
    (root / "sample/lessons/second/lesson.toml").write_text('uuid = "broken\n')
    _, report = rules.check(root, tmp_path / "image_bank")
    assert {"C01", "C12", "C15", "C19"} <= {fault.rule for fault in report.errors}
    assert sum(fault.rule == "C15" for fault in report.errors) == 4


def test_a_fault_names_its_line(tmp_path):
    root = lay_out(tmp_path, "C02")
    _, report = rules.check(root, tmp_path / "image_bank")
    lines = (root / "sample/lessons/first/lesson.toml").read_text().splitlines()
    named = {fault.message.split(":")[0]: fault.line for fault in report.errors}
    assert lines[named["minutes"] - 1].startswith("minutes")
    assert lines[named["colour"] - 1].startswith("colour")


def test_the_uuid_survives_a_broken_file(tmp_path):
    root = lay_out(tmp_path, "C01")
    curricula, _ = rules.check(root, tmp_path / "image_bank")
    track = curricula.tracks["sample"].track
    assert track.data is None
    assert track.uuid == "00000000-0000-4000-8000-000000000001"


def test_a_renamed_lesson_that_keeps_its_uuid_is_no_fault(tmp_path):
    root = lay_out(tmp_path)
    (root / "sample/lessons/first").rename(root / "sample/lessons/renamed")
    manifest = root / "sample/track.toml"
    manifest.write_text(manifest.read_text().replace('"first"', '"renamed"'))
    _, report = rules.check(root, tmp_path / "image_bank", published_good())
    assert report.clean, report.lines()


def test_broken_files_are_never_made_into_a_catalogue(tmp_path):
    root = lay_out(tmp_path, "C02")
    curricula, _ = rules.check(root, tmp_path / "image_bank")
    with pytest.raises(ValueError, match="not understood"):
        catalogue(curricula)


def test_a_file_that_is_not_utf8_is_named(tmp_path):
    root = lay_out(tmp_path)
    (root / "sample/lessons/first/text.md").write_bytes(b"caf\xe9")
    _, report = rules.check(root, tmp_path / "image_bank")
    assert any(f.rule == "C01" and "byte 3" in f.message for f in report.errors)


def test_an_empty_folder_is_a_fault_not_a_crash(tmp_path):
    _, report = rules.check(tmp_path, tmp_path)
    assert [fault.rule for fault in report.errors] == ["C03"]
