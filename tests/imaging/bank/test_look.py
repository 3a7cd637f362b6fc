"""Burned-in text, duplicates and stacks."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter

from trainer.imaging.bank.duplicates import (
    NEAR,
    Known,
    find_pairs,
    find_pairs_between,
    grouped,
    perceptual_hash,
    straddling,
)
from trainer.imaging.bank.look import looked_at
from trainer.imaging.bank.stack import assemble, natural
from trainer.imaging.bank.text import find_text
from trainer.imaging.dicom.decoded import Decoded
from trainer.imaging.dicom.errors import IntakeError


def film(seed: int, rows: int = 400, columns: int = 500) -> np.ndarray:
    rng = np.random.default_rng(seed)
    soft = gaussian_filter(rng.normal(size=(rows, columns)), 25)
    return (soft - soft.min()) / np.ptp(soft) * 200 + rng.normal(size=(rows, columns)) * 2


def written(pixels: np.ndarray, words: str, place, size: int, fill: int) -> np.ndarray:
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    font = ImageFont.load_default(size)
    ImageDraw.Draw(picture).text(place, words, fill=fill, font=font)
    return np.asarray(picture).astype(np.float32)


@pytest.mark.parametrize("size", [16, 20, 32])
@pytest.mark.parametrize("words", ["DOE JANE 12.03.1961", "ST MARY HOSPITAL"])
@pytest.mark.parametrize("fill", [255, 0])
def test_a_name_on_the_film_is_found(size, words, fill):
    plain = np.clip(film(1), 60, 160)
    lines = find_text(written(plain, words, (20, 30), size, fill))
    assert lines
    assert lines[0].top < 30 + size * 1.6
    assert lines[0].marks >= 4


@pytest.mark.parametrize("seed", range(6))
def test_no_text_is_seen_in_plain_structure_or_a_side_marker(seed):
    assert find_text(film(seed).astype(np.float32)) == []
    assert find_text(written(film(seed), "R", (40, 40), 30, 255)) == []


def test_real_films_are_seldom_held_and_written_ones_always(shared_data):
    from trainer.imaging.bank.decode import decode_file

    held = []
    paths = sorted((shared_data / "syn-gan-cxr-diya").iterdir())[:20]
    for path in paths:
        held.append(bool(looked_at(decode_file(path.read_bytes(), path.name)).holds))
    assert sum(held) <= 1
    known = shared_data / "hannover-cxr" / "bfefde5d.png"  # has "Bettaufnahme" written on it
    one = looked_at(decode_file(known.read_bytes(), "x"))
    assert "burned-in text" in one.holds[0]


def known(name: str, pixels: np.ndarray, **change) -> Known:
    values = {"sha256": name, "truth": "authentic", "split": "practice", "kin": name} | change
    return Known(name, phash=perceptual_hash(pixels), **values)


def test_one_picture_in_other_clothes_is_found():
    base = film(3)
    small = np.asarray(Image.fromarray(base.astype(np.float32)).resize((250, 200)))
    out = io.BytesIO()
    Image.fromarray(np.clip(base, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=60)
    images = [
        known("base", base),
        known("small", small, truth="synthetic"),
        known("gamma", (base / 255) ** 0.5 if base.min() >= 0 else (base - base.min()) ** 0.5),
        known("jpeg", np.asarray(Image.open(out)).astype(np.float32), split="test"),
        known("cropped", base[4:-4, 5:-5]),
        known("same", base, sha256="base"),
        *[known(f"other {i}", film(100 + i)) for i in range(40)],
    ]
    pairs = find_pairs(images)
    names = {pair.other.name if pair.one.name == "base" else "" for pair in pairs}
    assert {"small", "gamma", "jpeg", "cropped", "same"} <= names
    assert not any(
        p.one.name.startswith("other") or p.other.name.startswith("other") for p in pairs
    )
    assert pairs[0].exact
    assert any(p.across_classes for p in pairs)
    assert any(p.across_splits for p in pairs)
    assert all(p.distance <= NEAR for p in pairs)


def test_a_copy_in_another_set_is_found_and_says_where_it_lies():
    ours = [known("a", film(1)), known("b", film(2))]
    theirs = [
        known("c", film(1) * 0.5, split="test", where="other"),
        known("d", film(3), where="other"),
    ]
    (pair,) = find_pairs_between(ours, theirs)
    assert (pair.one.name, pair.other.name, pair.other.where) == ("a", "c", "other")
    assert pair.across_splits
    assert find_pairs_between(ours, []) == find_pairs_between([], theirs) == []


def test_twins_may_differ_in_truth_and_copies_are_kept_on_one_side_of_a_fold():
    twins = [known("a", film(1), kin="p"), known("b", film(1), kin="p", truth="tampered")]
    copy = known("c", film(1), truth="synthetic", kin="q")
    alone = known("d", film(9))
    pairs = find_pairs([*twins, copy, alone])
    assert {p.across_classes for p in pairs if p.twins} == {False}
    assert any(p.across_classes for p in pairs if not p.twins)
    groups = grouped({one.name: one.kin for one in (*twins, copy, alone)}, pairs)
    assert groups["a"] == groups["b"] == groups["c"] != groups["d"]


def test_blocks_of_a_thousand_meet_each_other():
    codes = [known(f"{i}", film(i, 40, 40)) for i in range(3)]
    many = [codes[0], *[codes[1]] * 1200, codes[0]]
    assert any({p.one.name, p.other.name} == {"0"} for p in find_pairs(many, near=0))


def test_patients_on_both_sides_are_named():
    one = known("a", film(1), kin="p", split="test")
    two = known("b", film(2), kin="p")
    assert straddling([one, two, known("c", film(3))]).keys() == {"p"}


def cut(place: float | None, value: float, series: str = "s", shape=(64, 64)) -> Decoded:
    where = () if place is None else (place,)
    return Decoded(np.full((1, *shape), value, np.float32), 12, "CT", None, where, series=series)


def test_slices_are_ordered_by_place_then_by_number():
    placed = assemble([("b", cut(5, 1)), ("a", cut(-5, 2)), ("c", cut(0, 3))], "x")
    assert placed.pixels[:, 0, 0].tolist() == [2, 3, 1]
    assert placed.slice_mm == (-5, 0, 5)
    named = assemble([(f"s{i}", cut(None, i)) for i in (10, 9, 1)], "x")
    assert named.pixels[:, 0, 0].tolist() == [1, 9, 10]
    assert sorted(["s10", "s9", "s01", "t"], key=natural) == ["s01", "s9", "s10", "t"]


@pytest.mark.parametrize(
    ("slices", "words"),
    [
        ([], "no image"),
        ([("a", cut(1, 1)), ("b", cut(2, 1, "other"))], "another series"),
        ([("a", cut(1, 1)), ("b", cut(2, 1, shape=(64, 65)))], "65 x 64"),
        ([("a", cut(1, 1)), ("b", cut(1, 1))], "same place"),
    ],
)
def test_what_is_no_stack(slices, words):
    with pytest.raises(IntakeError, match=words):
        assemble(slices, "x")
