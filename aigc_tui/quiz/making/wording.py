"""What the makers say in a language: the fixed words of stems and explanations.

Why it exists: makers decide what is asked; how it is said stands side by side in `english.py` and
`chinese.py`. These words go into the lesson's items, in the lesson's language, so they are not the
interface's catalogues.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aigc_tui.quiz.analysis.records import Mention, TermKind
from aigc_tui.quiz.making.pieces import Cut


@dataclass(frozen=True, slots=True)
class Wording:
    """One language. Braced names are filled in by the makers.

    Attributes:
        term_stems: Given `{definition}`, the term is asked for; by kind, since people are asked with who.
        meaning_stem: Given `{term}`, the definition is asked for.
        gap: The mark of the blank in a completion stem with options.
        in_story: Put before a stem that only makes sense within the named story.
        hedges: Words before a number that make a changed number true as well ("more than").
        absolutes: Words that give a statement away as false.
        ask: Turns a sentence with a cut-out answer into a question; "" where no safe pattern fits.
        join: Puts the stem's blank where the answer was, with what grammar wants around it.
    """

    language: str
    term_stems: Mapping[TermKind | None, str]
    meaning_stem: str
    choose_blank: str
    gap: str
    in_story: str
    match_stem: str
    order_stem: str
    order_events_stem: str
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
    ask: Callable[[Cut, Mention], str]
    join: Callable[[Cut, str], str]
