"""The curator's pages: what they show, to whom, and what they let nobody do by accident."""

import io
import re
import uuid

import numpy as np
import pytest
from PIL import Image as Picture
from sqlalchemy import event, select

from tests.fixtures.app import NOW
from tests.fixtures.pages import refused
from trainer.core.review import StopKind
from trainer.core.words import Provenance, Role, Truth
from trainer.data.catalogue import Item
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.data.people import User
from trainer.data.review import KeyAgreement
from trainer.data.sets import AuditRun, SetPublication
from trainer.imaging.bank.aside import as_png
from trainer.imaging.block import encode
from trainer.imaging.film import Film
from trainer.imaging.picture import THUMBNAIL, thumbnail
from trainer.jobs.queue import LocalQueue
from trainer.services import accounts, bank, holds, stops

SHEET = re.compile(r'src="(/bank/films/([0-9a-f-]{36})/thumbnail\.png)"')


@pytest.fixture
def curator(app, quiz, client_of):
    """A curator in an app whose set ``small`` holds 12 films of each class."""
    quiz()
    return client_of("cora", Role.CURATOR)


@pytest.fixture
def case(app_database):
    """A tampered case of the set ``small``."""
    with app_database.reading() as session:
        return session.scalars(
            select(Case).join(CaseKey, Case.key_id == CaseKey.id).where(CaseKey.truth == "tampered")
        ).first()


def held(database, case_id):
    with database.transaction() as session:
        session.get_one(Case, case_id).live = False


def test_the_list_of_sets_counts_by_class_and_says_where_each_stands(curator, app_database, case):
    held(app_database, case.id)
    page = curator.get("/bank").text
    assert "Small films" in page
    assert "CC0" in page
    row = page.split("Small films")[1].split("</tr>")[0]
    assert re.findall(r'class="num">(?:<a[^>]*>)?(\d+)', row) == ["12", "0", "12", "1"]
    assert "published" in row


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 24),
        ("truth=authentic", 12),
        ("truth=tampered&hallmark=smooth_cortex", 12),
        ("hallmark=smooth_cortex", 18),  # six authentic ones imitate it
        ("region=hand&view=pa&modality=XR&split=practice&state=in+play", 24),
        ("state=out+of+play", 1),
        ("state=reported", 0),
        ("state=not+agreed", 0),  # simulated: true by construction
        ("region=foot", 0),
        ("text=square", 12),  # the reason says so
        ("text=100%25", 0),  # a sign of the query language is a letter here
        ("text=_", 0),
    ],
)
def test_films_are_found_by_what_stands_in_the_address(curator, app_database, case, query, count):
    if "out+of+play" in query:
        held(app_database, case.id)
    page = curator.get(f"/bank/small?{query}").text
    assert f'role="status">{count} film' in page
    assert len(SHEET.findall(page)) == count
    assert page.count("<tr>") and curator.get(f"/bank/small?as=list&{query}").status_code == 200


def test_each_film_out_of_play_says_how_it_went(curator, app_database):
    with app_database.transaction() as session:
        cora = accounts.as_actor(session.scalars(select(User).where(User.name == "Cora")).one())
        cases = session.scalars(select(Case.id)).all()[:5]
        _played, reported, stopped, withdrawn, rejected = cases
        why = "A wire crosses the wrist."
        stops.begin(session, cora, reported, StopKind.REPORT, why, now=NOW)
        stops.begin(session, cora, stopped, StopKind.HELD, why, now=NOW)
        for kind in StopKind:  # the strongest is told
            stops.begin(session, cora, withdrawn, kind, why, now=NOW)
        holds.put_aside(session, cora, rejected, "A name", why, now=NOW)
        stops.begin(session, cora, rejected, StopKind.HELD, why, now=NOW)
    words = dict(zip(cases, ("", "reported", "held", "withdrawn", "rejected"), strict=True))
    sheet, rows = curator.get("/bank/small").text, curator.get("/bank/small?as=list").text
    for case, word in words.items():
        tag = [f'class="tag bad">{word}<'] if word else []
        own = sheet.split(f"/bank/small/films/{case}")[1].split("</li>")[0]
        row = rows.split(f"/bank/small/films/{case}")[1].split("</tr>")[0]
        page = curator.get(f"/bank/small/films/{case}").text
        for where in (own, row, page):
            assert re.findall(r'class="tag bad">[^<]*<', where) == tag


def test_a_film_is_found_by_the_start_of_its_id_and_in_all_sets(curator, case):
    page = curator.get(f"/bank/films?text={str(case.id)[:8]}").text
    assert [found for _, found in SHEET.findall(page)] == [str(case.id)]
    assert curator.get(f"/bank/films/{case.id}").location.endswith(f"/bank/small/films/{case.id}")


def test_a_word_that_cannot_be_is_told_and_not_an_empty_page(curator):
    answer = curator.get("/bank/small?truth=real")
    assert answer.status_code == 400
    assert "truth is one of authentic, synthetic, tampered" in answer.text


