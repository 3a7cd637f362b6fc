"""Measurements, run with ``make bench``; one module a subject, each with a ``main()``."""
