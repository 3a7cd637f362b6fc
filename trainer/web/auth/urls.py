"""Signing in and out, one's own account, joining."""

from trainer.web.auth import account, join, reset, views
from trainer.web.routes import blueprint

routes = blueprint(
    "auth",
    [
        ("GET POST", "/sign-in", views.sign_in),
        ("POST", "/sign-out", views.sign_out),
        ("POST", "/theme", views.theme),
        ("GET POST", "/password/forgot", reset.forgot),
        ("GET", "/password/sent", reset.sent),
        ("GET POST", "/password/choose/<token>", reset.choose),
        ("GET POST", "/join", join.code),
        ("GET POST", "/join/<code>", join.join),
        ("GET", "/account", account.account),
        ("POST", "/account/name", account.rename),
        ("POST", "/account/password", account.change_password),
        ("POST", "/account/sign-out-everywhere", account.sign_out_everywhere),
    ],
)
