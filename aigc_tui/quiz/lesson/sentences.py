"""Where sentences end, in English and Chinese, by offsets.

One scan over the marks that can end a sentence, each judged by a few characters around it: linear, and
nothing of the text is lost. Semicolons, colons and dashes do not end a sentence; a line break does, since
normalised text breaks lines only between items and verses. A full stop is the only mark of English that means
two things (Grefenstette and Tapanainen 1994, "What is a word, what is a sentence?"): short lists of
abbreviations settle it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator


def _word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _word_set("""
    mr mrs ms dr prof rev hon gen col maj capt cmdr lt sgt gov sen rep pres st mt ft messrs mme mlle
    brig gens fr bro
    e.g i.e cf viz vs resp approx ca incl esp
""")
"""A name or more words follow: never the end."""

_BEFORE_NUMBERS = _word_set("""
    no nos ch chap sec sect art par para tab ref refs app ex op
    jan feb mar apr jun jul aug sep sept oct nov dec
""")
"""Not the end when a number follows."""

_LABELS = _word_set("fig figs eq eqs pp p vol vols eds")
"""Labels of things with numbers or letters: never the end."""

_EITHER = _word_set("""
    etc al inc ltd co corp bros jr sr ph.d m.d b.a m.a b.sc m.sc d.c u.s u.k u.n u.s.a u.s.s.r e.u
    a.m p.m b.c a.d b.c.e c.e ave blvd rd dept univ est min max hrs sq lvl
""")
"""May end a sentence: judged by the next word."""

_STARTERS = _word_set("""
    the a an this that these those it its he she they we you i his her their our my there here in on at by
    for from with without as if when while after before during since until because although though but and or
    so yet however therefore thus hence then also moreover most many some few several each every all both no
    not what why how who where which to under over between among through today later soon once unlike like one
    two another other such instead finally first second third next meanwhile only even now according despite
""")
"""Words that, written large in the middle of a text, nearly always begin a sentence."""

_SPEECH = _word_set("""
    said says asked asks cried cries replied replies answered answers shouted whispered exclaimed thought
    wondered called explained added told wrote declared demanded begged laughed
""")
"""After a quotation that ends in ? or ! these go on with its sentence."""

_CLOSERS = "\"'”’」』）)\\]】》〉〕］"
_END = re.compile(rf"[.!?…⋯。！？｡．‼⁇⁈⁉]+[{_CLOSERS}]*")
_LINE = re.compile(r"[^\n]+")
_WORD = re.compile(r"\w")
_OPENERS = re.compile(r"[\s\"'“‘「『（(\[【《〈]*")
_NEXT_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")
_BRACKETS = {"“": "”", "「": "」", "『": "』", "（": "）", "(": ")", "《": "》", "【": "】", "[": "]"}
_BRACKET = re.compile(r"[“”「」『』（）()《》【】\[\]\"]")
_GOES_ON = "，、；："
"""After a closing quotation mark these go on with its sentence."""
_TAG = re.compile(r"[^，,。！？!?；;：:“”「」\n]{0,12}?[说問问道喊叫答想笑嚷骂哭吼]")
_BEFORE = 32
"""Characters looked at before a full stop: longer words are no abbreviations."""
_LONGEST_QUOTED = 240
"""A quotation or bracket up to this long stays in one piece; a longer one is split inside."""


def split_sentences(text: str, language: str) -> list[tuple[int, int]]:
    """Split a text into sentences.

    Args:
        text: Any text; line breaks end sentences.
        language: `en` or `zh`; both kinds of marks are known in either, it only settles a doubtful ellipsis.

    Returns:
        (start, end) of each, in order, without outer spaces; whatever is not space lies in one of them.
    """
    found: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        found.extend(_line(text, line.start(), line.end(), language))
    return found


def _line(text: str, start: int, end: int, language: str) -> Iterator[tuple[int, int]]:
    held = _held_together(text, start, end)
    at, place, looked, worded = start, 0, start, False
    last = _last_word(text, start, end)
    for match in _END.finditer(text, start, end):
        here = match.end()
        while place < len(held) and held[place][1] < match.start():
            place += 1
        opened, closed = held[place] if place < len(held) else (end, end)
        if opened < match.start() and (closed >= here or _own_stop(text, at, opened, closed, here)):
            continue
        # Marks alone are no sentence: they stay with the words before them, or go with those behind.
        worded, looked = worded or bool(_WORD.search(text, looked, here)), here
        if worded and here <= last and _ends(text, match, at, end, language):
            if span := _trimmed(text, at, here):
                yield span
            at, worded = here, False
    if span := _trimmed(text, at, end):
        yield span


def _own_stop(text: str, at: int, opened: int, closed: int, here: int) -> bool:
    """Whether a full stop is the bracket's own, within a sentence, as in 他（是学生。）来了."""
    return text[closed] == "）" and at < opened and text[here : here + 1] not in "。！？；，"


