"""Markdown blocks as lines, with colours for code.

A lexer is a heap of regular expressions, some of them slow on hostile input: only common languages are
coloured, only blocks of ordinary size, and only until a time limit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content, Span
from textual.style import Style

from aigc_tui.text import clean, one_line
from aigc_tui.tui.markdown.document import EMPTY, Block, CodeBlock, Document, Line, Rule, Text
from aigc_tui.tui.markdown.inline import MUTED
from aigc_tui.tui.markdown.tables import Table

if TYPE_CHECKING:
    from markdown_it.token import Token


Inline = Callable[["Token", str], Content]
"""Renders an inline token on a base style; the renderer decides about caps."""

CODE_META = "aigc_code"
"""The meta key under which a click on a code block's head finds its number."""
CODE_FILL = "on $boost"
HEADINGS = {"h1": "bold underline $text-primary", "h2": "bold $text-primary"}
HEADING = "bold $text-secondary"
_BULLETS = "•◦▪"
_QUOTE = Content.styled("▎ ", "$secondary")


@dataclass(slots=True)
class _Container:
    """A quote, list or list item that is open."""

    kind: str
    first: Content = EMPTY
    """What stands before its first line (a marker); afterwards `rest` stands there."""
    rest: Content = EMPTY
    number: int | None = None
    """The next number of an ordered list."""
    after: str = ""
    """The kind of block that came last in it."""


class BlockWriter:
    """Collects the blocks of one document."""

    def __init__(self, inline: Inline, *, coloured: bool) -> None:
        self._inline = inline
        self._coloured = coloured
        self._stack = [_Container("root")]
        self._blocks: list[Block] = []
        self._code: list[CodeBlock] = []
        self._base = ""
        self._rows: list[list[Content]] = []
        self._align: list[str] = []

    def write(self, tokens: Sequence[Token]) -> Document:
        """Turn a parsed document into blocks."""
        for token in tokens:
            handler = getattr(self, f"_on_{token.type}", None)
            if handler is not None:
                handler(token)
        return Document(tuple(self._blocks), tuple(self._code))

    # Containers

    def _on_blockquote_open(self, _token: Token) -> None:
        self._gap("quote")
        self._stack.append(_Container("quote", _QUOTE, _QUOTE))

    def _on_blockquote_close(self, _token: Token) -> None:
        self._pop()

    def _on_bullet_list_open(self, _token: Token) -> None:
        self._gap("list")
        self._stack.append(_Container("list"))

    def _on_ordered_list_open(self, token: Token) -> None:
        self._gap("list")
        start = token.attrs.get("start", 1)
        self._stack.append(_Container("list", number=int(start)))

    def _on_list_item_open(self, _token: Token) -> None:
        parent = self._stack[-1]
        if parent.number is None:
            depth = sum(container.kind == "list" for container in self._stack) - 1
            marker = _BULLETS[min(depth, len(_BULLETS) - 1)] + " "
        else:
            marker = f"{parent.number}. "
            parent.number += 1
        self._stack.append(
            _Container("item", Content.styled(marker, "$text-accent"), Content(" " * len(marker)))
        )

    def _on_list_item_close(self, _token: Token) -> None:
        if self._stack[-1].first:
            self._line(EMPTY)
        self._pop()

    _on_bullet_list_close = _on_ordered_list_close = _on_blockquote_close

    def _pop(self) -> None:
        self._stack.pop()

    # Leaves

    def _on_paragraph_open(self, _token: Token) -> None:
        self._gap("paragraph")

    def _on_heading_open(self, token: Token) -> None:
        self._gap("heading")
        self._base = HEADINGS.get(token.tag, HEADING)

    def _on_heading_close(self, _token: Token) -> None:
        self._base = ""

    def _on_inline(self, token: Token) -> None:
        content = self._inline(token, self._base)
        if self._rows:
            self._rows[-1].append(Content(" ").join(content.split("\n", allow_blank=True)))
            return
        for line in content.split("\n", allow_blank=True):
            self._line(line)

    def _on_hr(self, _token: Token) -> None:
        self._gap("rule")
        self._blocks.append(Rule(self._prefix()))

    def _on_fence(self, token: Token) -> None:
        self._code_block(token.content, one_line(token.info))

    def _on_code_block(self, token: Token) -> None:
        self._code_block(token.content, "")

    def _on_html_block(self, token: Token) -> None:
        self._gap("paragraph")
        for line in clean(token.content).rstrip("\n").split("\n"):
            self._line(Content(line))

    def _code_block(self, source: str, info: str) -> None:
        source = clean(source).removesuffix("\n")
        self._gap("code")
        language = info.partition(" ")[0]
        self._code.append(CodeBlock(len(self._code) + 1, language, source))
        number = len(self._code)
        label = Content.styled(f"‹{number}› ", "$text-accent") + Content.styled(info, MUTED)
        self._line(label.stylize(Style.from_meta({CODE_META: number})), fill=CODE_FILL)
        shown = source.expandtabs(4)
        content = highlight(shown, language) if self._coloured else Content(shown, strip_control_codes=False)
        for line in content.split("\n", allow_blank=True):
            self._line(line, fill=CODE_FILL, fold=True)

    # Tables

    def _on_table_open(self, _token: Token) -> None:
        self._gap("table")
        self._align = []

    def _on_tr_open(self, _token: Token) -> None:
        self._rows.append([])

    def _on_th_open(self, token: Token) -> None:
        style = str(token.attrs.get("style", ""))
        self._align.append(style.removeprefix("text-align:") or "left")
        self._base = "bold"

    def _on_td_open(self, _token: Token) -> None:
        self._base = ""

    def _on_table_close(self, _token: Token) -> None:
        self._base = ""
        rows = tuple(tuple(row) for row in self._rows)
        self._rows = []
        self._blocks.append(Table(rows, tuple(self._align), self._prefix()))

    # Lines

    def _gap(self, kind: str) -> None:
        """Put a blank line before a block, unless it opens its container or belongs to the text before it."""
        container = self._stack[-1]
        snug = kind in {"list", "code"} and container.kind == "item" and container.after == "paragraph"
        if container.after and not snug and container.kind != "list":
            self._blocks.append(Text((Line(self._rest()),)))
        container.after = kind

    def _line(self, text: Content, *, fill: str = "", fold: bool = False) -> None:
        prefix = self._prefix()
        line = Line(prefix + text if prefix else text, self._rest(), fold, fill)
        self._blocks.append(Text((line,)))

    def _prefix(self) -> Content:
        """Join what stands before the next line; each marker is used once."""
        parts = []
        for container in self._stack:
            parts.append(container.first or container.rest)
            container.first = EMPTY
        return EMPTY.join(parts)

    def _rest(self) -> Content:
        return EMPTY.join([container.rest for container in self._stack])


