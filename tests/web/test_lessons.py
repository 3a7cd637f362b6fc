"""The learner's pages through the client: home, track, lesson, figures."""

import io
import uuid

import numpy as np
import pytest
from PIL import Image

from tests import factories
from tests.content.samples import lay_out
from tests.fixtures.app import NOW
from trainer.core.words import Hallmark, Provenance, Role, Truth
from trainer.imaging.film import Film
from trainer.services import bank, publishing

CHANGED = uuid.UUID("00000000-0000-4000-8000-00000000f001")
MIMIC = uuid.UUID("00000000-0000-4000-8000-00000000f003")
FIGURE = "/learn/lessons/first/figures"


@pytest.fixture
def published(app_database, tmp_path):
    root = lay_out(tmp_path / "content")
    with app_database.transaction() as session:
        publishing.publish(session, None, root, now=NOW)
    return root


@pytest.fixture
def films(app, app_database, request):
    """Put the films of the sample's figures into the bank, reserved for lessons."""
    rng = np.random.default_rng(5)
    mask = np.zeros((80, 100), bool)
    mask[20:40, 30:60] = True
    look = bank.TruthFacts(
        Truth.AUTHENTIC, mimic_of=Hallmark.SMOOTH_CORTEX, **getattr(request, "param", {})
    )
    blobs = app.extensions["telltale_blobs"]
    with app_database.transaction() as session:
        facts = bank.SetFacts("starter", "Films", Provenance.SIMULATED, "CC0-1.0")
        where = bank.open_set(session, None, facts, now=NOW)
        for case, truth, twin in (
            (CHANGED, bank.TruthFacts(Truth.TAMPERED, (Hallmark.SMOOTH_CORTEX,), mask=mask), True),
            (MIMIC, look, False),
        ):
            made = [
                Film(rng.integers(0, 60000, (80, 100)).astype(np.uint16), (0.2, 0.2), region="hand")
                for _ in range(1 + twin)
            ]
            images = [bank.keep_film(session, blobs, where, f, now=NOW) for f in made]
            bank.add_case(
                session, blobs, where, images[0], made[0], truth, kin=str(case), now=NOW,
                case_id=case, twin_image_id=images[1] if twin else None, split="lesson",
            )  # fmt: skip


def test_home_without_any_lesson_says_what_to_do(client_of):
    answer = client_of("ann").get("/learn")
    assert answer.status_code == 200
    assert "content publish" in answer.text


def test_home_lists_lessons_and_the_next_one(client_of, published):
    page = client_of("ann").get("/learn").text
    assert "2 minutes to read, then 10 films?" in page
    assert page.index("The first lesson") < page.index("The second lesson")
    assert "20 simulated films · the truth at the end · 20 minutes in all" in page


def test_track_and_lesson_pages_lead_to_one_another(client_of, published):
    client = client_of("ann")
    track = client.get("/learn/tracks/sample").text
    assert 'href="/learn/lessons/first"' in track
    lesson = client.get("/learn/lessons/second").text
    assert 'href="/learn/lessons/first"' in lesson and 'href="/learn/tracks/sample"' in lesson
    assert "waits for an expert" in lesson  # its concept rests on reasoning
    assert 'id="ref-study-2026"' in lesson and 'href="#ref-study-2026"' in lesson


def test_mark_as_read_is_a_post_and_shows(client_of, published):
    client = client_of("ann")
    assert client.get("/learn/lessons/first/read").status_code == 405
    answer = client.post("/learn/lessons/first/read", follow_redirects=True)
    assert answer.status_code == 200
    assert "Noted as read" in answer.text and "Mark as read" not in answer.text
    assert 'read on <time datetime="' in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/learn/tracks/none",
        "/learn/lessons/none",
        f"{FIGURE}/9/film.png",
        f"{FIGURE}/1/mask.png",
        f"{FIGURE}/2/twin.png",  # a plain figure shows no twin
    ],
)
def test_what_is_not_there_is_not_found(client_of, published, films, path):
    assert client_of("ann").get(path).status_code == 404


