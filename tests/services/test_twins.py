"""Twins of a curator's own films: what may serve, what is kept, and that a second run adds none."""

import uuid

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sqlalchemy import delete, func, select

import trainer.jobs.twins  # noqa: F401
from tests.fixtures.app import NOW
from trainer import clock
from trainer.core.words import Hallmark, Modality, Provenance, Truth
from trainer.data.images import Case, Dataset, Image
from trainer.data.review import KeyAgreement
from trainer.imaging import block
from trainer.imaging.film import Film
from trainer.imaging.forgery.twins import what_fits
from trainer.services import bank, jobs, twins, vouching
from trainer.services.errors import ConflictError, InvalidError, NotFoundError
from trainer.services.truth import twin_truth

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def film(seed, slices=1):
    """Return a film (or stack) with structure and noise, as from a CT for a stack."""
    rng = np.random.default_rng(seed)
    soft = gaussian_filter(rng.normal(size=(192, 176)), 9)
    soft = 20_000 + 9_000 * soft / soft.std()
    planes = [soft + rng.normal(0, 700, soft.shape) for _ in range(slices)]
    pixels = np.clip(np.stack(planes), 0, 65535).astype(np.uint16)
    if slices == 1:
        return Film(pixels[0], (0.4, 0.3), region="hand", view="pa")
    return Film(
        pixels, (0.7, 0.7), Modality.CT, "chest", "ax", 1.0, -24_000.0,
        tuple(2.0 * z for z in range(slices)),
    )  # fmt: skip


@pytest.fixture
def own(office):
    """Return ``own(slices, licence)``: a clinical set of two films, and their cases."""

    def make(slices=1, licence="CC BY 4.0", slug="mine"):
        with office.database.transaction() as session:
            facts = bank.SetFacts(
                slug, "My films", Provenance.CLINICAL, licence, "Us", {"source": "here"}
            )
            where = bank.open_set(session, None, facts, now=NOW)
            cases = []
            for number in range(2):
                one = film(number, slices)
                image = bank.keep_film(
                    session, office.blobs, where, one, now=NOW,
                    facts={"name": f"{number}.dcm", "originals": ["0" * 64], "group": "g",
                           "file": {"phash": "f" * 64, "bytes": 9}},
                )  # fmt: skip
                truth = bank.TruthFacts(Truth.AUTHENTIC)
                cases.append(
                    bank.add_case(
                        session, office.blobs, where, image, one, truth, kin=f"patient:{number}",
                        now=NOW, split="test",
                    )
                )  # fmt: skip
                key = session.get_one(Case, cases[-1]).key_id
                session.add(
                    KeyAgreement(case_key_id=key, name="Cora", part="agreed", agreed_at=NOW)
                )
            return cases

    return make


@pytest.fixture
def order(office, curator):
    """Return ``order(cases, ...)``: ask for twins, committed."""

    def make(cases, hallmark="uniform_grain", doses=(0.3, 0.9), target="mine-twins", **more):
        asked = twins.Order("mine", tuple(cases), hallmark, doses, 7, target, "Twins of mine")
        with office.database.transaction() as session:
            return twins.ask_make(session, curator, asked, link="/bank/mine", now=clock.now())

    return make


def cases_of(database, slug):
    with database.reading() as session:
        wanted = select(Case).join(Dataset, Dataset.id == Case.dataset_id)
        found = session.scalars(wanted.where(Dataset.slug == slug).order_by(Case.id)).all()
        for case in found:  # read while the session is there
            _ = case.key, case.image, case.twin_image
        return found


def pixels_of(office, image):
    return np.stack([block.decode(office.blobs.get(sha))[0] for sha in image.blocks])


