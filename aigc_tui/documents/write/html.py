"""A document as one HTML file that prints well: no scripts, nothing loaded, the key on its own page."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape as escape_html

from aigc_tui.documents.write import printable

_STYLE = """
@page { size: A4; margin: 2cm; }
body { font: 12pt/1.5 Georgia, "Noto Serif CJK SC", "Songti SC", SimSun, serif; max-width: 44em;
       margin: 2em auto; padding: 0 1em; color: #111; }
h1 { text-align: center; font-size: 1.5em; } h2 { font-size: 1.2em; border-bottom: 1px solid #999; }
h3 { font-size: 1em; margin: 1.2em 0 .3em; page-break-after: avoid; }
ul { list-style: none; padding-left: 1.5em; margin: .2em 0; } ul.plain { list-style: disc; }
li { page-break-inside: avoid; } blockquote { margin: .3em 1.5em; color: #333; font-style: italic; }
blockquote cite { display: block; font-size: .85em; } .note { font-size: .85em; color: #555; }
table { border-collapse: collapse; width: 100%; } th, td { border: 1px solid #999; padding: .3em .5em;
         text-align: left; }
.line { border-bottom: 1px solid #999; height: 2em; } .page { page-break-after: always; border: 0; }
@media screen { .page { border-top: 2px dashed #bbb; margin: 2em 0; } }
"""


def render(document: printable.PrintDocument) -> str:
    """The document as one HTML text in UTF-8."""
    colon = "：" if document.language == "zh" else ": "
    language = "zh-Hans" if document.language == "zh" else "en"
    body = "\n".join(_block(block, colon) for block in document.blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{_text(document.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{_text(document.title)}</h1>\n{body}\n</body>\n</html>\n"
    )


def _block(block: printable.PrintBlock, colon: str) -> str:
    match block:
        case printable.Heading(level, text, number):
            return f"<h{level}>{f'{number}. ' if number else ''}{_text(text)}</h{level}>"
        case printable.Paragraph(text, label):
            bold = f"<strong>{_text(label)}{colon}</strong>" if label else ""
            return f"<p>{bold}{_text(text)}</p>"
        case printable.Note(text):
            return f'<p class="note">{_text(text)}</p>'
        case printable.Quote(text, where):
            cite = f"<cite>— {_text(where)}</cite>" if where else ""
            return f"<blockquote>{_text(text)}{cite}</blockquote>"
        case printable.Listing(items, marks):
            return "".join(_listed(items, marks))
        case printable.Table(header, rows):
            return "".join(_table(header, rows))
        case printable.WritingSpace(lines):
            return '<div class="line"></div>' * lines
        case printable.PageBreak():
            return '<hr class="page">'
        case printable.Remark():
            return ""


def _listed(items: tuple[str, ...], marks: tuple[str, ...]) -> Iterator[str]:
    yield "<ul>" if marks else '<ul class="plain">'
    for item, mark in zip(items, marks or ("",) * len(items), strict=True):
        yield f"<li>{mark} {_text(item)}</li>" if mark else f"<li>{_text(item)}</li>"
    yield "</ul>"


def _table(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    yield "<table><tr>" + "".join(f"<th>{_text(cell)}</th>" for cell in header) + "</tr>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>"
    yield "</table>"


def _text(text: str) -> str:
    return escape_html(text).replace("\n", "<br>")
