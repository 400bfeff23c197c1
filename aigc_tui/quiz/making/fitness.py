"""Whether a sentence can carry a question, and whether a stretch of it can be the answer.

Why it exists: most weak items are weak because of what they ask about: a sentence that leans on the one
before, half of a name, a word of no weight. Refusing those is worth more than any wording. The analysis
leaves out what grammar shows; this is what only matters when one thing is hidden and the rest is shown.
"""

from __future__ import annotations

import re
from functools import lru_cache

from aigc_tui.quiz.analysis.lexicon import english_names, word_list
from aigc_tui.quiz.analysis.records import Mention, TermKind
from aigc_tui.quiz.checks.normal import HAN
from aigc_tui.quiz.making.chinese_fitness import is_loose
from aigc_tui.quiz.making.english_fitness import is_verb_or_adjective, points_back
from aigc_tui.quiz.making.material import Material
from aigc_tui.quiz.making.words import name_of, occurrences

_LIGHTEST = 0.22
"""Weight of a concept below which nobody needs to remember it."""
_MOST_WORDS = 34
_MOST_HAN = 75
_LABELS = frozenset(
    {"type", "chapter", "figure", "table", "section", "part", "volume", "number", "week", "day", "phase"}
)
_COUNTS = frozenset({TermKind.NUMBER, TermKind.QUANTITY})
_SMALL = 3
_SHORT_COUNT = 5
"""A count up to three in a word or so ("two", "两个") is rather grammar than knowledge."""
_LATIN_BEFORE, _LATIN_AFTER = re.compile(r"[A-Za-z0-9][ ._-]?$"), re.compile(r"^[ ._-]?[A-Za-z0-9]")
_GLUED = re.compile(r"^[._/@]\||\|[._/@][A-Za-z0-9]")
_IN_EXAMPLE = re.compile(r"\b(?:he|she|his|her|him|hers)\b")
"""Beside a bare first name in a lesson that tells no story: an example person, whom nobody need remember."""
_SUFFIXES = tuple("集性化者器率度值法式型机员家学界层局厅署")
"""After a Chinese term these make another word of it: 训练 in 训练集."""
_SOUNDS = frozenset(
    "阿艾奥巴伯布查达丹德迪蒂恩尔费弗格哈赫吉卡凯科克库拉莱兰雷利卢鲁罗洛曼莫穆纳尼诺帕佩普萨塞斯索塔泰托瓦韦维沃"
    "威伦奎日朗逊森辛宁顿敦伊沙弥姆特夫基"
)
"""Characters that spell foreign names: before a foreign name they are its beginning."""
_COUNTED_AS = tuple("、级届版号楼制")
"""After a count these make a name of it: 四年 in 四年级."""
_LOST_UNIT = re.compile(r"^[⁰¹²³⁴-⁹]| ?[A-Zµ°Ω](?![a-z])| ?[a-z]{1,2}(?![A-Za-z])|[×*/^]")
_NAMES = frozenset({TermKind.PERSON, TermKind.PLACE, TermKind.NAME})
_CAPITAL_BEFORE = re.compile(r"[a-z,] [“\"(]?([A-Z][\w.]*) $")
_CAPITAL_AFTER = re.compile(r"^ [A-Z][a-z]+|^, (?:Jr|Sr|Inc|D\.C)\b")
_NUMBERED = re.compile(r"\d [|]|[|](?:!| \d)")
"""A name with its number, or without its mark: ____ 100, 1200 ____, Jimmy Kimmel ____!"""
_IN_UNIT = re.compile(r"\d\s?[a-zµ]{1,3}\s$")
"""Between a number and its unit's second part: 35 mm ____."""
_HOLES = re.compile(r"[?？\[\]]|[(（](?:see|Figure|Table|见)?\s*[)）]|[:：;；]$")
_NOT_ENGLISH = re.compile(
    r"^(?:Imagine|Consider|Suppose|Let|Remember|Note|Recall|Assume|Think|Look|See|Access|Visit|Click|Watch|Read"
    r"|Explore|And|But|So|Or|Yes|No|Oh|Ah|Well|Then|Now|Here)\b|\bstudents? should\b|, read about\b"
)
_NOT_CHINESE = re.compile(
    r"^(?:单击|点击|回想|请|想象|假设|注意|见|通常被|被|允许|可以|[(（]|下辖|决定|描述|表明|显示|介绍|说明|一节|举|用于"
    r"|包括|该|其|言外之意|那么)|如[上下]?图|如下|，\s*，|。，|[于在由为]，|上述|前者|后者"
    r"|(?:^|，)这(?:被|是|种|个|些|一|番|就|也|样)|(?<=[^A-Za-z ,'’\-])(?:[A-Za-z]+ ){3,}"
)
_HANGS = re.compile(r"的。?$")
"""Questions, orders to the reader, broken sentences, and those that the import left a hole in."""
_LOST = re.compile(
    r"「」|“”|《》|（[，、）]|聘请来|由担任|^(?:任|调任|改任|升任|兼任)(?!何)|^(?:被|再|又|并|获)|[派请]（"
)
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_SUBJECT_AT = re.compile(r"(?:The|An?|the|an?) ")
_NO_PERSON = frozenset({TermKind.DATE, TermKind.QUANTITY, TermKind.NUMBER, TermKind.PLACE})
_CONCEPTS = frozenset({TermKind.TERM, TermKind.NAME})


