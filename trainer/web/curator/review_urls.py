"""Keys in the making, and films in doubt: what curators decide together."""

from trainer.web.curator import annotate, cases, desk
from trainer.web.routes import blueprint

routes = blueprint(
    "review",
    [
        ("GET", "/curate", desk.waiting),
        ("GET", "/curate/reports", desk.reports),
        ("GET", "/curate/labels/<slug>", desk.labels),
        ("POST", "/curate/labels/<slug>", desk.agree_labels),
        ("GET", "/curate/cases/<uuid:case_id>", cases.casebook),
        ("GET", "/curate/cases/<uuid:case_id>/slices/<int:index>", cases.film),
        ("POST", "/curate/cases/<uuid:case_id>/comments", cases.comment),
        ("POST", "/curate/cases/<uuid:case_id>/label", cases.agree_label),
        ("POST", "/curate/cases/<uuid:case_id>/regrade", cases.regrade),
        ("POST", "/curate/cases/<uuid:case_id>/reports", cases.decide),
        ("POST", "/curate/cases/<uuid:case_id>/stop", cases.stop),
        ("POST", "/curate/cases/<uuid:case_id>/back", cases.bring_back),
        ("POST", "/curate/cases/<uuid:case_id>/alike", cases.looked_alike),
        ("GET", "/curate/cases/<uuid:case_id>/annotate", annotate.annotate),
        ("POST", "/curate/cases/<uuid:case_id>/draft", annotate.save),
        ("POST", "/curate/cases/<uuid:case_id>/propose", annotate.propose),
        ("POST", "/curate/cases/<uuid:case_id>/discard", annotate.discard),
        ("POST", "/curate/proposals/<uuid:annotation_id>/look", cases.look),
        ("POST", "/curate/proposals/<uuid:annotation_id>/agree", cases.agree),
        ("POST", "/curate/proposals/<uuid:annotation_id>/take-back", cases.take_back),
        ("POST", "/curate/proposals/<uuid:annotation_id>/take-over", cases.take_over),
    ],
)
