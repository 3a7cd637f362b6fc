"""The administrator's pages."""

from trainer.web.admin import views
from trainer.web.routes import blueprint

routes = blueprint(
    "admin",
    [
        ("GET", "/people", views.people),
        ("POST", "/people/invite", views.invite),
        ("GET", "/people/<uuid:user_id>", views.person),
        ("POST", "/people/<uuid:user_id>/roles", views.set_roles),
        ("POST", "/people/<uuid:user_id>/time", views.set_time),
        ("POST", "/people/<uuid:user_id>/close", views.close),
        ("POST", "/people/<uuid:user_id>/reopen", views.reopen),
    ],
)
