"""``flask settings``: what the operator can set, as it stands in ``docs/settings.md``."""

from __future__ import annotations

from dataclasses import fields

import click

from trainer.settings import Settings

HEAD = """# Settings

Every setting is an environment variable; there is no other place to look. An unknown `TRAINER_*`
name stops the server with the name that was probably meant. This page is made by
`flask --app wsgi settings > docs/settings.md`; a test keeps it so.

| Variable | Default | Meaning |
| --- | --- | --- |
"""

TAIL = """
`make run` reads two more: `PORT` (8000), and `TRAINER_HOME` as above. The tests read `CI` (with
`CI=true` a test that cannot run fails instead of being skipped), `CHROMIUM` (path of the browser)
and `TELLTALE_SHARED_DATA` (folder of real public images with an `index.csv`).

## For a server that others reach

| Set | Why |
| --- | --- |
| `DATABASE_URL=postgresql+psycopg://...` | Many people at once; SQLite lets one write at a time. |
| `TRAINER_SECRET_KEY` | The same on every machine that serves. |
| `TRAINER_BASE_URL=https://...` | Links in mail lead here, whatever a request's Host header says. |
| `TRAINER_COOKIE_SECURE=yes` | The session's cookie goes over HTTPS alone. |
| `TRAINER_PROXIES=1` | Behind one reverse proxy: limits then count the client's address. |
| `TRAINER_LIMIT_STORAGE=redis://...` | Limits are counted over all workers together. |
| `TRAINER_QUEUE=separate` | Long work leaves the serving processes: [how](jobs.md). |
| `TRAINER_MAIL_URL=smtp://...` | Otherwise a link to reset a password stands in the server's log. |
| `TRAINER_LOG_FORMAT=json` | One line of JSON a request, for a log collector. |
"""


def document() -> str:
    """Return the page."""
    rows = []
    for spec in fields(Settings):
        value = spec.default
        shown = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
        default = f"`{shown}`" if str(shown) else "(empty)"
        rows.append(f"| `{spec.metadata['env']}` | {default} | {spec.metadata['doc']} |\n")
    return HEAD + "".join(rows) + TAIL


@click.command()
def settings() -> None:
    """Print every setting with its default and meaning, in Markdown."""
    click.echo(document(), nl=False)
