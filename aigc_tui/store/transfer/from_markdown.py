"""Markdown transcripts in: our own export, and the usual ways in which people paste a chat."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from aigc_tui.message import message
from aigc_tui.store.transfer.draft import Draft, DraftMessage, Found, Skipped, UnreadableFileError
from aigc_tui.store.transfer.fields import LARGEST_MESSAGE, read_capped, too_long
from aigc_tui.store.transfer.speakers import FORMS, SpeakerLine, read_speaker, unescape_heading
from aigc_tui.text import clean, one_line

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
    """Read a transcript as one conversation.

    Raises:
        UnreadableFileError: no line of it names a speaker.
    """
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
