"""Step 2 of the schema: lessons, quizzes with their journal, attempts and practice.

As every step it is never changed once a version with it was released; a later difference is another step.

What is where: a lesson's text stands in its sections (they cover it, so joined they are it); a question is
the JSON of the quiz file in `item.payload`, beside what must be asked of many at once; `change` is the
journal that undo walks; a response keeps the question as it was when it was asked; `card` is derived: the
last row of `review_log` of each item.
"""

from __future__ import annotations

LESSONS = """
CREATE TABLE lesson (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    language TEXT NOT NULL,
    source TEXT NOT NULL,
    characters INTEGER NOT NULL CHECK (characters >= 0),
    pages INTEGER NOT NULL CHECK (pages >= 0),
    rest TEXT NOT NULL,
    trashed TEXT,
    created TEXT NOT NULL
) STRICT;
CREATE INDEX lesson_newest ON lesson (created, id) WHERE trashed IS NULL;

CREATE TABLE section (
    seq INTEGER PRIMARY KEY,
    lesson INTEGER NOT NULL REFERENCES lesson (seq),
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    level INTEGER NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL CHECK (stop >= start),
    path TEXT NOT NULL,
    content TEXT NOT NULL,
    UNIQUE (lesson, number)
) STRICT;

CREATE TABLE sentence (
    lesson INTEGER NOT NULL REFERENCES lesson (seq),
    number INTEGER NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL CHECK (stop >= start),
    section INTEGER NOT NULL,
    paragraph INTEGER NOT NULL,
    kind TEXT NOT NULL,
    listed INTEGER NOT NULL,
    PRIMARY KEY (lesson, number)
) STRICT, WITHOUT ROWID;
"""

QUIZZES = """
CREATE TABLE quiz (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    lesson TEXT REFERENCES lesson (id),
    lesson_title TEXT NOT NULL,
    lesson_sha256 TEXT NOT NULL,
    language TEXT NOT NULL,
    requested INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    rejected TEXT NOT NULL,
    aliases TEXT NOT NULL,
    changes INTEGER NOT NULL DEFAULT 0 CHECK (changes >= 0),
    trashed TEXT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL
) STRICT;
CREATE INDEX quiz_newest ON quiz (updated, id) WHERE trashed IS NULL;
CREATE INDEX quiz_lesson ON quiz (lesson);

CREATE TABLE item (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    quiz TEXT NOT NULL REFERENCES quiz (id),
    position INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'accepted', 'deleted')),
    locked INTEGER NOT NULL DEFAULT 0 CHECK (locked IN (0, 1)),
    sentence INTEGER,
    payload TEXT NOT NULL,
    verdicts TEXT NOT NULL,
    spares TEXT NOT NULL,
    words TEXT NOT NULL
) STRICT;
CREATE INDEX item_quiz ON item (quiz, position);

CREATE TABLE change (
    quiz TEXT NOT NULL REFERENCES quiz (id),
    number INTEGER NOT NULL,
    what TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    made TEXT NOT NULL,
    PRIMARY KEY (quiz, number)
) STRICT, WITHOUT ROWID;
"""

PRACTICE = """
CREATE TABLE attempt (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    quiz TEXT NOT NULL REFERENCES quiz (id),
    items TEXT NOT NULL,
    started TEXT NOT NULL,
    finished TEXT
) STRICT;
CREATE INDEX attempt_quiz ON attempt (quiz, started);

CREATE TABLE response (
    attempt TEXT NOT NULL REFERENCES attempt (id),
    item TEXT NOT NULL REFERENCES item (id),
    payload TEXT NOT NULL,
    answer TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('correct', 'partial', 'incorrect')),
    judge TEXT NOT NULL,
    suggested INTEGER NOT NULL CHECK (suggested IN (0, 1)),
    note TEXT NOT NULL,
    answered TEXT NOT NULL,
    PRIMARY KEY (attempt, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX response_item ON response (item);

CREATE TABLE review_log (
    seq INTEGER PRIMARY KEY,
    item TEXT NOT NULL REFERENCES item (id),
    rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 4),
    reviewed TEXT NOT NULL,
    was INTEGER NOT NULL CHECK (was BETWEEN 0 AND 3),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
    step INTEGER,
    stability REAL NOT NULL,
    difficulty REAL NOT NULL,
    due TEXT NOT NULL
) STRICT;
CREATE INDEX review_log_item ON review_log (item, seq);
CREATE INDEX review_log_time ON review_log (reviewed);

CREATE TABLE card (
    seq INTEGER PRIMARY KEY,
    item TEXT NOT NULL UNIQUE REFERENCES item (id),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
    step INTEGER,
    stability REAL NOT NULL,
    difficulty REAL NOT NULL,
    due TEXT NOT NULL,
    reviewed TEXT NOT NULL,
    reviews INTEGER NOT NULL,
    lapses INTEGER NOT NULL
) STRICT;
CREATE INDEX card_due ON card (due);
"""

_OF_SECTION = """
        CASE {row}number WHEN 0
        THEN (SELECT title FROM lesson WHERE seq = {row}lesson) || char(10) ELSE '' END || {row}content"""


def _index(table: str, column: str, text: str) -> str:
    """The view, FTS5 table and triggers that keep one text of a table searchable, as in step 1."""
    bare, new, old = (text.format(row=row) for row in ("", "new.", "old."))
    return f"""
CREATE VIEW {table}_terms AS
    SELECT seq, search_words({bare}) AS words,
        search_chars({bare}) AS chars
    FROM {table};
CREATE VIRTUAL TABLE {table}_search USING fts5 (
    words, chars, content = '{table}_terms', content_rowid = 'seq',
    tokenize = 'porter unicode61 remove_diacritics 2');
CREATE TRIGGER {table}_search_insert AFTER INSERT ON {table} BEGIN
    INSERT INTO {table}_search (rowid, words, chars)
    VALUES (new.seq, search_words({new}),
        search_chars({new}));
END;
CREATE TRIGGER {table}_search_update AFTER UPDATE OF {column} ON {table} BEGIN
    INSERT INTO {table}_search ({table}_search, rowid, words, chars)
    VALUES ('delete', old.seq, search_words({old}),
        search_chars({old}));
    INSERT INTO {table}_search (rowid, words, chars)
    VALUES (new.seq, search_words({new}),
        search_chars({new}));
END;
CREATE TRIGGER {table}_search_delete AFTER DELETE ON {table} BEGIN
    INSERT INTO {table}_search ({table}_search, rowid, words, chars)
    VALUES ('delete', old.seq, search_words({old}),
        search_chars({old}));
END;
"""


QUIZ_BENCH = (
    LESSONS
    + QUIZZES
    + PRACTICE
    + _index("section", "content", _OF_SECTION)
    + _index("item", "words", "{row}words")
)
"""The whole step."""
