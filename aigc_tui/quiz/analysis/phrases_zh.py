"""Chinese noun phrases, and where a phrase that jieba cut in the wrong place really begins and ends."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from aigc_tui.quiz.analysis.names_zh import ChineseNames, characters, is_surnamed, listed
from aigc_tui.quiz.analysis.records import Found, TermKind
from aigc_tui.quiz.analysis.words_zh import UNKNOWN, Word

NOUNS = frozenset(
    ["n", "nz", "vn", "ng", "an", "nt", "nr", "nrt", "nrfg", "ns", "eng", "j", "l", "b", "g"]
) | {UNKNOWN}
_HEADS = frozenset(["n", "nz", "vn", "ng", "nt", "nr", "nrt", "ns", "eng", "j", "l", "g", "k"]) | {UNKNOWN}
_VERBS = frozenset(["v", "vd", "vi", "vq"])
_QUOTED = re.compile(r"[“「](?P<t>[\w·-]{2,10})[”」]")
_NOT_HEAD = re.compile(r"(?:[的了着过在是和与及或]|时候|之后|以后|之前|之间|其中)$")
_NOT_START = re.compile(
    r"^[的了着过在是和与及或把被将从对向为以于由就都也还又再很更最不没各每某该此本这那其之]"
)
_COUNTED = re.compile(
    r"[一二两三四五六七八九十几]大|[一二两三四五六七八九十几百千].$|.*一[词书文字]$|.*等[物人国地]$"
)
"""What is counted is not named: 三大体系, 五院; 法学一词 is the word, not the thing."""
_LONE = frozenset("现原指时人天年月日处者等后前中上下里多少")
"""Single words at the edge of a phrase that do not belong to it."""
_CLASSIFIERS = frozenset("个条种只位名项件次座本张块片根支棵颗朵头匹家所部篇首幅段层级类组群批些套对双")
"""Measure words: in 这条道路 the noun begins after them."""
_PREFIX = frozenset("可非反超亚准半伪副预")
_PREPOSITIONS = frozenset("向对为给把将被由从在用以与和跟")
_VERBAL = frozenset("来去以可能会要应不就才都也并")
"""After these a verbal noun is a verb."""
_SMOOTH = frozenset("的和与及或是、，。；）在中等”：(（,.") | {""}
"""Before these a verbal noun may end a phrase."""
_TIMES = 3
"""How often a lesson must say a noun with a verb (细胞分裂) for it to be a term."""
LONGEST = 12


def _is_noun_after_all(word: Word) -> bool:
    """Whether the dictionary's tag hides a noun: 征兵制 (called a verb), 元宵节 (a time), 条约."""
    long = len(word.text) >= 3 and word.tag in {"v", "t"}
    ends = long and (word.text[-1] in characters("suffixchars") or word.text[-1] in "节术剧录")
    return ends or word.text in listed("groupsuffix")


def _breaks(words: Sequence[Word], at: int, start: int) -> bool:
    word = words[at]
    if word.text in listed("plainverb") or word.text.endswith("于"):
        return True
    if word.tag == "l" and word.text[-1] not in characters("suffixchars"):
        return True
    return at > start and word.tag == UNKNOWN and len(word.text) == 3 and is_surnamed(word)


def _joins(words: Sequence[Word], at: int, start: int) -> bool:
    word = words[at]
    if _breaks(words, at, start):
        return False
    suffix = word.text in characters("suffixchars")
    single = len(word.text) == 1 and word.tag not in {"ng", "n", "g"} and not suffix
    if _is_noun_after_all(word) or (word.tag in NOUNS and not single) or (at > start and suffix):
        return True
    inner = at > start and at + 1 < len(words) and words[at + 1].tag in NOUNS
    latin = inner and word.text == " " and "eng" in {words[at - 1].tag, words[at + 1].tag}
    return inner and (latin or word.text.startswith("第") or word.text in {"-", "·", "/"})


def _short_verb(word: Word) -> bool:
    return word.tag in _VERBS and len(word.text) == 2


def _without_start(part: list[Word], before: str, after: str) -> list[Word]:
    """Take verbs and commonplace adjectives off the start (影响光合作用的 -> 光合作用)."""
    while len(part) > 1 and part[0].tag == "vn":
        if before not in _VERBAL and not (after == "的" and before in {"", "，", "用来"}):
            break
        part = part[1:]
    plain = listed("plainadjective") | _LONE
    while part and (part[0].text in plain or _NOT_START.match(part[0].text)):
        part = part[1:]
    return part


