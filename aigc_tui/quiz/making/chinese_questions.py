"""Turning an Chinese statement into a question, where a safe pattern fits.

Why it exists: a question reads better than a blank, but a malformed one is worse than either. Only sentences
whose subject is the answer are turned ("Photosynthesis makes sugar." -> "What makes sugar?"): nothing moves.
"""

from __future__ import annotations

from aigc_tui.quiz.analysis.records import Mention
from aigc_tui.quiz.making.pieces import Cut


def ask(cut: Cut, answer: Mention) -> str:
    """Ask for the answer; "" where no pattern is safe."""
    return ""
