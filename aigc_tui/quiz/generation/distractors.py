"""Wrong answers that a learner could believe: names and terms of the lesson, or other numbers.

A distractor must be wrong for certain (no alias, no part of the key, not in the cited sentence, nothing
that the lesson says of the same matter) and plausible at sight (the same kind, unit, number and form, from
nearby): quiz.md 3.3.
"""

from __future__ import annotations

import random
import re
from decimal import Decimal, InvalidOperation

from aigc_tui.quiz.analysis.lexicon import word_list
from aigc_tui.quiz.analysis.records import Mention, TermKind
from aigc_tui.quiz.planning.material import Material, near
from aigc_tui.quiz.planning.questions_zh import says_the_same, sort_of
from aigc_tui.quiz.planning.words import content, name_of, occurrences, overlap, overlaps, singular

_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(?!\d)")
_OF_DECADE = re.compile(r"[’']?s\b|\s?年代")
_FACTORS = (Decimal("0.5"), Decimal("0.75"), Decimal("1.25"), Decimal("1.5"), Decimal(2), Decimal(3))
_EARLY = 3
"""Digits of a year before 1000, which only 年 tells from an amount."""
_OLDEST, _MONTHS = 99, 12
_LATEST_YEAR, _LATEST_CENTURY = 2026, 21
"""No clock: the same lesson makes the same quiz in every year."""


def shape(text: str) -> str:
    """A number's look: `1905` and `1811` agree, `1905` and `19th century` do not."""
    return re.sub(r"\d+", "9", _NUMBER.sub("9", text)).strip().casefold()


def variants(text: str, source: random.Random, wanted: int) -> list[str]:
    """Other numbers in the format of one, or of one year beside a day; none when it holds several."""
    found = list(_NUMBER.finditer(text))
    years = [each for each in found if _YEAR.fullmatch(each[0])]
    if (len(found) != 1 and len(years) != 1) or re.search(r"[亿万千百]\d", text):
        return []
    match = years[0] if years else found[0]
    if re.match(r"(?:st|nd|rd|th)\b|-", text[match.end() :]):
        return []
    share = "%" in text or "％" in text
    decade = bool(years) and bool(_OF_DECADE.match(text[match.end() :]))
    early = bool(re.match(" ?年(?!代|级|前|后|间)", text[match.end() :])) and len(match[0]) == _EARLY
    others = _years(match[0], source, decade) if years or early else _amounts(match[0], share, source)
    if text[match.end() :].startswith("世纪"):
        others = [other for other in others if int(other) <= _LATEST_CENTURY]
    if text[match.end() :].strip().startswith("月"):
        others = [other for other in others if int(other) <= _MONTHS]
    if text[match.end() :].strip().startswith("岁"):
        others = [other for other in others if float(other) <= _OLDEST]
    kept = [other for other in dict.fromkeys(others) if other != match[0]]
    return [text[: match.start()] + other + text[match.end() :] for other in kept[:wanted]]


def _years(text: str, source: random.Random, decade: bool) -> list[str]:
    """Years around one: near enough to be plausible, far enough not to be a quibble; of decades, decades."""
    year = int(text)
    steps = (-40, -30, -20, -10, 10, 20, 30) if decade else (-31, -23, -14, -9, -4, 8, 12, 19, 27)
    return [str(year + step) for step in source.sample(steps, len(steps)) if year + step <= _LATEST_YEAR]


def _amounts(text: str, share: bool, source: random.Random) -> list[str]:
    """Amounts of the same order (a share stays one), with the same decimals and separators."""
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return []
    decimals = len(text.partition(".")[2])
    if not decimals and value <= 10:
        steps = [int(value) + step for step in (-3, -2, -1, 1, 2, 3, 4)]
        return [str(each) for each in source.sample(steps, len(steps)) if each > 1]
    grain = _grain(text)
    made = []
    for factor in source.sample(_FACTORS, len(_FACTORS)):
        other = (value * factor / grain).quantize(Decimal(1)) * grain
        if other > 0 and not (share and value <= 100 < other):
            made.append(f"{other:,.{decimals}f}" if "," in text else f"{other:.{decimals}f}")
    return made


def _grain(text: str) -> Decimal:
    """The last digit that the author wrote out: 300 was meant in hundreds, 1.25 in hundredths."""
    plain = text.replace(",", "")
    if "." in plain:
        return Decimal(1).scaleb(-len(plain.partition(".")[2]))
    zeros = len(plain) - len(plain.rstrip("0"))
    return Decimal(1).scaleb(max(0, min(zeros, len(plain) - 2)))


