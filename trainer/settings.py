"""What the operator can set. ``docs/settings.md`` is made from this file; a test keeps it so."""

from __future__ import annotations

import difflib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any


class SettingsError(Exception):
    """A setting that cannot be used; the message names it and the cure."""


def _doc(env: str, text: str, default: Any) -> Any:
    return field(default=default, metadata={"env": env, "doc": text})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of the server, with its environment variable and its meaning."""

    home: Path = _doc(
        "TRAINER_HOME",
        "Folder that holds the database file, the images and the secret key.",
        Path("instance"),
    )
    database_url: str = _doc(
        "DATABASE_URL",
        "SQLAlchemy address of the database, such as `postgresql+psycopg://user@host/name`. "
        "Empty: an SQLite file in TRAINER_HOME.",
        "",
    )
    secret_key: str = _doc(
        "TRAINER_SECRET_KEY",
        "Signs sessions and tokens, at least 32 characters. Empty: made once and kept in "
        "TRAINER_HOME/secret-key, readable by the owner alone. Set it when several machines serve.",
        "",
    )
    base_url: str = _doc(
        "TRAINER_BASE_URL",
        "Address people reach the server at; used for links in mail.",
        "http://127.0.0.1:8000",
    )
    mail_url: str = _doc(
        "TRAINER_MAIL_URL",
        "`print:` writes mail to the log. `smtp://user:password@host:port` sends it "
        "(`smtps://` for TLS from the start; STARTTLS is used where the server offers it).",
        "print:",
    )
    mail_from: str = _doc(
        "TRAINER_MAIL_FROM", "Sender of the mail.", "Telltale <telltale@localhost>"
    )
    cookie_secure: bool = _doc(
        "TRAINER_COOKIE_SECURE",
        "`yes` sends cookies over HTTPS alone. Set it wherever the server is behind HTTPS.",
        False,
    )
    proxies: int = _doc(
        "TRAINER_PROXIES",
        "How many reverse proxies stand before the server and may name the client's address.",
        0,
    )
    limit_storage: str = _doc(
        "TRAINER_LIMIT_STORAGE",
        "Where rate limits are counted: `memory://`, or `redis://host:6379` for many machines.",
        "memory://",
    )
    blob_store: str = _doc(
        "TRAINER_BLOB_STORE",
        "Where pixels lie, by sha256. Empty: TRAINER_HOME/blobs. Any fsspec address works, "
        "such as `s3://bucket/prefix` (with `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, and "
        "`AWS_ENDPOINT_URL` where it is not Amazon's).",
        "",
    )
    queue: str = _doc(
        "TRAINER_QUEUE",
        "Who does long work (imports, archives, twins). `in-process`: threads of the serving "
        "process. `separate`: as many `flask --app wsgi job work` as you start. "
        "`celery+redis://host:6379/0`: Celery's workers.",
        "in-process",
    )
    upload_mb: int = _doc("TRAINER_UPLOAD_MB", "Largest request body in megabytes.", 64)
    uploads: str = _doc(
        "TRAINER_UPLOADS",
        "Folder for files that curators upload, until they are in the bank. Empty: "
        "TRAINER_HOME/uploads. Several machines need one that they share.",
        "",
    )
    upload_gb: float = _doc(
        "TRAINER_UPLOAD_GB",
        "Most that one upload of a curator may hold, in gigabytes, packed and unpacked.",
        20.0,
    )
    upload_days: float = _doc(
        "TRAINER_UPLOAD_DAYS",
        "After so many days without a touch an upload that was not imported is removed.",
        7.0,
    )
    pacs: str = _doc(
        "TRAINER_PACS",
        "DICOMweb servers that curators may fetch from, as `name=https://user:password@host/path`, "
        "separated by spaces. Curators choose among these and can name no other.",
        "",
    )
    dicom_aet: str = _doc(
        "TRAINER_DICOM_AET",
        "AE title of the C-STORE receiver, which `flask --app wsgi bank receive` starts.",
        "TELLTALE",
    )
    dicom_listen: str = _doc(
        "TRAINER_DICOM_LISTEN", "Address and port the C-STORE receiver listens on.", "0.0.0.0:11112"
    )
    dicom_peers: str = _doc(
        "TRAINER_DICOM_PEERS",
        "Who may send to the C-STORE receiver, as `TITLE@address`, separated by spaces. Empty: "
        "nobody, and it does not start.",
        "",
    )
    grace_seconds: float = _doc(
        "TRAINER_GRACE_SECONDS",
        "How long after its limit an answer still counts as in time, for the network's sake.",
        3.0,
    )
    institution: str = _doc(
        "TRAINER_INSTITUTION",
        "Name of the institution that is made when the database is new.",
        "My institution",
    )
    log_format: str = _doc("TRAINER_LOG_FORMAT", "`json` or `text`.", "text")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Read the environment; refuse an unknown ``TRAINER_*`` name and say which was meant.

        Raises
        ------
        SettingsError
            For an unknown name or a value that cannot be read.
        """
        env = os.environ if env is None else env
        known = {f.metadata["env"]: f for f in fields(cls)}
        values: dict[str, Any] = {}
        for name in sorted(env):
            if name.startswith("TRAINER_") and name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}? " if near else ""
                raise SettingsError(
                    f"unknown setting {name}: {hint}docs/settings.md lists them all; "
                    f"remove it with `unset {name}`"
                )
        for name, spec in known.items():
            if env.get(name, "") != "":
                values[spec.name] = _read(name, env[name], spec.default)
        return cls(**values)

    def __post_init__(self) -> None:
        """Check what can be checked before anything starts."""
        if self.secret_key and len(self.secret_key) < 32:
            raise SettingsError(
                "TRAINER_SECRET_KEY is too short: give at least 32 characters, for example from "
                "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`"
            )
        if self.log_format not in ("json", "text"):
            raise SettingsError(f"TRAINER_LOG_FORMAT is {self.log_format!r}: use json or text")
        if self.queue not in ("in-process", "separate") and not self.queue.startswith("celery+"):
            raise SettingsError(
                f"TRAINER_QUEUE is {self.queue!r}: use in-process, separate, or an address such "
                "as celery+redis://127.0.0.1:6379/0"
            )
        if self.mail_url != "print:" and not self.mail_url.startswith(("smtp://", "smtps://")):
            raise SettingsError("TRAINER_MAIL_URL must be `print:`, `smtp://...` or `smtps://...`")

    @property
    def database(self) -> str:
        """The address of the database, with the default filled in."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'telltale.db'}"

    @property
    def blobs(self) -> str:
        """The address of the blob store, with the default filled in."""
        return self.blob_store or str(self.home.resolve() / "blobs")

    @property
    def upload_folder(self) -> Path:
        """The folder of uploads, with the default filled in."""
        return Path(self.uploads) if self.uploads else self.home.resolve() / "uploads"

    def key(self) -> str:
        """Return the secret key; make and keep one where none was set."""
        if self.secret_key:
            return self.secret_key
        path = self.home / "secret-key"
        if not path.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            fresh = self.home / f".secret-key-{secrets.token_hex(4)}"
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48), encoding="ascii")
            try:  # another process may have been first: link never replaces
                path.hardlink_to(fresh)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text(encoding="ascii")


def _read(name: str, text: str, default: Any) -> Any:
    """Turn the text of a setting into the type of its default."""
    try:
        if isinstance(default, bool):
            return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}[
                text.strip().lower()
            ]
        return type(default)(text)
    except (KeyError, ValueError) as fault:
        kind = {bool: "yes or no", int: "a whole number", float: "a number"}[type(default)]
        raise SettingsError(f"{name} is {text!r}: it must be {kind}") from fault
