"""When the interface's code began to run; imported before anything else of it.

Why it exists: the application reports its own time to the first frame, imports included.
"""

from __future__ import annotations

from time import perf_counter

STARTED = perf_counter()
