"""The slash commands of the plain dialogue. They mean what the same words mean in the application."""

from __future__ import annotations

import re
from collections.abc import Callable

from aigc_tui.chat import Turn
from aigc_tui.cli.dialogue import Dialogue
from aigc_tui.cli.output import data, say, table
from aigc_tui.engine.protocol import Role
from aigc_tui.store.records import Message

_LINE = re.compile(r"/([a-z]+)(?:[ \t]+(.*))?")
HITS = 20


class Commands:
    """What a line that begins with a slash does.

    Only `/word` and `/word rest` are commands: a path such as `/etc/hosts` is a message, and `//word` says
    `/word`.

    Args:
        dialogue: The conversation.
        hear: Runs and prints a reply.
    """

    def __init__(self, dialogue: Dialogue, hear: Callable[[Turn], None]) -> None:
        self._dialogue = dialogue
        self._t = dialogue.workspace.t
        self._hear = hear
        self._actions: dict[str, Callable[[str], None]] = {
            "help": self._help,
            "new": self._new,
            "persona": self._persona,
            "model": self._model,
            "again": self._again,
            "regenerate": self._again,
            "continue": self._continue,
            "search": self._search,
        }

    def is_command(self, line: str) -> bool:
        """Tell whether a line is a command, known or not."""
        return _LINE.fullmatch(line.strip()) is not None

    def unescaped(self, line: str) -> str:
        """A message as it is meant: `//word` says `/word`."""
        return line[1:] if line.startswith("//") and self.is_command(line[1:]) else line

    def run(self, line: str) -> bool:
        """Do what a command says.

        Returns:
            False: the dialogue is over.
        """
        match = _LINE.fullmatch(line.strip())
        assert match is not None
        name, rest = match[1], (match[2] or "").strip()
        if name in ("quit", "exit"):
            return False
        action = self._actions.get(name)
        if action is None:
            say(self._t("cli.unknown_command", name=name))
        else:
            action(rest)
        return True

    def greet(self) -> None:
        """Let the persona begin."""
        persona = self._dialogue.chat.personas.get(self._dialogue.persona)
        language = self._dialogue.workspace.language
        say(f"{persona.text('name', language)}: {persona.text('greeting', language)}")

    def _help(self, _rest: str) -> None:
        say(self._t("cli.repl_help"))

    def _new(self, persona: str) -> None:
        self._dialogue.chat.personas.get(persona or self._dialogue.persona)
        self._dialogue.conversation = None
        self._dialogue.take_persona(persona or self._dialogue.persona)
        self.greet()

    def _persona(self, name: str) -> None:
        if name:
            self._dialogue.take_persona(name)
            say(self._t("cli.persona_now", name=name))
            return
        language = self._dialogue.workspace.language
        for persona in self._dialogue.chat.personas.all():
            say(f"{persona.id}: {persona.text('description', language)}")

    def _model(self, name: str) -> None:
        if name:
            self._dialogue.take_model(name)
        say(self._t("cli.model_now", name=self._dialogue.model))

    def _again(self, _rest: str) -> None:
        if (reply := self._last_reply()) is not None:
            self._hear(self._dialogue.chat.regenerate(reply.id))

    def _continue(self, _rest: str) -> None:
        if (reply := self._last_reply()) is not None:
            data(reply.content, newline=False)
            self._hear(self._dialogue.chat.resume(reply.id))

    def _last_reply(self) -> Message | None:
        """The reply at the end of the path on show; says so when there is none."""
        conversation = self._dialogue.conversation
        path = self._dialogue.store.messages.path(conversation.id, limit=1) if conversation else []
        if path and path[-1].role == Role.ASSISTANT:
            return path[-1]
        say(self._t("cli.no_reply"))
        return None

    def _search(self, query: str) -> None:
        hits = self._dialogue.store.search(query, limit=HITS) if query else []
        if hits:
            table([(hit.conversation, hit.title, hit.snippet) for hit in hits])
        else:
            say(self._t("cli.nothing_found"))
