"""Colours for code blocks, for a known set of languages and within a budget.

Why it exists: a lexer is a heap of regular expressions, and some of them are slow on hostile input. Only
common languages are coloured, only blocks of ordinary size, and only until the time is up.
"""

from __future__ import annotations

import time

from textual.content import Content, Span

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
