"""Checks of options: distinct, ordered, wrong for certain, of the key's kind and length; numbers in them."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from itertools import pairwise

from aigc_tui.message import Message, message
from aigc_tui.quiz.checks.records import Context, Verdict, hard, shortly, soft
from aigc_tui.quiz.normal import HAN, contains, normal, pieces, same, simplified
from aigc_tui.quiz.records import Item, ItemType, distractors, key_of
from aigc_tui.text import width

USUAL_OPTIONS = 3
"""Fewer than these are guessed too easily; three are as good as four (Rodriguez 2005)."""
LONGEST_KEY = 1.5
"""How many times as wide as the next option a key is that gives itself away."""
_CASE_COUNTS = 3
"""Options this short may differ by case alone: Aa and AA are two genotypes, mg and Mg two things."""
_ALL_OR_NONE = re.compile(
    r"^\W*(?:all|none|any|both|neither|either)\s+(?:\w+\s+)?(?:of\s+)?(?:the\s+|these\s+|those\s+|them\b)?"
    r"(?:above|below|options?|answers?|choices?|listed|mentioned|these|them|of these|of them)\b.{0,20}$"
    r"|^\W*(?:以上|上述|上面|下列)?(?:选项)?(?:都|全|皆|均)(?:不)?(?:是|对|正确|错|错误|有)\W*$"
    r"|^\W*(?:以上|上述)(?:选项|答案|各项)?(?:都|全|皆|均)?.{0,4}(?:是|对|正确|错|错误|有)\W*$",
    re.I,
)
_LETTERS = re.compile(
    r"^\W*(?:both\s+|either\s+|neither\s+|only\s+|选项)?\(?[A-F]\)?\s*(?:(?:,|、|and|or|nor|&|和|与|或|及)\s*\(?[A-F]\)?\s*)+"
    r"(?:only|are correct|都对|都正确|均正确|正确)?\W*$",
    re.I,
)
_NUMERAL = r"(?:\(?(?:[ivxIVX]{1,4}(?![ivxIVX])|[1-6])\)?|[①-⑨])"
# Possessive spaces: a hostile option of numerals and blanks must not be tried in every way.
_COMBINED = re.compile(
    rf"^\W*(?:only\s+)?{_NUMERAL}(?:\s*+only|(?:\s*+(?:,|、|and|or|&|和|与)?\s*+{_NUMERAL})+\s*+(?:only|正确)?)\W*$",
)
_STATEMENTS = re.compile(r"(?:\bII\b|\bii[.)]|②|\(2\)|（2）)")
_ABSOLUTE = re.compile(
    r"\b(?:always|never|all|every|none|only|must|impossible|entirely|completely|absolutely|invariably|nobody|everyone)\b"
    r"|一定|绝对|必然|必定|永远|从不|从来|完全|所有|任何|全部|毫无|唯一|只能|决不|绝不",
    re.I,
)
_VAGUE = re.compile(
    r"\b(?:often|usually|sometimes|generally|frequently|rarely|seldom|may|might|possibly|probably|occasionally|"
    r"typically|normally|several|many|some)\b|有时|经常|往往|通常|一般|可能|偶尔|大概|也许|常常|或许|大多",
    re.I,
)


def duplicate_options(item: Item, context: Context) -> Verdict | None:
    """No two options are equal to a reader."""
    if item.type is not ItemType.MC:
        return None
    seen: set[str] = set()
    for text in item.options:
        form = _form(text)
        if form in seen:
            return hard("duplicate_options", message('two options say "{text}"', text=shortly(text)), text)
        seen.add(form)
    return hard("duplicate_options")


def nested_options(item: Item, context: Context) -> Verdict | None:
    """No distractor holds the key or is a part of it: Asia, Asia and Africa may both be right."""
    wrong, key = distractors(item), key_of(item)
    for text in wrong:
        if normal(text) != normal(key) and (contains(key, text) or contains(text, key)):
            return soft(
                "nested_options",
                message(
                    '"{text}" and the key "{text2}" contain one another',
                    text=shortly(text),
                    text2=shortly(key),
                ),
                text,
            )
    return soft("nested_options") if wrong else None


def few_options(item: Item, context: Context) -> Verdict | None:
    """There are enough options that guessing does not pay."""
    if item.type is not ItemType.MC:
        return None
    count = len(item.options)
    return soft(
        "few_options", message("only {count} options", count=count) if count < USUAL_OPTIONS else None
    )


def all_of_the_above(item: Item, context: Context) -> Verdict | None:
    """No option speaks of the others: all of the above, none of these, A and B, 以上都对."""
    if item.type is not ItemType.MC:
        return None
    for text in item.options:
        if _ALL_OR_NONE.match(text) or _LETTERS.match(text):
            return soft(
                "all_of_the_above", message('an option about the others: "{text}"', text=shortly(text)), text
            )
    return soft("all_of_the_above")


def k_type(item: Item, context: Context) -> Verdict | None:
    """The options are no combinations of numbered statements (①③, I and II)."""
    if item.type is not ItemType.MC or not item.options:
        return None
    combined = [text for text in item.options if _COMBINED.match(text)]
    told = len(combined) * 2 > len(item.options) and _STATEMENTS.search(item.stem)
    return soft(
        "k_type",
        message('options combine numbered statements: "{text}"', text=shortly(combined[0])) if told else None,
    )


def absolute_terms(item: Item, context: Context) -> Verdict | None:
    """No option (nor statement to judge) says always or never, unless the source does."""
    return _terms("absolute_terms", message("an absolute word"), _ABSOLUTE, item)


def vague_terms(item: Item, context: Context) -> Verdict | None:
    """No option says often or sometimes, unless the source does."""
    return _terms("vague_terms", message("a vague word"), _VAGUE, item)


def longest_key(item: Item, context: Context) -> Verdict | None:
    """The key does not stand out by its length: not half as long again as the next longest option."""
    wrong = distractors(item)
    if not wrong:
        return None
    longest, key = max(map(width, wrong)), width(key_of(item))
    stands_out = key >= LONGEST_KEY * longest and key - longest >= 4
    return soft(
        "longest_key", message("the key is by far the longest option") if stands_out else None, key_of(item)
    )


def _terms(name: str, what: Message, words: re.Pattern[str], item: Item) -> Verdict | None:
    texts = (item.stem,) if item.type is ItemType.TF else item.options if item.type is ItemType.MC else ()
    if not texts:
        return None
    quote = item.source.quote.casefold() if item.source else ""
    found = [match[0] for text in texts if (match := words.search(text))]
    # A word that every option has tells nobody which of them is right.
    if len(texts) > 1 and len(found) == len(texts):
        return soft(name)
    new = [word for word in found if word.casefold() not in quote]
    return soft(name, message("{what}: {new}", what=what, new=new[0]) if new else None, "".join(new[:1]))


def _form(text: str) -> str:
    """What two options are compared by; short ones keep their case."""
    short = len(text.strip()) <= _CASE_COUNTS and text.strip().isascii()
    return f"{normal(simplified(text))} {text.strip() if short and text.strip().isalpha() else ''}"


_NUMBER = r"[-−]?\d[\d,]*(?:\.\d+)?"
_LEAD = (
    r"[^\w]{0,3}(?:(?:about|around|over|under|nearly|almost|approximately|circa|in|rs\.?"
    r"|约|約|大约|近|超过|不到|公元前?|前|第)\s*)?[^\w−-]{0,3}"
)
_ALONE = re.compile(rf"^{_LEAD}({_NUMBER})([^\d]{{0,16}})$", re.I)
_RANGE = re.compile(
    rf"^[^\d−-]{{0,12}}({_NUMBER})[^\d]{{0,6}}?\s*(?:-|–|—|~|～|to|and|至|到)\s*({_NUMBER})[^\d]{{0,12}}$",
    re.I,
)
_BEFORE_CHRIST = re.compile(r"\bB\.?C\.?(?:E\.?)?\b|公元前|前\d", re.I)
_UNITS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "千": 1e3, "万": 1e4, "亿": 1e8}


def number_in(text: str) -> float | None:
    """The number that an option is, with a scale word (万, million) years B.C. below zero; None: none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _ALONE.match(plain)
    if found is None:
        return None
    value = float(found[1].replace(",", "").replace("−", "-"))
    scale = next((factor for word, factor in _UNITS.items() if word in found[2].casefold()), 1.0)
    return -value if _BEFORE_CHRIST.search(plain) else value * scale


