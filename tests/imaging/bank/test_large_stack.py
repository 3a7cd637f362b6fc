"""Stacks larger than one file may be: read slice by slice, exact, and bounded in memory."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from trainer.core.words import Modality
from trainer.imaging.bank import stack
from trainer.imaging.bank.look import looked_at
from trainer.imaging.bank.mask import Patch, cover, covered
from trainer.imaging.bank.normalise import normalise
from trainer.imaging.bank.plan import Plan
from trainer.imaging.bank.stack import assemble, gather
from trainer.imaging.dicom.decoded import MOST_PIXELS, MOST_STACK_PIXELS, Decoded, pack, unpack
from trainer.imaging.dicom.errors import IntakeError

SIDE = 96
SEED = bytes(32)


def a_slice(index, side=SIDE, **more):
    rng = np.random.default_rng(index)
    hu = rng.integers(-1100, 3200, (1, side, side)).astype(np.float32)
    told = {"modality": "CT", "series": "one", "slice_mm": (float(index),), "shift_mm": ((0, 0),)}
    return Decoded(pixels=hu, bits=12, **{**told, **more})


def plan(side=SIDE, source=SIDE):
    return Plan(
        modality=Modality.CT, rows=side, columns=side, spacing_mm=(0.7, 0.7), bits=12,
        reduced=side != source,
    )  # fmt: skip


@pytest.fixture
def small_limit(monkeypatch):
    """A file may hold four slices here, a CT stack ten."""
    monkeypatch.setattr(stack, "MOST_PIXELS", 4 * SIDE**2)
    monkeypatch.setattr(stack, "MOST_STACK_PIXELS", 10 * SIDE**2)


def gathered(order, **more):
    files = [(f"{i}.dcm", bytes([i])) for i in order]
    return gather(files, len(files), lambda data, _: a_slice(data[0], **more), "it")


@pytest.mark.parametrize(
    "order", [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [3, 0, 5, 1, 4, 2], [1, 0, 3, 2, 5, 4]]
)
@pytest.mark.parametrize("side", [SIDE, 64])
def test_a_large_stack_gives_the_film_that_a_small_one_would(order, side, small_limit):
    large, names = gathered(order)
    assert large.packed and names == [f"{i}.dcm" for i in range(6)]
    plain = assemble([(name, a_slice(int(name[0]))) for name in names[:4]], "it")
    assert not plain.packed
    film = normalise(looked_at(large), plan(side), SEED, "it").film
    whole = np.concatenate([np.clip(a_slice(i).pixels, -1024, 3071) for i in range(6)])
    wanted = normalise(
        replace(plain, pixels=whole, slice_mm=large.slice_mm), plan(side), SEED, "it"
    )
    off = film.pixels.astype(int) - wanted.film.pixels.astype(int)
    assert np.abs(off).max() <= (0 if side == SIDE else 1)
    assert film.slice_mm == tuple(float(i) for i in range(6))


def test_packed_numbers_keep_whole_units_and_a_thirtieth_of_the_rest():
    whole = np.arange(-1024, 3072, dtype=np.float32)
    assert np.array_equal(np.rint(unpack(pack(whole))), whole)
    broken = np.random.default_rng(1).uniform(-1024, 3071, 4000).astype(np.float32)
    assert np.abs(unpack(pack(broken)) - broken).max() < 1 / 29


def test_a_cover_is_the_same_on_a_large_stack(small_limit):
    large, _ = gathered([0, 1, 2, 3, 4])
    patches = (Patch(10, 12, 30, 40, 1, 3), Patch(50, 2, 60, 20, 3, 3))
    floats = np.stack([large.frame(i) for i in range(5)])
    wanted = cover(floats, patches, SEED)
    done = covered(large, patches, SEED)
    got = np.stack([done.frame(i) for i in range(5)])
    assert np.abs(got - np.clip(wanted, -1024, 3071)).max() < 1 / 14
    assert not np.array_equal(got, floats)


def test_what_is_too_large_is_refused_at_its_first_slice(small_limit):
    read = []

    def decode(data, name):
        read.append(name)
        return a_slice(data[0])

    files = [(f"{i}.dcm", bytes([i])) for i in range(11)]
    with pytest.raises(IntakeError, match="11 slices are 0 megapixels; the limit"):
        gather(files, 11, decode, "it")
    assert read == ["0.dcm"]
    with pytest.raises(IntakeError, match="for CT"):
        gathered(range(5), modality="MR")


@pytest.mark.parametrize("fault", [{"series": "two"}, {"side": 32}, {"slice_mm": (0.0,)}])
def test_what_is_no_stack_is_refused_when_it_is_large_too(fault, small_limit):
    files = [(f"{i}.dcm", bytes([i])) for i in range(6)]
    with pytest.raises(IntakeError):
        gather(files, 6, lambda d, _: a_slice(d[0], **(fault if d[0] == 4 else {})), "it")


def test_six_hundred_slices_fit_and_are_held_once():
    """The viewer's largest stack; its 16-bit numbers are 300 MiB, and little stands beside them."""
    count, side = 600, 512
    assert MOST_PIXELS < count * side**2 <= MOST_STACK_PIXELS
    one = a_slice(7, side)

    def decode(data, name):
        return replace(one, slice_mm=(float(int(name)),))

    tracemalloc.start()
    whole, _ = gather(((str(i), b"") for i in range(count)), count, decode, "it")
    film = normalise(whole, plan(side, side), SEED, "it").film
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert film.pixels.shape == (count, side, side)
    assert peak < 1.1 * count * side**2 * 2
