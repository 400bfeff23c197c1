r"""GIFT, Moodle's text format: written so that Moodle's own reader and gift-pegjs both take it.

Why it exists: GIFT guesses a question's type from raw characters, so plain text is full of traps: an option
that begins with `%50%` is read as a weight, `->` makes a match question, `[html]` a format, `//` a comment.
Texts are therefore written as escaped HTML, where each of these has a harmless spelling. Only short answers
are plain in Moodle; there `->` has no spelling, and the item is left out.

Source: the rules of Moodle's question/format/gift and of gift-pegjs 1.0.2, measured (reference quiz.md 2.1).
"""

from __future__ import annotations

import re

from aigc_tui.quiz.formats.building import tags_of
from aigc_tui.quiz.formats.gift_reading import read_gift
from aigc_tui.quiz.formats.holding import (
    UnfitError,
    accepted_of,
    gather,
    key_of,
    rights_and_extras,
    written,
)
from aigc_tui.quiz.formats.hypertext import to_html
from aigc_tui.quiz.formats.records import Format, Options, Written
from aigc_tui.quiz.parts import pairs
from aigc_tui.quiz.records import BLANK, Item, ItemType, Quiz
from aigc_tui.text import one_line

CARRIES = frozenset({"explanation", "feedback", "accepted", "tags"})

_RESERVED = str.maketrans({char: "\\" + char for char in "\\#=~{}:"} | {"\n": "\\n"})
_PLACEHOLDER = re.compile(r"&&(?:0(?:58|35|61|10|92)|12[356])")
"""What Moodle's reader puts in for an escaped character while it works; in an answer it would become one."""
_GAP = "_____"
"""Moodle puts the answer's field in place of five underscores or more."""


def write_gift(quiz: Quiz, options: Options) -> Written:
    """Write a quiz as GIFT, every text as `[html]`, in one category named after the quiz."""
    held, left = gather(quiz, _question)
    # Moodle undoes a backslash here, too, but none of the other escapes.
    title = one_line(quiz.title).replace("\\", "\\\\").replace("/", "//")
    blocks = [f"$CATEGORY: $course$/top/{title}"] if title else []
    blocks += [form for _, form in held]
    return written(("\n\n".join(blocks) + "\n").encode(), held, left, CARRIES)


def escape(text: str) -> str:
    r"""Escape what GIFT reserves, as Moodle's own writer does: ``\ # = ~ { } :`` and the newline."""
    return text.translate(_RESERVED)


def _question(item: Item) -> str:
    stem = item.stem.strip()
    if item.type is ItemType.CLOZE:
        stem = stem.replace(BLANK, _GAP)
    # The braces stand on lines of their own only where Moodle and gift-pegjs agree on the white space.
    lines = [f"::{escape(one_line(item.stem, 60))}::[html]{_rich(stem)}{{", *_answers(item)]
    if item.explanation.strip():
        lines.append(f"####{_rich(item.explanation)}")
    return "\n".join([_comment(item), *lines, "}"])


def _comment(item: Item) -> str:
    """The id and the tags, as Moodle and gift-pegjs read them out of a comment."""
    marks = [f"[id:{_marked(item.id)}]", *(f"[tag:{_marked(tag)}]" for tag in tags_of(item))]
    return "// " + " ".join(marks)


def _marked(text: str) -> str:
    return one_line(text).replace("]", "\\]")


def _answers(item: Item) -> list[str]:
    if item.type is ItemType.MC:
        return _choices(item)
    if item.type is ItemType.TF:
        return ["TRUE" if item.answer else "FALSE"]
    if item.type in (ItemType.CLOZE, ItemType.SHORT):
        return [f"={_plain(each)}" for each in accepted_of(item)]
    if item.type is ItemType.MATCH:
        rights, extras = rights_and_extras(item)
        lefts = [_rich(left) for left, _ in pairs(item)] + [""] * len(extras)
        return [f"={left} -> {_side(right)}" for left, right in zip(lefts, rights + extras, strict=True)]
    raise UnfitError("GIFT has no ordering questions")


def _choices(item: Item) -> list[str]:
    key = key_of(item)
    feedback = item.feedback or ("",) * len(item.options)
    lines = []
    for index, (option, said) in enumerate(zip(item.options, feedback, strict=True)):
        line = ("=" if index == key else "~") + _rich(option)
        lines.append(f"{line}#{_rich(said)}" if said.strip() else line)
    return lines


def _rich(text: str) -> str:
    """A text that Moodle takes as HTML: a leading `[` or `%` must not look like a format or a weight."""
    markup = to_html(text.strip())
    if markup[:1] in ("[", "%"):
        markup = f"&#{ord(markup[0])};{markup[1:]}"
    return escape(markup)


def _plain(answer: str) -> str:
    r"""A short answer, compared as plain text; ``*`` is Moodle's wildcard and ``\*`` the star itself."""
    if "->" in answer:
        raise UnfitError("GIFT reads '->' in a short answer as a matching pair")
    prefix = "[plain]" if answer[:1] in ("[", "%") else ""
    return prefix + escape(_side_checked(answer).replace("*", "\\*"))


def _side(text: str) -> str:
    """A right side of a pair: plain text, too."""
    return escape(_side_checked(text.strip()))


def _side_checked(text: str) -> str:
    if _PLACEHOLDER.search(text):
        raise UnfitError("Moodle's GIFT reader would change an answer with '&&0..' in it")
    return text


GIFT = Format("gift", ".gift", write_gift, read_gift)