def range_in(text: str) -> tuple[float, float] | None:
    """The range that an option is ("10-20 km", 18至25岁), lower end first; None: it is none."""
    found = _RANGE.match(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    low, high = (float(found[place].replace(",", "").replace("−", "-")) for place in (1, 2))
    return (low, high) if low <= high else None


def unsorted_numbers(item: Item, context: Context) -> Verdict | None:
    """Options that are all numbers stand in order, up or down."""
    values = [number_in(text) for text in item.options] if item.type is ItemType.MC else []
    known = [value for value in values if value is not None]
    if len(known) < 3 or len(known) < len(values):
        return None
    ordered = known == sorted(known) or known == sorted(known, reverse=True)
    return soft(
        "unsorted_numbers",
        None if ordered else message("the numbers stand in no order"),
        ", ".join(item.options),
    )


def overlapping_ranges(item: Item, context: Context) -> Verdict | None:
    """Options that are ranges do not overlap beyond a shared end."""
    ranges = [found for text in item.options if (found := range_in(text))] if item.type is ItemType.MC else []
    if len(ranges) < 2:
        return None
    for one, other in pairwise(sorted(ranges)):
        if other[0] < one[1]:
            told = f"{one[0]:g}-{one[1]:g} and {other[0]:g}-{other[1]:g}"
            return soft("overlapping_ranges", message("two ranges overlap: {told}", told=told), told)
    return soft("overlapping_ranges")


SHORTEST, LONGEST = 0.5, 2.0
"""The band of lengths, as parts of the key's width."""
_SLACK = 8
"""Cells by which short options may differ: "gold" and "aluminium" are a fair pair."""
_HAN_ANY, _LATIN_ANY, _DIGIT_ANY = re.compile(rf"[{HAN}]"), re.compile(r"[A-Za-z]"), re.compile(r"\d")
_ALSO = (
    r"also (?:called|known as|named)|(?:is |are )?(?:commonly |often )?(?:called|known as)|i\.e\.,?|or"
    r"|又称为?|又名|又叫做?|也称为?|也叫做?|亦称|简称为?|全称|俗称|别称|即"
)


class OptionKind(StrEnum):
    """What an option looks like; options of one question look alike."""

    NUMBER = "number"
    DATE = "date"
    CHINESE = "Chinese"
    LATIN = "Latin"
    OTHER = "other"


_KIND_NAMES = {
    OptionKind.NUMBER: message("a number"),
    OptionKind.DATE: message("a date"),
    OptionKind.CHINESE: message("Chinese words"),
    OptionKind.LATIN: message("Latin words"),
    OptionKind.OTHER: message("punctuation"),
}
_DATE = re.compile(
    r"^\W*(?:in\s+)?(?:c(?:irca|a?\.)?\s*)?(?:[12]\d{3}|\d{1,3}\s*(?:AD|BC|B\.C\.|A\.D\.))s?\W*$"
    r"|\d+\s*(?:年|世纪|月|日)|\b(?:january|february|march|april|may|june|july|august|september|october|november|"
    r"december)\s+\d|\b\d{1,2}(?:st|nd|rd|th)\s+century",
    re.I,
)


def kind_of(text: str) -> OptionKind:
    """What sort of thing an option is, by its looks alone."""
    if _DATE.search(text):
        return OptionKind.DATE
    if number_in(text) is not None or range_in(text) is not None:
        return OptionKind.NUMBER
    han, latin = len(_HAN_ANY.findall(text)), len(_LATIN_ANY.findall(text))
    if han or latin:
        return OptionKind.CHINESE if han >= latin / 4 and han else OptionKind.LATIN
    return OptionKind.NUMBER if _DIGIT_ANY.search(text) else OptionKind.OTHER


def same_type(item: Item, context: Context) -> Verdict | None:
    """Every distractor looks like the key: a number beside numbers, a date beside dates, one script."""
    wrong, key = distractors(item), key_of(item)
    kind = kind_of(key)
    for text in wrong:
        other = kind_of(text)
        if (
            other is not kind
            and {other, kind} != {OptionKind.DATE, OptionKind.NUMBER}
            and not _formula(text, key)
        ):
            return soft(
                "same_type",
                message(
                    '"{text}" is {other}, the key is {kind}',
                    text=shortly(text),
                    other=_KIND_NAMES[other],
                    kind=_KIND_NAMES[kind],
                ),
                text,
            )
    return soft("same_type") if wrong else None


def length_band(item: Item, context: Context) -> Verdict | None:
    """Every distractor is between half as long and twice as long as the key."""
    wrong, key = distractors(item), width(key_of(item))
    for text in wrong:
        size = width(text)
        if not SHORTEST * key <= size <= LONGEST * key and abs(size - key) > _SLACK:
            return soft(
                "length_band",
                message(
                    '"{text}" is {size} times as long as the key',
                    text=shortly(text),
                    size=f"{size / max(key, 1):.1f}",
                ),
                text,
            )
    return soft("length_band") if wrong else None


def distractor_in_source(item: Item, context: Context) -> Verdict | None:
    """No distractor stands in the cited sentence: it might be an answer there too."""
    wrong, key = distractors(item), simplified(key_of(item))
    if item.source is None or not wrong:
        return None
    # Inside the key's own words a shorter option is no second answer; `nested_options` speaks of that.
    rest = (
        f" {normal(simplified(item.source.quote))} ".replace(f" {normal(key)} ", " □ ") if normal(key) else ""
    )
    for text in wrong:
        if f" {normal(simplified(text))} " in rest:
            return hard(
                "distractor_in_source",
                message('the cited sentence holds "{text}" too', text=shortly(text)),
                text,
            )
    return hard("distractor_in_source")


def alias_distractor(item: Item, context: Context) -> Verdict | None:
    """No distractor is another name of the key, by the lesson's aliases or by the cited sentence."""
    wrong, key = distractors(item), key_of(item)
    if not wrong:
        return None
    names = {other for pair in context.aliases for one, other in (pair, pair[::-1]) if same(one, key)}
    names.update(item.accepted)
    for text in wrong:
        if any(same(text, name) for name in names) or _introduced(item, key, text):
            return hard(
                "alias_distractor", message('"{text}" is another name of the key', text=shortly(text)), text
            )
    return hard("alias_distractor")


def _introduced(item: Item, one: str, other: str) -> bool:
    """Whether the quote gives the two as names of one thing: "X (Y)", "X, also called Y", X又称Y."""
    if item.source is None or not (pieces(one) and pieces(other)):
        return False
    quote = simplified(item.source.quote)
    for first, second in ((one, other), (other, one)):
        a, b = re.escape(simplified(first).strip()), re.escape(simplified(second).strip())
        if re.search(rf"{a}\W{{0,3}}(?:[(（]\W?{b}|(?:{_ALSO})\W{{0,3}}(?:the |an? )?{b})", quote, re.I):
            return True
    return False


def _formula(*texts: str) -> bool:
    return any("$" in text or "\\" in text for text in texts)
