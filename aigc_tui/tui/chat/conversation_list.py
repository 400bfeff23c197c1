"""The sidebar of the chat pane: conversations, newest first, and search hits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, cast

from textual.content import Content

from aigc_tui.store.records import Conversation, SearchHit
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.shell import shell
from aigc_tui.tui.sidebar import Sidebar, SidebarList, SidebarRow, marked
from aigc_tui.tui.widgets.text import plain_line

if TYPE_CHECKING:
    from aigc_tui.tui.pane import Pane

TITLE_LIMIT = 80
SNIPPET_LIMIT = 160
HITS = 100


class ConversationList(SidebarList):
    """The conversations, with the keys that act on the highlighted one."""

    BINDINGS: ClassVar = bindings("list")


class ConversationSidebar(Sidebar):
    """The conversations, or the archived ones."""

    LIST = ConversationList
    SEARCH_KEY = "chat.search_placeholder"
    FOUND_KEY = "chat.found"
    NOTHING_KEY = "chat.found_nothing"

    _source: ConversationSource | None

    @property
    def rows(self) -> Sequence[ConversationRow]:
        return cast("Sequence[ConversationRow]", super().rows)

    @property
    def archived(self) -> bool:
        """Whether the archived conversations are listed."""
        return self._source is not None and self._source.archived

    def show_archive(self, on: bool) -> None:
        """List the archived conversations, or the others."""
        if self._source is not None:
            self._source.archived = on
        self.retranslate()

    def title_key(self) -> str:
        return "chat.archive_title" if self.archived else "chat.list_title"

    def subtitle(self) -> str:
        return "" if self.rows else shell(self).t("chat.nothing_yet")


@dataclass(frozen=True, slots=True)
class Face:
    """How a persona appears in a list: its name in the interface's language, and its avatar."""

    name: str
    avatar: str


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation, or one place in it that was found."""

    id: str
    title: str
    note: str
    """The second line: who and when, or the words around what was found."""
    part: str = ""
    """The message that was found; empty for the conversation itself."""
    mark: str = ""

    def draw(self, query: str, *, current: bool) -> Content:
        mark = Content.assemble(plain_line(self.mark, 4), " " if self.mark else "")
        title = plain_line(self.title, TITLE_LIMIT, "bold $text-accent" if current else "bold")
        note = plain_line(self.note, SNIPPET_LIMIT, "$text-muted")
        return Content.assemble(mark, marked(title, query), "\n", marked(note, query))


class ConversationSource:
    """Reads rows from the store; `page` and `search` run in a thread.

    Args:
        pane: Whose store, language and catalogue it uses, once the store is open.
        now: Tells the present, with the time zone to show times in.

    Attributes:
        archived: Whether to list the archived conversations.
    """

    def __init__(self, pane: Pane[None], now: Callable[[], datetime]) -> None:
        self.archived = False
        self._pane = pane
        self._now = now
        self._known: dict[str, Conversation] = {}
        self._faces: dict[tuple[str, str], Face] = {}

    def page(self, *, after: SidebarRow | None, count: int) -> Sequence[ConversationRow]:
        before = self._known.get(after.id) if after else None
        found = self._pane.services.store.conversations.page(
            kind="chat", archived=self.archived, limit=count, before=before
        )
        self._known |= {conversation.id: conversation for conversation in found}
        faces = {conversation.persona: self.face(conversation.persona) for conversation in found}
        untitled = self._pane.t("chat.untitled")
        return [conversation_row(one, faces, untitled, self._now()) for one in found]

    def search(self, query: str) -> Sequence[ConversationRow]:
        found, t = self._pane.services.store.search(query, kind="chat", limit=HITS), self._pane.t
        return [hit_row(hit, t("chat.untitled"), t("chat.in_title")) for hit in found]

    def face(self, persona: str) -> Face:
        """A persona's name and avatar; one that is gone or broken shows by its id."""
        language = shell(self._pane).language
        if (persona, language) not in self._faces:
            self._faces[persona, language] = self._look(persona, language)
        return self._faces[persona, language]

    def _look(self, persona: str, language: str) -> Face:
        from aigc_tui.personas import PersonaError

        try:
            found = self._pane.services.personas.get(persona)
        except PersonaError:
            return Face(persona, "")
        return Face(found.text("name", language), found.avatar)


def conversation_row(
    conversation: Conversation, faces: Mapping[str, Face], untitled: str, now: datetime
) -> ConversationRow:
    """A conversation with its persona and its day."""
    face = faces.get(conversation.persona, Face(conversation.persona, ""))
    return ConversationRow(
        id=conversation.id,
        title=conversation.title or untitled,
        note=" · ".join(part for part in (face.name, when(conversation.updated, now)) if part),
        mark=face.avatar,
    )


def hit_row(hit: SearchHit, untitled: str, in_title: str) -> ConversationRow:
    """A place that was found; of a title, which stands above it anyway, the note says only that."""
    note = hit.snippet if hit.message else in_title
    return ConversationRow(hit.conversation, hit.title or untitled, note, hit.message)


def when(moment: str, now: datetime) -> str:
    """A time of the store as one would write it in a list: the hour today, else the day, else the date.

    Args:
        moment: UTC ISO-8601.
        now: The present, with the time zone to show times in.
    """
    try:
        then = datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(now.tzinfo)
    except ValueError:
        return ""
    if then.date() == now.date():
        return then.strftime("%H:%M")
    return then.strftime("%m-%d" if then.year == now.year else "%Y-%m-%d")
