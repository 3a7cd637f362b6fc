"""Long work: how far it is, and the button that ends it."""

from trainer.web.jobs import views
from trainer.web.routes import blueprint

routes = blueprint(
    "jobs",
    [
        ("GET", "/work", views.mine),
        ("GET", "/work/<uuid:job_id>", views.one),
        ("GET", "/work/<uuid:job_id>/state", views.state),
        ("POST", "/work/<uuid:job_id>/cancel", views.cancel),
    ],
)
