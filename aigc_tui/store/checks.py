"""What `aigc-tui doctor` asks of the store, and what `--repair` mends.

Everything derived is rebuilt from the messages. Words are never thrown away: a message that lost its place
becomes a root or gets a conversation of its own.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aigc_tui.ids import utc_now
from aigc_tui.message import Message, message
from aigc_tui.store.errors import StoreError
from aigc_tui.store.lock import is_alive
from aigc_tui.store.migrations import APPLICATION_ID, foreign_objects, latest, missing_objects
from aigc_tui.store.practice import CARD_COLUMNS, CARDS_OF_LOG
from aigc_tui.store.store import Store

_WAL_RESET_FIXED = (3, 51, 3)
_FREE_BYTES = 200 << 20
_INDEXES = ("message_search", "title_search", "section_search", "item_search")

_LOST = "SELECT count(*) FROM message WHERE conversation NOT IN (SELECT id FROM conversation)"
_MISPLACED = """
SELECT m.seq FROM message m LEFT JOIN message p ON p.id = m.parent
WHERE m.parent IS NOT NULL AND (p.seq IS NULL OR p.conversation <> m.conversation OR p.seq >= m.seq)
"""
_HEADLESS = """
SELECT c.id FROM conversation c LEFT JOIN message h ON h.id = c.head AND h.conversation = c.id
WHERE h.seq IS NULL AND (c.head IS NOT NULL OR c.messages > 0)
"""
_MISCOUNTED = """
SELECT c.id FROM conversation c
WHERE c.messages <> (SELECT count(*) FROM message m WHERE m.conversation = c.id)
"""
_ALL_CARDS = CARDS_OF_LOG.format(where="")
_STRAY_CARDS = f"""
WITH told AS ({_ALL_CARDS}), kept AS (SELECT {CARD_COLUMNS} FROM card)
SELECT count(*) FROM (SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM told)
    UNION ALL SELECT * FROM (SELECT * FROM told EXCEPT SELECT * FROM kept))
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One answer of the doctor's. `name` is fixed, for scripts; `detail` is one line."""

    name: str
    ok: bool
    detail: Message


def check_store(store: Store) -> list[Check]:
    """Ask everything. The index is compared with every message: seconds for 100,000 of them."""
    questions: tuple[tuple[str, Callable[[Store], Check]], ...] = (
        ("store-schema", _schema),
        ("store-integrity", _integrity),
        ("store-search", _search),
        ("store-messages", _places),
        ("store-heads", _heads),
        ("store-unfinished", _unfinished),
        ("store-practice", _practice),
        ("store-disk", _disk),
        ("store-sqlite", _sqlite),
    )
    return [_ask(store, name, question) for name, question in questions]


def check_file(path: Path, backups: Path | None = None) -> list[Check]:
    """Ask everything of a store's file; one that cannot be opened is an answer too."""
    try:
        with Store.open(path, backups) as store:
            return check_store(store)
    except StoreError as error:
        return [Check("store-open", False, error.message)]


def repair(store: Store) -> list[Message]:
    """Mend what can be mended, in one transaction, and say what was done.

    Raises:
        StoreError: the file is too damaged; a backup has to be restored.
    """
    done: list[Message] = []
    recovered = store.recover()
    if recovered:
        done.append(message("marked {count} unfinished replies as interrupted", count=recovered))
    damaged = not _ask(store, "store-integrity", _integrity).ok
    strayed = damaged or not _ask(store, "store-practice", _practice).ok
    drifted = damaged or not _ask(store, "store-search", _search).ok
    with store.database.write() as connection:
        if damaged:
            connection.execute("REINDEX")
            done.append(message("rebuilt the indexes"))
        done += _repair_places(connection)
        if strayed:
            connection.execute("DELETE FROM card")
            connection.execute(f"INSERT INTO card ({CARD_COLUMNS}) {_ALL_CARDS}")
            done.append(message("rebuilt the cards from the review log"))
        if drifted:
            _rebuild_search(connection)
            done.append(message("rebuilt the search index"))
    if damaged and not _ask(store, "store-integrity", _integrity).ok:
        raise StoreError(
            "{path}: damaged beyond repair; restore a backup with `aigc-tui restore FILE`",
            path=store.database.path,
        )
    return done


def _ask(store: Store, name: str, question: Callable[[Store], Check]) -> Check:
    try:
        return question(store)
    except StoreError as error:
        return Check(name, False, error.message)


def _schema(store: Store) -> Check:
    with store.database.read() as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        strange = [*foreign_objects(connection, version), *missing_objects(connection, version)]
    ok = version == latest() and application == APPLICATION_ID and not strange
    objects = tuple(sorted(set(strange)))
    detail = message("schema {version}", version=version)
    if strange:
        detail = message(
            "schema {version}; not as made by aigc-tui: {objects}", version=version, objects=objects
        )
    return Check("store-schema", ok, detail)


