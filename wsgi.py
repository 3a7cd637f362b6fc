"""What the server serves: ``gunicorn wsgi:app``, ``flask --app wsgi``."""

from trainer.app import create_app
from trainer.settings import Settings, SettingsError

try:
    app = create_app(Settings.from_env())
except SettingsError as fault:
    raise SystemExit(f"Telltale cannot start: {fault}") from None
