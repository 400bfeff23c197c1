"""From a lesson to all that can be asked about it, by rules alone.

Why it exists: it puts the finders together, one sentence after the other, so that the cost grows linearly with
the lesson. Makers of items see only its result.
"""

from __future__ import annotations

from collections.abc import Callable

from aigc_tui.quiz.analysis.found import Found, settle
from aigc_tui.quiz.analysis.grammar import Grammar, grammar_of
from aigc_tui.quiz.analysis.records import Analysis, Definition, Mention, TermKind, Worth
from aigc_tui.quiz.lesson.records import Lesson, Sentence, SentenceKind

ASKABLE = (SentenceKind.PROSE, SentenceKind.LIST)


def _emphasised(lesson: Lesson) -> dict[int, list[tuple[int, int]]]:
    """The stretches that the author set off, by the sentence that holds them whole."""
    found: dict[int, list[tuple[int, int]]] = {}
    at = 0
    for emphasis in sorted(lesson.emphases, key=lambda one: one.start):
        while at < len(lesson.sentences) and lesson.sentences[at].end < emphasis.end:
            at += 1
        if at < len(lesson.sentences) and lesson.sentences[at].start <= emphasis.start:
            found.setdefault(at, []).append((emphasis.start, emphasis.end))
    return found


def _worth(text: str, sentence: Sentence, grammar: Grammar) -> Worth:
    if sentence.kind not in ASKABLE:
        return Worth(False, 0.0, sentence.kind.value)
    fault = grammar.fault(text, sentence.kind is SentenceKind.LIST)
    return Worth(not fault, 0.0 if fault else 0.5, fault)


def _definition(lesson: Lesson, index: int, grammar: Grammar) -> tuple[Found, Definition] | None:
    sentence = lesson.sentences[index]
    text = lesson.quote(sentence)
    for defined in grammar.definitions(text, sentence.kind is SentenceKind.LIST):
        start, end = (sentence.start + at for at in defined.term)
        left, right = (sentence.start + at for at in defined.meaning)
        term = Mention(start, end, index, TermKind.TERM, lesson.text[start:end], 0.9)
        found = Found(start, end, TermKind.TERM, firm=True)
        return found, Definition(term, left, right, index, lesson.text[left:right])
    return None


def analyse(lesson: Lesson, tell: Callable[[int, int], None] | None = None) -> Analysis:
    """Find what can be asked in a lesson.

    Args:
        lesson: The lesson; its language decides the rules.
        tell: Called now and then with sentences done and sentences in all.

    Returns:
        The finds. The same lesson always gives the same.
    """
    grammar = grammar_of(lesson.language)
    emphasised = _emphasised(lesson)
    worth: list[Worth] = []
    mentions: list[Mention] = []
    definitions: list[Definition] = []
    for index, sentence in enumerate(lesson.sentences):
        if tell is not None and index % 200 == 0:
            tell(index, len(lesson.sentences))
        text = lesson.quote(sentence)
        worth.append(_worth(text, sentence, grammar))
        if sentence.kind not in ASKABLE:
            continue
        found = [one.moved(sentence.start) for one in grammar.numbers(text)]
        for start, end in emphasised.get(index, ()):
            if grammar.is_term(lesson.text[start:end]):
                found.append(Found(start, end, TermKind.TERM, firm=True))
        defined = _definition(lesson, index, grammar)
        if defined is not None:
            found.append(defined[0])
            definitions.append(defined[1])
        for one in settle(found):
            weight = 0.8 if one.firm and one.kind is TermKind.TERM else 0.5
            words = lesson.text[one.start : one.end]
            mentions.append(Mention(one.start, one.end, index, one.kind, words, weight, one.unit, one.value))
    return Analysis(lesson, tuple(worth), tuple(mentions), tuple(definitions))
