"""Stores as older versions made them, so that every upgrade stays tested. Never edit one; add the next."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from aigc_tui.store import segment

_FOLDER = Path(__file__).parent
V1 = (_FOLDER / "history_v1.sql").read_text(encoding="utf-8")
V2 = (_FOLDER / "history_v2.sql").read_text(encoding="utf-8")


def build_v1(path: Path) -> None:
    """Make a store of schema 1 with one conversation of three messages."""
    _build(path, V1)


def build_v2(path: Path) -> None:
    """Make a store of schema 2: the same talk, a lesson, a quiz of two items, an attempt and a card."""
    _build(path, V1 + V2)


def _build(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.create_function("search_words", 1, segment.words)
        connection.create_function("search_chars", 1, segment.chars)
        connection.executescript(script)


BUILDERS = {1: build_v1, 2: build_v2}
