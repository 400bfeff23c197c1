"""Questions about a passage, answered twice: by pointing into it and in the model's own words.

- **Extraction**: of all short spans of the passage, the one with the highest log p(span, end of turn |
  passage, question). It asks only what the model believes, not whether it can hold a pen.
- **Generation**: the likeliest reply through the model's own chat template.

Both are judged by F1 (see ``f1.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aigc_tui.corpora.records import Message
from aigc_tui.evaluation.f1 import answer_f1
from aigc_tui.evaluation.model import Draw, EvaluatedModel, NoProbabilitiesError

_ANSWER_TOKENS = 40
_FORMS = {
    "en": "Read the passage and answer the question in a few words.\n\n"
    "Passage: {context}\n\nQuestion: {question}",
    "zh": "请读短文，用几个字回答问题。\n\n短文：{context}\n\n问题：{question}",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose answer is a span of its passage."""

    context: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Sums of F1 over questions; ``pointed`` counts those that the model could be asked to point at."""

    items: int = 0
    generation: float = 0.0
    pointed: int = 0
    extraction: float = 0.0

    def __add__(self, other: Answered) -> Answered:
        """Add up two sources."""
        return Answered(
            self.items + other.items,
            self.generation + other.generation,
            self.pointed + other.pointed,
            self.extraction + other.extraction,
        )

    @property
    def generation_f1(self) -> float:
        """Mean F1 of generated answers."""
        return self.generation / self.items if self.items else 0.0

    @property
    def extraction_f1(self) -> float | None:
        """Mean F1 of extracted answers; None: the model offers no probabilities."""
        return self.extraction / self.pointed if self.pointed else None


def measure(
    model: EvaluatedModel, questions: Sequence[Question], language: str, tell: Callable[[], None]
) -> Answered:
    """Let a model answer.

    Args:
        model: The model.
        questions: What to answer.
        language: ``en`` or ``zh``: the words of the task, and how F1 counts.
        tell: Called after each question.
    """
    total = Answered()
    for question in questions:
        asked = (Message("user", prompt(question, language)),)
        said = model.reply(asked, Draw(_ANSWER_TOKENS))
        total += Answered(1, answer_f1(said, question.answer, language))
        try:
            span = model.best_span(asked, question.context)
            total += Answered(0, 0.0, 1, answer_f1(span, question.answer, language))
        except NoProbabilitiesError:
            pass
        tell()
    return total


def prompt(question: Question, language: str) -> str:
    """Word the task."""
    return _FORMS[language].format(context=question.context, question=question.question)
