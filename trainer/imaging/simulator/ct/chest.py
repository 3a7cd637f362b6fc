"""The chest of a radiograph as a scanner shows it: what a film hides, and how soft tissue varies.

The body is the radiograph's: frame, torso, vessels, bones and findings are built from the same seed
by the same modules. Added is what only a tomogram shows: fat between the vessels, walls of bronchi,
fissures, oesophagus, skin, table, and enhancement by contrast medium.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.chest.everyday import everyday_parts
from trainer.imaging.simulator.anatomy.chest.findings import rib_break, seat
from trainer.imaging.simulator.anatomy.chest.frame import Frame, frame_of, size_of
from trainer.imaging.simulator.anatomy.chest.girdle import shoulder_parts
from trainer.imaging.simulator.anatomy.chest.lungs import (
    DENSITY,
    gas_part,
    vessel_part,
)
from trainer.imaging.simulator.anatomy.chest.mediastinum import apart
from trainer.imaging.simulator.anatomy.chest.ribs import cartilage_parts, rib_parts
from trainer.imaging.simulator.anatomy.chest.skeleton import spine_parts, sternum_part
from trainer.imaging.simulator.anatomy.chest.torso import Torso, torso
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.ct.bronchi import airways
from trainer.imaging.simulator.ct.calcium import coronary_parts
from trainer.imaging.simulator.ct.pathology import height, lung_findings, pleural_fluid
from trainer.imaging.simulator.ct.voxels import Box, Grid, hounsfield
from trainer.imaging.simulator.ct.wall import wall_parts
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.kernels.voxels import draw_septa
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import AIR, FAT, GLANDULAR, SOFT, Bone, Tissue, lung
from trainer.imaging.simulator.tubes import Tubes, tube

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

SKIN_CM = 0.2
SEPTUM_CM = 0.005  # between secondary lobules in health
LOBULE_CM = 1.7
LOBULES, LOBULES_FROM = (30, 22, 26), (-25.0, -18.0, -36.0)
LIVER = SOFT.scaled(1.015)
FOAM, SHELL = Tissue(soft=0.05), Tissue(soft=0.75)
CALCIFIED = Tissue(soft=0.75, bone=0.3)
# made for a film's projection, or not seen by a scanner
_LEFT_OUT = frozenset({"bronchial walls", "bronchial lumens", "horizontal fissure", "granuloma"})


def lesion_radius(case: Case) -> float:
    """Return the radius of the case's nodule, or of the one that would be put in, cm."""
    scale = 2.4 if case.word("finding") == "mass" else 1.0
    return float((0.5 + 0.55 * case.number("finding_size")) * scale)


def lesion(case: Case) -> Floats:
    """Return where the case's nodule lies, or one that is put in would lie; world, cm."""
    frame = frame_of(case)
    return seat(frame, "nodule seat", lesion_radius(case))


def centre(case: Case) -> float:
    """Return the height that the slices of a case are about: its finding's, cm."""
    frame = frame_of(case)
    own = height(frame, torso(frame))
    return float(lesion(case)[2]) if own is None else own


def patient(case: Case) -> list[Part]:
    """Return the parts of a body in the scanner, in the order of painting."""
    frame = frame_of(case)
    soft = torso(frame)
    parts = [
        Part("skin", soft.solid(soft.body), SOFT, structure="body"),
        Part("fat", soft.solid(soft.body + np.float32(SKIN_CM)), FAT),
        Part("muscle", soft.solid(soft.muscle), SOFT),
    ]
    if frame.female:
        parts.append(Part("glandular tissue", _glands(frame, soft), GLANDULAR))
    parts += wall_parts(frame, soft)
    parts += _viscera(frame, soft) + _mediastinum(frame, soft)
    parts += pleural_fluid(frame, soft)
    parts.append(Part("lungs", soft.solid(soft.lung), lung(DENSITY), structure="lungs"))
    under, over = lung_findings(frame, soft)
    parts += under + airways(frame, soft)
    vessels = vessel_part(frame, soft)
    parts += [replace(vessels, made_of=_blood(case)), gas_part(frame, soft)]
    parts += over + _granuloma(case)
    parts += [p for p in everyday_parts(frame) if p.name not in _LEFT_OUT]
    parts += rib_parts(frame, rib_break(case)) + cartilage_parts(frame)
    parts += shoulder_parts(frame)
    parts += [_marrowed(case, part) for part in (*spine_parts(frame), sternum_part(frame))]
    return [_aired(case, part) for part in parts]


