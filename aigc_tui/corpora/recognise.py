"""Find the reader for a file by its content: names such as `dump.bz2` say nothing, others may be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from enum import Enum, auto
from pathlib import Path
from typing import TypeAlias

from aigc_tui.corpora.document import Caps, CorporaError, Item
from aigc_tui.corpora.reader import Source
from aigc_tui.corpora.unpack import Container, Meter, container_of, shown, unpack

Read: TypeAlias = Callable[[Source, int], Iterator[Item | None]]
_HEAD = 1 << 16


class Kind(Enum):
    """A format of sources."""

    WIKIPEDIA = auto()
    COMMON_CRAWL = auto()
    REDDIT = auto()
    CHATS = auto()
    MARKDOWN = auto()
    TEXT = auto()
    PDF = auto()
    WORD = auto()


def reader_for(kind: Kind) -> Read:
    """Import the reader of a format."""
    match kind:
        case Kind.WIKIPEDIA:
            from aigc_tui.corpora.wikipedia import read
        case Kind.COMMON_CRAWL:
            from aigc_tui.corpora.common_crawl import read
        case Kind.REDDIT:
            from aigc_tui.corpora.reddit import read
        case Kind.CHATS:
            from aigc_tui.corpora.chats import read
        case Kind.MARKDOWN:
            from aigc_tui.corpora.files import read_markdown as read
        case Kind.TEXT:
            from aigc_tui.corpora.files import read_text as read
        case Kind.PDF:
            from aigc_tui.corpora.files import read_pdf as read
        case Kind.WORD:
            from aigc_tui.corpora.files import read_docx as read
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
        raise CorporaError("{path}: XML, but no MediaWiki dump", path=shown(path))
    if begin.startswith(b"{"):
        return _kind_of_object(begin)
    if begin.startswith((b"[{", b"[\n", b"[\r")) and path.suffix.lower() == ".json":
        raise CorporaError(
            "{path}: one JSON array; write one object a line (jq -c '.[]' FILE)", path=shown(path)
        )
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CorporaError(
            "{path}: not a format that is known here; docs/corpora.md lists them", path=shown(path)
        )
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
