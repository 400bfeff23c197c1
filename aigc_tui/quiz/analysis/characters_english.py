"""Who acts in an English story: "the old woman", "the fox", "Kotei".

Why it exists: in a lesson "the old woman" is nothing to ask about, in a story she is the answer to the
natural question: who did it? Nobody lists the characters of a story, but they show themselves: they speak.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from aigc_tui.quiz.analysis.english_words import Token
from aigc_tui.quiz.analysis.found import Found
from aigc_tui.quiz.analysis.lexicon import word_list
from aigc_tui.quiz.analysis.records import TermKind

_LIST = "english_lists.txt"
_SPOKE = r"(?:said|asked|cried|answered|replied|shouted|whispered|exclaimed|called out|laughed|wept|thought)"
SAID = re.compile(r"\b(?:said|asked|cried|answered|replied|shouted|whispered|exclaimed)\b")
_PERSONS = re.compile(r"\b(?:he|she|him|her|his)\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:1\d{3}|20\d{2})\b")
_TOLD, _ACTED, _DATED = 0.05, 0.35, 0.04
"""A sentence: verbs of speech or pronouns of persons, above which a text tells a story, and years, above
which it is a biography or history after all."""
_SPEAKER = re.compile(
    rf"\b{_SPOKE} (?:the|his|her|an?) (?P<a>(?:[a-z]+ ){{0,2}}[a-z]+)(?=[,.;:!?]| to | and |$)"
    rf"|\b(?:[Tt]he|[Hh]is|[Hh]er) (?P<b>(?:[a-z]+ ){{0,2}}[a-z]+),? {_SPOKE}\b"
)
_ACTS = re.compile(
    r"(?<![a-z] )(?<!\w’)\b(?P<n>[A-Z][a-z]+) (?:\w+ly )?(?:was|had|did|[a-z]{2,}ed|(?P<v>[a-z]+))\b"
)
NAMED = re.compile(
    r"\b[Aa]n? (?P<k>(?:[a-z]+ ){0,2}[a-z]+) (?:called|named|whose name was|by the name of) "
    r"(?P<n>[A-Z][a-z]+)\b"
)
"""How a story brings in a character: both names mean the same."""
_WHERE = re.compile(r"\b(?:in|at|near|from|of) (?P<n>[A-Z][a-z]+)\b")
_FEWEST = 2
"""A name that acts only once may be a month or a place as well."""


def tells_a_story(text: str, sentences: int) -> bool:
    """Tell a story from a lesson: people speak and act in it all the time, and no year is named."""
    number = max(1, sentences)
    lively = len(SAID.findall(text)) > _TOLD * number or len(_PERSONS.findall(text)) > _ACTED * number
    return lively and len(_YEAR.findall(text)) < _DATED * number


def find_characters(text: str) -> frozenset[str]:
    """The head nouns and names of those who speak and act in a story.

    Args:
        text: The whole story.

    Returns:
        Single words: nouns in small letters, names with their capital.
    """
    heads = {(match["a"] or match["b"]).split()[-1] for match in _SPEAKER.finditer(text)}
    names = _names(text)
    heads |= {match["k"].split()[-1] for match in NAMED.finditer(text) if match["n"] in names}
    roles = word_list(_LIST, "role") | word_list(_LIST, "occupation")
    return frozenset((heads - word_list(_LIST, "norole")) | roles | names)


def _names(text: str) -> set[str]:
    """Capitalised words that do things, and are hardly ever where things are done."""
    past = word_list(_LIST, "irregular")
    acting = Counter(m["n"] for m in _ACTS.finditer(text) if not m["v"] or m["v"] in past)
    places = Counter(match["n"] for match in _WHERE.finditer(text))
    closed = ("pronoun", "determiner", "conjunction", "preposition", "numberword")
    skipped = {word.capitalize() for kind in closed for word in word_list(_LIST, kind)}
    skipped |= word_list(_LIST, "calendar") | word_list(_LIST, "nationality")
    return {
        name
        for name, count in acting.items()
        if count >= _FEWEST and count > places[name] and name not in skipped
    }


def mark_characters(tokens: Sequence[Token], characters: frozenset[str]) -> Iterator[Found]:
    """Find the characters in one sentence, with the adjectives that go with them ("old woman").

    Args:
        tokens: The sentence's tokens.
        characters: By `find_characters`.
    """
    for at, token in enumerate(tokens):
        after = tokens[at + 1].tag if at + 1 < len(tokens) else "X"
        if not _is_character(token, characters) or after in "NP":
            continue
        start = at
        while start and _describes(tokens[start - 1], token):
            start -= 1
        before = tokens[start - 1] if start else None
        named = before is not None and (_is_joined(before) or before.lower == "to")
        if not named:
            yield Found(tokens[start].start, token.end, TermKind.PERSON, firm=True)


def _is_joined(before: Token) -> bool:
    """Whether the word before makes a longer phrase of it; a day does not ("On Sunday Rufus ...")."""
    return before.tag in "NP" and before.text not in word_list(_LIST, "calendar")


def _is_character(token: Token, characters: frozenset[str]) -> bool:
    if token.text in characters:
        return token.text[0].isupper() or token.tag == "N"
    return token.tag == "P" and token.lower in characters


def _describes(before: Token, token: Token) -> bool:
    """Whether a word belongs to the character after it: an adjective, or a name's first part."""
    if token.text[0].isupper():
        return before.tag == "P" and before.text not in word_list(_LIST, "calendar")
    return before.tag == "A" or before.lower in word_list(_LIST, "ofpersons")
