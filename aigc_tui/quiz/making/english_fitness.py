"""Whether an English sentence says by itself whom and what it means.

Why it exists: a reader of one item has only that sentence. "These games", "to that end", "according to her
coach" point to a sentence that the item does not show; such an item is no question but a riddle.
"""

from __future__ import annotations

import re

from aigc_tui.quiz.analysis.lexicon import word_list
from aigc_tui.quiz.making.pieces import Cut
from aigc_tui.quiz.making.verbs import english_verbs
from aigc_tui.quiz.making.words import singular

_POINTING = re.compile(
    r"\b(?P<this>these|those|this|such)\b(?! (?:who|whom|that|which|of|in|with|as|from|at|on|an?|things)\b)",
    re.IGNORECASE,
)
_AFTER_ANOTHER = re.compile(r"[,;:—–(]|\b(?:and|that|which|because|when|where|if)\b")
"""Behind one of these, what is pointed to has mostly been named in the sentence."""
_THAT_TIME = re.compile(
    r"\b(?:to|at|by|from|for|in|after|since|until|on|during|of) that (?:end|time|point|year|day|night|moment"
    r"|reason|way|case|period|era|date|respect|effect|age|war|battle|law|act|group)\b",
    re.IGNORECASE,
)
_OWNED = re.compile(r"^(?:According to|Thanks to|Like|Unlike) (?:his|her|their|its)\b", re.IGNORECASE)
_NAMELESS = re.compile(
    r"^(?!(?:Although|Though|When|Whenever|While|If|Because|Since|After|Before|As|Once|Unless|Until|Where|Whereas)\b)"
    r"(?:[A-Z]\w*) [^,]*, (?:he|she|they|it)\b(?! (?:is|was|takes|took|seems|has been|may be|can be) "
    r"(?:\w+ )?(?:\w+ )?(?:that|to|for)\b)"
)
"""A phrase before the comma names no subject: "Due to her condition, she ..."; a clause there may."""


_RELATIVE = re.compile(
    r"^(?:(?:Just|Only|About|Some|Nearly|Almost) )?(?:\w+ ){1,3}"
    r"(?:years?|decades?|months?|weeks?|days?|hours?|minutes?) "
    r"(?:later|earlier|before|after that|afterwards?)\b"
    r"|\b(?:yesterday|tomorrow|tonight|last (?:week|month|year|night)|next (?:week|month|year))\b"
    r"|^(?:Other|Others|More|Further|Two more|Three more|Another|The other|The others) "
    r"|^In the (?:first|second|third|former|latter|other) (?:case|type|step|stage|phase|example|place)\b"
    r"|\bthe (?:former|latter)\b",
)
"""A time counted from another sentence, or things beside those that another sentence named."""

_OBJECT = re.compile(r" (?:it|them|him|her|the|an?) ")
_IS = re.compile(r"\b(?:is|are|was|were|be|been|being) (?:\w+ly )?$")
_NOUN_NEXT = re.compile(r" (?P<n>[a-z]{3,})\b")


def is_verb_or_adjective(before: str, key: str, after: str) -> bool:
    """Tell what only looks like a noun: "to ____ it", "is ____ fastest", "____ updates".

    Args:
        before: The sentence before the key.
        key: The words to be asked for.
        after: The sentence behind them.
    """
    if before.endswith(" to ") and _OBJECT.match(after):
        return True
    if " " not in key and key.endswith("ing") and _IS.search(before) and after[:1] not in ".,;":
        return True
    found = _NOUN_NEXT.match(after) if "-" in key.split()[-1] and key.islower() else None
    return found is not None and not _is_closed(found["n"])


def _is_closed(word: str) -> bool:
    kinds = ("preposition", "conjunction", "auxiliary", "modal", "pronoun", "irregular")
    listed = any(word in word_list("english_lists.txt", kind) for kind in kinds)
    return listed or english_verbs().is_finite(word)


def points_back(words: str) -> bool:
    """Tell whether a sentence leans on another one by what it points to.

    Args:
        words: The sentence on one line.
    """
    found = _POINTING.search(words)
    if found and not _AFTER_ANOTHER.search(words[: found.start()]):
        return True
    if _RELATIVE.search(words):
        return True
    return bool(_THAT_TIME.search(words) or _OWNED.match(words) or _NAMELESS.match(words))


def jars(cut: Cut, word: str, lesson: str) -> bool:
    """Tell whether a word swapped in for the answer would not even read like English.

    Args:
        cut: The sentence with the answer cut out.
        word: What would stand there instead.
        lesson: The whole text, which shows whether the word takes an article.
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


_CALLED = re.compile(r"\b(is|are|was|were) (?:often |also |sometimes )?(?:called|known as|termed|named) $")
_OF_SOMEBODY = re.compile(r"\b(?:his|her) $")
