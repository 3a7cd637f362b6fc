from __future__ import annotations

import zoneinfo

from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from trainer.services.cohorts import LONGEST_NAME

MISSING = "Please fill this in."
DATE_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]

#: ``Area/City`` names, which people know; ``UTC`` first, the rest by name.
ZONES = [
    "UTC",
    *sorted(
        zone
        for zone in zoneinfo.available_timezones()
        if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix/", "right/"))
    ),
]


class CohortForm(FlaskForm):
    name = StringField(
        "Name of the cohort", validators=[DataRequired(MISSING), Length(max=LONGEST_NAME)]
    )
    institution = SelectField("Institution", validate_choice=False)


class NameForm(FlaskForm):
    name = StringField("Name", validators=[DataRequired(MISSING)])


class AssignForm(FlaskForm):
    quiz = RadioField("What", validators=[InputRequired("Choose what to assign.")])
    opens = DateTimeLocalField("Opens", format=DATE_FORMATS, validators=[Optional()])
    due = DateTimeLocalField("Due", format=DATE_FORMATS, validators=[InputRequired(MISSING)])
    zone = SelectField("Time zone of both", choices=ZONES)
    pass_mark = IntegerField(
        "Pass mark, of 100",
        validators=[
            InputRequired(MISSING),
            NumberRange(0, 100, "A pass mark lies between 0 and 100."),
        ],
    )
