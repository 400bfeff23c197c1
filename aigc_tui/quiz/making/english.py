"""What the makers say in English."""

from __future__ import annotations

import re

from aigc_tui.quiz.making.english_definitions import ask_meaning, ask_term, meaning
from aigc_tui.quiz.making.english_fitness import jars
from aigc_tui.quiz.making.english_questions import ask
from aigc_tui.quiz.making.pieces import Cut
from aigc_tui.quiz.making.wording import Wording

_ARTICLE = re.compile(r"\b([Aa])n? $")


_OPENING = re.compile(
    r"^(?:however|therefore|thus|hence|furthermore|moreover|in addition|additionally|for example|for instance"
    r"|nevertheless|consequently|in fact|finally|similarly|likewise|in contrast|by contrast|on the other hand"
    r"|of course|in other words|as a result|also|meanwhile|instead|today|now), "
    r"|^(?:but|and|so|now|yet) (?=(?-i:[A-Z]|the |an? ))",
    re.IGNORECASE,
)
_CAUSAL = re.compile(
    r"\b(?:because|therefore|so that|thus|hence|in order to|as a result|leads? to|causes?)\b", re.IGNORECASE
)


def join(cut: Cut, blank: str) -> str:
    """Put the blank in. An article before it must not tell a vowel from a consonant."""
    return _ARTICLE.sub(r"\1(n) ", cut.before) + blank + cut.after


def before(text: str, word: str) -> str:
    """An article before a swapped-in word, by its first letter: right for nearly all words of lessons."""
    wanted = "an" if word[:1].casefold() in "aeiou" else "a"
    return _ARTICLE.sub(lambda found: (wanted if found[1] == "a" else wanted.capitalize()) + " ", text)


ENGLISH = Wording(
    language="en",
    ask_term=ask_term,
    ask_meaning=ask_meaning,
    meaning=meaning,
    gap="____",
    in_story="In the story “{title}”, {stem}",
    match_stem="Match each term{section} with its meaning.",
    order_stem="Put these steps{section} into the right order.",
    order_events_stem="Put these events{section} into the order in which they happened.",
    of_section=" from “{title}”",
    says="The lesson says: “{quote}”",
    says_not="False: the lesson has {right}, not {wrong}. “{quote}”",
    key_feedback="Right. The lesson says: “{quote}”",
    elsewhere="No: {option} comes up elsewhere, in “{quote}”",
    instead="No: the lesson has {key} here.",
    means="No: that is {term}.",
    true_word="True",
    hedges=("more than", "over", "at least", "less than", "fewer than", "under", "up to", "nearly", "almost",
            "as many as", "as much as", "no more than", "above", "below", "between"),
    absolutes=("always", "never", "all", "none", "every", "only", "must", "no one", "impossible", "entirely"),
    two_claims=("; ", " but ", " whereas ", " while ", " although "),
    opening=_OPENING,
    causal=_CAUSAL,
    naming=re.compile(r"\b(?:called|named|known as|termed|referred to as) (?:the |an? )?$", re.IGNORECASE),
    persons=re.compile(r"\b(?:he|she|they|him|them)\b", re.IGNORECASE),
    ask=ask,
    join=join,
    jars=jars,
    before=before,
)  # fmt: skip
