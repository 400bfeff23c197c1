"""Markdown: as plain text, less its front matter, comments and pictures; its marks stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aigc_tui.corpora.document import Document, Item
from aigc_tui.corpora.plain import document, parts
from aigc_tui.corpora.reader import Source, convert

_FRONT = re.compile(r"\A---[ \t]*\n.{0,20000}?\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PICTURE = re.compile(r"!\[([^\[\]]{0,300})\]\([^()]{0,1000}\)")
_LINK = re.compile(r"\[([^\[\]]{1,300})\]\((?:https?:|/|#|\.)[^()\s]{0,1000}(?:\s+\"[^\"]{0,300}\")?\)")
_BLANK = re.compile(r"\n{3,}")


def read(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Stream a Markdown file, in parts if it is long.

    Raises:
        CorporaError: The file is broken or cut off from here on.
    """
    yield from convert(source, parts(source), skip, lambda part: _document(source, *part))


def _document(source: Source, number: int, text: str) -> Document:
    return document(source, number, strip(text) if number == 1 else strip("\n" + text))


def strip(text: str) -> str:
    """Take out what is not for readers; links keep their words, pictures vanish."""
    text = _FRONT.sub("", text.replace("\r\n", "\n"))
    text = _LINK.sub(r"\1", _PICTURE.sub("", _COMMENT.sub("", text)))
    return _BLANK.sub("\n\n", text).strip()