def test_pages_keep_the_question_and_ask_the_database_the_same_few_times(
    curator, app, app_database
):
    database, blobs = app_database, app.extensions["telltale_blobs"]
    with database.transaction() as session:
        where = session.scalars(select(Dataset).where(Dataset.slug == "small")).one()
        image = session.scalars(select(Image)).first()
        for number in range(120):
            made = Case(dataset_id=where.id, image_id=image.id, kin=f"k{number}", created_at=NOW)
            session.add(made)
            session.flush()
            key = CaseKey(
                case_id=made.id, truth=Truth.AUTHENTIC, hallmarks=[], outlines=[], body={},
                created_at=NOW,
            )  # fmt: skip
            session.add(key)
            session.flush()
            made.key_id = key.id
    assert blobs.has(image.sha256)
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    first = curator.get("/bank/small?truth=authentic")
    few = len(asked)
    assert few <= 12, asked
    shown = {found for _, found in SHEET.findall(first.text)}
    asked.clear()
    later = curator.get("/bank/small?truth=authentic&page=3").text
    assert len(asked) == few - 1  # what was counted for the first page holds for this one
    assert "page 3 of 3" in later
    assert "truth=authentic" in re.search(r'rel="prev" href="([^"]*)"', later)[1]
    assert not shown & {found for _, found in SHEET.findall(later)}


def test_a_thumbnail_is_small_made_once_and_kept_by_no_proxy(curator, app, case):
    url = f"/bank/films/{case.id}/thumbnail.png"
    answer = curator.get(url)
    assert answer.status_code == 200
    assert Picture.open(io.BytesIO(answer.data)).mode == "L"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    kept = app.extensions["telltale_thumbnails"].root
    assert len([p for p in kept.rglob("*") if p.is_file()]) == 1
    tag = answer.headers["ETag"]
    assert curator.get(url, headers={"If-None-Match": tag}).status_code == 304


def test_pictures_and_pages_of_the_bank_are_for_curators_alone(app, curator, client_of, case):
    learner = client_of("lea", Role.LEARNER)
    for url in (
        f"/bank/films/{case.id}/thumbnail.png",
        f"/bank/films/{case.id}/slices/0",
        f"/bank/films/{case.id}/twin/0",
        f"/bank/films/{case.id}/mask/0",
        f"/bank/small/films/{case.id}",
    ):
        assert curator.get(url).status_code == 200, url
        assert learner.get(url).status_code == 403, url
        assert "private" in curator.get(url).headers["Cache-Control"]
    assert curator.get(f"/bank/films/{case.id}/slices/1").status_code == 404
    assert curator.get(f"/bank/films/{uuid.uuid4()}/thumbnail.png").status_code == 404
    assert curator.get(f"/bank/other/films/{case.id}").status_code == 404


def test_a_film_s_page_tells_its_keys_the_newest_first(curator, app, app_database, case):
    with app_database.transaction() as session:
        one = session.get_one(Case, case.id)
        later = CaseKey(
            case_id=one.id, truth=Truth.AUTHENTIC, hallmarks=[], outlines=[],
            body={"reason": "The scanner did it."}, created_at=NOW,
        )  # fmt: skip
        session.add(later)
        session.flush()
        one.key_id = later.id
    page = curator.get(f"/bank/small/films/{case.id}").text
    assert page.index("Key: authentic") < page.index("Earlier key: tampered")
    assert "The scanner did it." in page
    assert "As it is served" in page


def test_the_data_card_says_what_a_reader_must_know(curator):
    page = curator.get("/bank/small/card").text
    for words in ("CC0", "no patient behind it", "never audited", "one generator or forgery"):
        assert words in page
    file = curator.get("/bank/small/card.md")
    assert file.mimetype == "text/markdown"
    assert "small.md" in file.headers["Content-Disposition"]
    assert file.text.startswith("# Small films\n")
    assert "| tampered | hand |" in file.text
    assert "CC0" in curator.get("/bank/licences").text


def audited(client, app, slug="small"):
    """Ask for an audit as the page does and let the worker do it."""
    assert client.post(f"/bank/{slug}/audit").status_code == 303
    queue: LocalQueue = app.extensions["telltale_queue"]
    queue.drain()


def test_an_audit_is_asked_for_kept_and_an_earlier_one_stays_readable(curator, app, app_database):
    assert "Never audited" in curator.get("/bank/small/audit").text
    audited(curator, app)
    audited(curator, app)
    page = curator.get("/bank/small/audit").text
    assert "too few images to tell (12 authentic, 12 other" in page
    assert "asked for by Cora" in page
    links = re.findall(r'href="(/bank/small/audits/[0-9a-f-]{36})"', page)
    assert len(set(links)) == 2
    assert "An earlier audit" in curator.get(links[1]).text
    with app_database.reading() as session:
        assert len(session.scalars(select(AuditRun)).all()) == 2