def couch(case: Case, grid: Grid) -> list[Part]:
    """Return the table top: a shell of carbon fibre round foam, hollowed to hold the patient."""
    frame = frame_of(case)
    soft = torso(frame)
    y = np.asarray(soft.grid.axes[1], float)
    z = -np.asarray(soft.grid.axes[2], float)
    held = soft.body[:, :, (-z < grid.z()[0]) & (-z > grid.z()[-1])]
    back = float(y[(held < 0).any((0, 2))].min()) - 0.4
    low = (-24.0, back - 6.5, float(grid.z()[-1]) - 1)
    f = Field(low, (24.0, back + 6.5, float(grid.z()[0]) + 1), 0.25, far=2.0)
    across, up, _ = f.mesh()
    bow = 34.0 - np.sqrt(34.0**2 - np.minimum(np.abs(across), 23.0) ** 2)
    top = up - np.float32(back) - bow * np.float32(0.5)
    inside = np.maximum(np.maximum(top, -top - 3.2), np.abs(across) - 20.5)
    f.values = np.asarray(np.broadcast_to(inside, f.shape), np.float32).copy()
    shell = f.solid()
    core = replace(shell, distance=shell.distance + np.float32(0.22))
    return [Part("table", shell, SHELL), Part("foam", core, FOAM)]


def _marrowed(case: Case, part: Part) -> Part:
    """Return a vertebra whose marrow has its age's number: about 220 HU at 20, 100 at 80."""
    assert isinstance(part.made_of, Bone)
    old = float(np.clip((case.number("age") - 20) / 60, 0, 1))
    return replace(part, made_of=replace(part.made_of, trabeculae=0.20 - 0.08 * old))


def _aired(case: Case, part: Part) -> Part:
    """Return a part with the lung's density of the scanner: supine, held at full inspiration."""
    if part.made_of == lung(DENSITY):
        return replace(part, made_of=lung(case.number("lung_density")))
    return part


def _blood(case: Case) -> Tissue:
    """Return blood, enhanced by 60 to 180 HU where contrast medium was given."""
    if case.word("contrast") == "none":
        return SOFT
    return SOFT.scaled(1 + 0.06 + 0.12 * float(case.rng("contrast").random()))


def _mediastinum(frame: Frame, soft: Torso) -> list[Part]:
    """Return fat, heart, great vessels and oesophagus."""
    case, s = frame.case, frame.size
    pieces = apart(frame, soft.grid)
    y, z = soft.grid.mesh()[1], soft.grid.mesh()[2]
    # behind the vertebral bodies the muscles of the back begin
    back = np.asarray(frame.spine_y(-np.ravel(z)) - 2.0 * s, np.float32)[None, None, :]
    wall = np.maximum(np.maximum(soft.mediastinum + np.float32(0.15), soft.cage), back - y)
    lean = float(np.clip((case.number("bmi") - 17) / 12, 0.35, 1.0))
    fat = Tissue(adipose=lean, soft=1 - lean)
    # the heart lies in fat of its own, thin in the lean
    heart = pieces["heart"] + np.float32((0.12 + 0.4 * lean) * s) * (
        1 + np.float32(0.4) * soft.noise
    )
    heart = np.maximum(heart, soft.mediastinum + np.float32(0.1))
    muscle = np.maximum(heart, -(heart + np.float32(1.1 * s)))
    blood = _blood(case)
    made = [
        Part("mediastinal fat", soft.solid(wall), fat),
        Part("mediastinum", soft.solid(heart), blood, structure="mediastinum"),
        Part("myocardium", soft.solid(muscle), SOFT.scaled((1 + blood.soft) / 2)),
    ]
    made += coronary_parts(frame, soft.solid(heart), blood)
    for name in ("pulmonary", "veins", "aorta"):
        shrunk = np.maximum(pieces[name] + np.float32(0.12 * s), soft.mediastinum)
        made.append(Part(name, soft.solid(shrunk), blood, structure="mediastinum"))
    rng = case.rng("oesophagus")
    h = np.linspace(-6, 27, 40) * s
    course = np.stack(
        [0.5 + 0.4 * np.sin(h / 7 + rng.uniform(0, 6)), frame.spine_y(h) + 1.7 * s, -h], 1
    )
    made.append(Part("oesophagus", tube(course, 0.85 * s, 0.6 * s, side=(1.0, 0.0, 0.0)), SOFT))
    if rng.random() < 0.5:
        few = course[int(rng.integers(8, 20)) :][:6]
        made.append(Part("air in the oesophagus", tube(few, rng.uniform(0.15, 0.35)), AIR))
    nodes = [
        tube(np.stack([at, at + rng.normal(0, 0.25, 3)]), rng.uniform(0.18, 0.4))
        for at in (frame.point(-1.4, -1.5, -8.5), frame.point(0.2, -1.2, -10.6),
                   frame.point(1.2, 2.5, -8.0), frame.point(-0.6, 3.4, -6.5))
    ]  # fmt: skip
    made.append(Part("lymph nodes", Tubes.joinall(nodes), SOFT))
    return made


