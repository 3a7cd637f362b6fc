"""What forgeries give away on simulated films: their hallmark, and never their noise."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from trainer.core.words import Hallmark
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.registry import HALLMARKS
from trainer.imaging.known_anatomy import anatomy_of
from trainer.imaging.observers import (
    auc_interval,
    detector_auc,
    forensic_features,
    noise_alone,
    template_d,
)
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.ct.series import Scan
from trainer.imaging.simulator.film import Photograph, Session

FILMS = 10
TEXTURE = [
    Hallmark.SMOOTH_CORTEX,
    Hallmark.UNIFORM_GRAIN,
    Hallmark.CHECKERBOARD,
    Hallmark.RENDER_LOOK,
]
# What needs a bone in air, and so a hand; the rest is made on a chest, but for what follows.
ON_HAND = {
    Hallmark.SMOOTH_CORTEX,
    Hallmark.SKIN_RIM,
    Hallmark.TRABECULA,
    Hallmark.CLEAN_FRACTURE,
    Hallmark.JOINT_MERGE,
}
# What is refused where it would be smaller than can be seen: these want a larger film.
FINE = {
    Hallmark.CLEAN_FRACTURE, Hallmark.JOINT_MERGE, Hallmark.RIB_CLONE, Hallmark.STRAIGHT_SPINE,
}  # fmt: skip
# Of the belly a chest film shows too little, and behind a heart hardly a spine.
ON_BELLY, ON_LOINS = {Hallmark.GAS_SHAPE}, {Hallmark.STRAIGHT_SPINE}
BODIES = {"hand": ON_HAND, "abdomen": ON_BELLY, "lumbar": ON_LOINS}
# A letter of so small a film cannot be read, and vertebrae are cloned in the body itself.
ELSEWHERE = {Hallmark.BAD_TEXT, Hallmark.VERTEBRA_CLONE}
ON_FILMS = [h for h, op in HALLMARKS.items() if 2 in op.dimensions and h not in ELSEWHERE]


@cache
def phantom(name: str, seed: int, columns: int = 176) -> tuple[Photograph, Anatomy]:
    place = region(name)
    shot = Session(place, place.case(seed, {"marker": "shown"}), columns).authentic()
    return shot, anatomy_of(shot.paths.masks())


@pytest.mark.slow
@pytest.mark.parametrize("hallmark", TEXTURE)
def test_a_forensic_detector_finds_a_texture_at_full_dose_and_not_at_nought(
    hallmark: Hallmark,
) -> None:
    for dose in (0.0, 1.0):
        features, forged, film = [], [], []
        for seed in range(FILMS):
            shot, anatomy = phantom("hand", seed)
            fake, _, _ = HALLMARKS[hallmark](
                shot.film.pixels, dose=dose, rng=np.random.default_rng(seed), anatomy=anatomy
            )
            features += [forensic_features(shot.film.pixels), forensic_features(fake)]
            forged += [0, 1]
            film += [seed, seed]
        auc = detector_auc(features, forged, film)
        if dose == 0:
            assert auc == pytest.approx(0.5, abs=1e-9)
        else:
            assert auc >= 0.9, f"{hallmark}: AUC {auc:.2f} at full dose"


@pytest.mark.slow
@pytest.mark.parametrize("hallmark", ON_FILMS)
def test_an_observer_sees_more_with_every_dose_on_phantoms(hallmark: Hallmark) -> None:
    seen: list[float] = []
    for seed in range(FILMS):
        body = next((name for name, which in BODIES.items() if hallmark in which), "chest")
        shot, anatomy = phantom(body, seed, 384 if hallmark in FINE else 176)
        image = shot.film.pixels
        try:
            for dose in (0.2, 0.4, 0.6, 0.8, 1.0):
                fake, mask, _ = HALLMARKS[hallmark](
                    image, dose=dose, rng=np.random.default_rng(seed), anatomy=anatomy
                )
                seen.append(template_d([image], [fake], [mask]))
        except ForgeryError:
            seen.clear()  # no bubble, no straight rib: another body has them
            continue
        break
    assert len(seen) == 5, f"{hallmark}: refused on every one of {FILMS} phantoms"
    assert all(less < more for less, more in pairwise([0.0, *seen])), seen


# Each once stood still, or fell, before its dose was at an end.
@pytest.mark.parametrize(
    ("name", "view", "hallmark", "seed"),
    [
        ("wrist", "pa", Hallmark.NO_SOFT_TISSUE, 1),
        ("wrist", "pa", Hallmark.JOINT_MERGE, 0),  # bones fused
        ("wrist", "pa", Hallmark.JOINT_MERGE, 1),  # a bone gone
        ("elbow", "ap", Hallmark.BIOMECH, 0),
    ],
)
def test_an_observer_sees_more_of_a_forged_body_with_every_dose(
    name: str, view: str, hallmark: Hallmark, seed: int
) -> None:
    place = region(name, view)
    session = Session(place, place.case(seed, hallmark=hallmark), 160)
    before = session.authentic().film.pixels
    seen = [0.0]
    for dose in (0.25, 0.5, 0.75, 1.0):
        shot = session.forged(place.case(seed, hallmark=hallmark, dose=dose))
        assert shot.mask is not None
        assert np.array_equal(shot.film.pixels[~shot.mask], before[~shot.mask])
        seen.append(template_d([before], [shot.film.pixels], [shot.mask]))
    assert all(more > 1.02 * less for less, more in pairwise(seen)), seen


def test_an_observer_sees_more_of_a_removed_nodule_with_every_dose() -> None:
    place, flat = region("chest", "ct"), (-1, 96)
    own = {"finding": "nodule", "slices": 8, "slice_mm": "5.0"}
    scan = Scan(place, place.case(2, own, Hallmark.NO_CONTEXT), 96)
    before = scan.authentic().film.pixels.reshape(flat)
    seen = [0.0]
    for dose in (0.25, 0.5, 0.75, 1.0):
        shot = scan.forged(place.case(2, own, Hallmark.NO_CONTEXT, dose))
        assert shot.mask is not None
        seen.append(
            template_d([before], [shot.film.pixels.reshape(flat)], [shot.mask.reshape(flat)])
        )
    assert all(more > 1.02 * less for less, more in pairwise(seen)), seen


@pytest.mark.slow
def test_noise_itself_does_not_tell_uniform_vessels() -> None:
    """Of two exposures, for on so small a film the vessels are what one film's residual sees."""
    place, hallmark = region("chest", "pa"), Hallmark.VESSEL_UNIFORM
    found = []
    for seed in range(FILMS):
        session = Session(place, place.case(seed, hallmark=hallmark), 176)
        shots = session.authentic(), session.forged(place.case(seed, hallmark=hallmark, dose=1.0))
        mask = shots[1].mask
        assert mask is not None
        found += [noise_alone(shot.film.pixels, session.again(shot), mask) for shot in shots]
    film_of = [seed for seed in range(FILMS) for _ in range(2)]
    auc = detector_auc(found, [0, 1] * FILMS, film_of)
    low, high = auc_interval(auc, FILMS)
    assert low <= 0.5 <= high, f"AUC {auc:.2f} [{low:.2f}, {high:.2f}]"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "view", "hallmark"),
    [
        ("chest", "pa", Hallmark.NO_CONTEXT),
        ("hand", "pa", Hallmark.NO_SOFT_TISSUE),
        ("hand", "pa", Hallmark.CLEAN_FRACTURE),
    ],
)
def test_noise_does_not_tell_a_forged_body_from_its_twin(
    name: str, view: str, hallmark: Hallmark
) -> None:
    """Two exposures of one body differ by noise and nothing else; a film's residual does not."""
    place = region(name, view)
    doses = (0.3, 1.0)
    features: dict[float, list[list[float]]] = {dose: [] for dose in doses}
    for seed in range(FILMS):
        session = Session(place, place.case(seed, hallmark=hallmark), 176)
        authentic = session.authentic()
        second = session.again(authentic)
        for dose in doses:
            fake = session.forged(place.case(seed, hallmark=hallmark, dose=dose))
            assert fake.mask is not None
            for one, other in ((authentic, second), (fake, session.again(fake))):
                features[dose].append(noise_alone(one.film.pixels, other, fake.mask))
    forged, film_of = [0, 1] * FILMS, [seed for seed in range(FILMS) for _ in range(2)]
    for dose, found in features.items():
        auc = detector_auc(found, forged, film_of)
        low, high = auc_interval(auc, FILMS)
        assert low <= 0.5 <= high, f"dose {dose}: AUC {auc:.2f} [{low:.2f}, {high:.2f}]"
