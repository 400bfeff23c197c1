"""The plain dialogue: a linear prompt for pipes, dumb terminals and screen readers, with slash commands.

Nothing here moves the cursor or needs a colour. Replies go to stdout, everything else to stderr.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import click

from aigc_tui.chat import Turn
from aigc_tui.cli.dialogue import Dialogue
from aigc_tui.cli.output import data, say, table
from aigc_tui.cli.terminal import LineReader
from aigc_tui.engine.protocol import Done, Failed, FinishReason, Role
from aigc_tui.message import error_text
from aigc_tui.store.records import Message
from aigc_tui.text import one_line

SHOWN = 6
"""How many of the last messages are read out when a conversation is taken up again."""


class Repl:
    """Reads lines and answers them until the input ends."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._t = dialogue.workspace.t
        self._watched = sys.stdout.isatty()
        self._commands = Commands(dialogue, self._hear)

    def run(self) -> None:
        self._open()
        reader = LineReader(self._t("cli.you"), self._t("cli.how_to_quit"))
        while (words := reader.read()) is not None:
            if not words.strip():
                continue
            if self._commands.is_command(words):
                if not self._guarded(words):
                    return
            else:
                self._guarded(words)

    def _guarded(self, words: str) -> bool:
        """Do what a line asks for; a failure of one line does not end the dialogue. False: leave."""
        try:
            if self._commands.is_command(words):
                return self._commands.run(words)
            self._hear(self._dialogue.say(self._commands.unescaped(words)))
        except (BrokenPipeError, KeyboardInterrupt):
            raise
        except Exception as error:
            if not _is_for_the_user(error):
                raise
            say(one_line(error_text(error, self._t), 500))
        return True

    def _open(self) -> None:
        say(self._t("cli.welcome", model=self._dialogue.model))
        if self._dialogue.conversation is None:
            self._commands.greet()
            return
        for message in self._dialogue.store.messages.path(self._dialogue.conversation.id, limit=SHOWN):
            self._recall(message)

    def _recall(self, message: Message) -> None:
        name = message.author or (
            self._t("cli.you_name") if message.role == "user" else self._t(message.role)
        )
        say(f"{one_line(name)}: {message.content}")

    def _hear(self, turn: Turn) -> None:
        """Print a reply under its speaker's name, and how it ended unless it ended well."""
        if self._watched and turn.reply is not None:
            click.echo(f"{one_line(turn.reply.author)}: ", nl=False, err=True)
        end = self._dialogue.hear(turn, _stream)
        data("")
        if isinstance(end, Failed):
            say(self._t("cli.failed", message=end.message.text(self._t)))
        elif isinstance(end, Done) and end.reason is not FinishReason.STOP:
            say(self._t("cli.stopped") if end.reason is FinishReason.CANCELLED else self._t("cli.cut"))


def _is_for_the_user(error: Exception) -> bool:
    """Our own errors and the chat core's refusals are one line each; anything else is a defect."""
    return type(error).__module__.startswith("aigc_tui.") or type(error) is ValueError


def _stream(text: str) -> None:
    data(text, newline=False)


_LINE = re.compile(r"/([a-z]+)(?:[ \t]+(.*))?")
HITS = 20


class Commands:
    """Runs lines such as `/word rest`. A path such as `/etc/hosts` is a message; `//word` sends `/word`."""

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
        return _LINE.fullmatch(line.strip()) is not None

    def unescaped(self, line: str) -> str:
        return line[1:] if line.startswith("//") and self.is_command(line[1:]) else line

    def run(self, line: str) -> bool:
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