@lru_cache(maxsize=1 << 12)
def fits(words: str) -> bool:
    """Tell whether a sentence is a statement short enough to be read as a stem."""
    if _HOLES.search(words):
        return False
    if words.count(" ") > len(words) / 12 and not _HAN_CHARACTER.search(words):
        return len(words.split()) <= _MOST_WORDS and not _NOT_ENGLISH.search(words) and not points_back(words)
    hangs = bool(_HANGS.search(words)) and "是" not in words[-12:]
    return len(words) <= _MOST_HAN and not hangs and not _NOT_CHINESE.search(words)


def has_hole(step: str) -> bool:
    """Whether the import lost a word of an event: empty quotation marks, somebody "聘请来担任" something."""
    return bool(_LOST.search(step))


def has_dangling_person(index: int, material: Material) -> bool:
    """Whether he, she or they act in a sentence that has not said before whom they mean."""
    found = material.wording.persons.search(material.words(index))
    if not found:
        return False
    sentence = material.sentence(index)
    lead = material.wording.opening.match(material.words(index))
    opens = sentence.start + (lead.end() if lead else 0)
    subject = _SUBJECT_AT.match(material.lesson.text, opens, sentence.end)
    begins = subject.end() if subject else opens
    named = sentence.start + found.start()
    return not any(
        (one.start == begins and one.kind not in _NO_PERSON)
        or (one.kind is TermKind.PERSON and one.end <= named)
        for one in material.mentions.get(index, ())
    )


def is_answer(mention: Mention, material: Material) -> bool:
    """A blank holds something that matters, once, and not all of the sentence."""
    words = material.words(mention.sentence)
    if not fits(material.statement(mention.sentence)) or not _matters(mention) or not name_of(mention.text):
        return False
    if occurrences(mention.text, material.lesson.title) and mention.kind is not TermKind.DATE:
        return False
    if mention.kind is TermKind.NUMBER and _is_label(mention, material):
        return False
    if mention.text in english_names() and not material.story and _IN_EXAMPLE.search(words):
        return False
    cut = material.cut(mention)
    if _is_cut_short(mention, material) or _in_brackets(cut.before):
        return False
    if mention.kind not in _COUNTS and is_loose(cut.before, cut.key, cut.after):
        return False
    return len(mention.text) <= len(words) / 2 and occurrences(mention.text, words) <= 1


def _matters(mention: Mention) -> bool:
    """Not a light concept, not "two of something", not a day of a month: nobody should learn those."""
    if mention.kind in _CONCEPTS:
        return mention.weight >= _LIGHTEST
    small = mention.value is not None and mention.value <= _SMALL and len(mention.text) <= _SHORT_COUNT
    return not (mention.kind in _COUNTS and small) and mention.unit != "day"


def _is_label(mention: Mention, material: Material) -> bool:
    """A number that names rather than counts, or that lost its unit: Week 8, type 2, 50 N, cm³."""
    text, sentence = material.lesson.text, material.sentence(mention.sentence)
    before = text[sentence.start : mention.start].split()
    named = bool(before) and before[-1].casefold() in _LABELS
    return named or bool(_LOST_UNIT.match(text[mention.end : mention.end + 3]))


def _is_cut_short(mention: Mention, material: Material) -> bool:
    """A stretch whose sign, first or last part stands outside: -____ ℃, p2.____, ____ Instances."""
    text = material.lesson.text
    before, after = text[max(0, mention.start - 2) : mention.start], text[mention.end : mention.end + 2]
    if mention.kind not in _COUNTS and _goes_on(mention, material):
        return True
    if mention.kind in _COUNTS and (before[-1:] in "-−–~～±.×、" or after[:1] in _COUNTED_AS):
        return True
    foreign = material.lesson.language == "zh" and mention.text.isascii() and mention.kind not in _COUNTS
    if foreign and (_LATIN_BEFORE.search(before) or _LATIN_AFTER.match(after)):
        return True
    if mention.kind is TermKind.TERM and after[:1] in _SUFFIXES:
        return True
    beside = {before[-1:], after[:1]}
    if "·" in beside or (_sounds_foreign(mention) and not beside.isdisjoint(_SOUNDS)):
        return True
    return bool(_GLUED.search(f"{before[-1:]}|{after}"))


def _goes_on(mention: Mention, material: Material) -> bool:
    """Whether an English name goes on outside the stretch: "New ____", "____, Jr.", "35 mm ____"."""
    if not mention.text.isascii():
        return False
    text, sentence = material.lesson.text, material.sentence(mention.sentence)
    before, after = text[sentence.start : mention.start], text[mention.end : sentence.end]
    if _IN_UNIT.search(before) or is_verb_or_adjective(before, mention.text, after):
        return True
    if not mention.text[:1].isupper():
        return False
    if _NUMBERED.search(f"{before[-2:]}|{after[:2]}") or ("." in mention.text and after[:1] == "."):
        return True
    found = _CAPITAL_BEFORE.search(before) if mention.kind in _NAMES else None
    longer = found is not None and found[1] not in word_list("english_lists.txt", "calendar")
    return longer or (mention.kind in _NAMES and bool(_CAPITAL_AFTER.match(after)))


def _in_brackets(before: str) -> bool:
    """A blank inside brackets asks for an aside, mostly for a reference."""
    return max(before.rfind("("), before.rfind("（")) > max(before.rfind(")"), before.rfind("）"))


def _sounds_foreign(mention: Mention) -> bool:
    """Whether a Chinese name spells a foreign one: beside more such characters it is a part of it."""
    spelled = sum(char in _SOUNDS for char in mention.text)
    return "·" in mention.text or (spelled >= 2 and spelled > len(mention.text) / 2)
