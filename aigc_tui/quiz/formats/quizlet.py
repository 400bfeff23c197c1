"""Quizlet's paste box: a term, a tab, a definition, a new line.

Why it exists: students keep sets there. The box knows no quoting and no escape, so inside a card a line break
becomes ` / ` and a tab a space: the words stay, the layout does not. In the box choose "Tab" between term and
definition and "New line" between cards.

Source: no official page; the dialog's wording as public importers give it (reference quiz.md 2.6).
"""

from __future__ import annotations

import re

from aigc_tui.quiz.formats.cards import back, front
from aigc_tui.quiz.formats.holding import gather, written
from aigc_tui.quiz.formats.records import Format, Options, Written
from aigc_tui.quiz.parts import pairs
from aigc_tui.quiz.records import Item, ItemType, Quiz

CARRIES = frozenset({"explanation", "accepted", "feedback"})
_BREAK = re.compile(r"(?<!\s)\s*\n\s*")


def write_quizlet(quiz: Quiz, options: Options) -> Written:
    """Write a quiz as lines to paste; a matching question becomes one card a pair, for Quizlet's own game."""
    held, left = gather(quiz, lambda item: _cards(item, options.language))
    text = "".join(f"{card}\n" for _, cards in held for card in cards)
    return written(text.encode(), held, left, CARRIES)


def _cards(item: Item, language: str) -> list[str]:
    if item.type is ItemType.MATCH:
        return [f"{_flat(left)}\t{_flat(right)}" for left, right in pairs(item)]
    return [f"{_flat(front(item, language))}\t{_flat(back(item, language))}"]


def _flat(side: str) -> str:
    return _BREAK.sub(" / ", side.strip()).replace("\t", " ")


QUIZLET = Format("quizlet", ".txt", write_quizlet)
