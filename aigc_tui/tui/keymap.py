"""What is wrong with the user's own keys: two meanings for one key, names that nothing has.

Why it exists: a key that silently does something else is worse than a warning; it is looked for once the
first frame is painted, and shown in the settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aigc_tui.tui.bindings import TABLE, Context, Row, keys_of, row

_DEPTH: Mapping[Context, int] = {
    "app": 0,
    "chat": 1,
    "take": 2,
    "results": 2,
    "practice": 2,
    "mistakes": 2,
    "overlay": 2,
    "form": 2,
    "prompt": 2,
    "transcript": 2,
    "list": 2,
    "quiz": 1,
    "shelf": 2,
    "review": 2,
    "settings": 2,
    "welcome": 2,
}

_OTHER_SCREENS = ("overlay", "form", "settings", "welcome", "take", "results", "practice", "mistakes")


@dataclass(frozen=True, slots=True)
class Clash:
    """Two bindings that want one key where both work."""

    key: str
    first: Row
    second: Row


def clashes(own: Mapping[str, str], table: Iterable[Row] = TABLE) -> list[Clash]:
    """Find keys that mean two things at once under the user's own keys.

    Two rows clash in one context, and a row of a pane clashes with one that has priority above it: that one
    would take the key first. A pane's row may shadow a plain one above it, as `enter` and `escape` do.
    """
    rows = list(table)
    found = []
    for index, first in enumerate(rows):
        for second in rows[index + 1 :]:
            shared = set(keys_of(first, own)) & set(keys_of(second, own))
            found += [Clash(key, first, second) for key in sorted(shared) if _meet(first, second)]
    return found


def unknown(own: Mapping[str, str]) -> list[str]:
    """The ids in the user's keys that no binding has."""
    return [name for name in own if row(name) is None]


def _meet(first: Row, second: Row) -> bool:
    """Whether both rows can be asked for one key at the same time, to the loss of one of them."""
    if first.context == second.context:
        return True
    outer, inner = sorted((first, second), key=lambda found: _DEPTH[found.context])
    if _DEPTH[outer.context] == _DEPTH[inner.context]:
        return False
    return outer.priority and (outer.context == "app" or inner.context not in _OTHER_SCREENS)