def test_a_set_is_published_after_its_audit_and_an_override_has_a_name_and_a_reason(
    curator, app, app_database
):
    curator.post("/bank/small/withdraw")
    never = curator.post("/bank/small/publish")
    assert never.status_code == 409
    assert "never audited" in never.text
    audited(curator, app)
    for typed, words in (("so", "a reason in words"), ("", "say why it is published all the same")):
        answer = curator.post("/bank/small/publish", data={"override": typed})
        page = refused(answer, 409, override=words)
        assert f">{typed}</textarea>" in page  # nothing that was typed is lost
        assert "--" not in page  # how the command line is told is no help here
    why = "Twelve films are enough to <b>try</b> the pages."
    assert curator.post("/bank/small/publish", data={"override": why}).status_code == 302
    for url in ("/bank/small/audit", "/bank/small/card"):
        page = curator.get(url).text
        assert "Published in spite of its audit</b> by Cora" in page
        assert "&lt;b&gt;try&lt;/b&gt;" in page
    assert 'class="tag bad">override' in curator.get("/bank").text
    with app_database.reading() as session:
        kept = session.scalars(select(SetPublication)).one()
    assert (kept.by, kept.override) == ("Cora", why)
    assert "too few images" in kept.despite[0]


def test_a_set_that_changed_since_its_audit_is_audited_again_first(
    curator, app, app_database, case
):
    audited(curator, app)
    assert 'action="/bank/small/publish"' in curator.get("/bank/small/audit").text
    held(app_database, case.id)
    assert 'action="/bank/small/publish"' not in curator.get("/bank/small/audit").text
    answer = curator.post("/bank/small/publish", data={"override": "It is good enough."})
    page = refused(answer, 409)
    assert ">It is good enough.</textarea>" in page
    assert "has changed since its audit" in page
    assert "The set has changed since" in curator.get("/bank/small/audit").text


def test_withdrawing_ends_new_sittings_and_lets_those_that_have_begun_go_on(
    curator, app_database, client_of
):
    with app_database.reading() as session:
        item = session.scalars(select(Item.id)).first()
    learner = client_of("lea", Role.LEARNER)
    begun = learner.post(f"/items/{item}/sittings").location
    assert curator.post("/bank/small/withdraw").status_code == 302
    scripted = {"X-Requested-With": "fetch"}
    state = learner.post(f"{begun}/show", headers=scripted).get_json()
    assert learner.get(state["film"]["url"] + "0").status_code == 200
    other = client_of("leo", Role.LEARNER)
    assert other.post(f"/items/{item}/sittings").status_code == 409
    assert curator.post("/bank/small/withdraw").status_code == 409


def test_no_set_can_take_the_address_of_a_page(app, app_database):
    """What stands behind /bank/ in an address is a page or a set, never both."""
    words = {
        rule.rule.split("/")[2]
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/bank/") and "<" not in rule.rule.split("/")[2]
    }
    assert words <= bank.RESERVED, words - bank.RESERVED
    facts = bank.SetFacts("films", "x", Provenance.SIMULATED, "CC0")
    with app_database.transaction() as session, pytest.raises(Exception, match="another name"):
        bank.open_set(session, None, facts, now=NOW)


def test_a_thumbnail_keeps_the_shape_and_the_window_of_its_film():
    pixels = np.zeros((600, 300), np.uint16)
    pixels[:, 150:] = 40_000
    picture = Picture.open(io.BytesIO(thumbnail(encode(Film(pixels, (0.1, 0.1))))))
    assert picture.size == (THUMBNAIL // 2, THUMBNAIL)
    values = np.asarray(picture)
    assert values[:, :60].max() == 0
    assert values[:, 70:].min() == 255


def test_the_tint_of_a_file_is_shown_to_curators_alone(curator, app, app_database, case, client_of):
    address = f"/bank/films/{case.id}/tint.png"
    assert curator.get(address).status_code == 404
    assert address not in curator.get(f"/bank/small/films/{case.id}").text
    panel = as_png(np.full((4, 8, 3), (200, 180, 150), np.uint8))
    with app_database.transaction() as session:
        image = session.get_one(Image, session.get_one(Case, case.id).image_id)
        sha256 = app.extensions["telltale_blobs"].put(panel)
        colour = {"red_blue": 50.0, "coloured": 1.0, "panel": sha256}
        image.facts = image.facts | {"colour": colour}
    page = curator.get(f"/bank/small/films/{case.id}").text
    assert address in page
    assert "50.0 of 255" in page
    answer = curator.get(address)
    assert answer.data == panel
    assert "private" in answer.headers["Cache-Control"]
    assert client_of("lea", Role.LEARNER).get(address).status_code == 403


def test_reported_films_and_labels_nobody_agreed_to_are_found(curator, app_database, case):
    with app_database.transaction() as session:
        dataset = session.scalars(select(Dataset).where(Dataset.slug == "small")).one()
        dataset.provenance = Provenance.CLINICAL
        session.add(KeyAgreement(case_key_id=case.key_id, name="Ann", part="case", agreed_at=NOW))
    page = curator.get("/bank/small?state=not+agreed").text
    assert 'role="status">23 film' in page
    assert str(case.id) not in page
