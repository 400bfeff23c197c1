"""Anki packages (.apkg): a deck that a later export of the same quiz updates in place; packages of others.

The note's GUID is the item's id, so a re-export updates the note and keeps its history; the note
types' ids are constants, because Anki takes notes of another field list under the same id for a
conflict and leaves them as they are (measured, reference quiz.md 2.4). Reading, a package is a zip
with an SQLite database in it, both hostile until shown otherwise: members are read up to a size
whatever the zip claims, and the database runs no view, trigger or function of the file's.

Source: genanki's schema 11 for `collection.anki2` and `.anki21`; schema 18, compressed by zstd, for
`.anki21b`.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import re
import sqlite3
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from aigc_tui.message import message
from aigc_tui.quiz.formats.anki_fields import CLOZE, FIELDS, fields_of, hidden, item_of, plain
from aigc_tui.quiz.formats.building import (
    MOST_QUESTIONS,
    Reading,
    UnreadableError,
    bloom_and_tags,
    human,
    named,
    tags_of,
    worded,
)
from aigc_tui.quiz.formats.holding import EVERY_PART, gather, written
from aigc_tui.quiz.formats.records import Format, Options, Read, Written
from aigc_tui.quiz.records import BLANK, Item, ItemType, Quiz, QuizError
from aigc_tui.text import clean, one_line

_LARGEST_DATABASE = 256 << 20
_MOST_MEMBERS = 100_000
_LONGEST_NOTE = 1 << 20
"""Characters of all fields of a note."""
_MOST_STEPS = 200_000
"""Calls of the progress handler, each after 1,000 steps of SQLite's machine: some ten seconds."""
_MEMBERS = ("collection.anki21b", "collection.anki21", "collection.anki2")
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
_TABLES = {"notes", "col", "cards", "decks", "notetypes", "fields", "sqlite_master"}


@dataclass(frozen=True, slots=True)
class _Model:
    name: str
    fields: tuple[str, ...]


def read_anki(data: bytes) -> Read:
    """Read an .apkg or .colpkg file.

    Raises:
        QuizError: It is no package, too large, damaged, or needs a library that is not there.
    """
    database = _read_database(data)
    reading = Reading()
    connection = sqlite3.connect(":memory:")
    try:
        _guard(connection, database)
        models, title = _read_models(connection), _title(connection)
        for number, (name, model, tags, fields) in enumerate(_notes(connection), 1):
            _read_note(number, name, models.get(model), tags, fields, reading)
    except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, QuizError):
            raise
        raise QuizError("the package's database is damaged: {reason}", reason=one_line(str(error))) from None
    finally:
        connection.close()
    return Read(title, reading.distinct(), tuple(reading.problems))