def _is_loose(word: Word, before: str, after: Word | None) -> bool:
    """Whether the last word of a phrase is more likely a verb, or a guess that ran on."""
    if word.tag == UNKNOWN:
        return len(word.text) == 2 and word.text[-1] not in characters("suffixchars")
    if word.text in _LONE:
        return True
    if word.tag != "vn":
        return word.tag not in _HEADS and word.text[-1] not in characters("suffixchars")
    smooth = after is None or after.text in _SMOOTH or after.tag in _VERBS | {"d", "p"}
    return not smooth or before in _PREPOSITIONS


def _without_end(part: list[Word], before: str, after: Word | None) -> list[Word]:
    if len(part) > 1 and before in {"向", "把", "将"} and (after is None or after.text != "的"):
        part = part[:-1]
    while len(part) > 1 and _is_loose(part[-1], before, after) and not _is_noun_after_all(part[-1]):
        part = part[:-1]
    if len(part) == 1 and part[0].tag == "vn":
        return []
    return part


def _with_left(part: list[Word], words: Sequence[Word], start: int) -> list[Word]:
    """Take in what the dictionary cut off on the left: 可|解释性, 蓝|紫光, 氧化|反应."""
    if not part or not start or part[0].start != words[start].start:
        return part
    before = words[start - 1]
    plain = before.text in _LONE | _CLASSIFIERS or before.text in listed("plainadjective")
    single = len(before.text) == 1 and not plain
    colour = single and before.tag in {"a", "b", "n", "ng"}
    verbal = before.tag in _VERBS | {"vn"} and len(before.text) == 2
    verb = verbal and part[0].text in listed("takesverb")
    return [before, *part] if before.text in _PREFIX or colour or verb else part


def _trimmed(words: Sequence[Word], start: int, end: int) -> list[Word]:
    before = words[start - 1].text if start else ""
    after = words[end] if end < len(words) else None
    part = _without_start(list(words[start:end]), before, after.text if after else "")
    whole = _with_left(_without_end(part, before, after), words, start)
    # Behind an adverb a lone noun of the dictionary is a verb here: 也自学乐器, 才离校.
    acts = bool(start) and words[start - 1].tag == "d" and len(whole) == 1
    return [] if acts else whole


def _repeated(words: Sequence[Word], start: int, end: int, names: ChineseNames) -> bool:
    """Whether the verb after a run of nouns belongs to it, since the lesson says so again and again."""
    if end >= len(words) or not _short_verb(words[end]) or words[end].text in listed("plainverb"):
        return False
    return names.phrases["".join(word.text for word in words[start : end + 1])] >= _TIMES


def chunks(words: Sequence[Word], names: ChineseNames) -> Iterator[tuple[int, int]]:
    """The noun phrases of a sentence, 2 to `LONGEST` characters long: (start, end) in characters."""
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and _joins(words, end, at):
            end += 1
        if end == at:
            at += 1
            continue
        whole = _repeated(words, at, end, names)
        part = list(words[at : end + 1]) if whole else _trimmed(words, at, end)
        at = end + whole
        if part and 2 <= part[-1].end - part[0].start <= LONGEST:
            yield part[0].start, part[-1].end


def count_phrases(words: Sequence[Word], names: ChineseNames) -> None:
    """Count runs of nouns with the verb after them: what comes back is a term (细胞分裂)."""
    for at, word in enumerate(words):
        start = at
        while _short_verb(word) and start and _joins(words, start - 1, 0) and at - start < 3:
            start -= 1
            names.phrases["".join(each.text for each in words[start : at + 1])] += 1


def quoted(text: str) -> Iterator[tuple[int, int]]:
    """Short stretches in quotation marks, without the marks; speech is longer or holds small words."""
    for match in _QUOTED.finditer(text):
        if not re.search("[的了而]|地$", match.group("t")):
            yield match.start("t"), match.end("t")


def is_generic(phrase: str) -> bool:
    """Whether a Chinese phrase says too little, or does not begin and end as an answer should."""
    plain, generic = listed("plainadjective"), listed("generic")
    bare = next((phrase[size:] for size in (3, 2) if phrase[:size] in plain), phrase)
    if len(bare) < 2 or bare in generic or phrase in generic or phrase in plain:
        return True
    if _COUNTED.match(phrase) or (len(phrase) > 2 and phrase[0] == phrase[1]):
        return True
    return bool(_NOT_HEAD.search(phrase) or re.search(r"[，。、；：？！“”《》（）]", phrase))


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
    """Tell whether a stretch of a sentence, by its characters, begins and ends where a name does.

    A person's name may follow a noun: 化学家拉瓦锡.
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
