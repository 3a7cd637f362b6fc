"""The torso: skin, muscle, lungs, mediastinum, diaphragm, gas, as solids on one coarse grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter

from trainer.imaging.simulator.anatomy.chest import raised
from trainer.imaging.simulator.anatomy.chest.arms import akimbo, arm_angle, drawn, shrugged
from trainer.imaging.simulator.anatomy.chest.frame import SQUARENESS, TOP, Frame
from trainer.imaging.simulator.anatomy.chest.mediastinum import mediastinum
from trainer.imaging.simulator.anatomy.chest.pleura import collapsed, effused
from trainer.imaging.simulator.fields import Field, axes_from, smooth_max, smoothed
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import smooth_noise

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

GRID_CM = 0.45
# Steps by which the torso of a standing patient reaches further down than the others.
_FURTHER = 14


@dataclass(frozen=True, eq=False)
class Torso:
    """The soft shapes of one thorax; distances share the grid of ``grid``.

    ``lung_before`` is the lung without an effusion, ``lung`` what the cage leaves it (with the air
    of a pneumothorax), ``aerated`` what of it is lung.
    """

    grid: Field
    cage: Map
    lung_before: Map
    lung: Map
    aerated: Map
    mediastinum: Map
    heart: Map
    body: Map
    muscle: Map
    pericardial_fat: Map
    diaphragm: Map
    fat_cm: float
    noise: Map
    fine_noise: Map
    thorax: tuple[object, ...]

    def key(self) -> tuple[object, ...]:
        """Return what tells this torso from others: the thorax it was built for."""
        return self.thorax

    def solid(self, distance: Map) -> Solid:
        """Return a distance on the torso's grid as a solid."""
        return self.grid.like(distance).solid()


