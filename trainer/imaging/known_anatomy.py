"""What the simulator knows of a film's anatomy, in the words of the forgery engine."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from trainer.imaging.film import Mask
from trainer.imaging.forgery.anatomy import Anatomy

# Structures that are bone, in any region.
_BONY = ("bones", "ribs", "clavicles", "humeri", "scapulae", "spine", "sternum")


def anatomy_of(masks: Mapping[str, Mask]) -> Anatomy:
    """Return what is known of a simulated film's anatomy as the forgery engine asks for it.

    Parameters
    ----------
    masks : mapping of str to ndarray of bool
        Each structure by its name, where it is seen.
    """
    bony = [masks[name] for name in _BONY if name in masks]
    return Anatomy(
        body=masks.get("body", masks.get("soft tissue")),
        bone=np.logical_or.reduce(bony) if bony else None,
        lungs=masks.get("lungs"),
        heart=masks.get("mediastinum"),
    )
