"""Two names of one thing, as a lesson introduces them.

An option that is another name of the key would be a second right answer. Only the forms that authors use to
introduce names count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

Pair: TypeAlias = tuple[str, str]

_PHRASE = r"(?P<a>[A-Za-z][\w'’-]*(?: [A-Za-z][\w'’-]*){0,4}?)"
_OTHER = r"(?:an? |the )?[\"“]?(?P<b>[A-Za-z][\w'’-]*(?: [A-Za-z][\w'’-]*){0,3}?)[\"”]?"
_ENGLISH = (
    re.compile(
        rf"{_PHRASE},? (?:\(|, )?(?:also (?:known as|called|referred to as|spelled)|(?:commonly|"
        rf"sometimes|often|otherwise|better|formerly|popularly) (?:known as|called)|abbreviated(?: "
        rf"as)?|i\.e\.,?) {_OTHER}(?=[),.;]| is\b| are\b| was\b| were\b)"
    ),
    re.compile(
        rf"(?:^|(?<=\bthe )|(?<=\ba )|(?<=\ban )|(?<=, )|(?<=\bof )|(?<=\bcalled )){_PHRASE}, or "
        rf"{_OTHER},"
    ),
)
_BRACKETS = re.compile(
    r"\b(?P<a>[A-Za-z][\w'’-]*(?: [A-Za-z][\w'’-]*){0,5}) ?\((?P<b>[A-Z][A-Za-z0-9&-]{1,9})s?\)"
)
_ZH_NAME = r"[\w·\-]{2,14}?"
_CHINESE = (
    re.compile(
        rf"(?:^|"
        rf"[，。；、“”])(?P<a>{_ZH_NAME})[”》]?(?:[（(][^（）()]*[）)])?，?(?:，|"
        rf"[（(])?(?:又称|又叫|也叫做?|也称|亦称|亦作|俗称|简称|全称|旧称|别称|别名|"
        rf"学名|又名|或称|又作)(?:为|作|"
        rf"做)?[“《]?(?P<b>[\w·\-]{{2,14}})(?=[，。；、”》）)是])"
    ),
)
_ZH_BRACKETS = re.compile(
    r"(?P<a>[\u4e00-\u9fff·]{2,10})[（(](?:英语：|英文：|英文名：|英文全称：|简称|又称|也称|即|"
    r"或称)?\s?(?P<b>[A-Za-z][A-Za-z -]{1,40}|[\u4e00-\u9fff·]{2,8})(?:[，,；;]\s?(?:简称|"
    r"缩写为?)?\s?(?P<c>[A-Z][A-Za-z-]{1,8}))?[）)]"
)
_ZH_SAYS = re.compile(r"[（(](?:英语：|英文：|英文名：|英文全称：|简称|又称|也称|即|或称)")


def _initials(short: str, phrase: str) -> str | None:
    words = phrase.split()
    letters = [char.lower() for char in short if char.isupper()]
    for size in range(min(len(words), len(letters) + 2), 0, -1):
        tail = words[-size:]
        initials = [part[0].lower() for word in tail for part in word.split("-") if part]
        rest = iter(initials)
        if (
            len(letters) <= len(initials)
            and initials[0] == letters[0]
            and all(one in rest for one in letters)
        ):
            return " ".join(tail)
    joined = words[-1].lower()
    rest = iter(joined)
    return words[-1] if joined[0] == letters[0] and all(one in rest for one in letters) else None


def english_aliases(text: str) -> Iterator[Pair]:
    """The names that an English sentence introduces as meaning the same."""
    for match in _BRACKETS.finditer(text):
        if sum(char.isupper() for char in match.group("b")) >= 2:
            phrase = _initials(match.group("b"), match.group("a"))
            if phrase:
                yield phrase, match.group("b")
    for pattern in _ENGLISH:
        for match in pattern.finditer(text):
            first = re.sub(
                r"^(?:the|an?|its|their|called|as|is|are|in|of|by|and|or) ", "", match.group("a"), flags=re.I
            )
            if first.lower() != match.group("b").lower():
                yield first, match.group("b")


def chinese_aliases(text: str) -> Iterator[Pair]:
    """The names that a Chinese sentence introduces as meaning the same."""
    for pattern in _CHINESE:
        for match in pattern.finditer(text):
            yield match.group("a"), match.group("b")
    for match in _ZH_BRACKETS.finditer(text):
        latin = match.group("b").isascii()
        if latin or _ZH_SAYS.match(text[match.end("a") :]):
            yield match.group("a"), match.group("b").strip()
            if match.group("c"):
                yield match.group("a"), match.group("c")
