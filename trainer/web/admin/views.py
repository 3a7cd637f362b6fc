"""People of an institution: who there is, what they may do, how much time they have."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.core.words import Role
from trainer.services import people as service
from trainer.services import resets
from trainer.services.errors import ConflictError, InvalidError, NotFoundError
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.admin.forms import InviteForm, RolesForm, TimeForm
from trainer.web.errors import STATUS
from trainer.web.faults import into
from trainer.web.post import link_to_choose, post_room


def _where() -> tuple[uuid.UUID, tuple[tuple[uuid.UUID, str], ...]]:
    """Return the institution that is looked at, and all that the person administers."""
    mine = service.administered(db.session(), actor())
    if not mine:
        raise NotFoundError("You administer no institution.")
    asked = request.values.get("institution", "")
    return next((key for key, _ in mine if str(key) == asked), mine[0][0]), mine


def _back(user_id: uuid.UUID, where: uuid.UUID) -> Response:
    return redirect(url_for("admin.person", user_id=user_id, institution=where))


def _list(form: InviteForm, fault: str = "", link: str = "") -> str:
    where, mine = _where()
    search = request.args.get("q", "")[:120]
    found = service.listing(
        db.session(), actor(), where, search=search, page=request.args.get("page", 1, type=int)
    )
    return render_template(
        "admin/people.html",
        form=form,
        fault=fault,
        link=link,
        found=found,
        search=search,
        where=where,
        mine=mine,
    )


@audience(Permission.PEOPLE)
def people() -> str:
    return _list(InviteForm(formdata=None))


@audience(Permission.PEOPLE)
def invite() -> str | tuple[str, int]:
    form = InviteForm()
    if not form.validate_on_submit():
        return _list(form), 400
    where, _ = _where()
    try:
        link = resets.invite(
            db.session(),
            actor(),
            email=form.email.data or "",
            name=form.name.data or "",
            roles=[Role(form.role.data)],
            institution_id=where,
            now=clock.now(),
        )
    except (ConflictError, InvalidError) as fault:
        return _list(form, into(form, fault)), 400
    url = link_to_choose()(link.token)
    post_room().invite(link.name, link.email, url)
    return _list(InviteForm(formdata=None), link=url)


@audience(Permission.PEOPLE)
def person(user_id: uuid.UUID) -> str:
    return _person(user_id)


def _person(user_id: uuid.UUID, faults: Mapping[str, str] | None = None) -> str:
    """Draw a person as they stand; a choice that was refused is not shown as if it were made."""
    where, mine = _where()
    found = service.one(db.session(), actor(), where, user_id)
    roles = RolesForm(formdata=None, roles=[role.value for role in found.roles])
    time = TimeForm(formdata=None, factor=f"{found.time_factor:g}")
    told = dict(faults or {})
    for field in (roles.roles, time.factor):
        if field.name in told:
            field.errors = [told.pop(field.name)]
    return render_template(
        "admin/person.html",
        person=found,
        roles=roles,
        time=time,
        where=where,
        institution=dict(mine)[where],
        myself=found.id == actor().id,
        fault=" ".join(told.values()),
    )


@audience(Permission.PEOPLE)
def set_roles(user_id: uuid.UUID) -> Response | tuple[str, int]:
    form, (where, _) = RolesForm(), _where()
    if not form.validate_on_submit():
        return _person(user_id, {"roles": "There is no such role."}), 400
    wanted = [Role(value) for value in form.roles.data or []]
    try:
        service.set_roles(db.session(), actor(), where, user_id, wanted, now=clock.now())
    except (ConflictError, InvalidError) as fault:
        return _person(user_id, fault.fields), STATUS[type(fault)]
    flash("The roles are changed.", "good")
    return _back(user_id, where)


@audience(Permission.PEOPLE)
def set_time(user_id: uuid.UUID) -> Response | tuple[str, int]:
    form, (where, _) = TimeForm(), _where()
    if not form.validate_on_submit():
        return _person(user_id, {"factor": "Extra time is one of 1, 1.25, 1.5 and 2."}), 400
    factor = float(form.factor.data)
    service.grant_extra_time(db.session(), actor(), where, user_id, factor, now=clock.now())
    flash("The extra time is changed; it counts for quizzes that are started from now on.", "good")
    return _back(user_id, where)


@audience(Permission.PEOPLE)
def close(user_id: uuid.UUID) -> Response:
    where, _ = _where()
    service.close(db.session(), actor(), where, user_id, now=clock.now())
    flash("The account is closed. What was answered stays.", "good")
    return _back(user_id, where)


@audience(Permission.PEOPLE)
def reopen(user_id: uuid.UUID) -> Response:
    where, _ = _where()
    service.reopen(db.session(), actor(), where, user_id, now=clock.now())
    flash("The account is open again.", "good")
    return _back(user_id, where)
