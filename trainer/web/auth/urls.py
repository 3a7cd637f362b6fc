"""Signing in and out."""

from trainer.web.auth import views
from trainer.web.routes import blueprint

routes = blueprint(
    "auth",
    [
        ("GET POST", "/sign-in", views.sign_in),
        ("POST", "/sign-out", views.sign_out),
        ("POST", "/theme", views.theme),
        ("GET", "/account", views.account),
    ],
)
