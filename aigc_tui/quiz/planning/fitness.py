"""Whether a sentence can be blanked or judged, and whether a mention in it can be the answer."""

from __future__ import annotations

import re
from functools import lru_cache

from aigc_tui.quiz.analysis.lexicon import english_names, word_list
from aigc_tui.quiz.analysis.records import Mention, TermKind
from aigc_tui.quiz.normal import HAN
from aigc_tui.quiz.planning.material import Material
from aigc_tui.quiz.planning.questions_en import english_verbs
from aigc_tui.quiz.planning.words import name_of, occurrences

_MANY = 3
_LASTS = ("以上", "以下", "之久", "的历史", "多", "左右的")
"""After these 年 counts years: 2000年以上 is no date."""
_MARK = "、"
_CLAUSE = re.compile("[，,。；]")


def is_loose(before: str, key: str, after: str) -> bool:
    """Tell whether the key is one of an open or a long row, a clause by itself, or explains itself."""
    if "（" in key or (key.endswith("年") and after.startswith(_LASTS)):
        return True
    if before.endswith(("，", "；")) and after.startswith(("，", "。", "；")):
        return True
    if not (before.endswith(_MARK) or after.startswith((_MARK, "等"))):
        return False
    rest = _CLAUSE.split(after)[0]
    row = _CLAUSE.split(before)[-1] + _MARK + rest
    return row.count(_MARK) > _MANY or "等" in rest


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
    """Tell what only looks like a noun: "to ____ it", "is ____ fastest", "____ updates"."""
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
    """Tell whether a sentence leans on another one by what it points to."""
    found = _POINTING.search(words)
    if found and not _AFTER_ANOTHER.search(words[: found.start()]):
        return True
    if _RELATIVE.search(words):
        return True
    return bool(_THAT_TIME.search(words) or _OWNED.match(words) or _NAMELESS.match(words))


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