def _viscera(frame: Frame, soft: Torso) -> list[Part]:
    """Return liver, spleen and stomach in their fat, below the diaphragm."""
    s, z = frame.size, soft.grid.mesh()[2]
    x = soft.grid.mesh()[0]
    belly = np.maximum(np.maximum(soft.cage + 1.2, soft.diaphragm + 0.4), z + 14 * s)
    liver = np.maximum(belly, x - np.float32(3.0 * s))
    spleen, stomach = soft.grid.like(), soft.grid.like()
    spleen.ellipsoid((9.6 * s, -4.5 * s, frame.dome_left - 4.6 * s), (3.2 * s, 5.4 * s, 4.6 * s))
    stomach.ellipsoid((5.6 * s, 2.4 * s, frame.dome_left - 4.4 * s), (4.6 * s, 4.6 * s, 4.2 * s))
    return [
        Part("belly fat", soft.solid(belly), FAT),
        Part("liver", soft.solid(liver), LIVER),
        Part("spleen", soft.solid(np.maximum(spleen.values, belly)), LIVER),
        Part("stomach", soft.solid(np.maximum(stomach.values, belly)), SOFT.scaled(0.985)),
    ]


def _glands(frame: Frame, soft: Torso) -> Solid:
    s, fat = frame.size, soft.fat_cm
    f = soft.grid.like()
    for side in (-1, 1):
        f.ellipsoid(
            (side * 8.6 * s, 11.0 * s + 0.3 * fat, -19.0 * s),
            ((3.9 + 0.2 * fat) * s, (2.0 + 0.3 * fat) * s, (4.4 + 0.2 * fat) * s),
            noise=soft.noise,
            rough=0.9,
        )
    return f.like(np.maximum(f.values, soft.body + 0.5)).solid()


def _granuloma(case: Case) -> list[Part]:
    """Return a calcified granuloma in the place of a nodule: small, dense, solitary."""
    if case.word("granuloma") == "none":
        return []
    rng, at = case.rng("granuloma"), lesion(case)
    radius = float(rng.uniform(0.25, 0.5))
    f = Field(at - 1.2, at + 1.2, 0.06, far=0.6)
    f.ellipsoid(at, radius * (1 + 0.12 * rng.normal(0, 1, 3)), blend=0.01)
    f.values += np.float32(0.12 * radius) * smooth_noise(f.shape, (9, 9, 9), rng)
    shape = f.solid()
    rim = replace(shape, distance=shape.distance + np.float32(0.35 * radius))
    return [
        Part("granuloma", shape, SOFT.scaled(1.06), structure="granuloma"),
        Part("granuloma's chalk", rim, CALCIFIED),
    ]


@dataclass(frozen=True, eq=False)
class Texture:
    """How tissue varies over a volume: unit noise over 2.6 cm, 0.8 cm and 0.3 cm."""

    clumps: Map
    fine: Map
    mesh: Map

    def part(self, box: Box) -> Texture:
        """Return the texture of a block."""
        return Texture(self.clumps[box], self.fine[box], self.mesh[box])


def texture(case: Case, grid: Grid) -> Texture:
    """Return the texture of a case's tissue; twins share it."""
    rng = case.rng("tissue")
    size = np.array(grid.shape) * [grid.step, grid.pixel, grid.pixel]
    made = [
        smooth_noise(grid.shape, tuple(max(3, int(v / cm)) for v in size), rng)
        for cm in (2.6, 0.8, 0.32)
    ]
    return Texture(*made)