@remember(2)
def torso(frame: Frame) -> Torso:
    """Build the torso of a case."""
    grid = _grid(frame)
    lasting = _lasting(frame.authentic())
    noise, fine, heart = lasting.noise, lasting.fine, lasting.heart
    cage = _cage(frame, grid, noise)
    diaphragm = _diaphragm(frame, grid)
    pericardial = lasting.pericardial_fat
    med = grid.like(heart)
    _paravertebral(frame, med)
    wall = grid.like(med.values)
    _septum(frame, wall)
    wall.join(pericardial, 1.6)
    wall.values += 0.07 * noise + 0.05 * fine
    lung = np.maximum(cage, -diaphragm)
    lung = smooth_max(lung, -wall.values, 0.45)
    before = smoothed(lung, 0.45)
    lung = effused(frame, grid, before, cage)
    fat_cm = _fat(frame)
    body = _skin(frame.unbent(), fat_cm)
    muscle = _muscle(frame, grid, body, cage, med.values, noise, fine)
    pericardial = np.maximum(np.maximum(pericardial, -(med.values + 0.1)), -lung)
    return Torso(
        grid, cage, before, lung, collapsed(frame, grid, lung), wall.values, heart, body,
        muscle, pericardial, diaphragm, fat_cm,
        noise, fine, frame.key(),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Lasting:
    """What no forgery of a thorax changes, on the torso's grid."""

    noise: Map
    fine: Map
    heart: Map
    pericardial_fat: Map


@remember(2)
def _lasting(frame: Frame) -> _Lasting:
    grid, rng = _grid(frame), frame.case.rng("torso")
    further = (0, 0), (0, 0), (_further(frame), 0)
    shape = grid.shape[0], grid.shape[1], grid.shape[2] - further[2][0]
    # one patient has one noise, however far down it is looked at
    noise = np.pad(smooth_noise(shape, (18, 12, 15), rng), further, "reflect")
    fine = np.pad(smooth_noise(shape, (44, 30, 38), rng), further, "reflect")
    fat = _pericardial_fat(frame, grid, _pericardial_share(frame), noise)
    return _Lasting(noise, fine, mediastinum(frame, grid), fat)


def _grid(frame: Frame) -> Field:
    return Field((-25, -16, -33 - GRID_CM * _further(frame)), (25, 17, 11), GRID_CM)


def _further(frame: Frame) -> int:
    return _FURTHER if frame.standing else 0


def _profile(values: Floats) -> Map:
    return np.asarray(values, np.float32)[None, None, :]


def _depths(grid: Field) -> Floats:
    return -np.asarray(grid.axes[2], float)


def _cage(frame: Frame, grid: Field, noise: Map) -> Map:
    x, y, z = grid.mesh()
    h = _depths(grid)
    width = _profile(frame.width(h))
    front, back = _profile(frame.front_y(h)), _profile(frame.back_y(h))
    centre = _profile(0.5 * frame.spine_x(h))
    left, right = (_profile(frame.share(h, side)) for side in (1, -1))
    skewed = np.where(x > 0, left, right)
    middle = np.asarray((front + back) / 2, np.float32)
    half = np.asarray((front - back) / 2, np.float32)
    r = np.abs((x - centre) / (width * skewed)) ** np.float32(SQUARENESS)
    r = r + np.abs((y - middle) / half) ** np.float32(SQUARENESS)
    r = (r ** np.float32(1 / SQUARENESS) - 1) * np.minimum(width, half) * np.float32(0.92)
    # each lung's tip is a dome of its own: towards the spine it ends lower
    inward = np.clip(np.float32(4.9 * frame.size) - np.abs(x - centre), 0, None)
    top = np.float32(TOP * frame.size + 0.1) + np.float32(0.28 / frame.size) * inward**2
    top = top - np.where(x > centre, *(np.float32(frame.tip(side)) for side in (1, -1)))
    capped = np.maximum(r, z + top)
    return smoothed(capped, 0.55) + np.float32(0.05) * noise


def _diaphragm(frame: Frame, grid: Field) -> Map:
    """Return the distance above the diaphragm, negative below it."""
    x, y, z = (np.asarray(v) for v in grid.mesh())
    size, rng = frame.size, frame.case.rng("diaphragm")

    def dome(centre: float, top: float, side: float) -> Map:
        across = (x - centre) / (6.7 * size)
        along = (y - 1.2 * size) / (8.4 * size)
        outward = np.where(side * (x - centre) > 0, 1.0, 0.6)
        q = np.sqrt(outward * across**2 + np.where(along > 0, 0.45, 1.05) * along**2)
        fall = (1.2 * q**2 + 6.5 * np.clip(q - 0.45, 0, None) ** 2.3) * size
        return np.asarray(top - fall, np.float32)

    right = dome(-6.2 * size, frame.dome_right, -1.0)
    left = dome(6.6 * size, frame.dome_left, 1.0)
    # between the domes the tendon under the heart passes from one to the other
    share = 1 / (1 + np.exp(-(x - 0.4 * size) / (1.3 * size)))
    sheet = gaussian_filter((right * (1 - share) + left * share)[:, :, 0], (2, 1.5))
    sheet = sheet + 0.22 * smooth_noise(sheet.shape, (8, 6), rng)
    sheet = sheet + 0.05 * smooth_noise(sheet.shape, (24, 18), rng)
    return np.asarray((z - sheet[:, :, None]) / 1.25, np.float32)


def _paravertebral(frame: Frame, med: Field) -> None:
    """Join to the heart and vessels what lies before and beside the spine."""
    x, y, z = med.mesh()
    s, h = frame.size, _depths(med)
    beside = frame.case.rng("mediastinal core").normal(0, 1)
    depth = -z
    spine = _profile(frame.spine_x(h))
    # oesophagus, aorta and the diaphragm's crura part the lungs behind the heart as well
    narrow = 0.5 * np.clip((7 - h / s) / 3, 0, 1) - 0.4 * np.clip((h / s - 13) / 6, 0, 1)
    if frame.sliced:
        narrow = 0.5 * np.clip((h / s - 11) / 4, 0, 1)
    wide = _profile((2.25 - narrow + 0.2 * np.cos(h / 4 + beside)) * s)
    aside = _profile(0.7 * frame.drift(-h))
    # the lungs reach before and behind what passes through the inlet
    deep = _profile((4.3 - 1.3 * np.clip((9 - h / s) / 4, 0, 1)) * s)
    core = np.sqrt(((x - spine * 0.6 - 0.015 * depth - aside) / wide) ** 2
                   + ((y + 1.2 * s - 0.10 * depth) / deep) ** 2)  # fmt: skip
    core = (core - 1) * np.float32(2.2 * s)
    core = np.maximum(core, z - 6 * s)
    med.join(core, 1.6)
    bodies = np.sqrt(
        ((x - spine) / 1.05) ** 2 + ((y - _profile(frame.spine_y(h) - 1.6 * s)) / 1.5) ** 2
    )
    med.join(bodies - np.float32(1.75 * s), 0.8 if frame.sliced else 2.0)
    if frame.sliced:  # the lung lies against the ribs right up to the transverse processes
        near = np.sqrt(
            ((x - spine) / (3.3 * s)) ** 2
            + ((y - _profile(frame.spine_y(h) - 3.9 * s)) / (2.3 * s)) ** 2
        )
        med.join((near - 1) * np.float32(2.3 * s), 0.6)
        return
    # rib heads, muscles and the aorta's bed: wide at the back, so that the lung thins gradually
    # towards the spine instead of ending at a wall; beside the lungs' tips there is least of it
    breadth = _profile((4.2 - 1.1 * np.clip((8 - h / s) / 5, 0, 1)) * s)
    gutter = np.sqrt(
        ((x - spine - 0.3 * s) / breadth) ** 2
        + ((y - _profile(frame.spine_y(h) - 3.0 * s)) / (2.7 * s)) ** 2
    )
    med.join((gutter - 1) * np.float32(2.6 * s), 2.2)


def _septum(frame: Frame, wall: Field) -> None:
    """Join the anterior junction line's septum."""
    x, y, z = wall.mesh()
    s = frame.size
    sheet = np.abs(x + 0.9 + 0.16 * z - 0.12 * (y - 5)) - np.float32(0.10 * s)
    sheet = np.maximum(np.maximum(sheet, 2.5 * s - y), np.abs(z + 7 * s) - 5 * s)
    wall.join(sheet, 0.3)


def _pericardial_share(frame: Frame) -> float:
    own = frame.case.rng("pericardial fat").standard_normal()
    return float(np.clip((frame.case.number("bmi") - 20) / 14 + 0.2 * own, 0.02, 1.1))


def _pericardial_fat(frame: Frame, grid: Field, share: float, noise: Map) -> Map:
    s, big, low = frame.size, frame.heart_size, frame.heart_z
    fat = grid.like()
    fat.ellipsoid(
        (7.4 * s * big, 5.8 * s, low - 4.4 * s),
        (2.6 * s * share + 0.3, 2.2 * s, 2.4 * s * share + 0.3),
        axes_from((0.6, 0, -0.8)),
    )
    fat.ellipsoid(
        (-3.6 * s, 5.8 * s, low - 4.6 * s),
        (2.0 * s * share + 0.3, 2.2 * s, 1.9 * s * share + 0.3),
    )
    # before the heart, where from the side the lungs would else reach round it to the sternum
    front = float(frame.front_y(19 * s))
    fat.ellipsoid((1.0 * s, front - 0.5 * s, -20 * s), (5.0 * s, 1.5 * s, 5.6 * s), blend=0.8)
    return fat.values + np.float32(0.2) * noise


def _fat(frame: Frame) -> float:
    bmi = frame.case.number("bmi")
    return float(np.clip(0.5 + (bmi - 22) * 0.15 + (0.3 if frame.female else 0), 0.3, 4.0))


_BODY_AT = np.array([-12, -3, 0, 4, 9, 14, 20, 26, 33.0])
_BODY_WIDTH = np.array([4, 5, 8.5, 12.6, 14.4, 15.2, 15.5, 15.2, 15.0])
# how much broader latissimus makes the back of a patient whose hands lie on the hips
_FLARED = np.array([0, 0, 0, 0.3, 0.8, 0.9, 0.8, 0.6, 0.4])
_BODY_FRONT = np.array([1.5, 2, 4, 6.8, 8.5, 9.5, 10.1, 10.4, 10.6])
_BODY_BACK = np.array([-6.5, -7.8, -9.9, -11.5, -11.9, -11.8, -11.4, -10.3, -9.4])


@remember(4)
def _skin(frame: Frame, fat: float) -> Map:
    """Return the body's outer shape under a layer of ``fat`` cm (0: the muscle's outer shape)."""
    s, grid = frame.size, _grid(frame)
    x, y, _ = grid.mesh()
    h = np.clip(_depths(grid), _BODY_AT[0] * s, _BODY_AT[-1] * s)
    width, front, back = (
        _profile(PchipInterpolator(_BODY_AT * s, v * s)(h))
        for v in (_BODY_WIDTH + _FLARED * frame.standing, _BODY_FRONT, _BODY_BACK)
    )
    thick = (1.2 if frame.female else 1.5) * s
    width = width + np.float32(fat + thick - 1.2)
    half = (front - back) / 2 + np.float32(fat * 0.9 + (thick - 1.4) * 0.5)
    t = np.abs(x / width) ** 2.5 + np.abs((y - (front + back) / 2) / half) ** 2.5
    shape = grid.like((t ** np.float32(0.4) - 1) * np.minimum(width, half))
    shape.far = 8.0
    if frame.sliced:
        _lain(frame, shape, float(back.min()), fat)
    neck = (5.3 + 0.45 * fat) * s
    shape.capsules([(0, -2 * s, 14 * s), (0, -3.2 * s, -1 * s)], neck, blend=3.0)
    for side in (-1, 1):
        _shoulder(frame, shape, side, fat)
        _breast(frame, shape, side, fat)
    return smoothed(shape.values, 0.55)


def _lain(frame: Frame, shape: Field, back: float, fat: float) -> None:
    """Press the back flat on the table, with the furrow between its muscles."""
    x, y, _ = shape.mesh()
    s = frame.size
    behind = np.clip((-y - 5 * s) / (4 * s), 0, 1)
    furrow = (0.75 + 0.18 * fat) * s * np.exp(-((x / (1.5 * s)) ** 2))
    shape.values += (behind * furrow).astype(np.float32)
    h = np.linspace(1, 29, 12) * s
    ridge = np.stack([frame.spine_x(h), frame.spine_y(h) - 4.3 * s, -h], 1)
    shape.capsules(ridge, (1.15 + 0.4 * fat) * s, blend=1.5)  # over the spinous processes
    back = min(back, float(ridge[:, 1].min()) - 1.0 * s)
    for side in (-1, 1):  # the blades' lower ends and what covers them
        blade = np.array([(13.2, -5.6, -5.5), (12.6, -9.3, -15.0)]) * [side * s, s, s]
        shape.capsules(blade, [(2.0 + 0.7 * fat) * s, (1.8 + 0.7 * fat) * s], blend=2.2)
    flat = np.float32(back - 0.7 * fat + 0.75 * s) - y
    shape.values = smooth_max(shape.values, flat, 2.4 * s)


def _shoulder(frame: Frame, shape: Field, side: int, fat: float) -> None:
    s, reach, out = frame.size, 0.5 * arm_angle(frame, side), drawn(frame)
    up = shrugged(frame, side)
    if frame.reaching:
        raised.shoulder(shape, side, s, fat, frame.case.rng(f"raised {side}").standard_normal(3))
        return
    shape.capsules(
        [(side * 3.5 * s, -4.2 * s, -1.4 * s), (side * (15.2 + out) * s, -3.6 * s, (up - 4.1) * s)],
        [(4.2 + 0.5 * fat) * s, (4.0 + 0.5 * fat) * s],
        blend=3.4,
    )
    if frame.raised:
        shape.capsules(
            [(side * 15.0 * s, -2.6 * s, -4.0 * s), (side * 14.2 * s, 1.2 * s, 5.5 * s),
             (side * 13.4 * s, 4.0 * s, 14 * s)],
            np.array([4.6 + 0.7 * fat, 4.4 + 0.7 * fat, 4.2 + 0.7 * fat]) * s,
            blend=2.2,
        )  # fmt: skip
        return
    far = 1.7  # the film may show the arm down to the elbow
    aside, ahead = (3.1 + reach) * far, 1.8 * far
    if frame.standing:
        aside, ahead = (15.4 * far * part for part in akimbo(frame, side))
    shape.capsules(
        [
            (side * (16.3 + out) * s, -2.8 * s, (up - 4.6) * s),
            (side * (16.3 + out + aside) * s, (ahead - 2.8) * s, (up - 4.6 - 15.4 * far) * s),
        ],
        [(4.5 + 0.7 * fat) * s, (4.0 + 0.7 * fat) * s],
        blend=1.6,
    )


def _breast(frame: Frame, shape: Field, side: int, fat: float) -> None:
    x, y, z = shape.mesh()
    s = frame.size
    forward = np.clip((y + 1 * s) / (7 * s), 0, 1)
    if not frame.female:
        pad = np.exp(-(((x - side * 7.5 * s) / (5.5 * s)) ** 2) - ((z + 10.5 * s) / (4.2 * s)) ** 2)
        shape.values -= np.float32(0.9) * forward * pad
        return
    if fat <= 0:
        return
    low = -18.8 * s
    own = frame.case.rng(f"breast {side}").standard_normal() * frame.own
    fall = np.where(z > low, 6.2 * s, 2.3 * s + 0.12 * fat)
    size = (1.5 + 0.75 * fat) * (1 + 0.08 * own) * frame.case.number("breast")
    middle, wide = 8.6 * s, 5.4 * s
    if frame.supine:  # they spread to the sides and up, and stand less high
        low, middle, wide, size = low + 1.8 * s, 10.2 * s, 6.4 * s, 0.55 * size
        fall = np.full_like(z, 5.4 * s)
        forward = np.clip((y + 4 * s) / (9 * s), 0, 1)
    hill = np.exp(-((np.abs(x - side * middle) / wide) ** 2.4) - ((z - low) / fall) ** 2)
    shape.values -= (np.float32(size) * forward * hill).astype(np.float32)


# fat planes between the muscles of one side: centre, radii
_PLANES = (
    ((14.8, -0.8, -8.2), (1.6, 3.2, 3.6)),  # axilla
    ((8.5, -1.5, -0.4), (3.0, 1.6, 1.2)),  # above the clavicle
    ((13.5, -9.4, -7.0), (2.6, 0.45, 5.0)),  # behind the scapula
    ((12.0, 4.6, -6.4), (3.8, 0.5, 2.8)),  # between the pectorals
    ((15.6, 1.2, -3.0), (2.4, 0.45, 2.2)),  # under the deltoid
    ((5.0, -1.0, 3.5), (1.0, 2.2, 3.5)),  # beside the neck
    ((10.0, -11.6, -10.0), (4.0, 0.4, 6.0)),  # under the trapezius
)


def _muscle(
    frame: Frame, grid: Field, body: Map, cage: Map, med: Map, noise: Map, fine: Map
) -> Map:
    s = frame.size
    share = _pericardial_share(frame)
    shape = grid.like(_skin(frame.unbent(), 0.0) + 0.18 * noise + 0.08 * fine)
    # before the sternum and below the pectorals there is hardly a muscle, only skin and fat
    x, y, z = shape.mesh()
    pectoral = np.exp(-(((np.abs(x) - 8 * s) / (4.5 * s)) ** 4) - ((z + 9 * s) / (7 * s)) ** 4)
    before = np.clip((y - 4 * s) / (4 * s), 0, 1) * np.clip((-z - 2 * s) / (3 * s), 0, 1)
    shape.values += np.float32(1.1 * s) * before * (1 - pectoral)
    shape.values = np.maximum(shape.values, body + 0.2)
    for side in (-1, 1):
        own = frame.case.rng(f"fat planes {side}").normal(0, 0.35, (len(_PLANES), 3))
        both = frame.case.rng("fat planes -1").normal(0, 0.35, (len(_PLANES), 3))
        shift = own * frame.own + both * [-side, 1, 1] * (1 - frame.own)
        for (centre, radii), move in zip(_PLANES, shift, strict=True):
            shape.ellipsoid(
                (np.array(centre) * [side, 1, 1] + move) * s,
                np.array(radii) * s * (0.7 + 0.3 * share),
                blend=0.35,
                cut=True,
                noise=fine,
                rough=0.22,
            )
    inner = np.minimum(shape.values, np.maximum(cage - 1.0, body + 0.3))
    return np.asarray(np.minimum(inner, np.maximum(med, body + 0.3)), np.float32)
