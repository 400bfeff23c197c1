"""Plain text to HTML and back, for the formats whose texts are HTML: GIFT, Moodle XML, Anki, QTI.

Escaped HTML brings every text back as it was (`a -> b`, `%50%`, `[html]` are traps in GIFT as plain text).
Of foreign markup, decoration is dropped, superscripts and line breaks become text, and what a text cannot
stand for (pictures, sound) is named, so that no question is imported without its picture.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from aigc_tui.message import Message, message

_TOKEN = re.compile(
    r"<!--(?:(?!<!--).)*?-->"
    r"|<(?P<raw>script|style)\b(?:(?!<(?:script|style)\b).)*?</(?:script|style)\s*>"
    r"|<(?P<close>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9]{0,20})(?=[\s/>])[^<>]*>"
    r"|(?P<entity>&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});)"
    r"|(?P<space>(?<![ \t])[ \t]*\n[ \t\n]*)",
    re.DOTALL | re.IGNORECASE,
)
_BLOCKS = frozenset(
    {
        "blockquote",
        "caption",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
    }
    | {"ol", "p", "pre", "table", "tbody", "thead", "tr", "ul"}
)
_INLINE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "big",
        "br",
        "cite",
        "code",
        "col",
        "del",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
    }
    | {"small", "span", "strike", "strong", "sub", "sup", "td", "th", "tt", "u", "var"}
)
_LOST = {
    "img": "a picture",
    "svg": "a picture",
    "audio": "a sound",
    "video": "a film",
    "object": "an embedded object",
    "embed": "an embedded object",
    "iframe": "an embedded page",
    "math": "a formula in MathML",
    "input": "a form field",
}
_KNOWN = _BLOCKS | _INLINE | _LOST.keys()
_RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_SCRIPT = re.compile(r"<(sup|sub)\b[^<>]*>([^<>]{0,200})</\1\s*>", re.IGNORECASE)
_BREAK = "\x00"
"""A line break that blocks ask for: two in a row are one. Cleaned text has no NUL."""
_LAYOUT = "\x01"
"""A newline of the file: a space, but nothing next to a line break, where it only lays out the file."""


def to_html(text: str) -> str:
    """Write a plain text as HTML: `from_html(to_html(text))[0] == text` for every cleaned, stripped text."""
    return html.escape(text, quote=False).replace("\n", "<br>").replace("\t", "&#9;")


def from_html(markup: str, *, lines: bool = False) -> tuple[str, frozenset[str]]:
    """Read HTML as plain text.

    Args:
        markup: HTML from anywhere; only `<`tag`>` of known tags count as tags, all else is text.
        lines: Newlines are line breaks (Moodle's auto-format), not just spaces.

    Returns:
        The text, and what it could not stand for (`a picture`, `a sound` ...).
    """
    lost: set[str] = set()
    text = "".join(_pieces(_SCRIPT.sub(_script, markup), lines, lost))
    text = text.replace(f"{_LAYOUT}\n", "\n").replace(f"\n{_LAYOUT}", "\n").replace(_LAYOUT, " ")
    text = re.sub(rf"(?<![ \t])[ \t]*{_BREAK}[ \t{_BREAK}]*", "\n", text.strip(f" \t\n{_BREAK}"))
    return text.strip(), frozenset(lost)


def cannot_hold(lost: frozenset[str]) -> Message:
    """Say why a text cannot stand for what `from_html` lost."""
    words = {f"part{number}": Message(each) for number, each in enumerate(sorted(lost))}
    things = Message(", ".join(f"{{{name}}}" for name in words), words)
    return message("it needs {things}, which a text cannot hold", things=things)


def has_tags(markup: str) -> bool:
    """Tell whether a text holds a tag or an entity of HTML."""
    return any(_is_tag(found) or found["entity"] for found in _TOKEN.finditer(markup))


def _pieces(markup: str, lines: bool, lost: set[str]) -> Iterator[str]:
    at = 0
    for found in _TOKEN.finditer(markup):
        yield markup[at : found.start()]
        at = found.end()
        yield _piece(found, lines, lost)
    yield markup[at:]


def _piece(found: re.Match[str], lines: bool, lost: set[str]) -> str:
    whole = found[0]
    if found["entity"]:
        # A no-break space in a file of other people is spacing; the character itself is kept.
        return " " if whole == "&nbsp;" else html.unescape(whole).replace("\x00", "")
    if found["space"] is not None:
        return whole if lines else _LAYOUT
    if not found["tag"]:
        return ""
    if not _is_tag(found):
        return whole
    tag = found["tag"].lower()
    if tag in _LOST and not found["close"]:
        lost.add(_LOST[tag])
    if tag == "br":
        return "\n"
    return _BREAK if tag in _BLOCKS else "\t" if tag in ("td", "th") and not found["close"] else ""


def _is_tag(found: re.Match[str]) -> bool:
    return bool(found["tag"]) and found["tag"].lower() in _KNOWN


def _script(found: re.Match[str]) -> str:
    """Write x<sup>2</sup> as x²: without its mark it would be another number."""
    inner = found[2].strip()
    table = _RAISED if found[1].lower() == "sup" else _LOWERED
    if inner and all(ord(char) in table for char in inner):
        return inner.translate(table)
    return f"{'^' if found[1].lower() == 'sup' else '_'}({inner})" if inner else ""
