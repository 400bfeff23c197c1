"""What the finders of definitions hand on: a term and its meaning, by offsets.

Why it exists: both languages find definitions by their own patterns and must agree only on this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Defined:
    """A term and its defining words, by offsets into the sentence."""

    term: tuple[int, int]
    meaning: tuple[int, int]
    sure: float
    """1: the author says that it is a definition; less: the form only suggests it."""


def span(match: re.Match[str], name: str) -> tuple[int, int]:
    """Where a group stands, without spaces and marks around it."""
    words = match.group(name)
    left = len(words) - len(words.lstrip(" ,，"))
    right = len(words.rstrip(" ,，"))
    return match.start(name) + left, match.start(name) + right
