import json
import stat
import uuid
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from tests.fixtures.app import NOW
from trainer import clock
from trainer.cli import run
from trainer.core.words import Role, Truth
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.data.people import Membership
from trainer.imaging import recipes
from trainer.services import jobs, starter
from trainer.services.blobs import FolderStore
from trainer.services.errors import OperatorError
from trainer.settings import Settings


@pytest.fixture(scope="module")
def fracture():
    """One forged hand and its authentic twin, small."""
    planned = next(p for p in starter.plan() if p.recipe.hallmark == "clean_fracture")
    return starter.Finished(planned, *recipes.make_twins(planned.recipe, columns=256))


def test_a_pair_goes_in_whole_with_truth_twin_and_kin(database, tmp_path, fracture):
    blobs = FolderStore(tmp_path / "blobs")
    with database.transaction() as session:
        starter.keep(session, blobs, fracture, now=NOW)
        starter.keep(session, blobs, fracture, now=NOW)  # again is no change
    with database.reading() as session:
        cases = session.scalars(select(Case)).all()
        assert len(cases) == session.scalar(select(func.count()).select_from(Image)) == 2
        assert len({c.kin for c in cases}) == 1
        forged = next(c for c in cases if c.key.truth is Truth.TAMPERED)
        authentic = next(c for c in cases if c is not forged)
        assert forged.twin_image_id == authentic.image_id
        assert forged.key.outlines
        assert forged.key.body["recipe"]["seed"] == fracture.planned.recipe.seed
        assert all(blobs.has(sha) for sha in forged.key.masks.values())
        assert (authentic.key.hallmarks, authentic.key.outlines) == ([], [])
        assert session.scalar(select(Dataset.published_at)) is not None
        assert starter.missing(session, [fracture.planned]) == []


@pytest.fixture(scope="module")
def series():
    """One forged series and its authentic twin, small."""
    planned = next(
        p for p in starter.plan()
        if p.recipe.view == "ct" and p.recipe.hallmark == "z_break"
    )  # fmt: skip
    return starter.Finished(planned, *recipes.make_twins(planned.recipe, columns=112))


def test_a_series_goes_into_a_set_of_its_own_with_its_place_slice_by_slice(
    database, tmp_path, series
):
    planned, made = series.planned, (series.authentic, series.forged)
    blobs = FolderStore(tmp_path / "blobs")
    with database.transaction() as session:
        starter.keep(session, blobs, series, now=NOW)
    with database.reading() as session:
        forged, authentic = (
            session.get(Case, uuid.UUID(name))
            for name in (planned.recipe.uuid, planned.recipe.twin)
        )
        assert forged.dataset.slug == "starter-ct" != starter.facts().slug
        assert forged.image.modality == "CT" and forged.image_id != authentic.image_id
        assert forged.twin_image_id == authentic.image_id
        assert len(forged.image.blocks) == made[1].film.pixels.shape[0]
        shared = set(forged.image.blocks) & set(authentic.image.blocks)
        assert 0 < len(shared) < len(forged.image.blocks)
        slices = {outline["z"] for outline in forged.key.outlines}
        assert slices and slices <= set(np.flatnonzero(made[1].place.any((1, 2))).tolist())


def test_half_a_pair_is_made_again(database, tmp_path, fracture):
    blobs = FolderStore(tmp_path / "blobs")
    half = starter.Finished(fracture.planned, fracture.authentic, None)
    with database.transaction() as session:
        starter.keep(session, blobs, half, now=NOW)
        assert starter.missing(session, [fracture.planned]) == [fracture.planned]
        starter.keep(session, blobs, fracture, now=NOW)
        assert starter.missing(session, [fracture.planned]) == []
        assert session.scalar(select(func.count()).select_from(CaseKey)) == 2


def test_a_recipe_that_cannot_be_read_names_file_and_film(tmp_path):
    (tmp_path / "films.toml").write_text('[[film]]\nuuid = "no"\nregion = "hand"\n')
    with pytest.raises(OperatorError, match=r"films\.toml, film 1: view"):
        starter.plan(tmp_path)


def test_interrupted_work_is_said_to_be_so(database):
    with database.transaction() as session:
        first = jobs.begin(session, None, "starter.fill", {}, 10, now=NOW)
        jobs.step(session, first, 4, now=NOW)
        later = NOW + 2 * jobs.SILENCE
        assert jobs.latest(session, "starter.fill", now=later).state == "interrupted"
        second = jobs.begin(session, None, "starter.fill", {}, 10, now=later)
        jobs.end(session, second, "done", now=later)
        assert jobs.latest(session, "starter.fill", now=later).state == "done"


def test_demo_people_are_made_once_and_only_the_owner_reads_their_passwords(database, tmp_path):
    settings = Settings(home=tmp_path)
    path = run.demo_people(database, settings)
    first = path.read_text()
    assert run.demo_people(database, settings).read_text() == first
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
    people = json.loads(first)
    assert len({p["password"] for p in people}) == 4
    with database.reading() as session:
        assert set(session.scalars(select(Membership.role))) == set(Role)


def test_the_home_page_says_how_far_the_films_are(client_of, app_database):
    client = client_of("ann")
    assert "being made" not in client.get("/learn").text
    with app_database.transaction() as session:
        job = jobs.begin(session, None, jobs.STARTER, {}, 148, now=clock.now())
        jobs.step(session, job, 28, now=clock.now())
    assert "28 of 148" in client.get("/learn").text


def test_what_imitates_is_kept_with_an_authentic_series(database, tmp_path):
    planned = next(
        p for p in starter.plan()
        if p.recipe.view == "ct" and p.recipe.mimic_of == "no_context"
    )  # fmt: skip
    made = recipes.make(planned.recipe, columns=160)
    blobs = FolderStore(tmp_path / "blobs")
    with database.transaction() as session:
        starter.keep(session, blobs, starter.Finished(planned, made, None), now=NOW)
    with database.reading() as session:
        key = session.get(Case, uuid.UUID(planned.recipe.uuid)).key
        assert key.truth is Truth.AUTHENTIC and key.mimic_of == "no_context"
        held = np.flatnonzero(made.structures["granuloma"].any((1, 2))).tolist()
        assert held and sorted(map(int, key.masks)) == held
        assert {outline["z"] for outline in key.outlines} == set(held)
        assert not key.everywhere
