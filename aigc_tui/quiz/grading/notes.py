"""The short lines that a grade carries, in English for files and in the user's language for people.

Why it exists: a grade is kept with its note in the store and in JSON, where it has to be one fixed language;
on a screen the same note is told in the language of the interface.
"""

from __future__ import annotations

from aigc_tui.locale import Translate

NOTHING = "nothing was answered"
NEGATION = "a negation too many or too few"
SPELLING = "the spelling is"
MISSING = "not mentioned"
NUMBER = "another number"


def note_of(kind: str, words: str = "") -> str:
    """Make a note: one of the kinds above, and the words that it is about."""
    return f"{kind}: {words}" if words else kind


def worded(note: str, t: Translate) -> str:
    """A note in the user's language; one that nobody here made stays as it is.

    Args:
        note: What a grade carries, or a store kept of one.
        t: The catalogue.
    """
    kind, _, words = note.partition(": ")
    known = {
        NOTHING: t("practice.note_nothing"),
        NEGATION: t("practice.note_negation"),
        SPELLING: t("practice.note_spelling", words=words),
        MISSING: t("practice.note_missing", words=words),
        NUMBER: t("practice.note_number", words=words),
    }
    return known.get(kind, note)
