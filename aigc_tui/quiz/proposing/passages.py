"""How much of the lesson a model is shown with a sentence: what stands around it, in a few hundred tokens.

Why it exists: the starter reads 1,024 tokens in all, and a bigger model on a CPU reads every one of them at
the user's cost. A sentence alone, though, may say "it", and a reader without its neighbours cannot answer.
"""

from __future__ import annotations

from aigc_tui.quiz.lesson.records import Lesson, SentenceKind

MOST = {"en": 700, "zh": 260}
"""Characters: about 200 tokens in either language."""
_TOLD = frozenset({SentenceKind.PROSE, SentenceKind.LIST, SentenceKind.VERSE})


def passage_of(lesson: Lesson, index: int) -> str:
    """The sentence with as many of its neighbours in the section as there is room for, those before first.

    Args:
        lesson: The lesson.
        index: The sentence's index.
    """
    first = last = index
    room = MOST["zh" if lesson.language == "zh" else "en"] - _size(lesson, index)
    for _ in range(len(lesson.sentences)):
        before = first > 0 and _belongs(lesson, first - 1, index) and _size(lesson, first - 1) <= room
        if before:
            first -= 1
            room -= _size(lesson, first)
        after = last + 1 < len(lesson.sentences) and _belongs(lesson, last + 1, index)
        after = after and _size(lesson, last + 1) <= room
        if after:
            last += 1
            room -= _size(lesson, last)
        if not before and not after:
            break
    words = lesson.text[lesson.sentences[first].start : lesson.sentences[last].end]
    return " ".join(words.split())


def titles_of(lesson: Lesson, index: int) -> str:
    """The headings above a sentence: words that a question may use though the passage lacks them."""
    section = lesson.sections[lesson.sentences[index].section]
    titles = (lesson.title, *section.path, section.title)
    return " / ".join(dict.fromkeys(title for title in titles if title))


def _size(lesson: Lesson, index: int) -> int:
    sentence = lesson.sentences[index]
    return sentence.end - sentence.start + 1


def _belongs(lesson: Lesson, other: int, index: int) -> bool:
    sentence = lesson.sentences[other]
    return sentence.section == lesson.sentences[index].section and sentence.kind in _TOLD
