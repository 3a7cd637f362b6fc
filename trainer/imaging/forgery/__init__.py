"""Forgeries: one module per hallmark, one registry, one signature. See ``docs/forgery.md``."""
