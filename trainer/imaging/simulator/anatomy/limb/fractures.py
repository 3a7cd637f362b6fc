"""Fractures of any bone of a limb: transverse, oblique, spiral, comminuted, buckled; and old ones.

A fracture has a place in a bone (``Site``), a pattern and what comes with it (``Plan``). Patterns
follow the force: bending breaks a bone across, with or without a butterfly fragment on its pressed
side, compression obliquely, torsion in a spiral (Morgan and Bouxsein's account, as given in
Fractures in the Horse, ch. 3); a cortex that is pressed may buckle. Steps and angles are an
engineer's choice within what is commonly seen.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.limb.bone import Bony, cropped
from trainer.imaging.simulator.anatomy.loft import about
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import MARROW, Tissue

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

KINDS = ("transverse", "oblique", "spiral", "comminuted", "buckle")
SHAFT = KINDS[:4]
AVULSED = KINDS[:2]
BARE = np.float32(9)  # depth under a broken face counts so much: it has next to no cortex


@dataclass(frozen=True)
class Site:
    """Where a bone breaks.

    Parameters
    ----------
    bone : str
        Its name among the bones.
    point : tuple of float
        Middle of the break, in the bone's own coordinates, cm.
    axis : tuple of float
        Along the bone, from the piece that stays to the one that moves.
    side : tuple of float
        Across the bone, where the film shows it; the piece moves that way if ``outward``.
    width : float
        Of the bone there, cm.
    outward : bool
        The piece is never driven the other way, where a neighbour lies.
    slide : float
        How far the place may lie along the axis, cm either way.
    slant : float
        Added to the slope of the line, so that a break of this bone runs as it usually does.
    kinds : tuple of str
        Patterns that it can break in: a cortex buckles only over spongy bone.
    partner : str
        Another site, that of the bone beside it: when this one is displaced, so is that.
    pulled : bool
        A tendon draws the piece away, along the axis, instead of the pieces shortening.
    carries : tuple of str
        Other bones that go with the piece that moves.
    """

    bone: str
    point: tuple[float, float, float]
    axis: tuple[float, float, float]
    side: tuple[float, float, float]
    width: float
    outward: bool = False
    slide: float = 0.0
    slant: float = 0.0
    kinds: tuple[str, ...] = KINDS
    partner: str = ""
    pulled: bool = False
    carries: tuple[str, ...] = ()

    def frame(self) -> Floats:
        """Return along, across, and the third, as rows."""
        a = np.asarray(self.axis, float)
        a = a / np.linalg.norm(a)
        u = np.asarray(self.side, float)
        u = u - (u @ a) * a
        u = u / np.linalg.norm(u)
        return np.stack([a, u, np.cross(a, u)])

    def scaled(self, s: float) -> Site:
        """Return the site in a bone of another size."""
        x, y, z = (v * s for v in self.point)
        return replace(self, point=(x, y, z), width=self.width * s, slide=self.slide * s)


@dataclass(frozen=True)
class Plan:
    """A fracture's pattern and what comes with it; lengths in cm, angles in degrees.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    slope : float
        Tangent of the line's tilt against the section of the bone.
    pitch : float
        Rise of a spiral over one turn.
    gap, rough : float
        Width of the line, unevenness of its faces.
    step, angle, shorten, spin : float
        Shift across, bend, shift together and turn about the bone, of the piece that moves.
    bulge : float
        Height of a buckled cortex.
    wedge : float
        Half height of a butterfly fragment at its base.
    """

    kind: str
    slope: float = 0.0
    pitch: float = 0.0
    gap: float = 0.04
    rough: float = 0.05
    step: float = 0.0
    angle: float = 0.0
    shorten: float = 0.0
    spin: float = 0.0
    bulge: float = 0.0
    wedge: float = 0.0


@dataclass(frozen=True, eq=False)
class Broken:
    """A broken bone: its pieces, dense bands of crushed trabeculae, where it broke, how it moved.

    ``motion`` is the turn and the shift of the piece that moved, and of all it carries.
    """

    pieces: list[Bony]
    crushed: list[Part]
    centre: Floats
    motion: tuple[Floats, Floats] = dataclasses.field(
        default_factory=lambda: (np.eye(3), np.zeros(3))
    )


def plan(kind: str, site: Site, rng: Generator, natural: float, clean: float) -> Plan:
    """Return how a bone breaks.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    site : Site
        Where.
    rng : Generator
        Of the amounts; always as many draws, so that a twin shares them.
    natural : float
        Share of step, bend and shortening, 0..1.
    clean : float
        How far the line is straightened and its faces smoothed, 0..1.
    """
    own = rng.uniform(0, 1, 8)
    side = 1.0 if site.outward or own[0] < 0.5 else -1.0
    w = site.width
    steep = {"transverse": 0.05 + 0.2 * own[1], "oblique": 0.6 + 0.5 * own[1]}.get(kind, 0.0)
    slope = (side * steep + site.slant * (kind == "oblique")) * (1 - 0.6 * clean)
    natural = natural * (1 - clean)
    if kind == "buckle":
        return Plan(kind, bulge=w * (0.05 + 0.04 * own[2]) * (1 - 0.5 * clean), rough=0.0)
    loose = 1.35 if kind == "comminuted" else 1.0
    return Plan(
        kind,
        slope=slope,
        pitch=w * (1.5 + 0.8 * own[3]) * (1 - 0.5 * clean) if kind == "spiral" else 0.0,
        gap=0.035 + 0.02 * clean + 0.03 * natural,
        rough=0.008
        + min(0.06, 0.035 * w)
        * (1 - clean)
        * (0.7 + 0.6 * own[4])
        * (0.35 if kind == "spiral" else 1.0),
        step=side * w * (0.10 + 0.16 * own[5]) * natural * loose,
        angle=side * (2 + 6 * own[6]) * natural * loose,
        shorten=w * (0.03 + 0.07 * own[7]) * natural * loose * (-3 if site.pulled else 1),
        spin=10 * natural if kind == "spiral" else 0.0,
        wedge=w * (0.5 + 0.25 * own[1]) if kind == "comminuted" else 0.0,
    )


def break_bone(bone: Bony, site: Site, how: Plan, faces: Generator) -> Broken:
    """Return a bone broken as planned.

    Parameters
    ----------
    bone : Bony
        In its place.
    site : Site
        Where, in the bone's own coordinates.
    how : Plan
        The pattern.
    faces : Generator
        Of the unevenness of the broken faces.
    """
    centre = bone.world(site.point)
    if how.kind == "buckle":
        buckled, band = _buckle(bone, site, how)
        return Broken([buckled], [band], centre)
    f = bone.field
    h, u, v = (_towards(f, site, k) for k in range(3))
    uneven = _uneven(f, how.rough, faces)
    half = np.float32(how.gap / 2)
    axis = bone.turn @ site.frame().T  # along, across, third, as columns in the world
    shift = axis @ np.array([-how.shorten, how.step, 0.25 * how.step])
    bend = about(_rotation(axis[:, 2], how.angle) @ _rotation(axis[:, 0], how.spin), centre, shift)
    if how.kind == "comminuted":
        lift = np.float32(how.wedge / (0.5 * site.width)) * np.maximum(
            u * np.float32(np.sign(how.step or 1)) + np.float32(0.2 * site.width), 0
        )
        slant = np.float32(np.hypot(1, how.wedge / (0.5 * site.width)))
        cuts = [(h + lift + uneven) / slant, (lift - h + uneven) / slant]
        pieces = [_piece(bone, c + half, k) for k, c in enumerate(cuts)]
        pieces[1] = pieces[1].moved(*bend)
        wedge = (np.abs(h) - lift + np.float32(1.3) * np.abs(uneven)) / slant
        pieces += _fragments(bone, site, how, wedge, (v, h), axis)
        return Broken(pieces, [], centre, bend)
    surface = (h - np.float32(how.slope) * u + uneven) / np.float32(np.hypot(1, how.slope))
    if how.pitch:
        turn = np.arctan2(v, u) / np.float32(2 * np.pi)
        around = np.maximum(np.hypot(u, v), np.float32(0.12 * site.width)) * np.float32(2 * np.pi)
        surface = h - np.float32(how.pitch) * turn + uneven
        surface = surface / np.hypot(1, np.float32(how.pitch) / around)
        wall = np.where((u < 0) & (np.abs(h) < how.pitch / 2 + 0.05), np.abs(v), np.float32(1))
        below = np.maximum(surface + half, half - wall)
        above = np.maximum(half - surface, half - wall)
    else:
        below, above = surface + half, half - surface
    return Broken(
        [_piece(bone, below, 0), _piece(bone, above, 1).moved(*bend)],
        _crushed(bone, surface, how),
        centre,
        bend,
    )


def _towards(f: Field, site: Site, k: int) -> Map:
    """Return the distance from the site along its k-th axis."""
    way, mesh = site.frame()[k], f.mesh()
    total = sum(np.float32(way[i]) * (mesh[i] - np.float32(site.point[i])) for i in range(3))
    return np.asarray(total, np.float32)


def _uneven(f: Field, rough: float, rng: Generator) -> Map:
    total = np.zeros(f.shape, np.float32)
    for size, share in ((0.45, 1.0), (0.16, 0.5)):
        cells = tuple(max(4, int(n * f.spacing / size)) for n in f.shape)
        total += np.float32(rough * share) * smooth_noise(f.shape, cells, rng)
    return total


def _piece(bone: Bony, beyond: Map, number: int) -> Bony:
    """Return the part of a bone where ``beyond`` is below 0; its faces have no cortex."""
    limit = np.where(beyond > 0, beyond * np.float32(0.8), beyond * BARE)
    f = bone.field.like(np.maximum(bone.field.values, limit))
    small = cropped(f)
    cortex = bone.cortex
    if np.ndim(cortex) == 1:
        first = round(float(small.corner[2] - f.corner[2]) / f.spacing)
        cortex = np.asarray(cortex, np.float32)[first : first + small.shape[2]]
    return replace(bone, name=f"{bone.name} piece {number}", field=small, cortex=cortex)


def _fragments(
    bone: Bony, site: Site, how: Plan, wedge: Map, frame: tuple[Map, Map], axis: Floats
) -> list[Bony]:
    """Return the butterfly fragment as two pieces, each pushed out and tilted a little."""
    v, h = frame
    way = np.sign(how.step or 1)
    crack = (v + np.float32(0.5) * h) / np.float32(1.12)
    made = []
    for k, side in enumerate((1, -1)):
        limit = np.maximum(wedge + np.float32(how.gap), np.float32(side) * crack + 0.03)
        out = abs(how.step) * (0.7 + 0.5 * k) * way
        shift = axis @ np.array([0.3 * how.shorten * side, out, -0.3 * side * abs(how.step)])
        tilt = _rotation(axis[:, 2], how.angle * (0.8 + 1.2 * k))
        made.append(_piece(bone, limit, 2 + k).moved(*about(tilt, bone.world(site.point), shift)))
    return [p for p in made if (p.field.values < 0).sum() > 30]


def _crushed(bone: Bony, surface: Map, how: Plan) -> list[Part]:
    """Return the band of crushed trabeculae along an impacted line."""
    if how.shorten < 0.05:
        return []
    thick = np.float32(0.5 * how.shorten)
    band = np.maximum(np.abs(surface) - thick, bone.field.values + np.float32(0.05))
    made_of = Tissue(adipose=-0.06, soft=-0.03, bone=0.10)
    solid = cropped(bone.field.like(band)).solid().posed(bone.turn, bone.place)
    return [Part(f"{bone.name} crushed", solid, made_of)]


def _buckle(bone: Bony, site: Site, how: Plan) -> tuple[Bony, Part]:
    """Return a bone whose cortex bulges about a site, and the band of crushed trabeculae."""
    f = bone.field
    h, u, _ = (_towards(f, site, k) for k in range(3))
    wide = np.float32(0.17 * site.width)
    ridge = np.exp(-((h / wide) ** 2)) * (0.5 + 0.5 * np.tanh(3 * u / np.float32(site.width)))
    dip = np.exp(-(((h - 1.9 * wide) / wide) ** 2))
    values = f.values - np.float32(how.bulge) * (ridge - np.float32(0.25) * dip)
    wavy = h + np.float32(0.05 * site.width) * np.sin(u * np.float32(9 / site.width))
    band = np.maximum(np.abs(wavy) - np.float32(0.05 * site.width), values + np.float32(0.04))
    solid = cropped(f.like(band)).solid().posed(bone.turn, bone.place)
    dense = Tissue(adipose=-0.05, soft=-0.02, bone=0.07)
    return bone.shaped(values), Part(f"{bone.name} crushed", solid, dense, MARROW.scaled(0.0))


def healed(bone: Bony, site: Site, rng: Generator) -> Broken:
    """Return a bone that broke long ago: a spindle of callus, a denser band, no line."""
    f = bone.field
    h, u, _ = (_towards(f, site, k) for k in range(3))
    own = rng.uniform(0, 1, 3)
    wide = np.float32(site.width * (0.5 + 0.3 * own[0]))
    lumps = 1 + 0.3 * _uneven(f, 1.0, rng)
    spindle = np.exp(-((h / wide) ** 2)) * (0.7 + 0.3 * np.tanh(u)) * lumps
    values = f.values - np.float32(site.width * (0.07 + 0.05 * own[1])) * spindle
    band = np.maximum(np.abs(h) - np.float32(0.3) * wide, values + np.float32(0.06))
    solid = cropped(f.like(band)).solid().posed(bone.turn, bone.place)
    scar = Part(f"{bone.name} callus", solid, Tissue(adipose=-0.06, soft=-0.03, bone=0.09))
    return Broken([bone.shaped(values)], [scar], bone.world(site.point))


def _rotation(axis: Floats, degrees: float) -> Floats:
    """Return the rotation about an axis (Rodrigues)."""
    x, y, z = axis / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    a = np.deg2rad(degrees)
    turn: Floats = np.eye(3) + np.sin(a) * cross + (1 - np.cos(a)) * (cross @ cross)
    return turn