def vary(case: Case, grid: Grid, hu: Map, own: Texture) -> None:
    """Put into a painted volume what no part models: fissures, and tissue's own unevenness.

    Parameters
    ----------
    case : Case
        Of the patient.
    grid : Grid
        The voxels: a whole volume or a block of one.
    hu : ndarray of float32
        As painted; changed in place.
    own : Texture
        Of the same voxels.
    """
    frame = frame_of(case)
    x, y, _ = grid.mesh()
    base = np.float32(hounsfield(lung(case.number("lung_density"))))
    aired = np.clip(1 - np.abs(hu - base) / 70, 0, 1)
    # dependent lung is denser, and lobules are not all alike
    hu += aired * (np.float32(-3.0) * (y + 1) + 9 * own.clumps + 11 * own.fine + 9 * own.mesh)
    _fissures(frame, grid, hu, aired, own.clumps)
    if case.word("emphysema") != "none":
        _holes(case, grid, hu, aired, own)
    _septa(case, grid, hu, aired, own)
    soft = np.clip(1 - np.abs(hu - 45) / 45, 0, 1)
    outside = np.clip(np.abs(x) / (8 * frame.size) - 0.4, 0, 1) + (y < -4 * frame.size)
    marbled = np.clip(0.9 * own.fine + 0.9 * own.mesh - 1.2, 0, 1.2) * np.clip(outside, 0, 1)
    hu += soft * (4 * own.clumps + 3 * own.fine - 30 * marbled)
    fatty = np.clip(1 - np.abs(hu + 95) / 35, 0, 1)
    strands = np.clip(1.1 * own.mesh + 0.7 * own.fine - 1.7, 0, 1.2)
    hu += fatty * (4 * own.clumps + 3 * own.fine + 75 * strands)


def _holes(case: Case, grid: Grid, hu: Map, aired: Map, own: Texture) -> None:
    """Empty the middles of lobules, most in the upper lungs: centrilobular emphysema."""
    h = -grid.z()[:, None, None] / np.float32(size_of(case))
    upper = np.clip((np.float32(21.0) - h) / 12, 0.05, 1)
    empty = np.clip(1.6 * (own.fine + 0.5 * own.clumps - 1.25 + 0.7 * upper), 0, 1)
    hu += aired * empty * (np.float32(-970.0) - hu) * np.float32(0.85)


def _septa(case: Case, grid: Grid, hu: Map, aired: Map, own: Texture) -> None:
    """Draw the septa between lobules: hardly seen in health, thickened by oedema at the bases."""
    thick, rng = SEPTUM_CM, case.rng("lobules")
    seeds = rng.random((*LOBULES, 3)).astype(np.float32)
    if case.word("finding") == "oedema":
        swell = case.number("consequences") * (0.5 + case.number("finding_size"))
        thick = SEPTUM_CM + 0.035 * swell
    share = np.zeros(grid.shape, np.float32)
    draw_septa(
        seeds, np.array(LOBULES_FROM, np.float32), np.float32(LOBULE_CM),
        grid.x(), grid.y(), grid.z(), aired, np.float32(grid.pixel / 2), share,
    )  # fmt: skip
    share *= np.clip(0.45 + 0.5 * own.clumps + 0.45 * own.fine, 0, 1.3)
    hu += aired * share * np.float32(min(1.0, thick / grid.pixel) * 820)


def _fissures(frame: Frame, grid: Grid, hu: Map, aired: Map, wave: Map) -> None:
    """Draw the oblique fissures: sheets thinner than a voxel, high at the back and low in front."""
    x, y, z = grid.mesh()
    s, rng = frame.size, frame.case.rng("oblique fissures")
    half = np.float32(grid.pixel / 2)
    for side in (-1, 1):
        middle, slope = -13.4 * s + rng.normal(0, 0.6), 0.95 + 0.08 * rng.standard_normal()
        bow = 0.035 * (x - side * 8 * s) ** 2 * (0.6 + 0.4 * rng.random())
        away = (z - middle + slope * y + bow + np.float32(0.25) * wave) / np.hypot(1, slope)
        share = np.clip(1 - np.abs(away) / (2 * half), 0, 1) * (x * side > 0)
        hu += aired * share * np.float32(0.025 / grid.pixel * 900)
