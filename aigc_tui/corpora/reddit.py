"""Reddit's dumps: one JSON object a line, in Zstandard frames with windows of up to 2 GiB.

Submissions become texts, comments dialogues: chains of answers, from a comment down to the best-liked answer,
its best-liked answer, and so on; what branches off begins a dialogue of its own. A thread's comments lie days
of dump apart, so no window of open threads is ever wide enough: all go into a SQLite file in the build's
folder, which sorts them by thread in a few MiB of memory and notes how far it was filled, for a build that
continues. What was deleted, what bots say and what nobody liked is dropped. On rights and privacy:
docs/corpora.md.
"""

from __future__ import annotations

import html
import itertools
import json
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigc_tui.corpora.document import CorporaError, Document, Dropped, Item, Value
from aigc_tui.corpora.reader import Source, convert
from aigc_tui.corpora.records import DialogueMessage
from aigc_tui.corpora.unpack import lines
from aigc_tui.message import Message
from aigc_tui.text import clean

_GONE = frozenset(("[deleted]", "[removed]", "[ removed by reddit ]", "[deleted by user]", ""))
_BOT_NAMES = re.compile(r"^(automoderator|.*[_-]?bot|.*-modteam|sneakpeekbot|remindmebot)$", re.IGNORECASE)
_BOT_WORDS = re.compile(
    r"\bi(?:'|’)?\s?a?m a (?:ro)?bot\b|this action was performed automatically|\bbeep boop\b", re.IGNORECASE
)
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,1000}\)")
_QUOTED = re.compile(r"^>[^\n]*\n?", re.MULTILINE)
_MARKS = re.compile(r"\*\*|~~|`{1,3}|^#{1,6}\s+", re.MULTILINE)
_ZERO_WIDTH = re.compile("&#x200b;|\u200b", re.IGNORECASE)


def read(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Stream the documents of a dump.

    Comments come as dialogues unless the taste says otherwise; they need the whole dump to be read first, so
    they are put aside on the disk and the dialogues follow the last line.

    Raises:
        CorporaError: The dump is broken or cut off; dialogues of what was read come before.
    """
    if source.taste.threads:
        yield from dialogues(_posts(source), source, skip)
    else:
        yield from convert(source, _posts(source), skip, _alone)


def _posts(source: Source) -> Iterator[Post | Dropped]:
    """Read, one post or reason a line."""
    for number, line in enumerate(lines(source.pieces(), source.caps.record_bytes), 1):
        if isinstance(line, Dropped):
            yield line
        else:
            yield post_of(line, f"line {number}", source.taste.min_score) if line.strip() else _EMPTY


_EMPTY = Dropped("empty")


def post_of(line: bytes, where: str, min_score: int | None = None) -> Post | Dropped:
    """Read one line: a JSON object as Reddit's interface gave it; posts under `min_score` are dropped."""
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return Dropped("not JSON", where)
    if not isinstance(raw, dict):
        return Dropped("not JSON", where)
    said = str(raw.get("body") or raw.get("selftext") or "").strip()
    author, name = str(raw.get("author", "")), str(raw.get("id", ""))
    if said.lower() in _GONE and not _is_titled(raw, said):
        return Dropped("reddit: deleted", name or where)
    if _BOT_NAMES.match(author) or _BOT_WORDS.search(said):
        return Dropped("reddit: bot", name or where)
    score = _number(raw.get("score"))
    if min_score is not None and score < min_score:
        return Dropped("reddit: low score", name or where)
    title = str(raw.get("title", ""))
    return Post(
        id=name,
        link=_bare(raw.get("link_id")) or name,
        parent=_bare(raw.get("parent_id")),
        author=author,
        subreddit=str(raw.get("subreddit", "")),
        score=score,
        text="\n\n".join(filter(None, (plain(title), plain(said)))),
        comment="body" in raw,
    )


def plain(markdown: str) -> str:
    """Reddit's Markdown to text: quotations of what is answered to go, links keep their words."""
    text = _ZERO_WIDTH.sub("", html.unescape(markdown))
    return _MARKS.sub("", _LINK.sub(r"\1", _QUOTED.sub("", text))).strip()


def _is_titled(raw: dict[str, Any], said: str) -> bool:
    """A link that was submitted has a title and no words; a deleted one has words that say so."""
    return not said and bool(raw.get("title"))


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) and abs(value) < 1e12 else 0


def _bare(name: object) -> str:
    """``t1_abc`` to ``abc``."""
    return str(name or "").rpartition("_")[2]


def _alone(post: Post) -> Item:
    if not post.text:
        return Dropped("empty", post.id)
    return Document(f"reddit:{post.id}", post.text, meta={"subreddit": post.subreddit, "score": post.score})