MAX_CHARS = 8_000
MAX_LINE = 500
SECONDS = 0.05
"""The longest that one block may take; what is uncoloured then stays plain."""

LANGUAGES = {
    "bash": "bash", "c": "c", "c++": "cpp", "cpp": "cpp", "cs": "csharp", "csharp": "csharp", "css": "css",
    "diff": "diff", "dockerfile": "docker", "go": "go", "html": "html", "ini": "ini", "java": "java",
    "javascript": "javascript", "js": "javascript", "json": "json", "jsx": "javascript", "kotlin": "kotlin",
    "lua": "lua", "make": "make", "makefile": "make", "php": "php", "powershell": "powershell",
    "py": "python",
    "python": "python", "python3": "python", "r": "r", "rb": "ruby", "rs": "rust", "ruby": "ruby",
    "rust": "rust", "scala": "scala", "sh": "bash", "shell": "bash", "sql": "sql", "swift": "swift",
    "toml": "toml", "ts": "typescript", "tsx": "typescript", "typescript": "typescript", "xml": "xml",
    "yaml": "yaml", "yml": "yaml", "zsh": "bash",
}  # fmt: skip
"""Names that models write after a fence, and the lexers for them."""

_STYLES = {
    "Comment": "$foreground-muted italic",
    "Keyword": "$text-accent",
    "Literal.String": "$text-success",
    "Literal.Number": "$text-warning",
    "Name.Function": "$text-primary",
    "Name.Class": "bold $text-primary",
    "Name.Builtin": "$text-secondary",
    "Name.Decorator": "$text-secondary",
    "Name.Tag": "$text-accent",
    "Name.Attribute": "$text-secondary",
    "Operator.Word": "$text-accent",
    "Generic.Inserted": "$text-success",
    "Generic.Deleted": "$text-error",
}


def highlight(source: str, language: str) -> Content:
    """Colour a code block.

    Args:
        source: The code, clean and with its tabs expanded.
        language: The word after the fence.

    Returns:
        Content with exactly the characters of `source`.
    """
    name = LANGUAGES.get(language.lower())
    if name is None or len(source) > MAX_CHARS or max(map(len, source.split("\n"))) > MAX_LINE:
        return Content(source, strip_control_codes=False)
    return Content(source, _spans(source, name), strip_control_codes=False)


def _spans(source: str, name: str) -> list[Span]:
    from pygments.lexers import get_lexer_by_name

    lexer = get_lexer_by_name(name)
    until = time.monotonic() + SECONDS
    spans: list[Span] = []
    for start, kind, text in lexer.get_tokens_unprocessed(source):
        if style := _style(str(kind)):
            spans.append(Span(start, start + len(text), style))
        if time.monotonic() > until:
            break
    return spans


def _style(kind: str) -> str:
    """Find the style of a token type such as `Token.Literal.String.Doc`, or of its nearest parent."""
    kind = kind.removeprefix("Token.")
    while kind:
        if style := _STYLES.get(kind):
            return style
        kind = kind.rpartition(".")[0]
    return ""
