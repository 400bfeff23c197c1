"""What the user may set about the local engine: cache size, threads, memory left to others.

Why it exists: the values come from the settings on the UI side and travel to the worker on its command line,
so both sides need one small record of them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How the worker uses the machine."""

    cache_mb: int = 512
    """Megabytes of keys and values kept for earlier conversations; 0 switches the prefix cache off."""
    threads: int = 0
    """Threads that the model computes with; 0: one a core."""
    memory_reserve_mb: int = 512
    """Megabytes that must stay free after a model was loaded."""
