"""What the options of a multiple-choice item look like, whatever they say.

Why it exists: people who were taught to take tests find the key by its looks. These are the option rules of
Haladyna, Downing & Rodriguez (2002) and of the 19-criterion rubric (Moore et al. 2023) that need no reader.
"""

from __future__ import annotations

import re

from aigc_tui.quiz.checks.normal import contains, normal, simplified
from aigc_tui.quiz.checks.parts import distractors, key_of
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.verdicts import hard, quoted, soft
from aigc_tui.quiz.records import Item, ItemType
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
            return hard("duplicate_options", f"two options say {quoted(text)}", text)
        seen.add(form)
    return hard("duplicate_options")


def nested_options(item: Item, context: Context) -> Verdict | None:
    """No distractor holds the key or is a part of it: Asia, Asia and Africa may both be right."""
    wrong, key = distractors(item), key_of(item)
    for text in wrong:
        if normal(text) != normal(key) and (contains(key, text) or contains(text, key)):
            return soft("nested_options", f"{quoted(text)} and the key {quoted(key)} hold one another", text)
    return soft("nested_options") if wrong else None


def few_options(item: Item, context: Context) -> Verdict | None:
    """There are enough options that guessing does not pay."""
    if item.type is not ItemType.MC:
        return None
    count = len(item.options)
    return soft("few_options", f"only {count} options" if count < USUAL_OPTIONS else "")


def all_of_the_above(item: Item, context: Context) -> Verdict | None:
    """No option speaks of the others: all of the above, none of these, A and B, 以上都对."""
    if item.type is not ItemType.MC:
        return None
    for text in item.options:
        if _ALL_OR_NONE.match(text) or _LETTERS.match(text):
            return soft("all_of_the_above", f"an option about the others: {quoted(text)}", text)
    return soft("all_of_the_above")


def k_type(item: Item, context: Context) -> Verdict | None:
    """The options are no combinations of numbered statements (①③, I and II)."""
    if item.type is not ItemType.MC or not item.options:
        return None
    combined = [text for text in item.options if _COMBINED.match(text)]
    told = len(combined) * 2 > len(item.options) and _STATEMENTS.search(item.stem)
    return soft("k_type", f"options combine numbered statements: {quoted(combined[0])}" if told else "")


def absolute_terms(item: Item, context: Context) -> Verdict | None:
    """No option (nor statement to judge) says always or never, unless the source does."""
    return _terms("absolute_terms", "an absolute word", _ABSOLUTE, item)


def vague_terms(item: Item, context: Context) -> Verdict | None:
    """No option says often or sometimes, unless the source does."""
    return _terms("vague_terms", "a vague word", _VAGUE, item)


def longest_key(item: Item, context: Context) -> Verdict | None:
    """The key does not stand out by its length: not half as long again as the next longest option."""
    wrong = distractors(item)
    if not wrong:
        return None
    longest, key = max(map(width, wrong)), width(key_of(item))
    stands_out = key >= LONGEST_KEY * longest and key - longest >= 4
    return soft("longest_key", "the key is by far the longest option" if stands_out else "", key_of(item))


def _terms(name: str, what: str, words: re.Pattern[str], item: Item) -> Verdict | None:
    texts = (item.stem,) if item.type is ItemType.TF else item.options if item.type is ItemType.MC else ()
    if not texts:
        return None
    quote = item.source.quote.casefold() if item.source else ""
    found = [match[0] for text in texts if (match := words.search(text))]
    # A word that every option has tells nobody which of them is right.
    if len(texts) > 1 and len(found) == len(texts):
        return soft(name)
    new = [word for word in found if word.casefold() not in quote]
    return soft(name, f"{what}: {new[0]}" if new else "", "".join(new[:1]))


def _form(text: str) -> str:
    """What two options are compared by; short ones keep their case."""
    short = len(text.strip()) <= _CASE_COUNTS and text.strip().isascii()
    return f"{normal(simplified(text))} {text.strip() if short and text.strip().isalpha() else ''}"
