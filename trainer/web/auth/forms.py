from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, Field, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from trainer.services.accounts import LONGEST_PASSWORD, SHORTEST_PASSWORD

HINT = f"At least {SHORTEST_PASSWORD} characters. Several words are easier to remember."
MISSING = "Please fill this in."


def _required() -> DataRequired:
    return DataRequired(MISSING)


def _email() -> Field:
    return EmailField("Mail address", validators=[_required(), Length(max=254)])


def _name() -> Field:
    return StringField("Name", validators=[_required(), Length(max=120)])


def _new_password(label: str) -> Field:
    wrong = f"A password has between {SHORTEST_PASSWORD} and {LONGEST_PASSWORD} characters."
    return PasswordField(
        label,
        validators=[InputRequired(MISSING), Length(SHORTEST_PASSWORD, LONGEST_PASSWORD, wrong)],
    )


def _again(field: str) -> Field:
    return PasswordField(
        "Once more",
        validators=[InputRequired(MISSING), EqualTo(field, "The two are not the same.")],
    )


class SignInForm(FlaskForm):
    email = _email()
    password = PasswordField(
        "Password", validators=[InputRequired(MISSING), Length(max=LONGEST_PASSWORD)]
    )


class AskForm(FlaskForm):
    email = _email()


class ChooseForm(FlaskForm):
    password = _new_password("New password")
    again = _again("password")


class ChangeForm(FlaskForm):
    old = PasswordField(
        "Present password", validators=[InputRequired(MISSING), Length(max=LONGEST_PASSWORD)]
    )
    password = _new_password("New password")
    again = _again("password")


class NameForm(FlaskForm):
    name = _name()


class CodeForm(FlaskForm):
    code = StringField("Invite code", validators=[_required(), Length(max=40)])


class RegisterForm(FlaskForm):
    name = _name()
    email = _email()
    password = _new_password("Password")
