"""The curator's pages: the image bank."""

from trainer.web.curator import sets
from trainer.web.routes import blueprint

routes = blueprint(
    "curator",
    [
        ("GET", "/bank", sets.bank),
        ("GET", "/bank/<slug>", sets.image_set),
    ],
)
