"""Asking in English for a term by its definition, and for a definition by its term.

Why it exists: "What do we call the fluid around the thylakoids?" and "What is the stroma?" are what a teacher
would write; articles, number and tense come from the lesson's own sentence.
"""

from __future__ import annotations

import re

from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.making.pieces import Cut
from aigc_tui.quiz.making.words import singular

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
    """Ask which term a definition belongs to.

    Args:
        text: The definition, by `meaning`.
        kind: What the term is: people are asked for with who.
        cut: The sentence with the term cut out; its verb gives the tense.
    """
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
