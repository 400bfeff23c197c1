"""How Markdown transcripts mark who speaks, ours and other people's.

Three forms are known, and a file uses the first one that it begins with: headings (`## User`), bold names
(`**User:** hello`) and plain names (`User: hello`). Sticking to one keeps a name inside a text from becoming
a turn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAMES = {
    "user": "user human you me prompt question 用户 我 你 提问 问",
    "assistant": (
        "assistant ai bot chatgpt gpt claude gemini copilot model answer response 助手 助理 模型 回答 答"
    ),
    "system": "system 系统",
    "notice": "notice 提示",
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names.split()}
_NAME = "|".join(sorted(map(re.escape, _ROLES), key=len, reverse=True))
_HEADING = re.compile(
    rf"#{{1,6}}[ \t]+\**(?P<name>{_NAME})\**(?:[ \t]*·[ \t]*(?P<author>.+?)|[ \t]*[:：]?\**)"
    r"(?P<ai>[ \t]+\[AI\])?[ \t]*(?P<text>)",
    re.IGNORECASE,
)
_BOLD = re.compile(
    rf"(?:\*\*|__)(?P<name>{_NAME})(?:[ \t]*·[ \t]*(?P<author>[^*:：]+))?[ \t]*"
    r"(?:[:：](?:\*\*|__)|(?:\*\*|__)[ \t]*[:：])(?P<ai>)[ \t]*(?P<text>.*)",
    re.IGNORECASE,
)
_PLAIN = re.compile(rf"(?P<author>)(?P<ai>)(?P<name>{_NAME})[ \t]*[:：][ \t]*(?P<text>.*)", re.IGNORECASE)
FORMS = (_HEADING, _BOLD, _PLAIN)


@dataclass(frozen=True, slots=True)
class SpeakerLine:
    """A line that opens a turn."""

    role: str
    author: str
    by_model: bool
    text: str
    """What already stands on the same line."""


def read_speaker(form: re.Pattern[str], line: str) -> SpeakerLine | None:
    """Read a line as the opening of a turn in one of `FORMS`; None: it is text."""
    match = form.fullmatch(line)
    if match is None:
        return None
    role = _ROLES[match["name"].lower()]
    return SpeakerLine(role, (match["author"] or "").strip(), bool(match["ai"]), match["text"])


def escape_headings(text: str) -> str:
    """Put a backslash before each line of a text that would open a turn, or that is escaped already."""
    return "\n".join(_escape(line) for line in text.split("\n"))


def unescape_heading(line: str) -> str:
    """Undo `escape_headings` for one line."""
    return line[1:] if line.startswith("\\") and _needs_escape(line[1:]) else line


def _escape(line: str) -> str:
    return f"\\{line}" if _needs_escape(line) else line


def _needs_escape(line: str) -> bool:
    return _HEADING.fullmatch(line.lstrip("\\")) is not None
