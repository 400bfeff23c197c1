"""Persons, places and works in Chinese sentences.

Chinese has no capitals, so names are recognised by what stands around them: a surname before a verb that
persons do, a place word at the end, the middle dot of foreign names, 《》.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from aigc_tui.quiz.analysis.lexicon import word_list
from aigc_tui.quiz.analysis.records import Found, TermKind
from aigc_tui.quiz.analysis.words_zh import UNKNOWN, Word

_LIST = "chinese_lists.txt"
_WORK = re.compile(r"《[^《》]{1,40}》")
_RULER = re.compile(
    r"秦始皇|秦皇|汉武帝|[汉晋隋唐宋元明清魏][高太世仁英宣孝神哲徽钦光宁理度代德顺宪穆敬武懿僖昭哀景明文惠成"
    r"元献炀恭睿玄肃中][祖宗帝]|"
    r"(?:顺治|康熙|雍正|乾隆|嘉庆|道光|咸丰|同治|光绪|宣统|嘉靖|万历|崇祯|永乐|洪武|建文)皇?帝"
)
_AFTER_NAME = re.compile(
    r"^(?:[（(](?:\d{3,4}|前\d|公元|字|约|英语|生于|\?|？)|，?字[\u4e00-\u9fff]{1,3}[，、]|"
    r"，?号[\u4e00-\u9fff]{1,4}[，、]|等人|之子|之女|先生|女士|博士|教授|将军|皇帝|"
    r"的(?:父亲|母亲|儿子|女儿|弟弟|哥哥|妻子|丈夫|著作|代表作|诗作|学生|老师|军队|部下|理论|小说|诗))"
)
_PERSONAL = {"nr", "nrt", "nrfg"}
_PEOPLES = set("人系族语式风军队裔籍化史派")
"""After a place these make it a part of a longer word (日本人)."""
_PLACE_ENDS = set("省市县州郡区镇乡村山河江湖海洋岛洲湾峡港国邦关")
_NO_PLACE = re.compile(r"^[一二两三四五六七八九十各多本该]|(?:地区|国家|一带|各国|全国|民族|人)$")
_LONGEST_SOUND = 8
_LONGEST_NAME = 4
_ENDS_CUT = frozenset("率任领令命奉守以为即乃")
"""A guess that ends so took in the verb behind the name (赵琨|率)."""
_ALSO_VERBS = frozenset("任向和于从应")
"""Surnames that are small words or verbs more often: 任海军 is an office that somebody held."""


def listed(section: str) -> frozenset[str]:
    """A section of the Chinese word lists."""
    return word_list(_LIST, section)


@cache
def characters(section: str) -> frozenset[str]:
    """The single characters of a section."""
    return frozenset("".join(listed(section)))


@dataclass(slots=True)
class ChineseNames:
    """What the whole lesson tells: persons by evidence, and phrases that come back."""

    persons: set[str] = field(default_factory=set)
    phrases: Counter[str] = field(default_factory=Counter)


def is_surnamed(word: Word) -> bool:
    """Whether a word has the form of a Chinese person's name."""
    text = word.text
    if not 2 <= len(text) <= 4 or text in listed("generic"):
        return False
    single, double = text[0] in listed("surname"), text[:2] in listed("surname")
    return (single and len(text) <= 3) or (double and len(text) >= 3)


def _is_sound(text: str) -> bool:
    return all(char in characters("soundchars") for char in text)


def _evidence(text: str, words: Sequence[Word], at: int) -> bool:
    before = words[at - 1].text if at else ""
    after = words[at + 1].text if at + 1 < len(words) else ""
    if before in listed("occupation") or before.endswith(("学家", "诗人", "皇帝")):
        return True
    return after in listed("actverb") or bool(_AFTER_NAME.match(text[words[at].end :]))


def _may_be_person(word: Word) -> bool:
    if word.text in listed("place") or (word.tag == UNKNOWN and word.text[0] in _ALSO_VERBS):
        return False
    if word.tag == UNKNOWN and word.text[-1] in _ENDS_CUT:
        return False
    chinese = word.tag in _PERSONAL or (word.tag == UNKNOWN and len(word.text) == 3)
    foreign = word.tag in _PERSONAL | {"l", UNKNOWN} and len(word.text) > 1
    return (chinese and is_surnamed(word)) or (foreign and _is_sound(word.text))


@cache
def _dotted_name() -> re.Pattern[str]:
    sound = "".join(sorted(characters("soundchars")))
    return re.compile(rf"[{sound}]{{1,7}}(?:[·•・](?:[{sound}]{{1,8}}|[A-Z]\.?))+")


