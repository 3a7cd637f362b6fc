"""What is drawn is pydicom's own window of the stored values, within one grey level."""

import base64

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut

from tests.browser.viewer.room import block_of

pytestmark = pytest.mark.browser

CANVAS = """(() => { const c = viewer.panes[0].canvas; viewer.panes[0].draw();
  const g = c.getContext('2d').getImageData(0, 0, c.width, c.height); let out = '';
  for (let i = 0; i < g.data.length; i += 4) out += String.fromCharCode(g.data[i]);
  return [c.width, c.height, btoa(out)]; })()"""


def drawn(tab) -> np.ndarray:
    width, height, values = tab.page.evaluate(CANVAS)
    grey = np.frombuffer(base64.b64decode(values), np.uint8)
    return grey.astype(np.int16).reshape(height, width)


GL = """(() => { const p = viewer.panes[0]; p.draw();
  const g = p.painter.gl; const w = p.W, h = p.H;
  const all = new Uint8Array(w * h * 4); g.readPixels(0, 0, w, h, g.RGBA, g.UNSIGNED_BYTE, all);
  let out = ''; for (let i = 0; i < all.length; i += 4) out += String.fromCharCode(all[i]);
  return [w, h, btoa(out)]; })()"""


def by_gl(tab) -> np.ndarray:
    width, height, text = tab.page.evaluate(GL)
    grey = np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width)
    return grey[::-1].astype(np.int16)


def on_gl(tab) -> None:
    """Wait until the film is drawn by WebGL2, on software where there is no hardware."""
    tab.page.evaluate(
        "new Promise(r => { const t = setInterval(() => {"
        "if (viewer.panes[0].painter.kind === 'gl') { clearInterval(t); r(); } }, 20); })"
    )


def at_one_to_one(tab, rows: int, columns: int, draw=drawn) -> np.ndarray:
    """The film's own pixels, cut out of the canvas at 1:1."""
    tab.page.evaluate("viewer.zoomTo(1)")
    grey = draw(tab)
    left, top = tab.page.evaluate(
        "(() => { const m = viewer.panes[0].m; return [m.e - 0.5, m.f - 0.5]; })()"
    )
    assert left == int(left) and top == int(top)
    return grey[int(top) : int(top) + rows, int(left) : int(left) + columns]


def by_pydicom(pixels, slope, intercept, centre, width, function, invert) -> np.ndarray:
    data = Dataset()
    data.RescaleSlope, data.RescaleIntercept = slope, intercept
    data.WindowCenter, data.WindowWidth, data.VOILUTFunction = centre, width, function
    data.PhotometricInterpretation = "MONOCHROME2"
    data.BitsStored, data.PixelRepresentation = 16, 0
    values = apply_modality_lut(pixels, data).astype(np.float64)
    low, high = intercept, 65535 * slope + intercept
    windowed = apply_voi_lut(values, data)
    grey = (windowed - low) / (high - low) * 255
    return 255 - grey if invert else grey


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(
    ("bits", "signed", "slope", "invert"),
    [(8, False, 1.0, False), (12, True, 1.0, False), (16, False, 0.5, True), (16, True, 2.0, True)],
)
def test_the_film_is_drawn_as_pydicom_windows_it(look, function, bits, signed, slope, invert):
    rng = np.random.default_rng(bits)
    pixels = rng.integers(0, 2**bits, (96, 128)).astype(np.uint16)
    intercept = -slope * 2 ** (bits - 1) if signed else 0.0
    span = slope * 2**bits
    centre, width = intercept + 0.45 * span, 0.6 * span
    tab = look(
        block_of(pixels, (centre, width), slope=slope, intercept=intercept),
        voi=function.lower(),
        photometric="MONOCHROME1" if invert else "MONOCHROME2",
        painter="gl",
    )
    on_gl(tab)
    expected = by_pydicom(pixels, slope, intercept, centre, width, function, invert)
    assert np.abs(at_one_to_one(tab, 96, 128, by_gl) - expected).max() <= 1
    tab.page.evaluate("viewer.panes[0].fallBack()")
    assert np.abs(at_one_to_one(tab, 96, 128) - expected).max() <= 1
    assert tab.fault_free()


def test_minified_grain_is_averaged_and_does_not_alias(look):
    chequer = (np.indices((512, 512)).sum(0) % 2 * 4000).astype(np.uint16)
    tab = look(block_of(chequer, (2000, 4000)))
    tab.page.evaluate("viewer.zoomTo(0.5)")
    grey = drawn(tab)
    height, width = grey.shape
    middle = grey[height // 2 - 100 : height // 2 + 100, width // 2 - 100 : width // 2 + 100]
    assert middle.min() >= 127 and middle.max() <= 128


@pytest.mark.parametrize(("turn", "flip"), [(0, True), (1, False), (2, False), (3, True)])
def test_turns_and_flips_are_numpys(look, turn, flip):
    pixels = np.arange(80 * 120, dtype=np.uint16).reshape(80, 120)
    tab = look(block_of(pixels, (4800, 9600)))
    upright = at_one_to_one(tab, 80, 120)
    tab.page.evaluate(f"viewer.rotate({turn}); {'viewer.flip()' if flip else '0'}")
    tab.page.evaluate("viewer.zoomTo(1)")
    expected = np.rot90(upright[:, ::-1] if flip else upright, -turn)
    grey = drawn(tab)
    rows, columns = expected.shape
    found = [
        (y, x)
        for y in range(grey.shape[0] // 2 - rows // 2 - 1, grey.shape[0] // 2 - rows // 2 + 2)
        for x in range(grey.shape[1] // 2 - columns // 2 - 1, grey.shape[1] // 2 - columns // 2 + 2)
        if np.array_equal(grey[y : y + rows, x : x + columns], expected)
    ]
    assert found


def test_magnified_pixels_stay_square_when_smoothing_is_off(look):
    pixels = np.random.default_rng(3).integers(0, 4096, (100, 100)).astype(np.uint16)
    tab = look(block_of(pixels, (2048, 4096)))
    one = at_one_to_one(tab, 100, 100)
    tab.page.evaluate("viewer.panes[0].smooth = false; viewer.zoomTo(4)")
    grey = drawn(tab)
    left, top = tab.page.evaluate("[viewer.panes[0].m.e - 2, viewer.panes[0].m.f - 2]")
    x, y = int(left), int(top)
    assert np.array_equal(grey[y : y + 400, x : x + 400], np.kron(one, np.ones((4, 4), np.int16)))


def test_oblong_pixels_keep_the_shape_of_the_patient(look):
    tab = look(block_of(np.full((100, 100), 4000, np.uint16), (2000, 4000), spacing_mm=(0.4, 0.2)))
    lit = drawn(tab) > 128
    height, width = np.ptp(np.flatnonzero(lit.any(1))) + 1, np.ptp(np.flatnonzero(lit.any(0))) + 1
    assert abs(height / width - 2) < 0.01