_LONGEST_CHAIN = 40
_MOST_COMMENTS = 20_000
_FLUSH = 5_000
_FEWEST_TURNS = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS post (line INTEGER PRIMARY KEY, id TEXT, link TEXT, parent TEXT, author TEXT,
    subreddit TEXT, score INTEGER, text TEXT, comment INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS filled (lines INTEGER, complete INTEGER, problem TEXT) STRICT;
"""
_SETTINGS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16384; PRAGMA temp_store=FILE;"
)


@dataclass(frozen=True, slots=True)
class Post:
    """A comment or a submission; `link` is the submission it stands under, `parent` what it answers."""

    id: str
    link: str
    parent: str
    author: str
    subreddit: str
    score: int
    text: str
    comment: bool


def dialogues(posts: Iterable[Post | Dropped], source: Source, skip: int) -> Iterator[Item | None]:
    """Stream first what was dropped (and ``None`` for each post put aside), then the dialogues.

    Args:
        posts: What a dump holds, line by line.
        source: Names the folder for the table, and the file.
        skip: How many items were taken before.

    Raises:
        CorporaError: The dump ended early; the dialogues of what was read come first.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = source.scratch or Path(temporary)
        path = folder / f"threads-{source.path.name[:60].encode().hex()}.sqlite"
        with closing(sqlite3.connect(path, isolation_level=None)) as base:
            base.executescript(_SETTINGS + _SCHEMA)
            table = _Table(base)
            yield from table.fill(posts, source, skip)
            at = table.lines()
            yield from itertools.islice(table.talks(), max(0, skip - at), None)
            if problem := table.problem():
                raise CorporaError(Message.from_json(json.loads(problem)))


class _Table:
    """The posts of one dump on the disk."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def lines(self) -> int:
        """How many lines of the dump it stands for."""
        row = self._base.execute("SELECT lines FROM filled").fetchone()
        return int(row[0]) if row else 0

    def problem(self) -> str:
        """Why the dump ended early; empty: it did not."""
        row = self._base.execute("SELECT problem FROM filled").fetchone()
        return str(row[0]) if row else ""

    def _complete(self) -> bool:
        row = self._base.execute("SELECT complete FROM filled").fetchone()
        return bool(row and row[0])

    def fill(self, posts: Iterable[Post | Dropped], source: Source, skip: int) -> Iterator[Item | None]:
        """Put posts aside by line number, so that doing it again changes nothing; give reasons or None."""
        if self._complete() and skip >= self.lines():
            return
        rows: list[tuple[object, ...]] = []
        number, problem = 0, ""
        try:
            for number, post in enumerate(posts, 1):
                if isinstance(post, Post) and post.text:
                    rows.append((number, *_post_row(post)))
                if len(rows) >= _FLUSH:
                    self._put(rows, number)
                    rows = []
                if number > skip:
                    yield post if isinstance(post, Dropped) else None
                else:
                    source.beat()
        except CorporaError as error:
            problem = json.dumps(error.message.to_json())
        self._put(rows, number, complete=True, problem=problem)

    def _put(
        self, rows: list[tuple[object, ...]], number: int, complete: bool = False, problem: str = ""
    ) -> None:
        base = self._base
        base.execute("BEGIN IMMEDIATE")
        base.executemany("INSERT OR IGNORE INTO post VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        base.execute("DELETE FROM filled")
        base.execute("INSERT INTO filled VALUES (?, ?, ?)", (number, int(complete), problem))
        if complete:
            base.execute("CREATE INDEX IF NOT EXISTS thread ON post (link, line)")
        base.execute("COMMIT")

    def talks(self) -> Iterator[Item]:
        # In the order of names: any order will do as long as it is the same when the build goes on.
        found = self._base.execute(
            "SELECT id, link, parent, author, subreddit, score, text, comment FROM post ORDER BY link, line"
        )
        for _, rows in itertools.groupby(found, key=lambda row: str(row[1])):
            posts = [Post(*row) for row in itertools.islice(rows, _MOST_COMMENTS)]
            yield from talks_of(posts)


def talks_of(posts: list[Post]) -> Iterator[Item]:
    """Turn a thread's posts, oldest first, into dialogues; submissions are texts, unanswered posts go."""
    by_name = {post.id: post for post in posts}
    answers: dict[str, list[Post]] = {}
    for post in posts:
        if post.comment and post.parent in by_name and post.parent != post.id:
            answers.setdefault(post.parent, []).append(post)
    for replies in answers.values():
        replies.sort(key=lambda post: -post.score)
    waiting = [[post] for post in posts if not post.comment or post.parent not in by_name]
    while waiting:
        chain = waiting.pop(0)
        while len(chain) < _LONGEST_CHAIN and (replies := answers.pop(chain[-1].id, [])):
            waiting += [[chain[-1], branch] for branch in replies[1:]]
            chain.append(replies[0])
        yield _chain_item(chain)


def _chain_item(chain: list[Post]) -> Item:
    turns = turns_of(chain)
    meta: dict[str, Value] = {
        "subreddit": chain[0].subreddit,
        "score": min(post.score for post in chain),
        "turns": len(turns),
    }
    name = f"reddit:{chain[-1].id}"
    if len(turns) < _FEWEST_TURNS:
        if chain[0].comment:
            return Dropped("reddit: no answer", name)
        return Document(name, chain[0].text, meta=meta)
    return Document(name, messages=tuple(turns), meta=meta)


def turns_of(chain: list[Post]) -> list[DialogueMessage]:
    """Give the roles in turn; what one says in a row is one turn, and the last word is the assistant's."""
    said: list[list[str]] = []
    author = None
    for post in chain:
        if post.author == author and said:
            said[-1].append(post.text)
        else:
            said.append([post.text])
        author = post.author
    # Who asks is the user: an odd number of turns would end with a question that nobody answers.
    said = said[: len(said) // 2 * 2] if len(said) > 1 else said
    roles = itertools.cycle(("user", "assistant"))
    return [DialogueMessage(role, "\n\n".join(texts)) for role, texts in zip(roles, said, strict=False)]


def _post_row(post: Post) -> tuple[object, ...]:
    """A post as SQLite takes it: no lone surrogates, which it refuses, and no NUL, at which it cuts."""
    names = (post.id, post.link, post.parent, post.author, post.subreddit)
    return (*map(clean, names), post.score, clean(post.text), int(post.comment))
