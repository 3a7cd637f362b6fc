"""Radiographs from physics: bodies, a beam, a detector and a vendor's processing."""

from trainer.imaging.simulator.warm import warm

__all__ = ["warm"]
