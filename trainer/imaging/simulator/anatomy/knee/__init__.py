"""The knee: bones, soft tissue, technique, forgeries."""

from trainer.imaging.simulator.anatomy.knee.region import KNEE_AP

__all__ = ["KNEE_AP"]
