"""Full-text search over messages, titles, lessons and quiz items, in English, Chinese and mixtures of them.

The index is FTS5's; Python adds the spelling-out of Chinese (`segment`), a bound on the work of very common
words, and the snippet.
"""

from __future__ import annotations

import re
import sqlite3

from aigc_tui.store.connection import Database
from aigc_tui.store.records import SearchHit
from aigc_tui.store.segment import Query, fold, parse_query
from aigc_tui.text import ELLIPSIS, one_line

CANDIDATES = 1000
"""How many matches, newest first, are ranked by bm25."""

_BEFORE, _AFTER = 8, 90
"""Characters shown before and after the place: what was found must stand in a list of 28 columns."""
_SHORTEST_STEM = 3
_WIDER = 4
# CROSS JOIN keeps FTS5 outermost, which walks its matches from the newest down without sorting them.
_MESSAGES = f"""
SELECT m.id, m.conversation, c.kind, c.title, m.content
FROM (SELECT seq, rank FROM (
        SELECT s.rowid AS seq, bm25(message_search) AS rank
        FROM message_search s CROSS JOIN message m ON m.seq = s.rowid
        CROSS JOIN conversation c ON c.id = m.conversation
        WHERE message_search MATCH :match AND c.trashed IS NULL AND (:kind IS NULL OR c.kind = :kind)
        ORDER BY s.rowid DESC LIMIT {CANDIDATES})
      ORDER BY rank, seq DESC LIMIT :limit) AS best
CROSS JOIN message m ON m.seq = best.seq CROSS JOIN conversation c ON c.id = m.conversation
ORDER BY best.rank, best.seq DESC
"""
_TITLES = f"""
SELECT '', c.id, c.kind, c.title, c.title
FROM (SELECT rowid AS seq, bm25(title_search) AS rank FROM title_search
      WHERE title_search MATCH :match ORDER BY rowid DESC LIMIT {CANDIDATES}) AS best
CROSS JOIN conversation c ON c.seq = best.seq
WHERE c.trashed IS NULL AND (:kind IS NULL OR c.kind = :kind)
ORDER BY best.rank, best.seq DESC LIMIT :limit
"""
_LESSONS = f"""
SELECT CAST(s.number AS TEXT), l.id, 'lesson', l.title, s.content
FROM (SELECT rowid AS seq, bm25(section_search) AS rank FROM section_search
      WHERE section_search MATCH :match ORDER BY rowid DESC LIMIT {CANDIDATES}) AS best
CROSS JOIN section s ON s.seq = best.seq CROSS JOIN lesson l ON l.seq = s.lesson
WHERE l.trashed IS NULL AND :kind = 'lesson'
ORDER BY best.rank, best.seq DESC LIMIT :limit
"""
_ITEMS = f"""
SELECT i.id, q.id, 'item', q.title, i.words
FROM (SELECT rowid AS seq, bm25(item_search) AS rank FROM item_search
      WHERE item_search MATCH :match ORDER BY rowid DESC LIMIT {CANDIDATES}) AS best
CROSS JOIN item i ON i.seq = best.seq CROSS JOIN quiz q ON q.id = i.quiz
WHERE q.trashed IS NULL AND i.state <> 'deleted' AND :kind = 'item'
ORDER BY best.rank, best.seq DESC LIMIT :limit
"""
_OF_THE_QUIZ_BENCH = {"lesson": _LESSONS, "item": _ITEMS}


class Search:
    """Searches the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, query: str, *, kind: str | None = None, limit: int = 50) -> list[SearchHit]:
        """Find what contains every word of a query; words in "double quotes" side by side.

        Best first by bm25. When more than `CANDIDATES` messages match, only the newest so many are ranked:
        for so common a word bm25 says little, and the answer stays quick in a store of a million messages.
        Titles come first; they take at most a quarter of the places unless messages leave more free. If too
        few match, the last word is also read as the beginning of a word, as one may still be typing it.

        Args:
            query: anything at all; operators have no meaning.
            kind: only conversations of this kind; None: all of them; `lesson`, `item`: not conversations but
                the sections of lessons, or the items of quizzes.
            limit: how many hits at most.
        """
        parsed = parse_query(query)
        if not parsed.match or limit < 1:
            return []
        with self._database.read() as connection:
            if kind in _OF_THE_QUIZ_BENCH:
                return _run(connection, _OF_THE_QUIZ_BENCH[kind], parsed, kind, limit)
            messages = _run(connection, _MESSAGES, parsed, kind, limit)
            titles = _run(connection, _TITLES, parsed, kind, limit)
        room = max(limit // 4, limit - len(messages), 1)
        return [*titles[:room], *messages][:limit]


def _run(
    connection: sqlite3.Connection, sql: str, query: Query, kind: str | None, limit: int
) -> list[SearchHit]:
    rows = connection.execute(sql, {"match": query.match, "kind": kind, "limit": limit}).fetchall()
    if len(rows) < limit and query.typed:
        known = {row[:2] for row in rows}
        wider = {"match": query.typed, "kind": kind, "limit": limit * _WIDER}
        more = (row for row in connection.execute(sql, wider).fetchall() if row[:2] not in known)
        rows += [row for row in more if _holds_beginning(row[4], query.terms[-1])][: limit - len(rows)]
    return [_hit(row, query) for row in rows]


def _holds_beginning(text: str, beginning: str) -> bool:
    return re.search(rf"\b{re.escape(beginning)}", fold(text)) is not None


def _hit(row: tuple[str, str, str, str, str], query: Query) -> SearchHit:
    message, conversation, kind, title, text = row
    return SearchHit(conversation, message, kind, title, snippet(text, query.terms))


def snippet(text: str, terms: tuple[str, ...]) -> str:
    """Cut one line of plain text around the first place where a term (or its stem) stands."""
    lowered = text.lower()
    start = min((place for place in (_place_of(lowered, term) for term in terms) if place >= 0), default=0)
    begin = _word_start(text, start)
    cut = one_line(text[begin : start + _AFTER])
    return f"{ELLIPSIS if begin else ''}{cut}{ELLIPSIS if start + _AFTER < len(text) else ''}"


def _word_start(text: str, place: int) -> int:
    """Where the words begin that stand in the few characters before a place; a word cut off is left out."""
    begin = max(0, place - _BEFORE)
    if begin and text[begin - 1].isalnum() and text[begin - 1].isascii():
        while begin < place and text[begin].isalnum() and text[begin].isascii():
            begin += 1
    return begin


def _place_of(lowered: str, term: str) -> int:
    """Where a term begins in a text; else where a word begins with most of its letters; else -1."""
    place = lowered.find(term)
    if place >= 0 or not term.isascii():
        return place
    for length in range(len(term) - 1, _SHORTEST_STEM - 1, -1):
        stem = re.search(rf"\b{re.escape(term[:length])}", lowered)
        if stem:
            return stem.start()
    return -1
