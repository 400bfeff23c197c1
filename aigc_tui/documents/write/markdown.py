r"""A printable document as CommonMark, and the functions that escape a text for it and back.

Formulas between dollar signs stay as they are, since renderers of LaTeX want them raw.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from aigc_tui.documents.write.printable import (
    Heading,
    Listing,
    Note,
    PageBreak,
    Paragraph,
    PrintBlock,
    PrintDocument,
    Quote,
    Remark,
    Table,
    WritingSpace,
)

NEWLINE = "<br>"
RULE = "___"
_FORMULA = re.compile(r"(?<!\\)(\$(?![\s$])[^$\n\\|]*(?:\\[^$\n|][^$\n\\|]*)*(?<![\s\\])\$)")
_ACTIVE = re.compile(r"([\\`*_\[\]<>&#|~$])")
_BLOCK_START = re.compile(r"^([-+=])|^(\d+)([.)])")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def escape(text: str) -> str:
    """Make a clean text mean itself in Markdown, on one line; newlines become `<br>`."""
    parts = _FORMULA.split(text)
    safe = [part if odd else _ACTIVE.sub(r"\\\1", part) for part, odd in _alternate(parts)]
    line = "".join(safe).replace("\n", NEWLINE)
    return _BLOCK_START.sub(lambda found: _escape_start(found), line)


def unescape(text: str) -> str:
    """Take `escape` back; foreign Markdown loses its backslashes before punctuation, as it should."""
    parts = _FORMULA.split(text)
    return "".join(
        part if odd else _ESCAPED.sub(r"\1", part.replace(NEWLINE, "\n")) for part, odd in _alternate(parts)
    )


def render(document: PrintDocument) -> str:
    """The document as one Markdown text."""
    colon = "：" if document.language == "zh" else ": "
    blocks = [f"# {escape(document.title)}", *(_block(block, colon) for block in document.blocks)]
    return "\n\n".join(blocks) + "\n"


def _alternate(parts: list[str]) -> Iterator[tuple[str, bool]]:
    return ((part, bool(index % 2)) for index, part in enumerate(parts))


def _escape_start(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"


def _block(block: PrintBlock, colon: str) -> str:
    match block:
        case Heading(level, text, number):
            return f"{'#' * level} {f'{number}. ' if number else ''}{escape(text)}".rstrip()
        case Paragraph(text, label):
            return (f"**{escape(label)}{colon.strip()}** " if label else "") + escape(text)
        case Note(text):
            return f"<small>{escape(text)}</small>"
        case Quote(text, where):
            return f"> {escape(text)}" + (f"\n>\n> — {escape(where)}" if where else "")
        case Listing(items, marks):
            return "\n".join(_listed(items, marks))
        case Table(header, rows):
            return "\n".join(_table(header, rows))
        case WritingSpace(lines):
            return "\n\n".join([RULE] * lines)
        case PageBreak():
            return "---"
        case Remark(name, values):
            return f"<!-- {name} {_json(dict(values))} -->"


def _listed(items: tuple[str, ...], marks: tuple[str, ...]) -> Iterator[str]:
    for item, mark in zip(items, marks or ("",) * len(items), strict=True):
        # "- 1) x" would be a list within a list; a number is a list's own mark.
        bullet = "" if mark[:1].isdigit() else "- "
        yield f"{bullet}{mark}{' ' if mark else ''}{escape(item)}".rstrip()


def _table(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    for row in (header, ("---",) * len(header), *rows):
        yield "| " + " | ".join(cell if cell == "---" else escape(cell) for cell in row) + " |"


def _json(values: dict[str, object]) -> str:
    """JSON that cannot end the comment it stands in."""
    plain = json.dumps(values, ensure_ascii=False)
    return plain.replace(">", "\\u003e").replace("--", "\\u002d\\u002d")
