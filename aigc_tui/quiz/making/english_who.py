"""Asking who did something: the natural question of a story, and of history.

Why it exists: where a person is the subject, "who" takes their place and nothing else moves, so almost any
simple past clause makes a sound question. What follows of the sentence is only taken along if it still
belongs to that clause and names what it speaks of.
"""

from __future__ import annotations

import re

from aigc_tui.quiz.analysis.lexicon import english_words, word_list
from aigc_tui.quiz.making.verbs import english_verbs

_VERB = re.compile(
    r"^ (?P<adverbs>(?:\w+ly |never |then |also |at once |at last |soon |once |again )*)(?P<v>[a-z]+)\b"
)
_NEXT = re.compile(
    r"(?:;|:|—| –|, (?:and|but|so|for|nor|yet|though|although|while|because|since) "
    r"(?=(?:the|an?|he|she|it|they|his|her|its|their|there|this|that|these|in|at|on|when|then|as|if|[A-Z]\w+)\b)"
    r"|, (?:which|where|whom|he|she|it|they)\b"
    r"|, (?:his|her|its|their|the) (?:\w+ ){1,2}(?:was|were|is|had|being)\b).*$"
)
"""Where another clause begins, which the question does not need."""
_JOINED = re.compile(r",? (?:and|but|so|while|whereas|or) ")
_CLAUSE_ENDS = frozenset([",", ";", "that", "which", "who", "whose", "where", "when", "of", "by"])
_SUBJECT_WORDS = 6
_FINITE = frozenset(["is", "was", "has", "had", "did", "are", "were", "have"])
_LEANING = re.compile(
    r"\b(?:it|them|him|this|these|those|there|her(?= (?:to|and|with|in|at|on|by|from|up|out|for)\b|[,.]|$))\b"
)
_NAMED = re.compile(r"\b(?:the|an?|his|her|their|some|\w+[’']s|two|three) [a-z]+|\b[A-Z][a-z]+")
"""Something that a pronoun behind it can mean."""
_NEGATIVE = re.compile(r"^ \w+ (?:not|never)\b")
"""What somebody did not do, most others did not do either."""
_SHORTEST, _LONGEST = 16, 26
"""Characters and words."""


def who_question(after: str) -> str:
    """Turn what follows a person into a question about them; "" where that is not safe.

    Args:
        after: The sentence behind the person, from the space before the verb.
    """
    found = _VERB.match(after)
    if not found or not _is_past(found["v"]):
        return ""
    rest = _NEXT.sub("", after).rstrip(" .,!")
    if has_second_clause(rest):
        return ""
    leaning = _LEANING.search(rest)
    if leaning and not _NAMED.search(rest[: leaning.start()]):
        return ""
    words = rest.split()
    sized = len(words) <= _LONGEST and len(rest) >= _SHORTEST
    return f"Who{rest}?" if sized and not _NEGATIVE.match(rest) else ""


def has_second_clause(after: str) -> bool:
    """Whether a clause with a subject of its own follows: "... and Alexander became captain"."""
    verbs = english_verbs()
    for found in _JOINED.finditer(after):
        words = re.findall(r"[\w'’-]+|[,;]", after[found.end() :])[:_SUBJECT_WORDS]
        low = [word.casefold() for word in words]
        ends = [at for at, word in enumerate(low) if word in _CLAUSE_ENDS]
        low = low[: ends[0]] if ends else low
        if low and not verbs.is_finite(low[0]) and any(word in _FINITE for word in low[1:]):
            return True
        opens = words[:1] and (words[0][:1].isupper() or low[:1][0:1] in (["the"], ["a"], ["an"]))
        if opens and any(word in verbs.third or word in verbs.base_of_past for word in low[1:]):
            return True
    return False


def _is_past(word: str) -> bool:
    """Whether a word after a person is what they did."""
    if english_verbs().is_finite(word) or word in word_list("english_lists.txt", "irregular"):
        return word not in {"taken", "given", "known", "done", "seen", "born", "made", "set", "like"}
    entry = english_words().get(word)
    return word.endswith("ed") and (entry is None or "d" in entry.tags or "v" in entry.tags)
