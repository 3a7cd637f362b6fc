"""What bodies are made of: mixtures of a few base materials, and bone with its two parts."""

from __future__ import annotations

from dataclasses import dataclass, field

# Base materials, in the order of every material axis. Compositions and densities: ICRU Report 44
# for the tissues; the attenuation table says where each number came from (``beam_tables.py``).
MATERIALS = ("adipose", "soft", "bone", "aluminium", "steel", "lead")


@dataclass(frozen=True)
class Tissue:
    """Centimetres of each base material in one centimetre of the tissue.

    The shares need not sum to 1: lung is 0.23 of soft tissue and the rest air.
    """

    adipose: float = 0.0
    soft: float = 0.0
    bone: float = 0.0
    aluminium: float = 0.0
    steel: float = 0.0
    lead: float = 0.0

    def shares(self) -> tuple[float, ...]:
        """Return the shares in the order of :data:`MATERIALS`."""
        return tuple(getattr(self, name) for name in MATERIALS)

    def scaled(self, factor: float) -> Tissue:
        """Return the tissue thinned or packed by a factor."""
        return Tissue(*(share * factor for share in self.shares()))


AIR = Tissue()
FAT = Tissue(adipose=1.0)
SOFT = Tissue(soft=1.0)
MARROW = Tissue(adipose=0.65, soft=0.30)
CARTILAGE = Tissue(soft=1.07)
LEAD = Tissue(lead=1.0)
STEEL = Tissue(steel=1.0)
TITANIUM = Tissue(steel=0.40)  # less dense and lighter than steel: the same shape, paler
PLASTIC = Tissue(soft=1.1)
GLANDULAR = Tissue(adipose=0.55, soft=0.45)


def lung(density: float) -> Tissue:
    """Return aerated lung of a given density in g/cm3 (about 0.2 at full inspiration)."""
    return Tissue(soft=density / 1.06)


# How the tile of trabeculae lies in a bone: three rows that take own axes to the tile's.
Weave = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
STRAIGHT: Weave = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 0.6))


@dataclass(frozen=True)
class Bone:
    """A bone's cortex and spongiosa.

    Parameters
    ----------
    cortex : float
        Share of compact bone in the cortex, about 0.9.
    trabeculae : float
        Mean share of compact bone in the marrow space (BV/TV), 0.05 to 0.3.
    grain : float
        Voxel of the trabecular texture, cm; 0 for none.
    weave : tuple
        How the texture lies in the bone; see :func:`textures.weave`.
    """

    cortex: float = 0.9
    trabeculae: float = 0.17
    grain: float = 0.022
    marrow: Tissue = field(default=MARROW)
    weave: Weave = STRAIGHT
