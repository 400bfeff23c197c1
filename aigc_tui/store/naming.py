"""Find a row by what a person types of its id.

Ids made in the same minute begin alike, so the end of an id counts as well as its beginning.
"""

from __future__ import annotations

from aigc_tui.message import message
from aigc_tui.store.connection import Database
from aigc_tui.store.errors import StoreError
from aigc_tui.text import one_line

_SHORTEST_PART = 4
LAST = "last"
_KINDS = {
    "conversation": (message("conversation"), "history list"),
    "lesson": (message("lesson"), "quiz list --lessons"),
    "quiz": (message("quiz"), "quiz list"),
}


def find_id(database: Database, table: str, name: str) -> str:
    """The id of the row of a table that a name means.

    Args:
        database: The store's connections.
        table: `conversation`, `lesson` or `quiz`; all have `seq`, `id` and `trashed`.
        name: The whole id; four characters or more of its beginning or end; or, of lessons and quizzes,
            `last`: the one made last.

    Raises:
        StoreError: None or several match.
    """
    wanted = name.strip().lower()
    part = len(wanted)
    newest = wanted == LAST and table != "conversation"
    with database.read() as connection:
        if newest:
            sql = f"SELECT id FROM {table} WHERE trashed IS NULL ORDER BY seq DESC LIMIT 1"
            found = connection.execute(sql).fetchall()
        else:
            found = connection.execute(f"SELECT id FROM {table} WHERE id = ?", (wanted,)).fetchall()
        if not found and not newest and part >= _SHORTEST_PART:
            ends = "(substr(id, 1, ?) = ? OR substr(id, -?) = ?)"
            sql = f"SELECT id FROM {table} WHERE trashed IS NULL AND {ends} LIMIT 2"
            found = connection.execute(sql, (part, wanted, part, wanted)).fetchall()
    if len(found) == 1:
        return str(found[0][0])
    kind, command = _KINDS[table]
    problem = message("no {kind} matches '{id}'", kind=kind, id=one_line(name, 60))
    if found:
        problem = message("more than one {kind} matches '{id}'", kind=kind, id=one_line(name, 60))
    raise StoreError("{problem}; `aigc-tui {command}` shows their ids", problem=problem, command=command)
