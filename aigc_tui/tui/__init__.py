"""The terminal interface."""

from time import perf_counter

STARTED = perf_counter()
"""When the interface began to load; the application reports its time to the first frame, imports included."""
