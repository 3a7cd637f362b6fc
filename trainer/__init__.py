"""Telltale: learn to see that a radiograph was never taken."""

__version__ = "0.1.0"