def _integrity(store: Store) -> Check:
    with store.database.read() as connection:
        problems = [row[0] for row in connection.execute("PRAGMA quick_check(5)")]
        broken = connection.execute("PRAGMA foreign_key_check").fetchmany(5)
    problems = [] if problems == ["ok"] else problems
    problems += [f"{table} row {row} refers to a missing {target}" for table, row, target, _ in broken]
    return Check(
        "store-integrity",
        not problems,
        message("{problem}", problem="; ".join(problems)) if problems else message("ok"),
    )


def _search(store: Store) -> Check:
    drifted = [index for index in _INDEXES if not _index_agrees(store, index)]
    detail = message("ok")
    if drifted:
        detail = message("{indexes}: out of date; `--repair` rebuilds them", indexes=tuple(drifted))
    return Check("store-search", not drifted, detail)


def _index_agrees(store: Store, index: str) -> bool:
    with store.database.exclusive() as connection:
        try:
            connection.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            return False
    return True


def _places(store: Store) -> Check:
    with store.database.read() as connection:
        lost = connection.execute(_LOST).fetchone()[0]
        misplaced = len(connection.execute(_MISPLACED).fetchall())
        total = connection.execute("SELECT count(*) FROM message").fetchone()[0]
    detail = message(
        "{total} messages, {lost} without a conversation, {misplaced} without their parent",
        total=total,
        lost=lost,
        misplaced=misplaced,
    )
    return Check("store-messages", not lost and not misplaced, detail)


def _heads(store: Store) -> Check:
    with store.database.read() as connection:
        total = connection.execute("SELECT count(*) FROM conversation").fetchone()[0]
        headless = len(connection.execute(_HEADLESS).fetchall())
        miscounted = len(connection.execute(_MISCOUNTED).fetchall())
    detail = message(
        "{total} conversations, {headless} without a shown message, {miscounted} miscounted",
        total=total,
        headless=headless,
        miscounted=miscounted,
    )
    return Check("store-heads", not headless and not miscounted, detail)


def _unfinished(store: Store) -> Check:
    with store.database.read() as connection:
        owners = connection.execute(
            "SELECT owner FROM message WHERE status IN ('queued', 'streaming')"
        ).fetchall()
    dead = sum(not is_alive(owner) for (owner,) in owners)
    detail = message(
        "{writing} replies being written, {dead} left behind by a process that ended",
        writing=len(owners) - dead,
        dead=dead,
    )
    return Check("store-unfinished", dead == 0, detail)


def _practice(store: Store) -> Check:
    with store.database.read() as connection:
        reviews, cards = (
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("review_log", "card")
        )
        stray = connection.execute(_STRAY_CARDS).fetchone()[0]
    detail = message("{reviews} reviews, {cards} cards", reviews=reviews, cards=cards)
    if stray:
        detail = message(
            "{reviews} reviews, {cards} cards, {stray} differing from the review log",
            reviews=reviews,
            cards=cards,
            stray=stray,
        )
    return Check("store-practice", not stray, detail)


def _disk(store: Store) -> Check:
    free = shutil.disk_usage(store.database.path.parent).free
    needed = max(_FREE_BYTES, 2 * store.database.path.stat().st_size)
    return Check(
        "store-disk",
        free >= needed,
        message("{free} MB free, {needed} MB needed", free=free >> 20, needed=needed >> 20),
    )


def _sqlite(_: Store) -> Check:
    old = sqlite3.sqlite_version_info < _WAL_RESET_FIXED
    detail = message("SQLite {version}", version=sqlite3.sqlite_version)
    if old:
        detail = message(
            "SQLite {version}; before 3.51.3 it has a WAL bug, which our write lock avoids",
            version=sqlite3.sqlite_version,
        )
    return Check("store-sqlite", True, detail)


def _repair_places(connection: sqlite3.Connection) -> list[Message]:
    done: list[Message] = []
    found = connection.execute(
        "INSERT INTO conversation (id, kind, title, persona, model, created, updated)"
        " SELECT conversation, 'chat', 'Recovered', '', '', min(created), ? FROM message"
        " WHERE conversation NOT IN (SELECT id FROM conversation) GROUP BY conversation",
        (utc_now(),),
    ).rowcount
    if found:
        done.append(
            message("put {count} groups of lost messages into conversations named Recovered", count=found)
        )
    roots = connection.execute(f"UPDATE message SET parent = NULL WHERE seq IN ({_MISPLACED})").rowcount
    if roots:
        done.append(message("made {count} messages without a parent the start of a branch", count=roots))
    counted = connection.execute(
        "UPDATE conversation SET messages ="
        " (SELECT count(*) FROM message m WHERE m.conversation = conversation.id)"
        f" WHERE id IN ({_MISCOUNTED})"
    ).rowcount
    if counted:
        done.append(message("recounted the messages of {count} conversations", count=counted))
    heads = connection.execute(
        "UPDATE conversation SET head = (SELECT id FROM message m WHERE m.conversation = conversation.id"
        f" ORDER BY seq DESC LIMIT 1) WHERE id IN ({_HEADLESS})"
    ).rowcount
    if heads:
        done.append(message("set {count} conversations to their newest message", count=heads))
    return done


def _rebuild_search(connection: sqlite3.Connection) -> None:
    for index in _INDEXES:
        connection.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
