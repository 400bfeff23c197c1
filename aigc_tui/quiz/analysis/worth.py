"""How much a sentence is worth asking about.

Why it exists: a lesson has far more sentences than a quiz has items. The best first: sentences that
define, that hold what the lesson is about, that say what their heading promises, that open a section, of
a handy length.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from aigc_tui.quiz.analysis.reader import Reader
from aigc_tui.quiz.analysis.records import Definition, Mention, Worth
from aigc_tui.quiz.lesson.records import Lesson, SentenceKind

ASKABLE = (SentenceKind.PROSE, SentenceKind.LIST)
_HANDY = {"en": (60, 180), "zh": (15, 50)}
"""Characters of a sentence that reads well as a stem."""


def _score(text: str, language: str, best: float, defines: bool, opens: bool, headed: bool) -> float:
    low, high = _HANDY.get(language, _HANDY["en"])
    score = 0.25 + 0.35 * best
    score += 0.2 * defines + 0.1 * headed + 0.05 * opens
    return round(min(1.0, score + 0.05 * (low <= len(text) <= high)), 4)


def judge(
    lesson: Lesson, reader: Reader, mentions: Sequence[Mention], definitions: Sequence[Definition]
) -> tuple[Worth, ...]:
    """Judge every sentence of a lesson.

    Args:
        lesson: The lesson.
        reader: The rules of its language.
        mentions: What was found, in order.
        definitions: What is defined.

    Returns:
        One worth a sentence, in order.
    """
    best: dict[int, float] = defaultdict(float)
    for mention in mentions:
        best[mention.sentence] = max(best[mention.sentence], mention.weight)
    defining = {definition.sentence for definition in definitions}
    opened: set[int] = set()
    worth: list[Worth] = []
    for index, sentence in enumerate(lesson.sentences):
        if sentence.kind not in ASKABLE:
            worth.append(Worth(False, 0.0, sentence.kind.value))
            continue
        text = lesson.quote(sentence)
        fault = reader.fault(text, sentence.kind is SentenceKind.LIST)
        opens = sentence.section not in opened
        opened.add(sentence.section)
        title = lesson.sections[sentence.section].title.lower()
        headed = bool(title) and any(
            word in text.lower() for word in (title, *title.split()) if len(word) > 3
        )
        score = _score(text, lesson.language, best[index], index in defining, opens, headed)
        worth.append(Worth(not fault, 0.0 if fault else score, fault))
    return tuple(worth)
