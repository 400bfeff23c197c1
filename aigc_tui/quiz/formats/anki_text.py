"""Anki's text import: tab-separated lines, one card each, for people who would rather see what they import.

Why it exists: it works with every Anki, on every device, and needs no package. The header lines tell Anki the
separator, the deck and which columns hold the id and the tags; the id makes a second import update.

Source: Anki's manual, "Text files"; measured with the `anki` package (reference quiz.md 2.4).
"""

from __future__ import annotations

import re

from aigc_tui.quiz.formats.building import tags_of
from aigc_tui.quiz.formats.cards import back, front
from aigc_tui.quiz.formats.holding import UnfitError, gather, written
from aigc_tui.quiz.formats.records import Format, Options, Written
from aigc_tui.quiz.records import Item, Quiz
from aigc_tui.text import one_line

CARRIES = frozenset({"explanation", "accepted", "tags", "feedback"})
_SPACES = re.compile(r"\s+")
_COMMAND = re.compile(r"\[(?:sound:|anki:|latex\]|\$)")


def write_anki_text(quiz: Quiz, options: Options) -> Written:
    """Write a quiz as text for Anki: front and back, as the note type Basic has them, then tags and id."""
    held, left = gather(quiz, lambda item: _line(item, options.language))
    deck = one_line(options.deck or quiz.title) or "Quiz"
    head = [
        "#separator:tab",
        "#html:false",
        f"#deck:{deck}",
        "#columns:Front\tBack\tTags\tId",
        "#tags column:3",
        "#guid column:4",
    ]
    text = "\n".join([*head, *(form for _, form in held)]) + "\n"
    return written(text.encode(), held, left, CARRIES)


def _line(item: Item, language: str) -> str:
    tags = " ".join(_SPACES.sub("_", tag.strip()) for tag in tags_of(item))
    cells = [front(item, language), back(item, language), tags, item.id]
    if any(_COMMAND.search(cell) for cell in cells):
        raise UnfitError("Anki would run the '[...]' in it; use the package (anki) instead")
    return "\t".join(_quoted(cell) for cell in cells)


def _quoted(cell: str) -> str:
    """A cell in quotes where it must be: Anki reads newlines, tabs and quotes within them as they are."""
    risky = any(char in cell for char in '\n\t"') or cell.startswith("#")
    return '"' + cell.replace('"', '""') + '"' if risky else cell


ANKI_TEXT = Format("anki-text", ".txt", write_anki_text)
