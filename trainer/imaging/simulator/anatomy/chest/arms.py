"""How the arms are held and the shoulders drawn: what bones and flesh share."""

from __future__ import annotations

from trainer.imaging.simulator.anatomy.chest.frame import Frame


def arm_angle(frame: Frame, side: int) -> float:
    """Return how far one arm is held from the body, cm at the elbow, symmetric where forged so."""
    left, right = frame.case.number("arm_left"), frame.case.number("arm_right")
    mine, other = (left, right) if side > 0 else (right, left)
    return mine * (1 + frame.own) / 2 + other * (1 - frame.own) / 2


def akimbo(frame: Frame, side: int) -> tuple[float, float]:
    """Return how far out and forward the upper arm goes for each cm down, hands on the hips."""
    return max(0.2, 0.50 + 0.16 * arm_angle(frame, side)), 0.22


def shrugged(frame: Frame, side: int) -> float:
    """Return how much higher one shoulder hangs than usual, cm of an average body."""
    return 0.0 if frame.raised else 0.35 * float(frame.draws("girdle", side, 1)[0])


def drawn(frame: Frame) -> float:
    """Return how far out the shoulders are drawn beyond the usual, cm of an average body."""
    return 0.9 * (frame.case.number("protraction") - 0.9)
