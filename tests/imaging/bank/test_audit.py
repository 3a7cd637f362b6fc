import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from trainer.imaging.bank.audit import FEWEST, auc, audit
from trainer.imaging.bank.features import (
    FAMILIES,
    SERVED,
    block_facts,
    from_facts,
    from_name,
    from_pixels,
)
from trainer.imaging.block import encode
from trainer.imaging.film import Film


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def film(seed: int, size: int = 96) -> np.ndarray:
    noise = gaussian_filter(rng(seed).normal(size=(size, size)), 4)
    grey = (noise - noise.min()) / np.ptp(noise) * 50_000 + 5_000
    return (grey + rng(seed + 9).normal(size=grey.shape) * 300).clip(0, 65535).astype(np.uint16)


def families(films, facts=None):
    out: dict[str, list[np.ndarray]] = {}
    for i, one in enumerate(films):
        block = encode(Film(one, (0.2, 0.2), region="hand", view="pa"))
        said = from_facts(facts[i] if facts else {}, block_facts(block))
        for name, numbers in (from_pixels(one) | said).items():
            out.setdefault(name, []).append(numbers)
    return out


def run(films, authentic, facts=None, kin=None):
    names = kin or [str(i) for i in range(len(films))]
    found = audit(families(films, facts), authentic, names, rng())
    return {f.family: f for f in found.findings}, found


CLASSES = [i % 2 == 0 for i in range(80)]
FILMS = [film(i) for i in range(80)]


def test_classes_drawn_at_random_are_called_so():
    """Over six labellings the areas lie round 0.5, and few families are called a shortcut."""
    numbers = families(FILMS)
    areas, tells = [], 0
    for seed in range(6):
        classes = rng(seed).permutation(CLASSES).tolist()
        found = audit(numbers, classes, [str(i) for i in range(80)], rng(seed))
        gating = [f for f in found.findings if f.gates and f.high > f.low]
        areas += [f.auc for f in gating]
        tells += sum(f.tells for f in gating)
    assert np.mean(areas) == pytest.approx(0.5, abs=0.06)
    assert tells / len(areas) < 0.25


def change_border(pixels):
    pixels[:3] = 2_000
    return pixels


def change_clip(pixels):
    return np.where(pixels > 45_000, np.uint16(65535), pixels)


def change_mean(pixels):
    return (pixels * 0.8).astype(np.uint16)


def change_frame(pixels):
    pixels[40:60, 40:60] = np.minimum(pixels[40:60, 40:60] + 12_000.0, 65535).astype(np.uint16)
    return pixels


def change_ground(pixels):
    return np.maximum(pixels, np.uint16(12_000))


def change_marks(pixels):
    pixels[6:12, 80:84] = 65_000
    return pixels


@pytest.mark.parametrize(
    ("change", "family"),
    [
        (change_border, "border"),
        (change_clip, "clipping"),
        (change_mean, "spread"),
        (change_frame, "thumbnail"),
        (change_ground, "background"),
        (change_marks, "marks"),
    ],
)
def test_a_planted_shortcut_is_found(change, family):
    films = [change(f.copy()) if c else f for f, c in zip(FILMS, CLASSES, strict=True)]
    by, _ = run(films, CLASSES)
    assert by[family].tells
    assert by[family].low > 0.6


def test_grain_is_reported_and_never_gates():
    smooth = [
        gaussian_filter(f.astype(float), 1).astype(np.uint16) if c else f
        for f, c in zip(FILMS, CLASSES, strict=True)
    ]
    by, found = run(smooth, CLASSES)
    assert by["grain"].auc > 0.9
    assert not by["grain"].tells
    assert not {"grain", "spectrum"} & {f.family for f in found.shortcuts}


def test_facts_of_the_file_are_reported_and_text_gates():
    facts = [
        {"file": {"format": "PNG" if c else "JPEG", "bytes": 5, "text_lines": [[0] * 5] * c}}
        for c in CLASSES
    ]
    by, _ = run(FILMS, CLASSES, facts)
    assert by["file_before"].auc == 1.0
    assert not by["file_before"].tells
    assert by["text"].tells


def test_a_patient_is_never_on_both_sides():
    """Many copies of few patients with random classes: only memory of the patient could tell."""
    few = [film(i // 10) for i in range(200)]
    kin = [str(i // 10) for i in range(200)]
    classes = [bool(rng(5).permutation(20)[int(k)] % 2) for k in kin]
    by, _ = run(few, classes, kin=kin)
    assert not by["thumbnail"].tells
    assert by["thumbnail"].high - by["thumbnail"].low > 0.3  # 20 patients, not 200 images


def test_too_few_say_nothing():
    _, found = run(FILMS[:FEWEST], CLASSES[:FEWEST])
    assert not found.enough
    assert not found.shortcuts
    assert all(f.low == 0 and f.high == 1 for f in found.findings)


def test_area_is_the_mann_whitney_area():
    from sklearn.metrics import roc_auc_score

    scores = rng().integers(0, 9, 200).astype(float)
    wanted = rng(2).random(200) < 0.3
    assert auc(scores, wanted) == pytest.approx(roc_auc_score(wanted, scores))


def test_every_family_is_described_and_the_same_numbers_come_again():
    said = set(families(FILMS[:1])) | set(from_name("a/1.png", 0))
    assert said == {name for name in FAMILIES if not name.startswith(SERVED)}
    one, two = (run(FILMS, CLASSES)[1] for _ in range(2))
    assert one.as_json() == two.as_json()
