"""Find the reader for a file by what is in it.

Why it exists: `dump.bz2`, `data` and `archive.gz` say nothing, and a name that says something may be wrong.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import TypeAlias

from aigc_tui.corpora.container import Container, container_of, shown
from aigc_tui.corpora.document import Caps, CorporaError, Item
from aigc_tui.corpora.reader import Source
from aigc_tui.corpora.unpack import Meter, unpack

Read: TypeAlias = Callable[[Source, int], Iterator[Item | None]]
_HEAD = 1 << 16


class Kind(Enum):
    """A format, and the module that reads it."""

    WIKIPEDIA = "wikipedia_reader"
    COMMON_CRAWL = "common_crawl"
    REDDIT = "reddit"
    CHATS = "chats"
    MARKDOWN = "markdown"
    TEXT = "plain"
    PDF = "pdf"
    WORD = "word"


def reader_for(kind: Kind) -> Read:
    """Import the reader of a format."""
    read: Read = importlib.import_module(f"aigc_tui.corpora.{kind.value}").read
    return read


def recognise(path: Path, caps: Caps) -> Kind:
    """Look into a file.

    Raises:
        CorporaError: It cannot be opened, or holds nothing that is known here.
    """
    match container_of(path):
        case Container.PDF:
            return Kind.PDF
        case Container.ZIP:
            return Kind.WORD
    head = b""
    try:
        for piece in unpack(path, Meter(), caps):
            head += piece[:_HEAD]
            if len(head) >= _HEAD:
                break
    except CorporaError:
        # A file that is broken further on is still worth its beginning; the reader will tell.
        if not head:
            raise
    return _kind_of(head[:_HEAD], path)


def _kind_of(head: bytes, path: Path) -> Kind:
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if begin.startswith(b"WARC/"):
        return Kind.COMMON_CRAWL
    if begin.startswith((b"<mediawiki", b"<?xml", b"<!DOCTYPE")):
        if b"<mediawiki" in head or b"<!ENTITY" in head:
            return Kind.WIKIPEDIA
        raise CorporaError(f"{shown(path)}: XML, but no MediaWiki dump")
    if begin.startswith(b"{"):
        return _kind_of_object(begin)
    if begin.startswith((b"[{", b"[\n", b"[\r")) and path.suffix.lower() == ".json":
        raise CorporaError(f"{shown(path)}: one JSON array; write one object a line (jq -c '.[]' FILE)")
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CorporaError(f"{shown(path)}: not a format that is known here (see docs/corpora.md)")
    names = {suffix.lower() for suffix in path.suffixes}
    return Kind.MARKDOWN if names & {".md", ".markdown"} else Kind.TEXT


def _kind_of_object(begin: bytes) -> Kind:
    """Tell Reddit's objects from chats by the first line's keys."""
    try:
        first = json.loads(begin.split(b"\n", 1)[0])
    except (ValueError, RecursionError):
        first = {}
    keys = set(first) if isinstance(first, dict) else set()
    if "subreddit" in keys and ("body" in keys or "selftext" in keys):
        return Kind.REDDIT
    return Kind.CHATS
