"""What came of asking a model about one slot, and what asking cannot give.

Why it exists: every refusal has a name, because the model is told it, the teacher sees it counted, and the
yield would mean nothing without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from aigc_tui.engine.protocol import Failed
from aigc_tui.quiz.making.records import Filled


class ModelFailedError(Exception):
    """The model cannot be asked at all; what is made so far stays. The message is the engine's one line."""

    def __init__(self, failure: Failed) -> None:
        super().__init__(failure.message)
        self.code = failure.code


@dataclass(frozen=True, slots=True)
class Proposed:
    """The model's item passed everything; `refused` names what was wrong with the attempts before it."""

    filled: Filled
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declined:
    """No attempt passed: the rule-made item stays. One reason an attempt; none: it was never asked."""

    refused: tuple[str, ...] = ()


Proposal: TypeAlias = Proposed | Declined
