"""Devices on and in a chest: lines, tubes, pacemakers, leads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field, smooth_max
from trainer.imaging.simulator.tissue import AIR, SOFT, TITANIUM, Tissue
from trainer.imaging.simulator.tubes import Tubes, tube

Floats = NDArray[np.float64]

_WIRE = Tissue(steel=0.45)
_CATHETER = Tissue(soft=0.9, steel=0.035)
_PLASTIC = Tissue(soft=1.2, aluminium=0.06)


def line_parts(frame: Frame) -> list[Part]:
    """Return a central venous line."""
    word = frame.case.word("line")
    if word == "none":
        return []
    rng, q = frame.case.rng("central line"), frame.pushed
    tip = q(-2.0 + rng.normal(0, 0.2), 1.0, -10.5 + rng.normal(0, 1.4))
    if word == "jugular":
        course = [q(-4.6, 1.5, 8), q(-3.4, 0.5, 4.5), q(-2.4, 0.4, 0), q(-2.0, 0.8, -5), tip]
    else:
        course = [q(-12, 5, -5), q(-8.5, 3.6, -3.4), q(-4.5, 1.4, -2.2), q(-2.2, 0.9, -4.6), tip]
    course[1] = course[1] + rng.normal(0, 0.4, 3)
    catheter = tube(through(course, 90), 0.115)
    return [Part("central line", catheter, _CATHETER, SOFT, "central line", 0.02)]


def pacemaker_parts(frame: Frame) -> list[Part]:
    """Return a pacemaker and its leads."""
    word = frame.case.word("pacemaker")
    if word == "none":
        return []
    rng, s, q = frame.case.rng("pacemaker"), frame.size, frame.pushed
    side = 1 if word == "left" else -1
    depth = float(frame.front_y(6 * s)) + 1.2
    at = np.array([side * 9.8 * s + rng.normal(0, 0.5), depth, -5.8 * s + rng.normal(0, 0.6)])
    box = np.array([3.2, 1.2, 3.2])
    f = Field(at - box, at + box, 0.09, far=0.8)
    x, y, z = f.mesh()
    disc = np.sqrt(((x - at[0]) / 1.08) ** 2 + (z - at[2]) ** 2) - 2.1
    f.values = smooth_max(np.broadcast_to(disc, f.shape), np.abs(y - at[1]) - 0.33, 0.12)
    head = at + np.array([-side * 0.4, 0, 2.0])
    leads = []
    for goal in (
        [q(-2.6, 1.5, -14.5), q(-1.6, 3.0, -15.6)],
        [q(0.5, 3.5, -19), q(4.2, 5.5, -20.3)],
    ):
        loop = head + np.array([side * 1.2, -0.2, rng.uniform(0.6, 1.3)])
        course = [
            head, loop, q(side * 6.5, 2.5, -2.6), q(side * 3.0, 1.2, -2.6), q(-1.6, 0.9, -5.5),
            q(-2.2, 1.0, -10.5), *goal,
        ]  # fmt: skip
        leads.append(tube(through(course, 160), 0.075))
    cells = [
        tube(at + np.array([[dx - 0.5, 0, dz], [dx + 0.5, 0, dz]]), 0.16, 0.45)
        for dx, dz in ((-0.6, -0.8), (0.7, -0.9), (0.0, 0.2), (-0.7, 0.9))
    ]
    return [
        Part("pacemaker", f.solid(), TITANIUM.scaled(0.6), SOFT, "pacemaker", 0.02),
        Part("pacemaker battery", Tubes.joinall(cells), TITANIUM.scaled(1.6), TITANIUM),
        Part("pacing leads", Tubes.joinall(leads), _WIRE, SOFT, "pacemaker", 0.02),
    ]


def lead_parts(frame: Frame) -> list[Part]:
    """Return ECG electrodes and their wires."""
    if frame.case.word("leads") == "none":
        return []
    rng, s = frame.case.rng("ECG leads"), frame.size
    snaps, wires, clips = [], [], []
    for x, h in ((-10.5, 5.0), (10.5, 5.5), (11.5, 21.0)):
        x, h = x + rng.normal(0, 1.0), h + rng.normal(0, 1.2)
        at = np.array([x * s, float(frame.front_y(h * s)) * 0.85 + 2.4, -h * s])
        snaps.append(tube(at + np.array([[0, 0, 0], [0, 0.28, 0]]), 0.55))
        snaps.append(tube(at + np.array([[0, 0.28, 0], [0, 0.75, 0]]), 0.22))
        far = np.array([rng.uniform(-6, 6), 14.0, -38.0 * s])
        bend = (at + far) / 2 + np.array([rng.normal(0, 4), 1.0, rng.normal(0, 3)])
        first = at + np.array([-np.sign(x) * rng.uniform(0.5, 2), 1.0, rng.uniform(-2.5, 1.0)])
        wires.append(tube(through([at, first, bend, far], 120), 0.085))
        clips += _clip(at + np.array([0, 0.9, 0]), first - at)
    gel = Tissue(soft=1.0, steel=0.02)
    return [
        Part("electrodes", Tubes.joinall(snaps), gel, structure="leads", least=0.02),
        Part("lead wires", Tubes.joinall(wires), Tissue(soft=0.6, steel=0.16), structure="leads",
             least=0.02),
        Part("lead clips", Tubes.joinall(clips), Tissue(steel=0.7), structure="leads", least=0.02),
    ]  # fmt: skip


def _clip(at: Floats, way: Floats) -> list[Tubes]:
    """Return a clip that grips an electrode: a frame of wire and the spring in it.

    Parameters
    ----------
    at : ndarray, shape (3,)
        Its middle, cm.
    way : ndarray, shape (3,)
        Where its lead goes; the clip points away from it.
    """
    along = np.array([way[0], 0.0, way[2]])
    along /= np.linalg.norm(along) + 1e-9
    beside = np.array([-along[2], 0.0, along[0]])
    frame = [(-0.5, -0.24), (1.0, -0.30), (1.0, 0.30), (-0.5, 0.24), (-0.5, -0.24)]
    spring = [(0.25 + 0.09 * k, 0.19 * (-1) ** k) for k in range(7)]
    return [
        tube(at + np.array([u * along + v * beside for u, v in line]), radius)
        for line, radius in ((frame, 0.055), (spring, 0.04))
    ]


def airway_tube_parts(frame: Frame) -> list[Part]:
    """Return an endotracheal or tracheostomy tube: walls, lumen, the stripe that shows it."""
    word = frame.case.word("airway_tube")
    if word == "none":
        return []
    rng, q = frame.case.rng("airway tube"), frame.pushed
    tip = q(0.0, -2.0, -4.6 + rng.normal(0, 1.1))
    if word == "endotracheal":
        course = [q(0.6, 4.0, 11.0), q(0.4, 0.0, 8.5), q(0.1, -1.0, 3.0), tip]
    else:
        course = [q(0.3, 5.0, 0.6), q(0.2, 1.2, 1.0), q(0.1, -1.1, -0.4), tip]
    line = through(course, 80)
    stripe = line + np.array([0.43, 0.0, 0.0])
    parts = [
        Part("tube's wall", tube(line, 0.52), _PLASTIC, AIR, "airway tube", 0.05),
        Part("tube's lumen", tube(line, 0.38), AIR, _PLASTIC),
        Part("tube's stripe", tube(stripe[:-3], 0.045), Tissue(steel=0.5), AIR),
    ]
    if word == "endotracheal":
        # the eye in the wall beside the bevel, and the balloon above it
        eye = line[-6] + np.array([[-0.54, 0, 0.0], [-0.36, 0, 0.0]])
        cuff = np.interp(np.arange(14), [0, 3, 10, 13], [0.53, 0.92, 0.92, 0.53])
        parts += [
            Part("tube's eye", tube(eye, 0.16, 0.30, side=(0, 1, 0)), AIR, _PLASTIC),
            Part("tube's cuff", tube(line[-26:-12], cuff * frame.size), AIR, AIR),
        ]
    return parts


def cable_parts(frame: Frame) -> list[Part]:
    """Return what lies on a patient in bed: hoses and cables across the film."""
    if frame.case.word("cables") == "none":
        return []
    rng, s = frame.case.rng("cables"), frame.size
    hoses, bores, wires = [], [], []
    for k in range(int(rng.integers(1, 5))):
        start = np.array([rng.choice([-1, 1]) * 25.0, 0.0, rng.uniform(-22, 4)])
        end = np.array([rng.uniform(-24, 24), 0.0, -36.0 if rng.random() < 0.6 else 8.0])
        middle = np.array([rng.uniform(-11, 11), 0.0, rng.uniform(-24, -6)])
        course = np.stack([start, (start + middle) / 2 + rng.normal(0, 3, 3), middle,
                           (middle + end) / 2 + rng.normal(0, 3, 3), end]) * s  # fmt: skip
        course[:, 1] = 11.5 * s + 1.5 * frame.case.number("bmi") / 25
        line = through(course, 120)
        if k == 0 and rng.random() < 0.5:
            hoses.append(tube(line, 0.30))
            bores.append(tube(line, 0.21))
        else:
            wires.append(tube(line, rng.uniform(0.07, 0.16)))
    parts = [
        Part("hose", Tubes.joinall(hoses), Tissue(soft=1.2, aluminium=0.05), structure="cables",
             least=0.02),
        Part("hose's bore", Tubes.joinall(bores), AIR, Tissue(soft=1.2, aluminium=0.05)),
        Part("cables", Tubes.joinall(wires), Tissue(soft=0.8, steel=0.06), structure="cables",
             least=0.02),
    ]  # fmt: skip
    return [part for part in parts if len(part.shape.corners())]


def cloth_parts(frame: Frame) -> list[Part]:
    """Return folds of gown and bedding, on and under a patient who has hoses and cables."""
    if frame.case.word("cables") == "none":
        return []
    rng, s = frame.case.rng("cloth"), frame.size
    folds = []
    for _ in range(int(rng.integers(2, 7))):
        start = np.array([rng.uniform(-20, 20), 0.0, rng.uniform(-32, 4)])
        turn, length = rng.uniform(0, np.pi), rng.uniform(8, 22)
        way = length * np.array([np.cos(turn), 0.0, np.sin(turn)])
        course = start + np.linspace(-0.5, 0.5, 4)[:, None] * way + rng.normal(0, 0.7, (4, 3))
        course[:, 1] = rng.choice([-11.5, 12.5]) * s
        wide = rng.uniform(0.12, 0.7) * np.sin(np.linspace(0.15, np.pi - 0.15, 40))
        folds.append(tube(through(course, 40), rng.uniform(0.08, 0.16), wide))
    return [Part("folds of cloth", Tubes.joinall(folds), Tissue(soft=0.45))]


def gastric_tube_parts(frame: Frame) -> list[Part]:
    """Return a nasogastric tube: down the oesophagus, its end in the stomach."""
    if frame.case.word("gastric_tube") == "none":
        return []
    rng, q, s = frame.case.rng("gastric tube"), frame.pushed, frame.size
    wave = rng.normal(0, 0.18, (4, 3))
    course = [
        q(0.4, -1.8, 10), q(0.3, -2.6, 2) + wave[0], q(0.5, -3.2, -6) + wave[1],
        q(0.6, -3.4, -13) + wave[2], q(1.2, -2.4, -20) + wave[3],
        np.array([4.2 * s, 0.5, frame.dome_left - 3.5 * s]),
        np.array([(6.0 + rng.normal(0, 0.8)) * s, 2.0, frame.dome_left - (5.5 + rng.normal()) * s]),
    ]  # fmt: skip
    line = through(course, 120)
    return [
        Part("gastric tube", tube(line, 0.21), _PLASTIC, SOFT, "gastric tube", 0.03),
        Part("gastric tube's lumen", tube(line, 0.13), AIR, _PLASTIC),
        Part("gastric tube's stripe", tube(line + np.array([0.16, 0, 0]), 0.035),
             Tissue(steel=0.5), SOFT),
    ]  # fmt: skip
