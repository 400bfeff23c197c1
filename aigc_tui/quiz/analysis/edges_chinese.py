"""Whether a stretch of a Chinese sentence is a whole name, by the words beside it.

Why it exists: without spaces a longer name is easily cut (大|巴哈马, 飓风|比尤拉, 法律|思考). A whole
noun phrase stands between marks, small words and verbs; a noun or the rest of a name beside it belongs to it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from aigc_tui.quiz.analysis.chinese_words import UNKNOWN, Word
from aigc_tui.quiz.analysis.found import Found
from aigc_tui.quiz.analysis.names_chinese import characters, listed
from aigc_tui.quiz.analysis.records import TermKind

_NOUNS = frozenset(
    ["n", "nz", "nr", "nrt", "nrfg", "ns", "nt", "ng", "j", "g", "k", "b", "eng", "s", UNKNOWN]
)
_SMALL = frozenset(
    "的是在于和与及或而也都就才又还再则却把被将从向对由以为等之后前时中上里内外间下们有会能可不并已曾地得了着过给使让到至比因当"
)
_ENDS = _SMALL | {"以及", "之间", "期间", "以后", "之后", "之前", "以前", "时期", "等等"}
"""What may follow a whole phrase, whatever the dictionary calls it."""
_NARROWING = frozenset("大小老新南北东西前后上下总副正主单双多高低内外旧代原首非分")
"""Before a name these are its beginning: 南佛罗里达, 大巴哈马."""
_REGNAL = re.compile("[一二三四五六七八九十]世$")
_RUNS_ON = frozenset("号级型式派系族语框")
_BEFORE_SUBJECT = frozenset(["x", "t", "m", "c", "uj", "d"])
_GRAMMAR = frozenset(["x", "p", "c", "d", "u", "uj", "v", "r", "f", "q", "y"])
_CLEAR = frozenset(["x", "p", "c", "d", "u", "uj"])
_QUOTE_ENDS = frozenset("”」’")
"""What follows a quoted name without 的 belongs to it: 「最近更改」页面."""
_PART = 2
_NAMED = frozenset(["nr", "nrt", "nrfg", "ns", "eng", UNKNOWN])
_CLOSED = frozenset({TermKind.WORK, TermKind.DATE, TermKind.QUANTITY, TermKind.NUMBER})


def _is_verb(words: Sequence[Word], at: int, is_subject: bool) -> bool:
    """Whether a verbal noun is a verb here: what follows or goes before says so."""
    after = words[at + 1] if at + 1 < len(words) else None
    if after is not None and len(after.text) == 1 and after.tag in _NOUNS:
        return False
    if not is_subject and after is not None and after.tag in _NOUNS:
        return False
    return after is not None and (
        after.tag in _NOUNS | {"m", "r", "p", "ul", "uz", "ug", "v"} or after.text in "了着过"
    )


def _ends_before(words: Sequence[Word], at: int, is_subject: bool) -> bool:
    word = words[at]
    if word.text[0] in _RUNS_ON or _REGNAL.match(word.text):
        return False
    if word.text in _ENDS:
        return True
    if word.tag == "vn":
        return _is_verb(words, at, is_subject)
    if word.tag == UNKNOWN:
        # A guess after a known word is mostly a verb (擀成), after a name its rest.
        return len(word.text) > 1 and words[at - 1].tag in {"n", "nz"}
    spelt = word.tag == "m" and len(word.text) == 1 and word.text in characters("soundchars")
    return word.tag not in _NOUNS and not spelt


def _spelling() -> frozenset[str]:
    return characters("soundchars")


def _begins_after(word: Word, kind: TermKind) -> bool:
    if word.text in _NARROWING or (word.text[-1] == "部" and len(word.text) == _PART):
        return False
    if (
        len(word.text) == 1
        and word.text not in _SMALL
        and word.tag not in _GRAMMAR
        and word.text in _spelling()
    ):
        return False
    titled = kind is TermKind.PERSON and word.tag in {"n", "nz", "nt", "vn", "b"} and len(word.text) > 1
    return word.text in _ENDS or titled or word.tag not in _NOUNS


def _is_clause(part: Sequence[Word]) -> bool:
    """Whether a run of nouns is verb and object (抗击匈奴) or subject and verb (哈泽建议)."""
    named = _NAMED - {UNKNOWN}
    acts = any(one.tag in {"vn", "v"} and other.tag in named for one, other in pairwise(part))
    return acts or (len(part) > 1 and part[-1].tag in {"vn", "v"} and part[-2].tag in _NAMED - {"ns", "eng"})


def _in_compound(words: Sequence[Word], first: int) -> bool:
    """Whether a verbal noun between two nouns may tie them to one name (海道测量|筹备处, 物质使用|障碍)."""
    return first > 1 and words[first - 1].tag == "vn" and words[first - 2].tag in _NOUNS


def _starts_inside(before: Word, part: Sequence[Word]) -> bool:
    """Whether the one character before belongs to a name that the dictionary cut (安|诺斯, 绫里|真宵)."""
    if len(before.text) > 1 or not part:
        return False
    if before.text + part[0].text[0] in listed("surname") or before.text in _QUOTE_ENDS:
        return True
    sounds = characters("soundchars")
    spelt = before.text in sounds and all(char in sounds for char in part[0].text)
    return (spelt and before.tag not in _CLEAR) or (before.tag == "f" and part[0].tag == UNKNOWN)


def is_whole(words: list[Word], start: int, end: int, kind: TermKind) -> bool:
    """Tell whether a stretch begins and ends where a name does.

    Args:
        words: The words of the sentence; together they are the sentence.
        start: Where the stretch begins, in characters.
        end: Where it ends.
        kind: A person's name may follow a noun: 化学家拉瓦锡.
    """
    first = bisect_left(words, start, key=lambda word: word.start)
    after = bisect_left(words, end, key=lambda word: word.start)
    if kind is TermKind.TERM and _is_clause(words[first:after]):
        return False
    begins = first == 0 or (_begins_after(words[first - 1], kind) and not _in_compound(words, first))
    if first >= len(words) or words[first].start != start:
        return False
    if first and _starts_inside(words[first - 1], words[first:after]):
        return False
    if any("·" in word.text for word in words[max(0, first - 2) : first] + words[after : after + 2]):
        return False
    subject = first == 0 or words[first - 1].tag in _BEFORE_SUBJECT
    moved = first > 0 and words[first - 1].text in "把将"
    if moved and kind is TermKind.TERM and words[after - 1].tag in {"vn", "v"}:
        return False
    return begins and (moved or after >= len(words) or _ends_before(words, after, subject))


def are_whole(words: list[Word], found: Sequence[Found]) -> tuple[Found, ...]:
    """Leave out the finds that are a part of a longer name; numbers, dates, titles have their own edges."""
    return tuple(one for one in found if one.kind in _CLOSED or is_whole(words, one.start, one.end, one.kind))
