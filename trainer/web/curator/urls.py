"""The curator's pages: the image bank."""

from trainer.web.curator import archives, audits, films, sets
from trainer.web.curator.intake_urls import INTAKE
from trainer.web.curator.twin_urls import TWINS
from trainer.web.routes import blueprint

routes = blueprint(
    "curator",
    [
        *INTAKE,
        *TWINS,
        ("GET", "/bank", sets.bank),
        ("GET", "/bank/films", sets.films),
        ("GET", "/bank/licences", sets.licences),
        ("GET", "/bank/archives", archives.archives),
        ("POST", "/bank/archives/pack", archives.pack),
        ("POST", "/bank/archives/restore", archives.restore),
        ("POST", "/bank/archives/<uuid:job_id>/fetch", archives.fetch),
        ("GET", "/bank/films/<uuid:case_id>", films.find),
        ("GET", "/bank/films/<uuid:case_id>/thumbnail.png", films.thumbnail),
        ("GET", "/bank/films/<uuid:case_id>/slices/<int:index>", films.pixels),
        ("GET", "/bank/films/<uuid:case_id>/twin/<int:index>", films.twin),
        ("GET", "/bank/films/<uuid:case_id>/tint.png", films.tint),
        ("GET", "/bank/films/<uuid:case_id>/mask/<int:index>", films.mask),
        ("GET", "/bank/<slug>", sets.image_set),
        ("GET", "/bank/<slug>/audit", audits.audit),
        ("GET", "/bank/<slug>/audits/<uuid:audit_id>", audits.earlier_audit),
        ("POST", "/bank/<slug>/audit", audits.start),
        ("POST", "/bank/<slug>/publish", audits.publish),
        ("POST", "/bank/<slug>/withdraw", audits.withdraw),
        ("GET", "/bank/<slug>/card", sets.card),
        ("GET", "/bank/<slug>/card.md", sets.card_file),
        ("GET", "/bank/<slug>/films/<uuid:case_id>", films.film),
    ],
)
