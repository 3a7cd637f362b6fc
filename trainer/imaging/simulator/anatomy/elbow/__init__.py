"""Elbow: one body, straight from the front and bent from the side."""
