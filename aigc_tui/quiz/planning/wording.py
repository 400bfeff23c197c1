"""How items are worded in one language: fixed sentences, and functions that ask for an answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from aigc_tui.quiz.analysis.records import Mention, TermKind
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
    """Cut an answer out of its sentence."""
    before = flat(lesson.text[sentence.start : answer.start], keep=True)
    after = flat(lesson.text[answer.end : sentence.end], keep=True)
    return Cut(before, flat(lesson.text[answer.start : answer.end]), after)


def flat(text: str, keep: bool = False) -> str:
    """Put a stretch on one line; `keep` keeps one space at its ends, where words meet the blank."""
    words = " ".join(text.split())
    if not keep or not words:
        return words if not keep else (" " if text else "")
    return (" " if text[0].isspace() else "") + words + (" " if text[-1].isspace() else "")


@dataclass(frozen=True, slots=True)
class Wording:
    """One language. Braced names are filled in by the makers.

    Attributes:
        ask_term: From a definition's words, its term's kind and the sentence without the term: asks for the
            term.
        ask_meaning: From the term and its sentence without it: asks for the definition.
        meaning: A definition as it is shown among others: one line, no full stop, no sentence's capital.
        gap: The mark of the blank in a completion stem with options.
        in_story: Put before a stem that only makes sense within the named story.
        of_section: Put into the stems of match and order, so that they say what they are about.
        hedges: Words before a number that make a changed number true as well ("more than").
        absolutes: Words that give a statement away as false.
        opening: Words that only tie a sentence to the one before it ("However, "); a stem goes without.
        causal: Words by which a sentence explains rather than states.
        naming: What stands right before a name that the sentence gives to a thing.
        persons: Pronouns that need somebody before them.
        ask: Turns a sentence with a cut-out answer into a question; "" where no safe pattern fits.
        before: What stands before a word that was swapped in, made to agree with it.
        jars: From the cut sentence, a word and the lesson: whether the word cannot stand there.
        join: Puts the stem's blank where the answer was, with what grammar wants around it.
    """

    language: str
    ask_term: Callable[[str, TermKind, Cut], str]
    ask_meaning: Callable[[Cut, TermKind], str]
    meaning: Callable[[str], str]
    gap: str
    in_story: str
    match_stem: str
    order_stem: str
    order_events_stem: str
    of_section: str
    says: str
    says_not: str
    key_feedback: str
    elsewhere: str
    instead: str
    means: str
    true_word: str
    hedges: tuple[str, ...]
    absolutes: tuple[str, ...]
    two_claims: tuple[str, ...]
    opening: re.Pattern[str]
    causal: re.Pattern[str]
    naming: re.Pattern[str]
    persons: re.Pattern[str]
    ask: Callable[[Cut, Mention], str]
    join: Callable[[Cut, str], str]
    before: Callable[[str, str], str]
    jars: Callable[[Cut, str, str], bool] = lambda cut, word, lesson: False
