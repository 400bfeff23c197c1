"""What holds for every test: Hypothesis is seeded and has no clock, since the machines are noisy."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")
