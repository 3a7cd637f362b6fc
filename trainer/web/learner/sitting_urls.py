"""The reading room and what leads in and out of it."""

from trainer.web.learner import pixels, reporting, sittings, starting
from trainer.web.routes import blueprint

routes = blueprint(
    "sittings",
    [
        ("POST", "/items/<uuid:item_id>/sittings", starting.start),
        ("POST", "/sets/<slug>/sittings", starting.start_on_set),
        ("GET", "/sittings/<uuid:sitting_id>", sittings.room),
        ("POST", "/sittings/<uuid:sitting_id>/show", sittings.show),
        ("POST", "/sittings/<uuid:sitting_id>/next", sittings.advance),
        ("POST", "/sittings/<uuid:sitting_id>/pause", sittings.pause),
        ("POST", "/sittings/<uuid:sitting_id>/resume", sittings.resume),
        ("POST", "/sittings/<uuid:sitting_id>/end", sittings.end),
        ("GET", "/sittings/<uuid:sitting_id>/summary", sittings.summary),
        ("GET", "/sittings/<uuid:sitting_id>/review/<int:number>", sittings.review),
        ("POST", "/films/<token>/call", sittings.call),
        ("POST", "/films/<token>/draft", sittings.draft),
        ("POST", "/films/<token>/report", reporting.report),
        ("POST", "/keys", sittings.keep_keys),
        ("GET", "/films/<token>/slices/<int:index>", pixels.film),
        ("GET", "/films/<token>/twin/<int:index>", pixels.twin),
        ("GET", "/films/<token>/mask/<int:index>", pixels.mask),
    ],
)
