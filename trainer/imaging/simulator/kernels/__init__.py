"""Compiled inner loops. Plain loops over plain arrays; their callers document them."""
