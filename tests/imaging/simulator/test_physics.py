"""Beam and detector against what physics says."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from trainer.imaging.simulator.beam import Tube, add_wide_blurs, beam, transmit
from trainer.imaging.simulator.detector import Detector, Noise, expose, noise_of
from trainer.imaging.simulator.marker import Marker, collimate, draw_marker
from trainer.imaging.simulator.tissue import MATERIALS
from trainer.imaging.simulator.vendors import (
    VENDORS,
    Tone,
    density_of,
    develop,
    enhance,
    sharpen,
    tone_curve,
)

OPEN = np.ones((64, 64), np.float32)


def slab(name, cm):
    paths = np.zeros((len(MATERIALS), 64, 64), np.float32)
    paths[MATERIALS.index(name)] = cm
    return paths


def read_out(signal, panel, pixel_cm, seed):
    return expose(signal, panel, pixel_cm, Noise.draw(signal.shape, np.random.default_rng(seed)))


def bare(name="chest 117"):
    return Tube(name, heel=0.0, scatter=0.0)


def test_attenuation_follows_the_published_coefficients():
    # NIST XCOM, mass attenuation at 60 keV: water-like tissue 0.205, cortical bone 0.315 cm2/g
    table = beam("chest 117")
    soft, bone = (table.attenuation[MATERIALS.index(m), 5] for m in ("soft", "bone"))
    assert soft == pytest.approx(0.2048 * 1.06, rel=0.05)
    assert bone == pytest.approx(0.3148 * 1.92, rel=0.06)


def test_a_beam_hardens():
    first = transmit(slab("soft", 10), bare(), 0.05, OPEN)[32, 32]
    both = transmit(slab("soft", 20), bare(), 0.05, OPEN)[32, 32]
    assert both > first**2 * 1.01


def test_a_harder_beam_passes_more():
    soft = transmit(slab("soft", 20), bare("chest 110"), 0.05, OPEN)[32, 32]
    hard = transmit(slab("soft", 20), bare("chest 125"), 0.05, OPEN)[32, 32]
    assert hard > soft


def test_scatter_adds_light_behind_the_patient_and_none_in_air():
    tube = Tube("chest 117", heel=0.0, scatter=0.22)
    body = transmit(slab("soft", 20), tube, 0.05, OPEN)[32, 32]
    assert body > transmit(slab("soft", 20), bare(), 0.05, OPEN)[32, 32] * 1.2
    assert transmit(slab("soft", 0), tube, 0.05, OPEN)[32, 32] == pytest.approx(1, abs=1e-3)


def test_the_heel_darkens_one_end():
    film = transmit(slab("soft", 0), Tube("chest 117", heel=0.2), 0.05, OPEN)
    assert film[0].mean() > film[-1].mean() * 1.1


def test_noise_variance_rises_with_exposure():
    variances = []
    for level in (0.02, 0.1, 0.5, 1.0):
        flat = np.full((128, 128), level, np.float32)
        panel = Detector(4e5, electronic=0.0, structure=0.0)
        variances.append(read_out(flat, panel, 0.04, 1).var())
    assert np.all(np.diff(variances) > 0)
    assert variances[-1] / variances[0] == pytest.approx(50, rel=0.1)  # quantum noise alone


def test_noise_has_the_colour_of_the_scintillator():
    flat = np.ones((256, 256), np.float32)
    noise = read_out(flat, Detector(4e5, electronic=0, structure=0), 0.02, 2) - 1
    power = np.abs(np.fft.fft2(noise)) ** 2
    f = np.hypot(*np.meshgrid(np.fft.fftfreq(256, 0.2), np.fft.fftfreq(256, 0.2)))  # lp/mm
    low, high = (power[(f > a) & (f < b)].mean() for a, b in ((0.1, 0.4), (2.0, 2.3)))
    mtf = 1 / (1 + (2 * 0.13 * 2.15) ** 2)
    assert high / low == pytest.approx(mtf**2, rel=0.15)


def test_the_expected_noise_is_the_noise():
    panel = Detector(4e5, blur_mm=0.0)
    flat = np.full((256, 256), 0.05, np.float32)
    read = read_out(flat, panel, 0.04, 3)
    assert read.std() / 0.05 == pytest.approx(float(noise_of(flat, panel, 0.04)[0, 0]), rel=0.05)


def test_two_signals_that_agree_somewhere_share_their_noise_there():
    one = np.full((128, 128), 0.3, np.float32)
    two = one.copy()
    two[:, 90:] = 0.1
    panel = Detector(4e5)
    a, b = (read_out(s, panel, 0.04, 4) for s in (one, two))
    assert np.abs(a - b)[:, :60].max() < 1e-4
    assert np.abs(a - b)[:, 100:].max() > 0.1


def test_lead_stops_the_beam_and_lies_where_it_was_put():
    lead = draw_marker((200, 200), 0.1, Marker("L", "KM", (0.1, 0.7), 4.0))
    paths = np.zeros((len(MATERIALS), 200, 200), np.float32)
    paths[MATERIALS.index("lead")] = lead
    film = transmit(paths, bare(), 0.1, np.ones((200, 200), np.float32))
    assert film[lead > 0.07].max() < 0.2
    assert film[lead == 0].min() > 0.9
    assert not lead[:, :130].any()


def test_the_collimator_draws_as_often_shown_as_not():
    rng, twin = np.random.default_rng(5), np.random.default_rng(5)
    collimate((50, 50), 0.1, rng, 0.0)
    collimate((50, 50), 0.1, twin, 1.0)
    assert rng.random() == twin.random()


def test_a_wide_blur_keeps_the_sum():
    image = np.zeros((120, 90), np.float32)
    image[40:60, 30:50] = 1
    out = np.zeros_like(image)
    add_wide_blurs(out, image, [(12, 0.75), (20, 0.5)])
    assert out.sum() == pytest.approx(1.25 * image.sum(), rel=0.02)
    exact = 0.75 * gaussian_filter(image, 12) + 0.5 * gaussian_filter(image, 20)
    assert np.abs(out - exact).max() < 0.05 * exact.max()


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=lambda v: v.name)
def test_every_vendor_shows_denser_as_whiter(vendor):
    steps = np.repeat(np.linspace(0.02, 0.6, 8, dtype=np.float32), 32)[None, :].repeat(256, 0)
    panel = Detector(4e5)
    read = read_out(steps, panel, 0.04, 6)
    density, _ = enhance(density_of(read), noise_of(steps, panel, 0.04), vendor)
    columns = np.arange(256)
    left, right = (
        np.broadcast_to(columns < 64, steps.shape),
        np.broadcast_to(columns > 192, steps.shape),
    )
    curve = tone_curve(density, [Tone(left, 0.5, 0.8), Tone(right, 0.5, 0.2)], vendor)
    shown = curve(density).mean(0).reshape(8, 32).mean(1)
    assert np.all(np.diff(shown) < 0)
    assert np.median(curve(density)[left]) == pytest.approx(vendor.level(0.8), abs=0.1)


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=lambda v: v.name)
def test_noise_is_as_plain_in_the_mediastinum_as_in_the_lung(vendor):
    # through the detector alone it is three times as large; past the tone curve's own contrast,
    # steep in the lung and flat in the mediastinum, real films show it even
    steps = np.repeat(np.array([0.16, 0.06, 0.018], np.float32), 80)[None, :].repeat(240, 0)
    panel = Detector(2.2e5)
    read = read_out(steps, panel, 0.037, 6)
    density, fine = enhance(density_of(read), noise_of(steps, panel, 0.037), vendor)
    third = np.broadcast_to(np.arange(240) // 80, steps.shape)
    anchors = zip(range(3), (0.25, 0.6, 0.7), strict=True)
    curve = tone_curve(density, [Tone(third == k, 0.5, level) for k, level in anchors], vendor)

    def noise(image):
        rest = image[1:-1, 1:-1] - 0.25 * (
            image[:-2, 1:-1] + image[2:, 1:-1] + image[1:-1, :-2] + image[1:-1, 2:]
        )
        return np.array([rest[:, 80 * k + 20 : 80 * k + 60].std() for k in range(3)])

    raw, shown = noise(density_of(read)), noise(develop(density, fine, curve, vendor))
    assert raw[2] > 2.5 * raw[0]
    assert np.all(np.abs(shown / shown.mean() - 1) < 0.2)


def test_breath_and_heartbeat_blur_what_moves():
    paths = slab("soft", 8.0)
    paths[:, :, 32:] = 0
    still, moved = (
        transmit(paths, Tube("chest 117", heel=0, scatter=0, motion_mm=mm), 0.037, OPEN)
        for mm in (0.0, 0.5)
    )
    steep = [np.abs(np.diff(film[32])).max() for film in (still, moved)]
    assert steep[1] < 0.5 * steep[0]
    assert moved[32, 2] == pytest.approx(still[32, 2], rel=1e-4)


@pytest.mark.parametrize(("cutoff", "left", "right"), [(0.4, 1.0, 0.6), (-0.4, 0.6, 1.0)])
def test_a_grid_off_its_focus_shades_one_side(cutoff, left, right):
    straight = transmit(slab("soft", 10), bare(), 0.05, OPEN)
    tube = Tube("chest 117", focal_mm=0.0, heel=0.0, scatter=0.0, cutoff=cutoff)
    share = transmit(slab("soft", 10), tube, 0.05, OPEN) / straight
    assert share[32, 0] == pytest.approx(left, abs=0.01)
    assert share[32, 32] == pytest.approx(0.8, abs=0.01)
    assert share[32, -1] == pytest.approx(right, abs=0.01)


def test_a_style_without_force_changes_nothing_and_a_half_goes_half_way():
    style = VENDORS["b"]
    plain, half = style.at(0.0, 0.0), style.at(0.5, 0.5)
    assert set(plain.gains) == {1.0}
    assert (plain.power, plain.latitude, plain.past, plain.contrast) == (1, 1, 1, 1)
    assert plain.level(0.6) == pytest.approx(0.6)
    assert half.gains == pytest.approx([(1 + gain) / 2 for gain in style.gains])
    assert half.contrast == pytest.approx((1 + style.contrast) / 2)
    full = style.at(1.0, 1.0)
    assert full.gains == pytest.approx(style.gains)
    assert (full.equalise, full.past) == pytest.approx((style.equalise, style.past))


def test_vendors_differ():
    rng = np.random.default_rng(7)
    read = np.clip(0.2 + 0.05 * rng.standard_normal((128, 128)), 0.01, 1).astype(np.float32)
    noise = np.full_like(read, 0.02)
    images = [enhance(density_of(read), noise, v)[0] for v in VENDORS.values()]
    for k in range(3):
        assert np.abs(images[k] - images[(k + 1) % 3]).mean() > 0.01


def test_what_lies_below_the_thinnest_anatomy_throws_no_halo():
    density = np.full((256, 256), 3.0, np.float32)
    density[:, :128] = 0.0  # the raw beam beside a body
    noise = np.full_like(density, 0.02)
    bare, _ = enhance(density, noise, VENDORS["b"])
    held, _ = enhance(density, noise, VENDORS["b"], 1.0, 2.0)

    def halo(image):
        return image[128, 130:140].mean() - image[128, 240:].mean()

    assert 0 < halo(held) < 0.7 * halo(bare)
    assert held[128, 10] < held[128, 240]  # air is darker still


def test_sharpening_lifts_the_finest_band_and_keeps_the_mean():
    rng = np.random.default_rng(9)
    image = rng.normal(0.5, 0.05, (128, 128)).astype(np.float32)
    sharp = sharpen(image)
    assert sharp.mean() == pytest.approx(image.mean(), abs=1e-3)
    assert sharp.std() > 1.2 * image.std()


def test_a_tone_curve_needs_anatomy():
    empty = np.zeros((64, 64), bool)
    with pytest.raises(ValueError, match="two areas"):
        tone_curve(np.zeros((64, 64), np.float32), [Tone(empty, 0.5, 0.5)], VENDORS["a"])


def test_an_unknown_beam_is_named_and_the_known_ones_listed():
    with pytest.raises(ValueError, match="chest 117"):
        beam("chest 300")