NUMERIC = frozenset({TermKind.DATE, TermKind.QUANTITY, TermKind.NUMBER})
_SORT = re.compile(
    r"(?:定律|定理|原理|学说|法则|主义|效应|\b(?:laws?|theorem|theory|principle|effect|rule))$"
)
_PROPER = frozenset({TermKind.PERSON, TermKind.PLACE, TermKind.NAME})
_WIDE = frozenset(
    {
        "Earth",
        "Africa",
        "America",
        "Asia",
        "Europe",
        "China",
        "India",
        "Russia",
        "United States",
        "Atlantic Ocean",
        "Pacific Ocean",
        "世界",
        "地球",
        "中国",
        "亚洲",
        "非洲",
        "欧洲",
        "美洲",
        "美国",
        "俄罗斯",
        "印度",
        "大西洋",
        "太平洋",
    }
)
"""Places that hold most others: a road through the corridor of Hexi does lead through China."""
_STRONG = 0.28
"""Weight of a concept of the lesson; a lighter one is a word of some example, and no rival unless kin."""
_SORT_OF_PLACE = re.compile(
    r"\b(city|town|village|port|island|state|province|kingdom|county|country) of $", re.IGNORECASE
)
_ABSTRACT = re.compile(r"(?:tion|sion|ment|ness|ity|ism|ance|ence|ship|hood|cy|sis|ology)s?$")
_LITTLE = frozenset({"in", "at", "from", "near", "to", "by", "of", "with", "called", "and", "for"})
_AROUND = 40
"""Rivals looked at on each side of the answer: enough to choose from, the same for any length of lesson."""
_SPARES = 6
_SHORTEST, _LONGEST = 0.5, 2.0
_SAME_MATTER = 0.5
"""A sentence about the rival that shares this much of the stem's content may make the rival right too."""


def find_characters(answer: Mention, material: Material, source: random.Random) -> tuple[str, ...]:
    """Find the other characters of a story, for a question that asks who did something.

    Names with names and roles with roles only: the Emperor may well be Kotei.
    """
    stem = material.words(answer.sentence)
    key = material.show(answer)
    rivals = near(material.rivals.get(answer.kind, ()), answer, _AROUND)
    names = [
        (len(material.places.get(name_of(rival.text), ())) + source.random(), material.show(rival))
        for rival in rivals
        if not occurrences(material.show(rival), stem)
        and _is_plural(rival.text) == _is_plural(key)
        and rival.text[:1].isupper() == key[:1].isupper()
        and _is_bare(rival, material) == _is_bare(answer, material)
    ]
    wrong = [name for _, name in sorted(names, reverse=True)]
    wrong = [name for name in wrong if not material.same(name, key) and not overlaps(name, key)]
    wrong = [
        name for at, name in enumerate(wrong) if not any(material.same(name, other) for other in wrong[:at])
    ]
    return tuple(_different([_with_article(name) for name in wrong], []))


def _with_article(name: str) -> str:
    return f"the {name}" if name[:1].islower() else name


def find_distractors(answer: Mention, material: Material, source: random.Random) -> tuple[str, ...]:
    """Find at most `_SPARES` wrong answers for a blank, best first; fewer where the lesson has no more."""
    stem = material.words(answer.sentence)
    ranked = sorted(
        (
            (-_likeness(rival, answer, material) + source.random() * 0.2, material.show(rival))
            for rival in near(material.rivals.get(answer.kind, ()), answer, _AROUND)
            if _is_wrong(rival, answer, stem, material)
        ),
    )
    chosen = _different([name for _, name in ranked], [])
    if answer.kind in NUMERIC:
        made = variants(material.show(answer), source, _SPARES)
        chosen = _different([one for one in made if not occurrences(one, stem)], chosen)
    return tuple(chosen[:_SPARES])


def agrees(rival: str, key: str) -> bool:
    """Tell whether a rival fits the key's place: script, capital, number, ending, length."""
    if not _SHORTEST * len(key) - 1 <= len(rival) <= _LONGEST * len(key) + 1:
        return False
    if key.isascii() != rival.isascii():
        return False
    if not key.isascii():
        return True
    if key[:1].isupper() != rival[:1].isupper() or _holds_name(key) != _holds_name(rival):
        return False
    return _is_plural(rival) == _is_plural(key) and rival.endswith("ing") == key.endswith("ing")


def _holds_name(text: str) -> bool:
    """Whether a phrase in small letters ends in a name: "former champion Ang Peng Siong"."""
    return bool(re.search(r" [A-Z][a-z]+", text))


def odd_one_out(key: str, wrong: tuple[str, ...]) -> bool:
    """Tell whether the key alone says what sort of thing it is: the only law among things "states that"."""
    sort = _SORT.search(key)
    return bool(sort) and not any(_SORT.search(other) for other in wrong)


def is_kin(other: str, key: str) -> bool:
    """Tell whether two terms share their head: "upper course" and "lower course", 城域网 and 广域网."""
    if key.isascii():
        return other.split()[-1] == key.split()[-1]
    return other[-1] == key[-1]


def is_same_sort(other: str, key: str) -> bool:
    """Tell whether two English names say the same of what they name: no party for a war."""
    groups = word_list("english_lists.txt", "groupword")
    last, mine = other.split()[-1], key.split()[-1]
    return last == mine or (last not in groups and mine not in groups)


def also_fits(rival: str, answer: Mention, material: Material) -> bool:
    """Tell whether the lesson says of the rival what the answer's sentence says of the answer."""
    rest = content(material.cut(answer).rest)
    where = material.places.get(name_of(rival), ())
    return any(overlap(rest, content(material.words(index))) > _SAME_MATTER for index in where[:20])


