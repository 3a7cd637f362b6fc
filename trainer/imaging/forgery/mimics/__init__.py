"""Mimics: authentic looks that imitate a hallmark, so that one cue alone never suffices."""
