"""The chest: PA, AP at the bedside, lateral."""

from trainer.imaging.simulator.anatomy.chest.region import CHEST_PA
from trainer.imaging.simulator.anatomy.chest.views import CHEST_AP, CHEST_LATERAL

__all__ = ["CHEST_AP", "CHEST_LATERAL", "CHEST_PA"]