def _is_wrong(rival: Mention, answer: Mention, stem: str, material: Material) -> bool:
    name, key = material.show(rival), material.show(answer)
    if material.same(name, key) or overlaps(name, key) or occurrences(name, stem):
        return False
    if any(occurrences(other, stem) for other in material.aliases(name)):
        return False
    if _is_quoted(rival, material) != _is_quoted(answer, material):
        return False
    if answer.kind is TermKind.PLACE and (name in _WIDE) != (key in _WIDE):
        return False
    if answer.kind in _PROPER and not _is_such_a_name(rival, answer, stem, material):
        return False
    if answer.kind in NUMERIC:
        return rival.unit == answer.unit and shape(name) == shape(key)
    if answer.kind is TermKind.TERM and not _is_term_like(rival, name, key):
        return False
    return agrees(name, key) and not also_fits(name, answer, material)


def _is_such_a_name(rival: Mention, answer: Mention, stem: str, material: Material) -> bool:
    if _share_a_name(material.show(rival), f"{material.show(answer)} {stem}"):
        return False
    if _is_bare(rival, material) != _is_bare(answer, material):
        return False
    if _is_people(rival.text) != _is_people(answer.text) or _told(rival, material) != _told(answer, material):
        return False
    return answer.kind is not TermKind.NAME or _company(rival, material) == _company(answer, material)


def _is_term_like(rival: Mention, name: str, key: str) -> bool:
    if not key.isascii() and (sort_of(name) != sort_of(key) or says_the_same(name, key)):
        return False
    return is_kin(name, key) or rival.weight >= _STRONG


def _is_quoted(mention: Mention, material: Material) -> bool:
    """A title inside 《》 takes no bare word in its place, nor the other way round."""
    return material.lesson.text[max(0, mention.start - 1)] in "《〈"


def _share_a_name(name: str, text: str) -> bool:
    """Whether a part of a name stands in a text: "Lemuel Shaw" is no other man than "Chief Justice Shaw"."""
    parts = set(re.findall(r"[A-Z][a-zé]{2,}", name))
    return not parts.isdisjoint(re.findall(r"[A-Z][a-zé]{2,}", text))


def _is_people(name: str) -> bool:
    """Whether an English name is one of a people: Mexican Americans are no rivals of a riot."""
    last = name.split()[-1]
    return last in word_list("english_lists.txt", "nationality") or bool(
        re.search(r"[a-z](?:ans|ese)$", last)
    )


def _told(mention: Mention, material: Material) -> str:
    """What an English sentence calls a place right before its name: "the German city of Mainz"."""
    sentence = material.sentence(mention.sentence)
    found = _SORT_OF_PLACE.search(material.lesson.text[sentence.start : mention.start])
    return found[1].casefold() if found else ""


def _company(mention: Mention, material: Material) -> str:
    """The little word before a name: "at Westminster" and "by Luther" are no rivals, whatever they name."""
    sentence = material.sentence(mention.sentence)
    before = material.lesson.text[sentence.start : mention.start].split()
    last = before[-1].casefold() if before else ""
    if last in _LITTLE or not mention.text.isascii():
        return last if last in _LITTLE else last[-1:]
    return ""


def _is_bare(mention: Mention, material: Material) -> bool:
    """Whether a term stands without an article, as "tempo" does and "the baton" does not."""
    before = material.lesson.text[max(0, mention.start - 5) : mention.start].split()
    return not before or before[-1].casefold() not in ("a", "an", "the")


def _likeness(rival: Mention, answer: Mention, material: Material) -> float:
    name, key = material.show(rival), material.show(answer)
    sections = abs(_section(rival, material) - _section(answer, material))
    nearness = {0: 0.8, 1: 0.5}.get(sections, 0.2)
    if answer.kind in _PROPER and not key.isascii():
        nearness *= 2
    length = 1 - abs(len(name) - len(key)) / max(len(name), len(key))
    ending = 0.5 if name[-1:] == key[-1:] and not name.isascii() else 0.0
    ending += 0.3 if name.isascii() and name[-3:] == key[-3:] else 0.0
    words = 0.3 if len(name.split()) == len(key.split()) else 0.0
    if answer.kind is TermKind.TERM and name.isascii():
        words += 0.5 * (_is_bare(rival, material) == _is_bare(answer, material))
        words += 0.3 * (_company(rival, material) == _company(answer, material))
    words -= 0.6 * (_is_abstract(name) != _is_abstract(key))
    return nearness + 1.5 * rival.weight + 0.5 * length + ending + words


def _is_abstract(text: str) -> bool:
    """Whether an English word's ending shows an idea or doing rather than a thing."""
    return bool(_ABSTRACT.search(text))


def _section(mention: Mention, material: Material) -> int:
    return material.sentence(mention.sentence).section


def _different(names: list[str], chosen: list[str]) -> list[str]:
    kept = list(chosen)
    for name in names:
        if len(kept) < _SPARES and not any(overlaps(name, other) for other in kept):
            kept.append(name)
    return kept


def _is_plural(text: str) -> bool:
    last = text.split()[-1].casefold() if text.split() else ""
    return singular(last) != last
