"""Comments into dialogues, however large the dump: put aside in a SQLite file, taken out thread by thread.

A thread's comments lie days of dump apart, so no window of open threads is ever wide enough. All comments go
into a temporary table instead; SQLite sorts them by thread on the disk, in a few MiB of memory. The table
lives in the build's folder and notes how far it was filled, so that a killed build need not fill it again.

A dialogue is a chain of answers: from a comment down to the best-liked answer, its best-liked answer, and so
on. What branches off begins a dialogue of its own, with the comment that it answers in front.
"""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from aigc_tui.corpora.document import CorporaError, Document, Dropped, Item, Value
from aigc_tui.corpora.reader import Source
from aigc_tui.corpora.records import Message
from aigc_tui.text import clean

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
    """A comment or a submission.

    Args:
        id: Reddit's name of it.
        link: The submission under which it stands.
        parent: What it answers: a comment or the submission.
        author: Who wrote it.
        subreddit: Where.
        score: Points given by readers.
        text: Its words.
        comment: Whether it is a comment.
    """

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
                raise CorporaError(problem)


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
        """Put posts aside, each under its line's number, so that doing it again changes nothing.

        Yields:
            One item a line that was not taken before: the reason, or ``None``.
        """
        if self._complete() and skip >= self.lines():
            return
        rows: list[tuple[object, ...]] = []
        number, problem = 0, ""
        try:
            for number, post in enumerate(posts, 1):
                if isinstance(post, Post) and post.text:
                    rows.append((number, *_row(post)))
                if len(rows) >= _FLUSH:
                    self._put(rows, number)
                    rows = []
                if number > skip:
                    yield post if isinstance(post, Dropped) else None
                else:
                    source.beat()
        except CorporaError as error:
            problem = str(error)
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
        """The dialogues of one thread after the other."""
        # In the order of names: any order will do as long as it is the same when the build goes on.
        found = self._base.execute(
            "SELECT id, link, parent, author, subreddit, score, text, comment FROM post ORDER BY link, line"
        )
        for _, rows in itertools.groupby(found, key=lambda row: str(row[1])):
            posts = [Post(*row) for row in itertools.islice(rows, _MOST_COMMENTS)]
            yield from talks_of(posts)


def talks_of(posts: list[Post]) -> Iterator[Item]:
    """Turn the posts of a thread into dialogues; what nobody answered is dropped, submissions are texts.

    Args:
        posts: All posts of a thread, the oldest first.
    """
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
        yield _dialogue(chain)


def _dialogue(chain: list[Post]) -> Item:
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


def turns_of(chain: list[Post]) -> list[Message]:
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
    return [Message(role, "\n\n".join(texts)) for role, texts in zip(roles, said, strict=False)]


def _row(post: Post) -> tuple[object, ...]:
    """A post as SQLite takes it: no lone surrogates, which it refuses, and no NUL, at which it cuts."""
    names = (post.id, post.link, post.parent, post.author, post.subreddit)
    return (*map(clean, names), post.score, clean(post.text), int(post.comment))