def _last_word(text: str, start: int, end: int) -> int:
    """Where the last letter or digit stands; before `start`: there is none."""
    while end > start and not _WORD.match(text[end - 1]):
        end -= 1
    return end - 1


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if end > start else None


def _held_together(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The outermost short quotations and brackets: (opening mark, closing mark), in order."""
    pairs: list[tuple[int, int]] = []
    stack: list[tuple[str, int]] = []
    straight = -1
    for match in _BRACKET.finditer(text, start, end):
        mark, at = match[0], match.start()
        if mark == '"':
            if straight >= 0:
                pairs.append((straight, at))
            straight = at if straight < 0 else -1
        elif mark in _BRACKETS:
            stack.append((_BRACKETS[mark], at))
        elif stack and stack[-1][0] == mark:
            pairs.append((stack.pop()[1], at))
    return _outermost(sorted(pair for pair in pairs if pair[1] - pair[0] <= _LONGEST_QUOTED))


def _outermost(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in pairs:
        if not kept or start > kept[-1][1]:
            kept.append((start, end))
        elif end > kept[-1][1]:
            # Crossing pairs: somebody mixed up marks; what they cover together stays together.
            kept[-1] = (kept[-1][0], end)
    return kept


def _ends(text: str, match: re.Match[str], at: int, end: int, language: str) -> bool:
    marks = match[0].rstrip(_CLOSERS.replace("\\", ""))
    closed = len(marks) < len(match[0])
    after = text[match.end()] if match.end() < end else "\n"
    if after in _GOES_ON:
        return False
    if any(mark in marks for mark in "。！？｡"):
        return not (closed and _TAG.match(text, match.end(), min(end, match.end() + 14)))
    if marks == "．":
        return not text[max(at, match.start() - 1)].isdigit() or not after.isdigit()
    if not marks.strip("…⋯") or (len(marks) > 1 and not marks.strip(".")):
        return _after_ellipsis(text, match.end(), end, closed, language)
    if not after.isspace() and after.isascii():
        return False
    if _goes_on(text, match.end(), end, closed, marks):
        return False
    return marks != "." or closed or _full_stop(text, match.start(), at, end)


def _after_ellipsis(text: str, at: int, end: int, closed: bool, language: str) -> bool:
    """An ellipsis is a pause more often than an end."""
    if closed and language == "zh":
        return not _TAG.match(text, at, min(end, at + 14))
    word = _next_word(text, at, end)
    return text[at : at + 1].isspace() and word[:1].isupper()


def _next_word(text: str, at: int, end: int) -> str:
    opened = _OPENERS.match(text, at, min(end, at + 8))
    word = _NEXT_WORD.match(text, opened.end() if opened else at, min(end, at + 40))
    return word[0] if word else ""


def _goes_on(text: str, at: int, end: int, closed: bool, marks: str) -> bool:
    """Whether what follows a mark belongs to the same sentence: a small letter, or "... John said"."""
    word = _next_word(text, at, end)
    if word[:1].islower():
        return True
    # Before "he said" a full stop would have become a comma; only ? and ! can stand there.
    if not closed or marks == ".":
        return False
    return any(each.lower().strip(",.") in _SPEECH for each in text[at : min(end, at + 40)].split()[:3])


def _full_stop(text: str, at: int, begin: int, end: int) -> bool:
    """Judge a single full stop with a space or a Chinese character behind it."""
    words = text[max(begin, at - _BEFORE) : at].split()
    last = words[-1].lstrip("(\"'“‘[（") if words else ""
    if not last:
        return False
    follower = _next_word(text, at + 1, end)
    number_follows = text[at + 1 : at + 5].lstrip()[:1].isdigit()
    lower = last.lower()
    if (
        lower in _TITLES
        or lower in _LABELS
        or last == "v"
        or (last.isdigit() and len(words) == 1 and at - begin < 6)
    ):
        return False
    if lower in _BEFORE_NUMBERS:
        return not number_follows
    if lower in _EITHER or _is_initial(last):
        return follower.lower() in _STARTERS
    return True


def _is_initial(word: str) -> bool:
    """`J`, `U.S`, `J.R.R`: single capital letters with stops between them."""
    return all(len(part) == 1 and part.isupper() and part.isascii() for part in word.split("."))
