"""Each setting is documented, read, and refused when it is mistyped."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from trainer.cli.settings import document
from trainer.settings import Settings, SettingsError

#: The system's own, not ours to document.
SYSTEM = {"PATH", "HOME", "LANG", "TMPDIR"}
ROOT = Path(__file__).resolve().parents[2]
NAMES = [spec.metadata["env"] for spec in fields(Settings)]


def test_the_page_of_settings_is_what_the_program_prints(app):
    printed = app.test_cli_runner().invoke(args=["settings"]).output
    assert printed == document()
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == printed, (
        "write it anew: flask --app wsgi settings > docs/settings.md"
    )


@pytest.mark.parametrize("spec", fields(Settings), ids=NAMES)
def test_each_setting_says_what_it_means(spec):
    assert len(spec.metadata["doc"]) > 15
    assert spec.metadata["doc"].endswith(".")


def test_no_environment_variable_is_read_that_is_not_documented():
    documented = document()
    read = set()
    for path in (ROOT / "trainer").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        read |= set(re.findall(r"os\.environ(?:\.get)?[\[(]\s*\"([A-Z_]+)\"", text))
        read |= set(re.findall(r"os\.getenv\(\s*\"([A-Z_]+)\"", text))
    missing = {name for name in read - SYSTEM if name not in documented}
    assert not missing, missing


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"TRAINER_HOMME": "x"}, "did you mean TRAINER_HOME"),
        ({"TRAINER_UPLOAD_MB": "many"}, "must be a whole number"),
        ({"TRAINER_COOKIE_SECURE": "perhaps"}, "must be yes or no"),
        ({"TRAINER_GRACE_SECONDS": "soon"}, "must be a number"),
        ({"TRAINER_SECRET_KEY": "short"}, "at least 32 characters"),
        ({"TRAINER_LOG_FORMAT": "xml"}, "use json or text"),
        ({"TRAINER_MAIL_URL": "mail.example.org"}, "smtp://"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_the_cure(env, said):
    with pytest.raises(SettingsError, match=said) as told:
        Settings.from_env(env)
    assert next(iter(env)) in str(told.value)


def test_every_setting_can_be_set(tmp_path):
    given = {
        "TRAINER_HOME": str(tmp_path),
        "DATABASE_URL": "sqlite:///x.db",
        "TRAINER_SECRET_KEY": "k" * 40,
        "TRAINER_BASE_URL": "https://x.example",
        "TRAINER_MAIL_URL": "smtps://mail.example.org",
        "TRAINER_MAIL_FROM": "x@example.org",
        "TRAINER_COOKIE_SECURE": "yes",
        "TRAINER_PROXIES": "2",
        "TRAINER_LIMIT_STORAGE": "redis://localhost:6379",
        "TRAINER_BLOB_STORE": "memory://x",
        "TRAINER_QUEUE": "separate",
        "TRAINER_UPLOAD_MB": "5",
        "TRAINER_UPLOADS": str(tmp_path / "up"),
        "TRAINER_UPLOAD_GB": "2.5",
        "TRAINER_UPLOAD_DAYS": "3",
        "TRAINER_PACS": "clinic=https://pacs.example/dicom-web",
        "TRAINER_DICOM_AET": "OTHER",
        "TRAINER_DICOM_LISTEN": "127.0.0.1:104",
        "TRAINER_DICOM_PEERS": "CT1@127.0.0.1",
        "TRAINER_GRACE_SECONDS": "1.5",
        "TRAINER_INSTITUTION": "A school",
        "TRAINER_LOG_FORMAT": "json",
    }
    assert set(given) == set(NAMES), "a setting was added or removed: try it here"
    plain, made = Settings(), Settings.from_env(given)
    same = [s.name for s in fields(Settings) if getattr(made, s.name) == getattr(plain, s.name)]
    assert same == []


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    settings = Settings(home=tmp_path / "home")
    key = settings.key()
    assert len(key) >= 32
    assert settings.key() == key
    assert (tmp_path / "home" / "secret-key").stat().st_mode & 0o777 == 0o600
