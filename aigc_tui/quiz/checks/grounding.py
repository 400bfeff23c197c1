"""Checks against the cited sentence: the quote, the key and whole words in it, and true-false statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from aigc_tui.message import message
from aigc_tui.quiz.checks.records import Context, Verdict, hard, shortly, soft
from aigc_tui.quiz.normal import contains, pieces, simplified
from aigc_tui.quiz.records import BLANK, Item, ItemType, Origin, distractors, key_of, pairs, steps


def grounded(item: Item, context: Context) -> Verdict | None:
    """The quote is the lesson's own words, at the offsets that the item gives.

    Says nothing of a question that a person wrote without naming a source. Without the lesson only the length
    of the quote can be held against its offsets.
    """
    source = item.source
    if source is None:
        if item.origin is Origin.HUMAN:
            return None
        return hard("grounded", message("no sentence of the lesson is cited"))
    if not source.quote.strip():
        return hard("grounded", message("the quote is empty"))
    if source.end - source.start != len(source.quote):
        return hard(
            "grounded",
            message(
                "the quote is not as long as its offsets {start} to {end} say",
                start=source.start,
                end=source.end,
            ),
        )
    lesson = context.lesson
    if lesson is not None and lesson.text[source.start : source.end] != source.quote:
        there = shortly(lesson.text[source.start : source.end])
        return hard(
            "grounded",
            message('the lesson has "{there}" at {start}, not the quote', there=there, start=source.start),
            source.quote,
        )
    return hard("grounded")


def answer_in_source(item: Item, context: Context) -> Verdict | None:
    """The key of a cloze or short-answer item stands in the cited sentence, in either Chinese script."""
    if item.source is None or item.type not in (ItemType.CLOZE, ItemType.SHORT):
        return None
    if any(_stands(item.source.quote, answer) for answer in (key_of(item), *item.accepted)):
        return hard("answer_in_source")
    return hard(
        "answer_in_source",
        message('the quote does not hold the answer "{text}"', text=shortly(key_of(item))),
        key_of(item),
    )


def key_in_source(item: Item, context: Context) -> Verdict | None:
    """The right option of a multiple-choice item stands in the cited sentence.

    Soft: a key may say the sentence in other words, and then only a reader can tell whether it follows.
    """
    if item.source is None or item.type is not ItemType.MC:
        return None
    if _stands(item.source.quote, key_of(item)):
        return soft("key_in_source")
    return soft(
        "key_in_source",
        message('the quote does not hold the key "{text}"', text=shortly(key_of(item))),
        key_of(item),
    )


def parts_in_source(item: Item, context: Context) -> Verdict | None:
    """What is matched or put in order stands in the quote, or anywhere in the lesson, in its own words."""
    parts = [side for pair in pairs(item) for side in pair] + list(steps(item))
    if item.source is None or not parts:
        return None
    where = item.source.quote if context.lesson is None else context.lesson.text
    missing = [part for part in parts if not _holds(where, part) and not _holds(item.source.quote, part)]
    if missing:
        return soft(
            "parts_in_source",
            message('not in the source\'s words: "{text}"', text=shortly(missing[0])),
            missing[0],
        )
    return soft("parts_in_source")


def _stands(quote: str, answer: str) -> bool:
    return contains(quote, answer) or contains(simplified(quote), simplified(answer))


def _holds(where: str, part: str) -> bool:
    # A lesson may be long: normalised comparison is kept for texts of a paragraph's size.
    plain = part.strip().rstrip(".。;；,，").casefold()
    return plain in where.casefold() or (len(where) < 5_000 and contains(where, part))


PHRASE = 6
"""Pieces of an expression that is looked at; a clause may well open with 因 or "because"."""
_OPENS_BADLY = re.compile(
    r"^(?:of|and|or|nor|but|is|are|was|were|which|who|whom|whose|than|as|by)\s+\S"
    r"|^[的得了着们与和及而且但却则并被把]\S"
    r"|^因(?![特果子素数式纽为])\S|^时(?![间期代尚差区钟光刻装段针序事空候速态])\S"
    r"|^指(?![数甲标针令南纹挥示导环头出])\S|^于(?![是谦右])\S",
    re.I,
)
_CLOSES_BADLY = re.compile(
    r"\b(?:the|a|an|of|and|or|nor|but|with|is|are|was|were|which|that|than|as|its|their|from|into)$"
    r"|\S[的着和与及或是于把被将并而但且因]$|\S等于$|(?<![条公节契预签合婚纽])约$",
    re.I,
)
_STUCK = re.compile(r"[A-Za-z0-9²³¹⁰-⁹₀-₉/]")


def whole_words(item: Item, context: Context) -> Verdict | None:
    """The key and the options are cut where words end, and neither open nor close with a joining word."""
    texts = [text for text in (key_of(item), *distractors(item)) if text.strip()]
    if not texts:
        return None
    for text in texts:
        if len(pieces(text)) <= PHRASE and _badly_cut(text):
            return soft("whole_words", message('not a whole expression: "{text}"', text=shortly(text)), text)
    around = _around_blank(item) or _around_key(item)
    if around:
        return soft("whole_words", message('cut inside a word: "{text}"', text=shortly(around)), around)
    return soft("whole_words")


def _badly_cut(text: str) -> bool:
    plain = text.strip().strip("“”\"'「」《》")
    if len(plain) < 2 or plain.isupper():
        return False
    return _OPENS_BADLY.search(plain) is not None or _CLOSES_BADLY.search(plain) is not None


def _around_blank(item: Item) -> str:
    """The blank with a letter, digit or slash beside it, put back together; empty: nothing is stuck to it."""
    if BLANK not in item.stem:
        return ""
    before, after = item.stem.split(BLANK, 1)
    key = key_of(item)
    # An article that waits for its n, "a(n)", and a unit behind a number are no cuts.
    left = before[-1:] if _STUCK.match(before[-1:]) and _STUCK.match(key[:1]) else ""
    right = after[:1] if _STUCK.match(after[:1]) and _STUCK.match(key[-1:]) else ""
    return f"{left}{key}{right}" if left or right else ""


def _around_key(item: Item) -> str:
    """The key with what is stuck to it everywhere in the quote; empty: somewhere it stands free."""
    key = key_of(item).strip()
    if item.source is None or item.type is ItemType.CLOZE or not key:
        return ""
    found = [match.span() for match in re.finditer(re.escape(key), item.source.quote)]
    stuck = ""
    for start, end in found:
        before, after = item.source.quote[max(start - 1, 0) : start], item.source.quote[end : end + 1]
        left = before if _STUCK.match(before) and _STUCK.match(key[0]) else ""
        right = after if _STUCK.match(after) and _STUCK.match(key[-1]) else ""
        if not left and not right:
            return ""
        stuck = f"{left}{key}{right}"
    return stuck


_SECOND_CLAIM = re.compile(
    r"(?:,|;)\s*(?:and|but|while|whereas|yet|although|because|which|so)\b|;\s|\b(?:whereas|as well as)\b"
    r"|[；;]|，(?:并且|而且|但是|但|而|同时|并|且|还|也|因此|所以|其中)|以及|[。.!?！？]\s*\S",
)
_BARE = re.compile(r"[\s.。!！]+$")


def false_in_source(item: Item, context: Context) -> Verdict | None:
    """A statement that counts as false is not in the quote, not in the lesson, not true by another name."""
    if item.type is not ItemType.TF or item.source is None or item.answer is not False:
        return None
    if _says(item):
        return hard("false_in_source", message("the quote says so, yet the key is false"))
    if context.lesson is not None and _BARE.sub("", item.stem).casefold() in _folded(context.lesson.text):
        return hard("false_in_source", message("the lesson says so elsewhere, yet the key is false"))
    other = next((name for name in _renamed(item, context) if name), "")
    return hard(
        "false_in_source", message("true under another name: {other}", other=other) if other else None, other
    )


def true_in_source(item: Item, context: Context) -> Verdict | None:
    """A statement that counts as true is in the quote's own words. Soft: it may be said in others."""
    if item.type is not ItemType.TF or item.source is None or item.answer is not True:
        return None
    return soft(
        "true_in_source", None if _says(item) else message("the quote does not say so in these words")
    )


def two_claims(item: Item, context: Context) -> Verdict | None:
    """The statement claims one thing."""
    if item.type is not ItemType.TF:
        return None
    found = _SECOND_CLAIM.search(item.stem)
    return soft(
        "two_claims",
        message("two claims in one statement") if found else None,
        found[0].strip() if found else "",
    )


def _says(item: Item, stem: str | None = None) -> bool:
    quote = item.source.quote if item.source else ""
    return contains(simplified(quote), simplified(item.stem if stem is None else stem))


@lru_cache(maxsize=2)
def _folded(text: str) -> str:
    # A lesson may be a book: its folded form is kept while its items are judged.
    return text.casefold()


def _renamed(item: Item, context: Context) -> Iterator[str]:
    stem = simplified(item.stem)
    for pair in context.aliases:
        for name, other in (pair, pair[::-1]):
            plain = re.compile(re.escape(simplified(name)), re.I)
            if contains(stem, name) and _says(item, plain.sub(simplified(other).replace("\\", "/"), stem)):
                yield name
