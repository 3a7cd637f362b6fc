"""``make run``: from nothing to a program that serves, in one command; again, in seconds."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import click

from trainer import clock
from trainer.cli.bank_starter import progress
from trainer.core.words import Role
from trainer.jobs import starter
from trainer.services import accounts, publishing, schema
from trainer.services.blobs import open_store
from trainer.services.database import Database, open_database
from trainer.services.errors import OperatorError, ServiceError
from trainer.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parents[2]

DEMO = (
    ("learner", Role.LEARNER, "Demo Learner"),
    ("director", Role.DIRECTOR, "Demo Director"),
    ("curator", Role.CURATOR, "Demo Curator"),
    ("administrator", Role.ADMINISTRATOR, "Demo Administrator"),
)


def demo_people(database: Database, settings: Settings) -> Path:
    """Make the four demo people once; keep their passwords where only the owner reads them."""
    path = settings.home / "demo-accounts.json"
    if path.exists():
        return path
    now = clock.now()
    people = []
    with database.transaction() as session:
        where = accounts.institution(session, settings.institution, now)
        for word, role, name in DEMO:
            email = f"{word}@demo.localhost"
            password = secrets.token_urlsafe(9)
            try:
                accounts.create_user(
                    session,
                    None,
                    email=email,
                    name=name,
                    password=password,
                    roles=[role],
                    institution_id=where,
                    now=now,
                )
            except ServiceError:
                continue  # the file was removed, the account is there: its password stays
            people.append({"role": word, "email": email, "password": password})
        draft = path.with_suffix(".part")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(people, indent=1) + "\n", encoding="utf-8")
        draft.replace(path)
    return path


def prepare(settings: Settings) -> None:
    """Schema, curricula, people, first films: whatever of it is not there yet."""
    database = open_database(settings.database)
    if schema.upgrade(database.engine):
        click.echo("Database ready.")
    with database.transaction() as session:
        published = publishing.publish(session, None, ROOT / "curricula", now=clock.now())
    if published.changed:
        click.echo(f"Published {published.lessons} lessons.")
    path = demo_people(database, settings)
    starter.fill(
        database,
        open_store(settings.blobs),
        lead_only=True,
        seen=progress("Making the first films"),
    )
    starter.announce(database)
    click.echo(f"\nSign in with one of these (kept in {path}):")
    for person in json.loads(path.read_text(encoding="utf-8")):
        click.echo(f"  {person['role']:<14} {person['email']:<30} {person['password']}")
    database.engine.dispose()


def serve(port: int) -> int:
    """Serve until Ctrl-C, with the rest of the films being made beside it."""
    filling = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "bank", "fill", "--quiet"],
        cwd=ROOT,
        preexec_fn=lambda: os.nice(10),
    )
    here = {"TRAINER_BASE_URL": f"http://127.0.0.1:{port}"}  # links in mail lead to this port
    server = subprocess.Popen(  # noqa: S603
        [
            sys.executable,
            "-m",
            "gunicorn",
            "wsgi:app",
            f"--bind=127.0.0.1:{port}",
            "--workers=2",
            "--threads=4",
            "--worker-class=gthread",
            "--log-level=warning",
        ],
        cwd=ROOT,
        env=here | os.environ,
    )
    click.echo(f"\nTelltale is at http://127.0.0.1:{port} (Ctrl-C ends it)\n")

    def stop(_number: int, _frame: object) -> None:
        for child in (filling, server):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    code = server.wait()
    if filling.poll() is None:
        filling.terminate()
        filling.wait()
    return max(code, 0)


def main() -> int:
    """Run it; an operator's error is one line that names the cure."""
    try:
        settings = Settings.from_env()
        settings.home.mkdir(parents=True, exist_ok=True)
        settings.key()
        prepare(settings)
        return serve(int(os.environ.get("PORT", "8000")))
    except (SettingsError, OperatorError, ServiceError) as fault:
        click.echo(f"\nTelltale cannot start: {fault}", err=True)
        return 1
    except KeyboardInterrupt:
        click.echo("\nStopped. Run it again: it goes on where it was.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
