"""The chest: PA."""

from trainer.imaging.simulator.anatomy.chest.region import CHEST_PA

__all__ = ["CHEST_PA"]