def test_a_stranger_is_sent_to_sign_in(app, published):
    for path in ("/learn", "/learn/lessons/first", f"{FIGURE}/1/film.png"):
        answer = app.test_client().get(path)
        assert (answer.status_code, "/sign-in" in answer.location) == (302, True)


def test_a_film_that_is_not_made_yet_is_a_calm_note(client_of, published):
    client = client_of("ann")
    page = client.get("/learn/lessons/first").text
    assert page.count("This film is being made.") == 2
    assert "<img" not in page
    assert client.get(f"{FIGURE}/1/film.png").status_code == 404


def test_a_figure_shows_film_twin_and_outline_in_native_pixels(client_of, published, films):
    page = client_of("ann").get("/learn/lessons/first").text
    assert "This film is being made." not in page
    assert f'src="{FIGURE}/1/film.png"' in page and f'src="{FIGURE}/1/twin.png"' in page
    assert f'src="{FIGURE}/2/film.png"' in page and f"{FIGURE}/2/twin.png" not in page
    # crop = [0.1, 0.1, 0.5, 0.5] of 100 x 80
    assert 'viewBox="9.5 7.5 50 40"' in page
    assert page.count("<polygon") == 1
    assert "simulated film" in page


LOOK = np.zeros((80, 100), bool)
LOOK[50:60, 40:70] = True


@pytest.mark.parametrize(
    ("films", "lines", "words"),
    [({"mask": LOOK}, 2, "The look lies where the line is dashed; the film is authentic."),
     ({"everywhere": True}, 1, "The look is all over the film, and the film is authentic"),
     ({}, 1, "")],
    indirect=["films"], ids=["placed", "everywhere", "plain"],
)  # fmt: skip
def test_a_mimic_s_look_is_outlined_in_a_line_of_its_own(client_of, published, films, lines, words):
    page = client_of("ann").get("/learn/lessons/first").text
    assert page.count("<polygon") == lines
    assert page.count("film-look") == lines - 1
    assert words in page and ("The look" in page) == bool(words)
    figure = page.split('id="figure-2"')[1].split("</figure>")[0]
    assert ("data-outline" in figure) == (lines == 2) and ">Authentic<" in figure


def test_a_picture_is_the_crop_and_is_asked_for_once(client_of, published, films):
    client = client_of("ann")
    first = client.get(f"{FIGURE}/1/film.png")
    assert first.mimetype == "image/png"
    assert Image.open(io.BytesIO(first.data)).size == (50, 40)
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get(f"{FIGURE}/1/film.png", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    twin = client.get(f"{FIGURE}/1/twin.png")
    assert twin.data != first.data and twin.headers["ETag"] != first.headers["ETag"]


def test_a_quiz_pool_film_is_never_shown_as_a_figure(client_of, published, films, app_database):
    from trainer.data.images import Case

    with app_database.transaction() as session:
        session.get_one(Case, CHANGED).split = "practice"
    client = client_of("ann")
    assert client.get(f"{FIGURE}/1/film.png").status_code == 404
    assert client.get("/learn/lessons/first").text.count("This film is being made.") == 1


def test_an_assignment_is_on_the_home_page_with_its_start(client_of, published, app_database):
    from datetime import timedelta

    from sqlalchemy import select

    from trainer import clock
    from trainer.data.cohorts import CohortMember
    from trainer.data.people import User
    from trainer.services import assignments, cohorts

    client = client_of("ann")
    now = clock.now()
    with app_database.transaction() as session:
        director = factories.person(session, "Dora", Role.DIRECTOR, where="Test institution")
        cohort = cohorts.make(session, director, "Residents", now=now)
        ann = session.scalars(select(User).where(User.email == "ann@example.org")).one()
        session.add(CohortMember(cohort_id=cohort, user_id=ann.id, joined_at=now))
        session.flush()
        item = next(c for c in assignments.choices(session) if not c.of_track)
        assignments.assign(
            session, director, cohort, item.item_id, opens_at=now - timedelta(hours=1),
            due_at=now + timedelta(days=2), pass_mark=0.8, now=now,
        )  # fmt: skip
    page = client.get("/learn").text
    assert "1 thing to do for your programme" in page
    assert 'name="assignment"' in page and "80 of 100 passes" in page
