"""The English wording of items: fixed sentences, and questions about definitions."""

from __future__ import annotations

import re

from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.planning.questions_en import ask
from aigc_tui.quiz.planning.wording import Cut, Wording
from aigc_tui.quiz.planning.words import singular

_CALLED = re.compile(r"\b(is|are|was|were) (?:often |also |sometimes )?(?:called|known as|termed|named) $")
_OF_SOMEBODY = re.compile(r"\b(?:his|her) $")


def jars(cut: Cut, word: str, lesson: str) -> bool:
    """Tell whether a word swapped in for the answer would not even read like English.

    The lesson's whole text shows whether the word takes an article.
    """
    if _OF_SOMEBODY.search(cut.before) and word.islower():
        return True  # "called her wife"
    called = _CALLED.search(cut.before)
    if not called:
        return False
    last = word.split()[-1].casefold()
    if called[1] == "are" and singular(last) == last:
        return True
    return bool(re.search(rf"\b(?:the|an?) {re.escape(word)}\b", lesson, re.IGNORECASE))


_NOUN_PHRASE = re.compile(r"^(?:the|an?|any|all|one|those|[a-z]+s)\s", re.IGNORECASE)
_DETERMINER = re.compile(r"^(?:The|An?|Any|All|One|Those|Some)\b")
_NEXT_CLAUSE = re.compile(
    r"(?:;|,? (?:and|but|while|whereas) (?:the|an?|it|they|this|these|its)\b.* (?:is|are|was|were) "
    r"|,? and (?:\w+ly )?(?:is|are|was|were|has|have|can|may|includes?|forms?|contains?|consists?)\b).*$"
)
_ARTICLE = re.compile(r"\b(the|an?)\s*$", re.IGNORECASE)
_COPULA = re.compile(r"^\s*(is|are|was|were)\b")
_WHAT = {TermKind.PERSON: "Who", TermKind.PLACE: "Which place", TermKind.WORK: "Which work"}


def meaning(text: str) -> str:
    """A definition on one line, without its sentence's full stop, capital and next statement."""
    line = _NEXT_CLAUSE.sub("", " ".join(text.split())).rstrip(" .;,:")
    return line[:1].lower() + line[1:] if _DETERMINER.match(line) else line


def ask_term(text: str, kind: TermKind, cut: Cut) -> str:
    """Ask which term a definition (by `meaning`) belongs to; the verb beside the term gives the tense."""
    if kind in _WHAT:
        return f"{_WHAT[kind]} {_verb(cut)} {text}?"
    if _NOUN_PHRASE.match(text) and "," not in text[:25]:
        return f"What do we call {text}?"
    return f"Which term means “{text}”?"


def ask_meaning(cut: Cut, kind: TermKind) -> str:
    """Ask what a term is: with the article that the lesson gives it."""
    found = _ARTICLE.search(cut.before)
    term = f"{found[1].lower()} {cut.key}" if found else _small(cut)
    if kind is TermKind.PERSON:
        return f"Who {_verb(cut)} {cut.key}?"
    return f"What {_verb(cut)} {term}?"


def _small(cut: Cut) -> str:
    """A term from the sentence's start without the capital, unless it is a name of several capitals."""
    if cut.before.strip() or not cut.key[:1].isupper() or cut.key[1:] != cut.key[1:].lower():
        return cut.key
    return cut.key[:1].lower() + cut.key[1:]


def _verb(cut: Cut) -> str:
    found = _COPULA.match(cut.after)
    if found:
        return found[1]
    last = cut.key.split()[-1].casefold()
    return "are" if singular(last) != last else "is"


_LAST_ARTICLE = re.compile(r"\b([Aa])n? $")


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
    return _LAST_ARTICLE.sub(r"\1(n) ", cut.before) + blank + cut.after


def before(text: str, word: str) -> str:
    """An article before a swapped-in word, by its first letter: right for nearly all words of lessons."""
    wanted = "an" if word[:1].casefold() in "aeiou" else "a"
    return _LAST_ARTICLE.sub(lambda found: (wanted if found[1] == "a" else wanted.capitalize()) + " ", text)


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
