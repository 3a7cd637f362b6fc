"""Ankle and foot: one body, seen from the front, the side, and above."""
