"""The addresses of bringing images in."""

from trainer.web.curator import held, pacs, upload_files, uploads
from trainer.web.routes import Route

INTAKE: list[Route] = [
    ("GET", "/bank/uploads", uploads.uploads),
    ("POST", "/bank/uploads", uploads.begin_upload),
    ("GET", "/bank/uploads/<uuid:upload_id>", uploads.upload),
    ("POST", "/bank/uploads/<uuid:upload_id>/look", uploads.look_at_upload),
    ("POST", "/bank/uploads/<uuid:upload_id>/reopen", uploads.reopen_upload),
    ("POST", "/bank/uploads/<uuid:upload_id>/import", uploads.import_upload),
    ("POST", "/bank/uploads/<uuid:upload_id>/discard", uploads.discard_upload),
    ("GET", "/bank/uploads/<uuid:upload_id>/images.csv", uploads.upload_template),
    ("GET", "/bank/uploads/<uuid:upload_id>/report.csv", uploads.upload_report),
    ("POST", "/bank/uploads/<uuid:upload_id>/files", upload_files.offer_files),
    ("POST", "/bank/uploads/<uuid:upload_id>/files/<uuid:file_id>", upload_files.take_piece),
    ("POST", "/bank/uploads/<uuid:upload_id>/files/<uuid:file_id>/remove", upload_files.drop_file),
    ("GET", "/bank/pacs", pacs.pacs),
    ("POST", "/bank/pacs", pacs.search_pacs),
    ("POST", "/bank/pacs/series", pacs.choose_series),
    ("POST", "/bank/pacs/fetch", pacs.fetch_series),
    ("POST", "/bank/uploads/<uuid:upload_id>/fetch", pacs.fetch_again),
    ("GET", "/bank/<slug>/held", held.held_films),
    ("GET", "/bank/held/<uuid:case_id>", held.held_film),
    ("GET", "/bank/held/<uuid:case_id>/<int:index>.png", held.held_picture),
    ("POST", "/bank/held/<uuid:case_id>/preview", held.preview_cover),
    ("POST", "/bank/held/<uuid:case_id>/cover", held.cover_film),
    ("POST", "/bank/held/<uuid:case_id>/release", held.release_film),
    ("POST", "/bank/held/<uuid:case_id>/reject", held.reject_film),
    ("POST", "/bank/held/<uuid:case_id>/hold", held.hold_film),
]
