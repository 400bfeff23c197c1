"""Carries out the slash commands, with the pickers that some of them open.

Each command is a method `do_<name>` of `Commands`; a test holds that list of actions and methods agree.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from aigc_tui.locale import LANGUAGES
from aigc_tui.text import one_line
from aigc_tui.tui.chat.choices import (
    language_choices,
    model_choices,
    named,
    persona_choices,
    persona_names,
    theme_choices,
)
from aigc_tui.tui.chat.sidebar import ConversationList
from aigc_tui.tui.chat.slash import Call
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.picker import Choice, Picker

if TYPE_CHECKING:
    from aigc_tui.tui.chat.screen import ChatScreen


class Commands:
    """Every slash command.

    Args:
        screen: Where things are shown.
    """

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen

    def run(self, call: Call) -> None:
        """Carry a call out."""
        method: Callable[[str], None] = getattr(self, call.command.action)
        method(call.rest)

    # Conversations

    def new(self, rest: str) -> None:
        """Begin a conversation, with the persona that is named or the present one."""
        talk = self._screen.talk
        present = talk.conversation.persona if talk.conversation else ""
        if not self._screen.is_open:
            self._screen.say_not_open()
        elif rest:
            self._screen.work(self._begin(rest))
        else:
            self._screen.work(talk.begin(present or shell(self._screen).settings.persona))

    def persona(self, rest: str) -> None:
        """Let another persona answer here."""
        self._screen.work(self._change_persona(rest))

    def model(self, rest: str) -> None:
        """Let another model answer."""
        self._screen.work(self._change_model(rest))

    def search(self, rest: str) -> None:
        """Search all conversations."""
        self._screen.action_search(rest)

    def rename(self, rest: str) -> None:
        """Give the conversation another title."""
        self._screen.work(self._screen.shelf.rename(self._screen.talk.id, rest))

    def archive(self, rest: str) -> None:
        """Put the conversation aside, or bring it back."""
        del rest
        self._screen.work(self._screen.shelf.archive(self._screen.talk.id))

    def archived(self, rest: str) -> None:
        """Show the conversations that were put aside, or the others again."""
        del rest
        self._screen.show_sidebar()
        self._screen.sidebar.show_archive(not self._screen.sidebar.archived)
        self._screen.query_one(ConversationList).focus()
        if self._screen.sidebar.archived:
            self._screen.note(self._screen.t("chat.archive_shown", key=self._screen.key_of("list.archive")))

    def delete(self, rest: str) -> None:
        """Delete the conversation; it can be undone."""
        del rest
        self._screen.work(self._screen.shelf.delete(self._screen.talk.id))

    def undo(self, rest: str) -> None:
        """Take back the last deletion or archiving."""
        del rest
        self._screen.work(self._screen.shelf.undo())

    def export(self, rest: str) -> None:
        """Write the conversation to a file."""
        self._screen.work(self._screen.shelf.export(self._screen.talk.id, rest))

    # Messages

    def regenerate(self, rest: str) -> None:
        """Ask for another reply."""
        del rest
        self._screen.action_regenerate()

    def resume(self, rest: str) -> None:
        """Continue the last reply."""
        del rest
        self._screen.action_continue_reply()

    def edit(self, rest: str) -> None:
        """Edit a message."""
        del rest
        self._screen.action_edit_message()

    def copy(self, rest: str) -> None:
        """Copy a message, or a code block by its number."""
        if rest.isascii() and rest.isdigit():
            self._screen.action_copy_code(int(rest[:3]))
        else:
            self._screen.action_copy_message()

    # The application

    def settings(self, rest: str) -> None:
        """Open the settings."""
        del rest
        self._app("app.settings")

    def help(self, rest: str) -> None:
        """Open the help."""
        del rest
        self._app("app.help")

    def quit(self, rest: str) -> None:
        """Leave the program."""
        del rest
        self._app("app.quit")

    def language(self, rest: str) -> None:
        """Change the interface's language."""
        choices = language_choices(("auto", *LANGUAGES), self._screen.t)
        title = self._screen.t("chat.pick_language")
        self._screen.work(self._change_setting("language", rest, title, choices))

    def theme(self, rest: str) -> None:
        """Change the colours."""
        choices = theme_choices(shell(self._screen).theme_names())
        self._screen.work(self._change_setting("theme", rest, self._screen.t("chat.pick_theme"), choices))

    def _app(self, action: str) -> None:
        self._screen.call_later(self._screen.app.run_action, action)

    # Pickers

    async def pick_persona(self) -> None:
        """Choose a persona to begin a new conversation with."""
        chosen = await self._pick_persona(self._screen.t("chat.pick_persona_new"))
        if chosen:
            await self._screen.talk.begin(chosen)

    async def _begin(self, rest: str) -> None:
        if chosen := await self._named_persona(rest, f"/new {rest}"):
            await self._screen.talk.begin(chosen)

    async def _change_persona(self, rest: str) -> None:
        if rest:
            chosen = await self._named_persona(rest, f"/persona {rest}")
        else:
            chosen = await self._pick_persona(self._screen.t("chat.pick_persona_here"))
        if chosen:
            await self._screen.talk.change_persona(chosen)

    async def _named_persona(self, typed: str, line: str) -> str | None:
        """The persona that is meant; without one, say who there is and give the line back."""
        screen = self._screen
        personas = await asyncio.to_thread(screen.services.personas.all)
        found = named(typed, persona_names(personas))
        if found is None:
            known = ", ".join(persona.text("name", shell(screen).language) for persona in personas)
            self._give_back(line, screen.t("chat.persona_unknown", name=one_line(typed, 60), known=known))
        return found

    def _give_back(self, line: str, problem: str) -> None:
        self._screen.prompt.put_back(line)
        self._screen.line.close()
        self._screen.note(problem, error=True)

    async def _pick_persona(self, title: str) -> str | None:
        screen = self._screen
        personas = await asyncio.to_thread(screen.services.personas.all)
        choices = persona_choices(personas, shell(screen).language, screen.t)
        current = screen.talk.conversation.persona if screen.talk.conversation else ""
        return await screen.ask(Picker(title, choices, current))

    async def _change_model(self, rest: str) -> None:
        screen = self._screen
        models = await asyncio.to_thread(screen.services.models.list)
        if rest:
            chosen = named(rest, {model.name: () for model in models})
            if chosen is None:
                known = ", ".join(model.name for model in models)
                words = screen.t("chat.model_unknown", name=one_line(rest, 60), known=known)
                self._give_back(f"/model {rest}", words)
        else:
            picker = Picker(
                screen.t("chat.pick_model"), model_choices(models, screen.t), screen.status.status.model
            )
            chosen = await screen.ask(picker)
        if chosen:
            await screen.talk.change_model(chosen)

    async def _change_setting(self, key: str, rest: str, title: str, choices: list[Choice]) -> None:
        app = shell(self._screen)
        picker = Picker(title, choices, str(getattr(app.settings, key)))
        answer = None if rest else await self._screen.ask(picker)
        if chosen := rest or answer:
            problem = app.change(key, chosen)
            if problem:
                self._screen.note(problem, error=True)
