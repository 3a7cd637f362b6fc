"""The addresses of making twins from a curator's own films."""

from trainer.web.curator import twins
from trainer.web.routes import Route

TWINS: list[Route] = [
    ("GET", "/bank/<slug>/twins", twins.twins),
    ("POST", "/bank/<slug>/twins", twins.look_for_twins),
    ("GET", "/bank/<slug>/twins/<uuid:look>", twins.twin_bench),
    ("POST", "/bank/<slug>/twins/<uuid:look>/preview", twins.preview_twins),
    ("POST", "/bank/<slug>/twins/<uuid:look>/make", twins.make_twins),
    ("GET", "/bank/twins/<uuid:job_id>/<name>.png", twins.twin_picture),
]