@pytest.mark.parametrize(("slices", "hallmark"), [(1, "uniform_grain"), (6, "z_break")])
def test_a_new_set_of_twins_is_whole_by_itself(
    own, order, office, seen, local_queue, slices, hallmark
):
    cases = own(slices)
    job = order(cases, hallmark)
    local_queue.drain()
    assert seen(job).state == "done", seen(job).message
    found = cases_of(office.database, "mine-twins")
    authentic = [c for c in found if c.key.truth is Truth.AUTHENTIC]
    forged = [c for c in found if c.key.truth is Truth.TAMPERED]
    assert (len(authentic), len(forged)) == (2, 4)
    for one in forged:
        (mother,) = [c for c in authentic if c.kin == one.kin]
        assert one.twin_image_id == mother.image_id
        assert mother.twin_image.id in {c.image_id for c in forged if c.kin == one.kin}
        assert one.key.hallmarks == [hallmark]
        assert (one.split, one.family != "") == ("test", True)
        recipe = one.key.body["recipe"]
        assert recipe["hallmark"] == hallmark
        assert recipe["dose"] == one.key.body["dose"]
        assert uuid.UUID(recipe["source_case"]) in cases
        before, after = pixels_of(office, mother.image), pixels_of(office, one.image)
        changed = before != after
        assert changed.any()
        if one.key.everywhere:
            assert one.key.outlines == []
        masks = {int(z): block.decode(office.blobs.get(s))[0] > 0 for z, s in one.key.masks.items()}
        for z in range(slices):
            outside = ~masks.get(z, np.zeros(changed.shape[1:], bool))
            assert not changed[z][outside].any()
        assert one.image.facts["group"] == "g"
        assert "originals" not in one.image.facts
        assert one.image.phash == ""
    with office.database.reading() as session:
        made = session.scalars(select(Dataset).where(Dataset.slug == "mine-twins")).one()
        assert made.provenance is Provenance.CLINICAL
        assert (made.licence, made.citation) == ("CC BY 4.0", "Us")
        assert made.published_at is None
        vouching.gate(session, made)  # somebody answers for every label, copies and twins alike


def test_asked_for_again_nothing_is_made_twice(own, order, office, seen, local_queue):
    cases = own()
    order(cases)
    local_queue.drain()
    with office.database.transaction() as session:
        gone = session.scalars(select(Case).where(Case.family != "")).first()
        gone_id, key = gone.id, gone.key
        gone.key_id = None
        session.flush()
        session.execute(delete(KeyAgreement).where(KeyAgreement.case_key_id == key.id))
        session.delete(key)
        session.flush()
        session.execute(Case.__table__.delete().where(Case.id == gone_id))
    again = order(cases)  # as after a kill in the middle
    local_queue.drain()
    assert seen(again).state == "done"
    found = cases_of(office.database, "mine-twins")
    assert len(found) == 6
    assert gone_id in {case.id for case in found}
    with office.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Image)) == 2 + 6


def test_twins_can_go_into_the_same_set_while_it_is_not_published(
    own, order, office, seen, local_queue
):
    cases = own()
    order(cases[:1], target="mine", doses=(0.5,))
    local_queue.drain()
    found = cases_of(office.database, "mine")
    assert len(found) == 3
    assert next(c for c in found if c.id == cases[0]).twin_image_id is not None
    with office.database.transaction() as session:
        bank.publish_set(session, None, "mine", now=NOW)
    with pytest.raises(ConflictError, match="audited"):
        order(cases, target="mine")


def test_a_mimic_stays_authentic(own, order, office, local_queue):
    cases = own()
    order(cases[:1], hallmark="vendor_smoothing", doses=(0.8,))
    local_queue.drain()
    (made,) = [c for c in cases_of(office.database, "mine-twins") if c.key.mimic_of]
    assert made.key.truth is Truth.AUTHENTIC
    assert made.key.mimic_of == Hallmark.SMOOTH_CORTEX
    assert made.key.everywhere
    assert made.key.masks == {} and made.key.outlines == []
    assert made.family == ""


def test_a_mimic_is_kept_with_its_place(own, order, office, local_queue):
    cases = own(slices=6)
    order(cases[:1], hallmark="breathing_step", doses=(0.8,))
    local_queue.drain()
    (made,) = [c for c in cases_of(office.database, "mine-twins") if c.key.mimic_of]
    assert made.key.truth is Truth.AUTHENTIC and not made.key.everywhere
    assert made.key.masks and "0" not in made.key.masks
    assert {str(outline["z"]) for outline in made.key.outlines} == set(made.key.masks)
    with office.database.reading() as session:
        told = twin_truth(session, made.key, made.twin_image_id)
        assert (told.label, told.outlines) == ("twin without what imitates it", [])


