"""Carries out the slash commands, with the pickers that some of them open.

Each command is a method `do_<name>` of `Commands`; a test holds that list of actions and methods agree.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aigc_tui.locale import LANGUAGES
from aigc_tui.message import listed
from aigc_tui.text import one_line
from aigc_tui.tui.actions import Action
from aigc_tui.tui.chat.choices import (
    language_choices,
    model_choices,
    named,
    persona_choices,
    persona_names,
    theme_choices,
)
from aigc_tui.tui.chat.conversation import OpenConversation
from aigc_tui.tui.chat.conversation_actions import ConversationActions
from aigc_tui.tui.chat.layout import ChatLayout
from aigc_tui.tui.chat.messages import MessageActions
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.picker import Choice, Picker


class Commands:
    """Every slash command: `do_<name>` takes the rest of the line.

    Args:
        layout: Where things are shown.
        conversation: What is open.
        messages: What is done with one message.
        conversations: What is done with a conversation.
    """

    def __init__(
        self,
        layout: ChatLayout,
        conversation: OpenConversation,
        messages: MessageActions,
        conversations: ConversationActions,
    ) -> None:
        self._layout = layout
        self._conversation = conversation
        self._messages = messages
        self._conversations = conversations

    def run(self, command: Action, rest: str) -> None:
        """Carry out a command with the rest of its line."""
        method: Callable[[str], None] = getattr(self, f"do_{command.slash}")
        method(rest)

    # Conversations

    def do_new(self, rest: str) -> None:
        """Begin a conversation, with the persona that is named or the present one."""
        conversation = self._conversation
        present = conversation.record.persona if conversation.record else ""
        if not self._layout.is_open:
            self._layout.say_not_open()
        elif rest:
            self._layout.work(self._begin(rest))
        else:
            self._layout.work(conversation.begin(present or shell(self._layout).settings.persona))

    def do_persona(self, rest: str) -> None:
        """Let another persona answer here."""
        self._layout.work(self._change_persona(rest))

    def do_model(self, rest: str) -> None:
        """Let another model answer."""
        self._layout.work(self._change_model(rest))

    def do_search(self, rest: str) -> None:
        """Search all conversations."""
        self._layout.search(rest)

    def do_rename(self, rest: str) -> None:
        """Give the conversation another title."""
        self._layout.work(self._conversations.rename(self._conversation.id, rest))

    def do_archive(self, rest: str) -> None:
        """Put the conversation aside, or bring it back."""
        del rest
        self._layout.work(self._conversations.archive(self._conversation.id))

    def do_archived(self, rest: str) -> None:
        """Show the conversations that were put aside, or the others again."""
        del rest
        self._layout.sidebar.show_archive(not self._layout.sidebar.archived)
        self._layout.go_to_sidebar()
        if self._layout.sidebar.archived:
            self._layout.note(self._layout.t("chat.archive_shown", key=self._layout.key_of("list.archive")))

    def do_delete(self, rest: str) -> None:
        """Delete the conversation; it can be undone."""
        del rest
        self._layout.work(self._conversations.delete(self._conversation.id))

    def do_undo(self, rest: str) -> None:
        """Take back the last deletion or archiving."""
        del rest
        self._layout.work(self._conversations.undo())

    def do_export(self, rest: str) -> None:
        """Write the conversation to a file."""
        self._layout.work(self._conversations.export(self._conversation.id, rest))

    # Messages

    def do_regenerate(self, rest: str) -> None:
        """Ask for another reply."""
        del rest
        self._layout.work(self._messages.regenerate())

    def do_continue(self, rest: str) -> None:
        """Continue the last reply."""
        del rest
        self._layout.work(self._messages.resume())

    def do_edit(self, rest: str) -> None:
        """Edit a message."""
        del rest
        self._layout.work(self._messages.edit())

    def do_copy(self, rest: str) -> None:
        """Copy a message, or a code block by its number."""
        if rest.isascii() and rest.isdigit():
            self._layout.work(self._messages.copy_code(int(rest[:3])))
        else:
            self._layout.work(self._messages.copy())

    # The application

    def do_settings(self, rest: str) -> None:
        """Open the settings."""
        del rest
        self._app("app.settings")

    def do_help(self, rest: str) -> None:
        """Open the help."""
        del rest
        self._app("app.help")

    def do_quit(self, rest: str) -> None:
        """Leave the program."""
        del rest
        self._app("app.quit")

    def do_language(self, rest: str) -> None:
        """Change the interface's language."""
        choices = language_choices(("auto", *LANGUAGES), self._layout.t)
        title = self._layout.t("chat.pick_language")
        self._layout.work(self._change_setting("language", rest, title, choices))

    def do_theme(self, rest: str) -> None:
        """Change the colours."""
        choices = theme_choices(shell(self._layout).theme_names())
        self._layout.work(self._change_setting("theme", rest, self._layout.t("chat.pick_theme"), choices))

    def _app(self, action: str) -> None:
        self._layout.call_later(self._layout.app.run_action, action)

    # Pickers

    async def pick_persona(self) -> None:
        """Choose a persona to begin a new conversation with."""
        chosen = await self._pick_persona(self._layout.t("chat.pick_persona_new"))
        if chosen:
            await self._conversation.begin(chosen)

    async def _begin(self, rest: str) -> None:
        if chosen := await self._named_persona(rest, f"/new {rest}"):
            await self._conversation.begin(chosen)

    async def _change_persona(self, rest: str) -> None:
        if rest:
            chosen = await self._named_persona(rest, f"/persona {rest}")
        else:
            chosen = await self._pick_persona(self._layout.t("chat.pick_persona_here"))
        if chosen:
            await self._conversation.change_persona(chosen)

    async def _named_persona(self, typed: str, line: str) -> str | None:
        """The persona that is meant; without one, say who there is and give the line back."""
        layout = self._layout
        personas = await asyncio.to_thread(layout.services.personas.all)
        found = named(typed, persona_names(personas))
        if found is None:
            names = [persona.text("name", shell(layout).language) for persona in personas]
            known = listed(names, layout.t)
            self._give_back(line, layout.t("chat.persona_unknown", name=one_line(typed, 60), known=known))
        return found

    def _give_back(self, line: str, problem: str) -> None:
        self._layout.prompt.put_back(line)
        self._layout.menu.display = self._layout.prompt.menu_open = False
        self._layout.note(problem, error=True)

    async def _pick_persona(self, title: str) -> str | None:
        layout = self._layout
        personas = await asyncio.to_thread(layout.services.personas.all)
        choices = persona_choices(personas, shell(layout).language, layout.t)
        current = self._conversation.record.persona if self._conversation.record else ""
        return await layout.ask(Picker(title, choices, current))

    async def _change_model(self, rest: str) -> None:
        layout = self._layout
        models = await asyncio.to_thread(layout.services.models.list)
        if rest:
            chosen = named(rest, {model.name: () for model in models})
            if chosen is None:
                known = listed((model.name for model in models), layout.t)
                words = layout.t("chat.model_unknown", name=one_line(rest, 60), known=known)
                self._give_back(f"/model {rest}", words)
        else:
            picker = Picker(
                layout.t("chat.pick_model"),
                model_choices(models, shell(layout).language, layout.t),
                layout.status.status.model,
            )
            chosen = await layout.ask(picker)
        if chosen:
            await self._conversation.change_model(chosen)

    async def _change_setting(self, key: str, rest: str, title: str, choices: list[Choice]) -> None:
        app = shell(self._layout)
        picker = Picker(title, choices, str(getattr(app.settings, key)))
        answer = None if rest else await self._layout.ask(picker)
        if chosen := rest or answer:
            problem = app.change(key, chosen)
            if problem:
                self._layout.note(problem, error=True)
