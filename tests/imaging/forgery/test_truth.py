"""What a forgery gives away: its hallmark, at every dose more; and never by its noise."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.imaging.forgery.pictures import limb, trunk
from tests.imaging.forgery.test_operators import ON_LIMB, picture_for
from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.registry import HALLMARKS
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.observers import (
    auc_interval,
    detector_auc,
    forensic_features,
    noise_features,
    template_d,
)

FILMS = 14
STRUCTURAL = [h for h, op in HALLMARKS.items() if op.structural and 2 in op.dimensions]
# Hallmarks of the whole texture: what a detector of forensic features is for.
TEXTURE = [Hallmark.SMOOTH_CORTEX, Hallmark.UNIFORM_GRAIN, Hallmark.CHECKERBOARD]
TEXTURE += [Hallmark.RENDER_LOOK, Hallmark.TRABECULA]
ON_REAL_FILMS = {
    Hallmark.UNIFORM_GRAIN: (),
    Hallmark.STRAIGHT_SPINE: ("spine",),
    Hallmark.TOO_SYMMETRIC: ("midline", "lungs"),
    Hallmark.VESSEL_UNIFORM: ("lungs",),
    Hallmark.NO_CONTEXT: ("lungs",),
    Hallmark.BAD_TEXT: ("marker",),
}


@pytest.mark.parametrize("hallmark", HALLMARKS)
def test_an_observer_sees_more_with_every_dose(hallmark: Hallmark) -> None:
    op = HALLMARKS[hallmark]
    image, anatomy = picture_for(op)
    seen = [0.0]
    for dose in (0.25, 0.55, 0.9):
        forged, mask, _ = op(image, dose=dose, rng=np.random.default_rng(4), anatomy=anatomy)
        flat = (-1, image.shape[-1])
        seen.append(template_d([image.reshape(flat)], [forged.reshape(flat)], [mask.reshape(flat)]))
    assert all(less < more for less, more in pairwise(seen)), seen


@pytest.mark.slow
@pytest.mark.parametrize("hallmark", STRUCTURAL)
@pytest.mark.parametrize("dose", [0.25, 0.9])
def test_noise_does_not_give_a_structural_forgery_away(hallmark: Hallmark, dose: float) -> None:
    features, forged, film = [], [], []
    for seed in range(FILMS):
        image, anatomy = (limb if hallmark in ON_LIMB else trunk)(seed, side=192)
        try:
            fake, mask, _ = HALLMARKS[hallmark](
                image, dose=dose, rng=np.random.default_rng(seed), anatomy=anatomy
            )
        except ForgeryError:
            continue
        features += [noise_features(image, mask), noise_features(fake, mask)]
        forged += [0, 1]
        film += [seed, seed]
    assert len(film) >= FILMS  # half of the films or more could be forged
    auc = detector_auc(features, forged, film)
    low, high = auc_interval(auc, len(film) // 2)
    assert low <= 0.5 <= high, f"{hallmark} at dose {dose}: AUC {auc:.2f} [{low:.2f}, {high:.2f}]"


@pytest.mark.slow
@pytest.mark.shared_data
def test_on_twenty_real_films_an_observer_sees_more_with_every_dose(shared_data: Path) -> None:
    """A hallmark whose anatomy is not surely found is refused; the films it takes must show it."""
    films = []
    for path in sorted((shared_data / "hannover-cxr").glob("*.png"))[::6][:20]:
        with Image.open(path) as opened:
            grey = np.asarray(opened.convert("L").resize((256, 256)), np.uint16)
        films.append(grey * 257)
    assert len(films) == 20
    seen = {hallmark: {0.25: [], 0.55: [], 0.9: []} for hallmark in ON_REAL_FILMS}
    for number, image in enumerate(films):
        scene = Scene(image, 1.0, np.random.default_rng(0))
        for hallmark, parts in ON_REAL_FILMS.items():
            if not all([scene.may(part) for part in parts]):
                continue
            try:
                for dose, found in seen[hallmark].items():
                    forged, mask, _ = HALLMARKS[hallmark](
                        image,
                        dose=dose,
                        rng=np.random.default_rng(number),
                        anatomy=scene.anatomy,
                    )
                    found.append(template_d([image], [forged], [mask]))
            except ForgeryError:
                continue  # straight already, or no room in the lungs
    for hallmark, by_dose in seen.items():
        mean = [float(np.mean(found)) for found in by_dose.values()]
        assert len(by_dose[0.9]) >= 5, f"{hallmark}: {len(by_dose[0.9])} films"
        assert 0 < mean[0] < mean[1] < mean[2], f"{hallmark}: d' {mean}"


@pytest.mark.slow
@pytest.mark.parametrize("hallmark", TEXTURE)
def test_a_forensic_detector_finds_full_dose_and_not_nought(hallmark: Hallmark) -> None:
    for dose in (0.0, 1.0):
        features, forged, film = [], [], []
        for seed in range(16):
            image, anatomy = (limb if hallmark in ON_LIMB else trunk)(seed, side=192)
            fake, _, _ = HALLMARKS[hallmark](
                image, dose=dose, rng=np.random.default_rng(seed), anatomy=anatomy
            )
            features += [forensic_features(image), forensic_features(fake)]
            forged += [0, 1]
            film += [seed, seed]
        auc = detector_auc(features, forged, film)
        if dose == 0:
            assert auc == pytest.approx(0.5, abs=1e-9)
        else:
            assert auc >= 0.9, f"{hallmark}: AUC {auc:.2f} at full dose"