@pytest.mark.parametrize(
    "licence", ["CC BY-ND 4.0", "CC BY-NC-ND", "No derivatives", "no-derivative works"]
)
def test_a_licence_that_forbids_derivatives_stops_it_with_the_reason(own, order, licence, office):
    with pytest.raises(ConflictError, match="forbids altered copies"):
        order(own(licence=licence))
    with office.database.reading() as session:
        dataset = session.scalars(select(Dataset)).one()
        assert licence in twins.refusal(dataset)


@pytest.mark.parametrize("licence", ["CC BY 4.0", "CC0", "Hindustan Open", "Standard terms"])
def test_other_licences_do_not(own, licence, office):
    own(licence=licence)
    with office.database.reading() as session:
        assert twins.refusal(session.scalars(select(Dataset)).one()) == ""


def test_bad_orders_are_refused_before_anything_is_made(own, order, office):
    cases = own()
    for wrong, said in (
        ({"hallmark": "rainbow"}, "from the list"),
        ({"doses": ()}, "at least one dose"),
        ({"doses": (0.0, 0.5)}, "above 0"),
        ({"doses": (1.5,)}, "at most 1"),
        ({"target": "../x"}, "cannot name a set"),
        ({"target": "films"}, "another name"),
    ):
        with pytest.raises(InvalidError, match=said):
            order(cases, **wrong)
    with pytest.raises(NotFoundError, match="choose anew"):
        order([uuid.uuid4()])
    with pytest.raises(InvalidError, match="between 1 and 50"):
        order([])
    own(slug="other")
    with pytest.raises(ConflictError, match="already"):
        order(cases, target="other")
    with office.database.transaction() as session:
        session.get_one(Case, cases[0]).live = False
    with pytest.raises(NotFoundError):
        order(cases)


def test_what_fits_is_looked_for_and_previews_are_made(own, office, curator, seen, local_queue):
    cases = own()
    with office.database.transaction() as session:
        look = twins.ask_look(
            session, curator, "mine", cases, link=f"/bank/mine/twins/{jobs.SELF}", now=clock.now()
        )
    assert seen(look).link == f"/bank/mine/twins/{look}"
    local_queue.drain()
    films = seen(look).result["films"]
    assert [f["name"] for f in films] == ["0.dcm", "1.dcm"]
    expected = {f.name: f.refusal for f in what_fits(film(0).pixels)}
    assert {f["name"]: f["refusal"] for f in films[0]["fits"]} == expected
    assert expected["uniform_grain"] == ""
    assert expected["z_break"] != ""
    with office.database.transaction() as session:
        preview = twins.ask_preview(
            session, curator, seen(look), cases[1], "uniform_grain", 3, link="", now=clock.now()
        )
        with pytest.raises(NotFoundError):
            twins.ask_preview(
                session, curator, seen(look), uuid.uuid4(), "uniform_grain", 3, link="",
                now=clock.now(),
            )  # fmt: skip
    local_queue.drain()
    result = seen(preview).result
    assert result["doses"] == list(twins.DOSES)
    assert result["everywhere"] is True
    assert set(result["files"]) == {"authentic.png"} | {
        f"{kind}-{n}.png" for kind in ("dose", "outline") for n in range(10)
    }
    with office.blobs.open_output(f"{preview}/dose-9.png") as file:
        assert file.read(4) == b"\x89PNG"


def test_a_hallmark_that_cannot_be_made_is_told_and_nothing_is_there(
    own, order, office, seen, local_queue
):
    job = order(own(), hallmark="z_break")  # it needs a stack
    local_queue.drain()
    assert seen(job).state == "failed"
    assert "No twin could be made" in seen(job).message
    assert cases_of(office.database, "mine-twins") == []
