"""Anki packages (.apkg): a deck that a later export of the same quiz updates in place.

Why it exists: people keep reviewing for years, and edit. The note's GUID is the item's id, so a re-export
updates the note and keeps its history; the note types' ids are constants, because Anki takes notes of
another field list under the same id for a conflict and leaves them as they are (measured, reference quiz.md
2.4).

The file is written by genanki into a database in memory: its own `write_to_file` leaves a temporary file
behind.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import re
import sqlite3
import time
import zipfile
from typing import Any

from aigc_tui.quiz.formats.anki_fields import FIELDS, fields_of
from aigc_tui.quiz.formats.anki_reading import read_anki
from aigc_tui.quiz.formats.building import tags_of
from aigc_tui.quiz.formats.holding import EVERY_PART, gather, written
from aigc_tui.quiz.formats.records import Format, Options, Written
from aigc_tui.quiz.records import Item, ItemType, Quiz
from aigc_tui.text import one_line

MODEL_ID = 1_764_000_101
CLOZE_MODEL_ID = 1_764_000_102
"""Raise both by ten whenever fields or templates change: Anki must then see new note types."""

_SPACES = re.compile(r"\s+")
_FIRST_DECK = 1 << 40
_BACK = (
    "<hr id=answer><div class=answer>{{Answer}}</div>"
    "{{#Explanation}}<div class=why>{{Explanation}}</div>{{/Explanation}}"
    "{{#Source}}<div class=source>{{Source}}</div>{{/Source}}"
)
_CSS = (
    ".card { font-family: sans-serif; font-size: 20px; text-align: left; }"
    " .why { margin-top: 1em; } .source { margin-top: 1em; font-size: 14px; color: gray; }"
    " cite:not(:empty)::after { content: ':'; } td { padding: 0.2em 1em 0.2em 0; }"
)


def write_anki(quiz: Quiz, options: Options) -> Written:
    """Write a quiz as an Anki package: one note an item, all in one deck."""
    import genanki

    held, left = gather(quiz, lambda item: fields_of(item, options.language))
    name = one_line(options.deck or quiz.title) or "Quiz"
    deck = genanki.Deck(_deck_id(name), name)
    basic, cloze = _models()
    for item, fields in held:
        model = cloze if item.type is ItemType.CLOZE else basic
        deck.add_note(genanki.Note(model=model, fields=fields, guid=item.id, tags=_tags(item)))
    return written(_zipped(_database(genanki.Package(deck))), held, left, EVERY_PART)


def _models() -> tuple[Any, Any]:
    import genanki

    fields = [{"name": name} for name in FIELDS]
    front = {"name": "Card 1", "qfmt": "{{Question}}<div>{{Options}}</div>", "afmt": "{{FrontSide}}" + _BACK}
    gap = {"name": "Cloze", "qfmt": "{{cloze:Question}}", "afmt": "{{cloze:Question}}" + _BACK}
    basic = genanki.Model(MODEL_ID, "aigc-tui question", fields, [front], css=_CSS)
    kind = genanki.Model.CLOZE
    return basic, genanki.Model(CLOZE_MODEL_ID, "aigc-tui cloze", fields, [gap], css=_CSS, model_type=kind)


def _deck_id(name: str) -> int:
    """One constant id a deck name: the same deck at every export, another for another name."""
    return _FIRST_DECK + int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")


def _tags(item: Item) -> list[str]:
    """Anki ends a tag at a space."""
    return [_SPACES.sub("_", tag.strip()) for tag in tags_of(item) if tag.strip()]


def _database(package: Any) -> bytes:
    now = time.time()
    connection = sqlite3.connect(":memory:")
    try:
        package.write_to_db(connection.cursor(), now, itertools.count(int(now * 1000)))
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


def _zipped(database: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("collection.anki2", database)
        archive.writestr("media", "{}")
    return out.getvalue()


ANKI = Format("anki", ".apkg", write_anki, read_anki)
