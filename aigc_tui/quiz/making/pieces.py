"""A sentence with one stretch cut out, as every maker that hides an answer needs it.

Why it exists: offsets of the lesson become three strings in one place, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from aigc_tui.quiz.analysis.records import Mention
from aigc_tui.quiz.lesson.records import Lesson, Sentence


@dataclass(frozen=True, slots=True)
class Cut:
    """`before + key + after` is the sentence, verbatim but for runs of spaces."""

    before: str
    key: str
    after: str

    @property
    def rest(self) -> str:
        """What is left when the key is gone."""
        return f"{self.before} {self.after}"


def cut_out(lesson: Lesson, sentence: Sentence, answer: Mention) -> Cut:
    """Cut an answer out of its sentence.

    Args:
        lesson: Whose text it is.
        sentence: The sentence, which holds the answer.
        answer: The stretch.
    """
    before = flat(lesson.text[sentence.start : answer.start], keep=True)
    after = flat(lesson.text[answer.end : sentence.end], keep=True)
    return Cut(before, flat(lesson.text[answer.start : answer.end]), after)


def flat(text: str, keep: bool = False) -> str:
    """Put a stretch on one line; `keep` keeps one space at its ends, where words meet the blank."""
    words = " ".join(text.split())
    if not keep or not words:
        return words if not keep else (" " if text else "")
    return (" " if text[0].isspace() else "") + words + (" " if text[-1].isspace() else "")
