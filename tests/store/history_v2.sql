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

CREATE VIEW section_terms AS
    SELECT seq, search_words(
        CASE number WHEN 0
        THEN (SELECT title FROM lesson WHERE seq = lesson) || char(10) ELSE '' END || content) AS words,
        search_chars(
        CASE number WHEN 0
        THEN (SELECT title FROM lesson WHERE seq = lesson) || char(10) ELSE '' END || content) AS chars
    FROM section;
CREATE VIRTUAL TABLE section_search USING fts5 (
    words, chars, content = 'section_terms', content_rowid = 'seq',
    tokenize = 'porter unicode61 remove_diacritics 2');
CREATE TRIGGER section_search_insert AFTER INSERT ON section BEGIN
    INSERT INTO section_search (rowid, words, chars)
    VALUES (new.seq, search_words(
        CASE new.number WHEN 0
        THEN (SELECT title FROM lesson WHERE seq = new.lesson) || char(10) ELSE '' END || new.content),
        search_chars(
        CASE new.number WHEN 0
        THEN (SELECT title FROM lesson WHERE seq = new.lesson) || char(10) ELSE '' END || new.content));
END;
CREATE TRIGGER section_search_update AFTER UPDATE OF content ON section BEGIN
    INSERT INTO section_search (section_search, rowid, words, chars)
    VALUES ('delete', old.seq, search_words(
        CASE old.number WHEN 0
        THEN (SELECT title FROM lesson WHERE seq = old.lesson) || char(10) ELSE '' END || old.content),
        search_chars(
        CASE old.number WHEN 0
        THEN (SELECT title FROM lesson WHERE seq = old.lesson) || char(10) ELSE '' END || old.content));
    INSERT INTO section_search (rowid, words, chars)
    VALUES (new.seq, search_words(
        CASE new.number WHEN 0
        THEN (SELECT title FROM lesson WHERE seq = new.lesson) || char(10) ELSE '' END || new.content),
        search_chars(
        CASE new.number WHEN 0
        THEN (SELECT title FROM lesson WHERE seq = new.lesson) || char(10) ELSE '' END || new.content));
END;
CREATE TRIGGER section_search_delete AFTER DELETE ON section BEGIN
    INSERT INTO section_search (section_search, rowid, words, chars)
    VALUES ('delete', old.seq, search_words(
        CASE old.number WHEN 0
        THEN (SELECT title FROM lesson WHERE seq = old.lesson) || char(10) ELSE '' END || old.content),
        search_chars(
        CASE old.number WHEN 0
        THEN (SELECT title FROM lesson WHERE seq = old.lesson) || char(10) ELSE '' END || old.content));
END;

CREATE VIEW item_terms AS
    SELECT seq, search_words(words) AS words,
        search_chars(words) AS chars
    FROM item;
CREATE VIRTUAL TABLE item_search USING fts5 (
    words, chars, content = 'item_terms', content_rowid = 'seq',
    tokenize = 'porter unicode61 remove_diacritics 2');
CREATE TRIGGER item_search_insert AFTER INSERT ON item BEGIN
    INSERT INTO item_search (rowid, words, chars)
    VALUES (new.seq, search_words(new.words),
        search_chars(new.words));
END;
CREATE TRIGGER item_search_update AFTER UPDATE OF words ON item BEGIN
    INSERT INTO item_search (item_search, rowid, words, chars)
    VALUES ('delete', old.seq, search_words(old.words),
        search_chars(old.words));
    INSERT INTO item_search (rowid, words, chars)
    VALUES (new.seq, search_words(new.words),
        search_chars(new.words));
END;
CREATE TRIGGER item_search_delete AFTER DELETE ON item BEGIN
    INSERT INTO item_search (item_search, rowid, words, chars)
    VALUES ('delete', old.seq, search_words(old.words),
        search_chars(old.words));
END;
INSERT INTO lesson (id, sha256, title, language, source, characters, pages, rest, created)
VALUES ('l1', 'aa', '光合作用', 'zh', 'leaf.md', 24, 0,
    '{"emphases": [], "asides": [], "pages": [], "notes": []}', '2026-11-24T09:00:00.000Z');
INSERT INTO section (lesson, number, title, level, start, stop, path, content)
VALUES (1, 0, '光合作用', 1, 0, 24, '["光合作用"]', '光合作用

植物的叶子用光制造糖。叶绿体是绿色的。');
INSERT INTO sentence (lesson, number, start, stop, section, paragraph, kind, listed)
VALUES (1, 0, 0, 4, 0, 0, 'heading', 0), (1, 1, 6, 17, 0, 1, 'prose', 0), (1, 2, 17, 24, 0, 1, 'prose', 0);
INSERT INTO quiz (id, title, lesson, lesson_title, lesson_sha256, language, requested, seed, rejected,
    aliases, changes, created, updated)
VALUES ('q1', '旧 quiz', 'l1', '光合作用', 'aa', 'zh', 2, 7, '[]', '[]', 1, '2026-11-24T09:01:00.000Z',
    '2026-11-24T09:02:00.000Z');
INSERT INTO item (id, quiz, position, state, locked, sentence, payload, verdicts, spares, words)
VALUES
    ('i1', 'q1', 0, 'accepted', 1, 1,
     '{"id": "i1", "type": "tf", "stem": "叶子制造糖。", "answer": true, "origin": "rule"}', '[]', '[]',
     '叶子制造糖。'),
    ('i2', 'q1', 1, 'new', 0, NULL,
     '{"id": "i2", "type": "short", "stem": "What colour are plants?", "answer": "green"}', '[]', '[]',
     'What colour are plants? green');
INSERT INTO change (quiz, number, what, before, after, made)
VALUES ('q1', 1, 'accept',
    '[{"id": "i1", "quiz": "q1", "position": 0, "state": "new", "locked": true, "sentence": 1,
      "payload": "{\"id\": \"i1\", \"type\": \"tf\", \"stem\": \"叶子制造糖。\", \"answer\": true}",
      "verdicts": "[]", "spares": "[]", "words": "叶子制造糖。"}]',
    '[]', '2026-11-24T09:02:00.000Z');
INSERT INTO attempt (id, quiz, items, started, finished)
VALUES ('a1', 'q1', '["i1", "i2"]', '2026-11-24T09:03:00.000000Z', '2026-11-24T09:04:00.000000Z');
INSERT INTO response (attempt, item, payload, answer, verdict, judge, suggested, note, answered)
VALUES ('a1', 'i1', '{"id": "i1", "type": "tf", "stem": "叶子制造糖。", "answer": true}', 'false',
    'incorrect', 'exact', 0, '', '2026-11-24T09:03:30.000000Z');
INSERT INTO review_log (item, rating, reviewed, was, state, step, stability, difficulty, due)
VALUES ('i2', 3, '2026-11-24T09:05:00.000000Z', 0, 1, 1, 2.3065, 2.118103970459016,
    '2026-11-24T09:15:00.000000Z');
INSERT INTO card (item, state, step, stability, difficulty, due, reviewed, reviews, lapses)
VALUES ('i2', 1, 1, 2.3065, 2.118103970459016, '2026-11-24T09:15:00.000000Z',
    '2026-11-24T09:05:00.000000Z', 1, 0);
PRAGMA user_version = 2;
