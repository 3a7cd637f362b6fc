"""What the server serves: ``gunicorn wsgi:app``, ``flask --app wsgi``."""

from trainer.app import create_app
from trainer.settings import Settings

app = create_app(Settings.from_env())
