"""A conversation as Markdown, for people; and readable again by our own import.

Why it exists: it is what people paste, print and keep. A speaker is a heading of the second level; a line of
the talk that looks like one is escaped, so that no text becomes a turn when the file comes back.
"""

from __future__ import annotations

from collections.abc import Sequence

from aigc_tui.locale import Catalogue
from aigc_tui.store.records import Conversation, Message
from aigc_tui.store.transfer.label import ai_label, by_model, catalogue_for, speaker
from aigc_tui.store.transfer.path import shown_path
from aigc_tui.store.transfer.speakers import escape_headings
from aigc_tui.text import clean, one_line


def export_md(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Write the path on show.

    Args:
        conversation: the conversation.
        messages: its tree or the path, parents before children.
    """
    path = shown_path(conversation, messages)
    catalogue = catalogue_for(path)
    title = one_line(conversation.title) or catalogue.text("transfer.untitled")
    if escape_headings(f"# {title}") != f"# {title}":
        title = f"“{title}”"
    turns = "\n".join(_turn(message, catalogue) for message in path)
    return f"# {title}\n\n> {ai_label(path, catalogue)}\n\n{turns}"


def _turn(message: Message, catalogue: Catalogue) -> str:
    author = f" · {one_line(message.author, 80)}" if message.author else ""
    mark = f" [{catalogue.text('transfer.ai_mark')}]" if by_model(message) else ""
    return f"## {speaker(message, catalogue)}{author}{mark}\n\n{escape_headings(clean(message.content))}\n"
