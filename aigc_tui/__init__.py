"""aigc-tui: persona chat, writing and quizzes in the terminal, run by a Transformer that the user can open up and train."""

from __future__ import annotations

__version__ = "0.1.0"
