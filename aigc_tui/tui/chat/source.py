"""The conversation list's rows, read from the store. All of it runs in a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from aigc_tui.locale import Translate
from aigc_tui.tui.chat.rows import Face, Row, conversation_row, hit_row

if TYPE_CHECKING:
    from aigc_tui.store.records import Conversation
    from aigc_tui.tui.services import Services

HITS = 100


def local_now() -> datetime:
    """The present in the machine's time zone."""
    return datetime.now().astimezone()


class StoreSource:
    """Rows from the open store.

    Args:
        services: The open store and the personas.
        t: The catalogue in use.
        language: Tells the interface's language.
        now: Where the time comes from.
    """

    def __init__(
        self,
        services: Services,
        t: Translate,
        language: Callable[[], str],
        now: Callable[[], datetime] = local_now,
    ) -> None:
        self._services = services
        self._t = t
        self._language = language
        self._now = now
        self._known: dict[str, Conversation] = {}
        self._faces: dict[tuple[str, str], Face] = {}

    def page(self, *, archived: bool, after: Row | None, count: int) -> Sequence[Row]:
        """So many of the newest conversations, or of those that come after a row already shown."""
        before = self._known.get(after.conversation) if after else None
        found = self._services.store.conversations.page(
            kind="chat", archived=archived, limit=count, before=before
        )
        self._known |= {conversation.id: conversation for conversation in found}
        language = self._language()
        faces = {conversation.persona: self.face(conversation.persona, language) for conversation in found}
        return [conversation_row(one, faces, self._t("chat.untitled"), self._now()) for one in found]

    def search(self, query: str) -> Sequence[Row]:
        """The best places for a query."""
        found = self._services.store.search(query, kind="chat", limit=HITS)
        return [hit_row(hit, self._t("chat.untitled"), self._t("chat.in_title")) for hit in found]

    def face(self, persona: str, language: str) -> Face:
        """A persona's name and avatar; one that is gone or broken shows by its id."""
        if (persona, language) not in self._faces:
            self._faces[persona, language] = self._look(persona, language)
        return self._faces[persona, language]

    def _look(self, persona: str, language: str) -> Face:
        from aigc_tui.personas import PersonaError

        try:
            found = self._services.personas.get(persona)
        except PersonaError:
            return Face(persona, "")
        return Face(found.text("name", language), found.avatar)
