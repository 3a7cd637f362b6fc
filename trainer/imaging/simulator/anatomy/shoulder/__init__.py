"""The shoulder from the front."""
