from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from trainer.core.words import Role
from trainer.services.people import TIME_FACTORS

MISSING = "Please fill this in."
ROLES = [SelectChoice(role.value, role.value.capitalize()) for role in Role]
FACTORS = [
    SelectChoice(f"{factor:g}", "usual" if factor == 1 else f"× {factor:g}")
    for factor in TIME_FACTORS
]


class InviteForm(FlaskForm):
    name = StringField("Name", validators=[DataRequired(MISSING), Length(max=120)])
    email = EmailField("Mail address", validators=[DataRequired(MISSING), Length(max=254)])
    role = SelectField("Role", choices=ROLES)


class RolesForm(FlaskForm):
    roles = SelectMultipleField("Roles", choices=ROLES)


class TimeForm(FlaskForm):
    factor = SelectField("Extra time", choices=FACTORS)
