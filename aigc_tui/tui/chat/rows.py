"""What the conversation list shows: store rows and search hits as lines, computed without any widget."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from textual.content import Content

from aigc_tui.store.records import Conversation, SearchHit
from aigc_tui.tui.widgets.text import plain_line

TITLE_LIMIT = 80
SNIPPET_LIMIT = 160
SHORTEST_STEM = 3


@dataclass(frozen=True, slots=True)
class Face:
    """How a persona appears in a list: its name in the interface's language, and its avatar."""

    name: str
    avatar: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: a conversation, or one place in it that was found."""

    conversation: str
    title: str
    note: str
    """The second line: who and when, or the words around what was found."""
    message: str = ""
    """The message that was found; empty for the conversation itself."""
    archived: bool = False
    mark: str = ""


def conversation_row(
    conversation: Conversation, faces: Mapping[str, Face], untitled: str, now: datetime
) -> Row:
    """A conversation with its persona and its day."""
    face = faces.get(conversation.persona, Face(conversation.persona, ""))
    return Row(
        conversation=conversation.id,
        title=conversation.title or untitled,
        note=" · ".join(part for part in (face.name, when(conversation.updated, now)) if part),
        archived=conversation.archived,
        mark=face.avatar,
    )


def hit_row(hit: SearchHit, untitled: str, in_title: str) -> Row:
    """A place that was found; of a title, which stands above it anyway, the note says only that."""
    return Row(hit.conversation, hit.title or untitled, hit.snippet if hit.message else in_title, hit.message)


def when(moment: str, now: datetime) -> str:
    """A time of the store as one would write it in a list: the hour today, else the day, else the date.

    Args:
        moment: UTC ISO-8601.
        now: The present, with the time zone to show times in.
    """
    try:
        then = datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(_zone(now))
    except ValueError:
        return ""
    if then.date() == now.date():
        return then.strftime("%H:%M")
    return then.strftime("%m-%d" if then.year == now.year else "%Y-%m-%d")


def _zone(now: datetime) -> tzinfo | None:
    return now.tzinfo


def draw(row: Row, query: str, *, current: bool) -> Content:
    """A row as two lines: the title, then the note with the searched words marked.

    Args:
        row: What to show.
        query: The searched words; empty when nothing is searched.
        current: Whether it is the conversation on show.
    """
    mark = Content.assemble(plain_line(row.mark, 4), " " if row.mark else "")
    title = plain_line(row.title, TITLE_LIMIT, "bold $text-accent" if current else "bold")
    note = plain_line(row.note, SNIPPET_LIMIT, "$text-muted")
    return Content.assemble(mark, marked(title, query), "\n", marked(note, query))


def marked(text: Content, query: str) -> Content:
    """The text with every occurrence of the searched words set off."""
    if not query:
        return text
    # Not before the first search: the first frame draws the list, too.
    from aigc_tui.store.segment import parse_query

    for word in parse_query(query).terms:
        text = text.highlight_regex(_pattern(word, text.plain), style="$text-warning")
    return text


def _pattern(word: str, text: str) -> re.Pattern[str]:
    """What a searched word found in a text: itself, or else the words that share its stem."""
    lengths = range(len(word), SHORTEST_STEM - 1, -1) if word.isascii() else ()
    for length in lengths:
        tail = "" if length == len(word) else r"\w*"
        start = "" if length == len(word) else r"\b"
        pattern = re.compile(f"{start}{re.escape(word[:length])}{tail}", re.IGNORECASE)
        if pattern.search(text):
            return pattern
    return re.compile(re.escape(word), re.IGNORECASE)
