"""What the regions of the limbs share as regions: quantities, camera, tone anchors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.limb.bone import Quality, turned_parts
from trainer.imaging.simulator.body import Body, Part, Paths
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity
from trainer.imaging.simulator.technique import Point, Technique, positioning
from trainer.imaging.simulator.vendors import Tone

Floats = NDArray[np.float64]

QUANTITIES: dict[str, Quantity] = {
    "age": Number(18, 100, 48, 18, "age in years"),
    "size": Number(0.82, 1.15, 1.0, 0.04, "size, relative to the average of the sex"),
    "side": Choice(("left", "right"), "which side"),
    "fat": Number(0.05, 1.6, 0.45, 0.25, "fat under the skin, relative"),
    "mineral": Number(0.5, 1.4, 1.0, 0.09, "bone mineral density, relative"),
    **positioning(3.0, 2.0, 2.5, (0.4, 0.4)),
    "beam": Choice(("extremity 50", "extremity 55"), "spectrum"),
}
# Women's limbs are smaller than men's by about this much: an engineer's estimate.
FEMALE = 0.92


def size(case: Case) -> float:
    """Return the size of a case's limb relative to an average man's."""
    return case.number("size") * (FEMALE if case.word("sex") == "female" else 1.0)


def quality(case: Case, spongiosa: float = 0.17) -> Quality:
    """Return the quality of a case's bone."""
    return Quality.of(case.number("mineral"), case.number("age"), case.number("porosis"), spongiosa)


@dataclass(frozen=True)
class View:
    """How a left limb, built in the anatomical position, is put before the detector.

    Parameters
    ----------
    right, beam, up : tuple of float
        Anatomical directions that are the film's right, the beam's way and the film's upper edge.
    centre : tuple of float
        Where the central ray goes, for a limb of size 1, cm.
    behind : float
        From there to the detector, cm.
    film : tuple of int
        Columns to rows.
    """

    right: tuple[float, float, float]
    beam: tuple[float, float, float]
    up: tuple[float, float, float]
    centre: tuple[float, float, float]
    behind: float = 5.0
    film: tuple[int, int] = (4, 5)

    def axes(self, side: str) -> Floats:
        """Return the matrix from anatomical to film axes; a right limb is a left one mirrored."""
        rows = np.array([self.right, self.beam, self.up], float)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows * np.array([[-1.0 if side == "right" else 1.0], [1], [1]]), float)

    def technique(self, magnification: float = 1.05, scatter: float = 0.08) -> Technique:
        """Return how it is taken: a table-top film at 110 cm, no grid, little scatter.

        Parameters
        ----------
        magnification, scatter : float
            See :class:`Technique`.
        """

        def middle(case: Case) -> Point:
            x, y, z = self.axes(case.word("side")) @ np.array(self.centre) * size(case)
            return float(x), float(y), float(z)

        return Technique(
            film=self.film,
            centre=middle,
            distance=110,
            behind=self.behind,
            focal_mm=0.6,
            magnification=magnification,
            heel=0.05,
            scatter=scatter,
            quanta=6.5e5,
            blur_mm=0.125,
            widen=size,
        )

    def body(self, case: Case, parts: Sequence[Part], broken_at: Floats | None) -> Body:
        """Return the body of a case before the detector."""
        axes = self.axes(case.word("side"))
        marks = {}
        if broken_at is not None:
            x, y, z = (float(v) for v in axes @ broken_at)
            marks["fracture"] = (x, y, z)
        return Body(tuple(turned_parts(parts, axes, np.zeros(3))), marks)


def tones(
    flesh_cm: float, bone_cm: float, rows: tuple[float, float] = (0, 1)
) -> Callable[[Paths], list[Tone]]:
    """Return tone anchors: air, soft tissue of so many cm, bone of so many cm and the densest.

    Parameters
    ----------
    flesh_cm, bone_cm : float
        Least paths.
    rows : tuple of float
        Part of the film's height that counts for bone. Where it is not all, what lies beyond is
        denser, and shown lighter than what counts without burning out.
    """
    part = rows != (0, 1)

    def of(paths: Paths) -> list[Tone]:
        flesh, bone = paths.structures["soft tissue"], paths.structures["bones"]
        height = len(flesh)
        here = np.zeros(flesh.shape, bool)
        here[int(rows[0] * height) : int(rows[1] * height)] = True
        # metal would pull the anchors of bone
        plain = paths.structures.get("hardware", np.zeros_like(flesh)) <= 0
        anchors = [
            Tone(flesh <= 0, 0.5, 0.03),
            Tone((flesh > flesh_cm) & (bone < 0.01) & plain, 0.5, 0.29),
            Tone((bone > bone_cm) & plain & here, 0.5, 0.56 if part else 0.61),
            Tone((bone > bone_cm) & plain & here, 0.985, 0.79 if part else 0.92),
        ]
        if part:
            anchors.append(Tone((bone > bone_cm) & plain & ~here, 0.9, 0.87))
        return anchors

    return of
