"""Find a row by what a person types of its id.

Why it exists: ids made in the same minute begin alike, so the end of an id counts as well as its beginning;
lessons and quizzes are named on the command line in the same way.
"""

from __future__ import annotations

from aigc_tui.store.connection import Database
from aigc_tui.store.errors import StoreError
from aigc_tui.text import one_line

_SHORTEST_PART = 4
LAST = "last"


def find_id(database: Database, table: str, name: str) -> str:
    """The id of the row of a table that a name means.

    Args:
        database: The store's connections.
        table: `lesson` or `quiz`; both have `seq`, `id` and `trashed`.
        name: The whole id; four characters or more of its beginning or end; or `last`: the
            one made last.

    Raises:
        StoreError: None or several match.
    """
    wanted = name.strip().lower()
    part = len(wanted)
    with database.read() as connection:
        if wanted == LAST:
            sql = f"SELECT id FROM {table} WHERE trashed IS NULL ORDER BY seq DESC LIMIT 1"
            found = connection.execute(sql).fetchall()
        else:
            found = connection.execute(f"SELECT id FROM {table} WHERE id = ?", (wanted,)).fetchall()
        if not found and wanted != LAST and part >= _SHORTEST_PART:
            ends = "(substr(id, 1, ?) = ? OR substr(id, -?) = ?)"
            sql = f"SELECT id FROM {table} WHERE trashed IS NULL AND {ends} LIMIT 2"
            found = connection.execute(sql, (part, wanted, part, wanted)).fetchall()
    if len(found) == 1:
        return str(found[0][0])
    named = one_line(name, 60)
    if table == "lesson":
        if found:
            raise StoreError(
                "more than one lesson matches '{id}'; `aigc-tui quiz list --lessons` shows their ids",
                id=named,
            )
        raise StoreError("no lesson matches '{id}'; `aigc-tui quiz list --lessons` shows their ids", id=named)
    if found:
        raise StoreError("more than one quiz matches '{id}'; `aigc-tui quiz list` shows their ids", id=named)
    raise StoreError("no quiz matches '{id}'; `aigc-tui quiz list` shows their ids", id=named)
