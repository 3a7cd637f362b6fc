"""Curricula on disk to a checked catalogue. Knows files, not the database."""
