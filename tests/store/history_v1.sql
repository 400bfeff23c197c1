CREATE TABLE conversation (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('chat', 'write', 'quiz')),
    title TEXT NOT NULL,
    persona TEXT NOT NULL,
    model TEXT NOT NULL,
    head TEXT,
    messages INTEGER NOT NULL DEFAULT 0 CHECK (messages >= 0),
    archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
    trashed TEXT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL
) STRICT;
CREATE INDEX conversation_newest ON conversation (archived, updated, id) WHERE trashed IS NULL;
CREATE TABLE message (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversation (id),
    parent TEXT REFERENCES message (id),
    role TEXT NOT NULL CHECK (role IN ('system', 'user', 'assistant', 'notice')),
    author TEXT NOT NULL,
    status TEXT NOT NULL
        CHECK (status IN ('queued', 'streaming', 'complete', 'stopped', 'failed', 'interrupted')),
    created TEXT NOT NULL,
    rating INTEGER NOT NULL DEFAULT 0 CHECK (rating IN (-1, 0, 1)),
    model TEXT NOT NULL,
    adapter TEXT NOT NULL,
    sampling TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    reused_tokens INTEGER NOT NULL DEFAULT 0,
    new_tokens INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    prompt_hash TEXT NOT NULL,
    owner TEXT NOT NULL,
    content TEXT NOT NULL
) STRICT;
CREATE INDEX message_conversation ON message (conversation);
CREATE INDEX message_parent ON message (parent) WHERE parent IS NOT NULL;
CREATE INDEX message_root ON message (conversation) WHERE parent IS NULL;
CREATE INDEX message_unfinished ON message (status) WHERE status IN ('queued', 'streaming');
CREATE VIEW message_terms AS
    SELECT seq, search_words(content) AS words, search_chars(content) AS chars FROM message
    WHERE status NOT IN ('queued', 'streaming');
CREATE VIRTUAL TABLE message_search USING fts5 (
    words, chars, content = 'message_terms', content_rowid = 'seq',
    tokenize = 'porter unicode61 remove_diacritics 2');
CREATE TRIGGER message_search_insert AFTER INSERT ON message
WHEN new.status NOT IN ('queued', 'streaming') BEGIN
    INSERT INTO message_search (rowid, words, chars)
    VALUES (new.seq, search_words(new.content), search_chars(new.content));
END;
CREATE TRIGGER message_search_update AFTER UPDATE OF status, content ON message
WHEN old.status NOT IN ('queued', 'streaming') OR new.status NOT IN ('queued', 'streaming') BEGIN
    INSERT INTO message_search (message_search, rowid, words, chars)
    SELECT 'delete', old.seq, search_words(old.content), search_chars(old.content)
    WHERE old.status NOT IN ('queued', 'streaming');
    INSERT INTO message_search (rowid, words, chars)
    SELECT new.seq, search_words(new.content), search_chars(new.content)
    WHERE new.status NOT IN ('queued', 'streaming');
END;
CREATE TRIGGER message_search_delete AFTER DELETE ON message
WHEN old.status NOT IN ('queued', 'streaming') BEGIN
    INSERT INTO message_search (message_search, rowid, words, chars)
    VALUES ('delete', old.seq, search_words(old.content), search_chars(old.content));
END;
CREATE VIEW title_terms AS
    SELECT seq, search_words(title) AS words, search_chars(title) AS chars FROM conversation;
CREATE VIRTUAL TABLE title_search USING fts5 (
    words, chars, content = 'title_terms', content_rowid = 'seq',
    tokenize = 'porter unicode61 remove_diacritics 2');
CREATE TRIGGER title_search_insert AFTER INSERT ON conversation BEGIN
    INSERT INTO title_search (rowid, words, chars)
    VALUES (new.seq, search_words(new.title), search_chars(new.title));
END;
CREATE TRIGGER title_search_update AFTER UPDATE OF title ON conversation BEGIN
    INSERT INTO title_search (title_search, rowid, words, chars)
    VALUES ('delete', old.seq, search_words(old.title), search_chars(old.title));
    INSERT INTO title_search (rowid, words, chars)
    VALUES (new.seq, search_words(new.title), search_chars(new.title));
END;
CREATE TRIGGER title_search_delete AFTER DELETE ON conversation BEGIN
    INSERT INTO title_search (title_search, rowid, words, chars)
    VALUES ('delete', old.seq, search_words(old.title), search_chars(old.title));
END;
INSERT INTO conversation (id, kind, title, persona, model, head, messages, created, updated)
VALUES ('c1', 'chat', '旧 talk', 'tutor', 'starter', 'm3', 3, '2026-11-23T10:00:00.000Z',
    '2026-11-23T10:01:00.000Z');
INSERT INTO message (id, conversation, parent, role, author, status, created, model, adapter, sampling,
    prompt_hash, owner, content)
VALUES
    ('m1', 'c1', NULL, 'user', '', 'complete', '2026-11-23T10:00:00.000Z', '', '', '', '', '',
     '光合作用是什么？'),
    ('m2', 'c1', 'm1', 'assistant', 'Tutor', 'complete', '2026-11-23T10:00:01.000Z', 'starter', '', '{}', 'h',
     '', 'Plants make sugar from light.'),
    ('m3', 'c1', 'm1', 'assistant', 'Tutor', 'stopped', '2026-11-23T10:00:02.000Z', 'starter', '', '{}', 'h',
     '', '植物');
PRAGMA application_id = 1095321411;
PRAGMA user_version = 1;
