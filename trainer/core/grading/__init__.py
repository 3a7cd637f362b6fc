"""Grading: one module per kind of answer."""