def _read_database(data: bytes) -> bytes:
    """Take the newest database out of the package, up to its cap whatever the zip says of its size."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            if len(names) > _MOST_MEMBERS:
                raise QuizError("the package has more than {most} files", most=_MOST_MEMBERS)
            found = next((name for name in _MEMBERS if name in names), None)
            if found is None:
                raise QuizError("not an Anki package: there is no collection in it")
            with archive.open(found) as member:
                raw = member.read(_LARGEST_DATABASE + 1)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise QuizError("not an Anki package: {reason}", reason=one_line(str(error))) from None
    if found.endswith("b"):
        raw = _unpacked(raw)
    if len(raw) > _LARGEST_DATABASE:
        raise QuizError("the package's database is larger than {most} MB", most=_LARGEST_DATABASE >> 20)
    return raw


def _unpacked(raw: bytes) -> bytes:
    try:
        import zstandard
    except ImportError:
        raise QuizError(
            "this package is in Anki's newest form, which needs `pip install zstandard`;"
            " or export it from Anki with 'Support older Anki versions'"
        ) from None
    try:
        with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(raw) as reader:
            return bytes(reader.read(_LARGEST_DATABASE + 1))
    except zstandard.ZstdError as error:
        raise QuizError("the package's database is damaged: {reason}", reason=one_line(str(error))) from None


def _guard(connection: sqlite3.Connection, database: bytes) -> None:
    """Open a database of anybody's so that it can do nothing but be read."""
    if database[:16] != b"SQLite format 3\x00":
        raise QuizError("the package's database is not an SQLite file")
    # A database in write-ahead mode cannot be opened from memory; these two bytes of its header say so.
    connection.deserialize(database[:18] + b"\x01\x01" + database[20:])
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 64 << 20)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    # Anki's own order of names; the tables need it to be there, what it says does not matter here.
    connection.create_collation("unicase", lambda one, other: (one > other) - (one < other))
    steps = iter(range(_MOST_STEPS))
    connection.set_progress_handler(lambda: int(next(steps, None) is None), 1000)
    connection.set_authorizer(_allowed)
    kinds = dict(connection.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"))
    if kinds.get("notes") != "table" or any(kinds.get(name, "table") != "table" for name in _TABLES):
        raise QuizError("the package's database has no notes")


def _allowed(action: int, first: str | None, second: str | None, base: str | None, inner: str | None) -> int:
    """Allow reading the tables that are needed, outside of views and triggers, and counting."""
    fine = action in _ALLOWED and inner is None and (action == sqlite3.SQLITE_SELECT or first in _TABLES)
    counts = action == sqlite3.SQLITE_FUNCTION and second in ("count", "length", "substr")
    return sqlite3.SQLITE_OK if fine or counts else sqlite3.SQLITE_DENY


def _has(connection: sqlite3.Connection, table: str) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
    return found.fetchone() is not None


def _read_models(connection: sqlite3.Connection) -> dict[int, _Model]:
    if _has(connection, "notetypes"):
        names: dict[int, list[str]] = {}
        for model, name in connection.execute(
            "SELECT ntid, name FROM fields ORDER BY ntid, ord LIMIT 100000"
        ):
            names.setdefault(int(model), []).append(str(name))
        rows = connection.execute("SELECT id, name FROM notetypes LIMIT 10000")
        return {int(model): _Model(str(name), tuple(names.get(int(model), ()))) for model, name in rows}
    (models,) = connection.execute("SELECT models FROM col LIMIT 1").fetchone()
    return {int(number): _legacy(model) for number, model in json.loads(models).items()}


def _legacy(model: dict[str, Any]) -> _Model:
    fields = sorted(model["flds"], key=lambda field: int(field.get("ord", 0)))
    return _Model(str(model["name"]), tuple(str(field["name"]) for field in fields))


def _title(connection: sqlite3.Connection) -> str:
    """The name of the deck that most cards lie in."""
    query = "SELECT did FROM cards GROUP BY did ORDER BY count(*) DESC, did LIMIT 1"
    found = connection.execute(query).fetchone() if _has(connection, "cards") else None
    if found is None:
        return ""
    if _has(connection, "decks"):
        row = connection.execute("SELECT name FROM decks WHERE id = ?", found).fetchone()
        name = str(row[0]) if row else ""
    else:
        (decks,) = connection.execute("SELECT decks FROM col LIMIT 1").fetchone()
        name = str(json.loads(decks).get(str(found[0]), {}).get("name", ""))
    return one_line(name.replace("\x1f", "::"))


def _notes(connection: sqlite3.Connection) -> Iterator[tuple[str, int, list[str], list[str]]]:
    query = f"SELECT guid, mid, tags, substr(flds, 1, {_LONGEST_NOTE}) FROM notes ORDER BY id LIMIT ?"
    for name, model, tags, fields in connection.execute(query, (MOST_QUESTIONS + 1,)):
        texts = [clean(field) for field in str(fields).split("\x1f")]
        yield clean(str(name)), int(model), clean(str(tags)).split(), texts


def _read_note(
    number: int, name: str, model: _Model | None, tags: list[str], fields: list[str], reading: Reading
) -> None:
    where = named(message("note {number}", number=number), fields[0])
    try:
        for item in _items(name, model, tags, fields):
            reading.add(item)
    except UnreadableError as error:
        reading.note(where, error.message)


def _items(name: str, model: _Model | None, tags: list[str], fields: list[str]) -> list[Item]:
    more = bloom_and_tags(tags)
    if model is not None and model.fields == FIELDS and len(fields) == len(FIELDS):
        return [item_of(fields, **more)]
    if gaps := sorted({int(found[1]) for found in CLOZE.finditer(fields[0])}):
        explanation = plain(fields[1]) if len(fields) > 1 else ""
        suffixes = [""] if len(gaps) == 1 else [f"-c{gap}" for gap in gaps]
        return [
            _gap(fields[0], gap, id=name + suffix, explanation=explanation, **more)
            for gap, suffix in zip(gaps, suffixes, strict=True)
        ]
    if len(fields) < 2 or not fields[1].strip():
        raise UnreadableError("a note of one field asks nothing")
    return [worded(plain(fields[0]), [plain(fields[1])], id=name, **more)]


def _gap(field: str, number: int, **more: Any) -> Item:
    """Ask for one gap of a cloze note; the words of the others are shown."""
    gaps = [found for found in CLOZE.finditer(field) if int(found[1]) == number]
    if len(gaps) != 1:
        raise UnreadableError("a gap in several places at once")
    shown = CLOZE.sub(lambda found: BLANK if int(found[1]) == number else found[2].partition("::")[0], field)
    if "{{c" in shown:
        raise UnreadableError("a gap within a gap")
    return human(ItemType.CLOZE, plain(shown), hidden(gaps[0]), **more)


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
