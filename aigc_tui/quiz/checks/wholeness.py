"""Are the key and the options whole expressions, cut where words end?

Why it exists: keys are cut out of sentences, and a cut through "200 cm³", TCP/IP or 空气中约 makes an
answer that nobody would give. Chinese word boundaries need a dictionary that is too slow to load for a check;
characters that never open or close an expression catch most wrong cuts without one.
"""

from __future__ import annotations

import re

from aigc_tui.quiz.checks.normal import pieces
from aigc_tui.quiz.checks.parts import distractors, key_of
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.verdicts import quoted, soft
from aigc_tui.quiz.records import BLANK, Item, ItemType

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
            return soft("whole_words", f"no whole expression: {quoted(text)}", text)
    around = _around_blank(item) or _around_key(item)
    if around:
        return soft("whole_words", f"cut inside a word: {quoted(around)}", around)
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