def _dotted(text: str) -> Iterator[re.Match[str]]:
    # Without the dot there is nothing to look for, and most sentences have none.
    return _dotted_name().finditer(text) if any(dot in text for dot in "·•・") else iter(())


_SAYS = re.compile(r"(?:说|道|问|答|喊|叫|想|说道|回答)[：:，,]?[“「]|(?:说|道|问|答|喊|叫|想)[：:]$")
_NAMED = frozenset({"名叫", "取名", "名为"})


def _speakers(text: str, words: Sequence[Word], names: ChineseNames) -> None:
    for at, word in enumerate(words):
        known = word.tag in _PERSONAL | {UNKNOWN} and 2 <= len(word.text) <= _LONGEST_NAME
        if not known or word.text in listed("generic"):
            continue
        opens = at == 0 or words[at - 1].text in "，。；”」"
        clause = re.split("[，。；]", text[word.end :], maxsplit=1)[0]
        after = words[at + 1] if at + 1 < len(words) else None
        acts = after is None or after.tag[:1] in {"v", "d", "p", "l", "x"}
        spoke = opens and acts and _SAYS.search(clause)
        if spoke or (at and words[at - 1].text in _NAMED and acts):
            names.persons.add(word.text)


def learn_persons(text: str, words: Sequence[Word], names: ChineseNames) -> None:
    """Note which words of a sentence are shown to be persons by what stands around them."""
    for at, word in enumerate(words):
        if _may_be_person(word) and _evidence(text, words, at):
            names.persons.add(word.text)
    _speakers(text, words, names)
    for match in _dotted(text):
        last = re.split("[·•・]", match.group())[-1]
        if len(last) >= 2:
            names.persons.add(last)


def _foreign_after_occupation(words: Sequence[Word], at: int) -> Iterator[Found]:
    """The name right after an occupation (化学家普利斯特利于…): the dictionary cuts it into pieces."""
    start = end = words[at].end
    for word in words[at + 1 :]:
        verb = word.tag == "v" and len(word.text) > 1
        if word.text[-1] in "于在" and len(word.text) > 1 and _is_sound(word.text[:-1]):
            end = word.end - 1
            break
        if verb or not _is_sound(word.text) or word.end - start > _LONGEST_SOUND:
            break
        end = word.end
    if end - start >= 2:
        yield Found(start, end, TermKind.PERSON)


def _is_place(words: Sequence[Word], at: int) -> bool:
    text = words[at].text
    if text in listed("place"):
        return True
    if words[at].tag != "ns" or len(text) < 2 or text in listed("generic") or _NO_PLACE.search(text):
        return False
    return text[-1] in _PLACE_ENDS or (at > 0 and words[at - 1].text in listed("wheretobe"))


def _places(text: str, words: Sequence[Word], nouns: frozenset[str]) -> Iterator[Found]:
    """Places; several in a row are one (湖南省衡阳县). Before a noun a place is only a part of a phrase."""
    at = 0
    while at < len(words):
        if not _is_place(words, at):
            at += 1
            continue
        end = at + 1
        while end < len(words) and (_is_place(words, end) or words[end].text in listed("placesuffix")):
            end += 1
        after = words[end] if end < len(words) else None
        alone = after is None or after.tag not in nouns or after.text in listed("generic")
        if alone and text[words[end - 1].end :][:1] not in _PEOPLES:
            yield Found(words[at].start, words[end - 1].end, TermKind.PLACE)
        at = end


def _name_end(words: Sequence[Word], end: int) -> int:
    """Where a spelt name ends: the small word after it may be a character that spells, too (戈林|曾)."""
    last = next((word for word in words if word.end >= end), None)
    loose = last is not None and len(last.text) == 1 and last.end == end and last.tag in {"d", "p", "c", "v"}
    return end - 1 if loose else end


def find_names(
    text: str, words: Sequence[Word], names: ChineseNames, nouns: frozenset[str]
) -> Iterator[Found]:
    """Find the works, persons and places of a Chinese sentence; `nouns` are the tags that count as nouns."""
    for match in _WORK.finditer(text):
        yield Found(match.start(), match.end(), TermKind.WORK, firm=True)
    for match in (*_dotted(text), *_RULER.finditer(text)):
        yield Found(match.start(), _name_end(words, match.end()), TermKind.PERSON)
    for at, word in enumerate(words):
        if word.text in names.persons:
            whole = max((name for name in names.persons if text.startswith(name, word.start)), key=len)
            yield Found(word.start, word.start + len(whole), TermKind.PERSON)
        elif word.text in listed("occupation") and len(word.text) > 1:
            yield from _foreign_after_occupation(words, at)
    yield from _places(text, words, nouns)
