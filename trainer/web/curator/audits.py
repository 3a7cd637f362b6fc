"""The audit of a set, and what may be done after it: publish, publish all the same, withdraw."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.core.plural import counted
from trainer.imaging.bank.audit import LIMIT
from trainer.jobs.audits import AUDIT
from trainer.services import audit_views, jobs, set_publications, shelf
from trainer.services.audit_views import AuditPage, FamilyView
from trainer.services.errors import ConflictError, InvalidError
from trainer.web import charts, db
from trainer.web.access import actor, audience
from trainer.web.faults import beside


def _page(
    slug: str,
    audit_id: uuid.UUID | None = None,
    faults: Mapping[str, str] | None = None,
    reason: str = "",
) -> str:
    page = audit_views.page(db.session(), slug, audit_id)
    asked = jobs.mine(
        db.session(), actor(), now=clock.now(), kinds=[AUDIT], subject=f"set:{slug}", most=1
    )
    return render_template(
        "curator/audit.html",
        page=page,
        earlier=audit_id is not None,
        limit=LIMIT,
        faults=faults or {},
        reason=reason,
        figures=_figures(page),
        job=asked[0] if asked and (asked[0].open or asked[0].state != "done") else None,
    )


def _figures(page: AuditPage) -> dict[str, charts.Figure]:
    if page.audit is None or not page.audit.enough:
        return {}
    parts = {"gating": page.audit.gating, "evidence": page.audit.evidence}
    return {
        name: charts.areas([_point(f) for f in families], LIMIT)
        for name, families in parts.items()
        if families
    }


def _point(one: FamilyView) -> tuple[str, float, float, float, bool]:
    return one.family.replace("_", " "), one.auc, one.low, one.high, one.tells


@audience(Permission.BANK)
def audit(slug: str) -> str:
    return _page(slug)


@audience(Permission.BANK)
def earlier_audit(slug: str, audit_id: uuid.UUID) -> str:
    return _page(slug, audit_id)


@audience(Permission.BANK)
def start(slug: str) -> Response:
    where = url_for("curator.audit", slug=slug)
    title = shelf.summary(db.session(), slug).title
    jobs.ask(
        db.session(),
        actor(),
        AUDIT,
        {"slug": slug},
        now=clock.now(),
        title=f"Audit of {title}",
        subject=f"set:{slug}",
        link=where,
    )
    return redirect(where, code=303)


@audience(Permission.BANK)
def publish(slug: str) -> Response | tuple[str, int]:
    reason = request.form.get("override", "")[:2000]
    try:
        count = set_publications.publish(db.session(), actor(), slug, clock.now(), override=reason)
    except (ConflictError, InvalidError) as refused:
        db.session().rollback()
        return _page(slug, faults=beside(refused, "labels", "override"), reason=reason), 409
    flash(f"Published: {counted(count, 'film')} can be drawn from now on.", "good")
    return redirect(url_for("curator.audit", slug=slug))


@audience(Permission.BANK)
def withdraw(slug: str) -> Response:
    set_publications.withdraw(db.session(), actor(), slug, clock.now())
    flash("Withdrawn. No new sitting draws from it; those that have begun go on.", "good")
    return redirect(url_for("curator.audit", slug=slug))
