"""Import Markdown transcripts: our own export, and the usual ways in which people paste a chat.

Speakers are marked by headings (`## User`), bold names (`**User:** hello`) or plain names (`User: hello`). A
file uses the form that it begins with, which keeps a name inside a text from becoming a turn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from aigc_tui.message import message
from aigc_tui.store.transfer.draft import (
    LARGEST_MESSAGE,
    Draft,
    DraftMessage,
    Found,
    Skipped,
    UnreadableFileError,
    read_capped,
    too_long,
)
from aigc_tui.text import clean, one_line

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


_TITLE = re.compile(r"#[ \t]+(.+)")
_UNKNOWN_MODEL = "?"


@dataclass(slots=True)
class _Turn:
    speaker: SpeakerLine
    line: int
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip("\n")


def read_markdown(path: Path) -> Found:
    """Read a transcript as one conversation; UnreadableFileError: no line of it names a speaker."""
    where = one_line(path.name)
    try:
        text = clean(read_capped(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            "{path}: not UTF-8 text (byte {byte})", path=where, byte=error.start
        ) from error
    lines = text.split("\n")
    turns = _turns(lines)
    if not turns:
        raise UnreadableFileError(
            "{path}: no line names a speaker, such as `## User`, `**User:** ...` or `User: ...`", path=where
        )
    messages: list[DraftMessage] = []
    for turn in turns:
        if len(turn.text) > LARGEST_MESSAGE:
            yield Skipped(message("{place}: {problem}", place=f"{where}:{turn.line}", problem=too_long()))
        else:
            messages.append(_message(turn, len(messages)))
    yield Draft(_title(lines[: turns[0].line - 1]) or path.stem, messages)


def _turns(lines: list[str]) -> list[_Turn]:
    form = next((form for line in lines for form in FORMS if read_speaker(form, line)), None)
    turns: list[_Turn] = []
    for number, line in enumerate(lines, start=1):
        speaker = read_speaker(form, line) if form else None
        if speaker is not None:
            turns.append(_Turn(speaker, number, [speaker.text] if speaker.text else []))
        elif turns:
            turns[-1].lines.append(unescape_heading(line))
    return turns


def _message(turn: _Turn, place: int) -> DraftMessage:
    return DraftMessage(
        parent=place - 1 if place else None,
        role=turn.speaker.role,
        content=turn.text,
        author=one_line(turn.speaker.author, 100),
        model=_UNKNOWN_MODEL if turn.speaker.by_model else "",
    )


def _title(lines: list[str]) -> str:
    return next((match[1] for match in map(_TITLE.fullmatch, lines) if match), "")
