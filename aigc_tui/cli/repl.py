"""The plain dialogue: a linear prompt for pipes, dumb terminals and screen readers.

Why it exists: no other terminal chat offers one, and a screen that repaints itself cannot be listened to.
Nothing here moves the cursor or needs a colour. Replies go to stdout, everything else to stderr.
"""

from __future__ import annotations

import sys

import click

from aigc_tui.chat import Turn
from aigc_tui.cli.dialogue import Dialogue
from aigc_tui.cli.lines import LineReader
from aigc_tui.cli.output import data, say
from aigc_tui.cli.repl_commands import Commands
from aigc_tui.engine.protocol import Done, Failed, FinishReason
from aigc_tui.store.records import Message
from aigc_tui.text import one_line

SHOWN = 6
"""How many of the last messages are read out when a conversation is taken up again."""


class Repl:
    """Ask, answer, and again, until the input ends.

    Args:
        dialogue: The conversation.
    """

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._t = dialogue.workspace.t
        self._watched = sys.stdout.isatty()
        self._commands = Commands(dialogue, self._hear)

    def run(self) -> None:
        """Hold the dialogue. It fails only when its input or its output does."""
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
            say(one_line(str(error), 500))
        return True

    def _open(self) -> None:
        say(self._t("cli.welcome", model=self._dialogue.model))
        if self._dialogue.conversation is None:
            self._commands.greet()
            return
        for message in self._dialogue.store.messages.path(self._dialogue.conversation.id, limit=SHOWN):
            self._recall(message)

    def _recall(self, message: Message) -> None:
        name = message.author or (self._t("cli.you_name") if message.role == "user" else message.role)
        say(f"{one_line(name)}: {message.content}")

    def _hear(self, turn: Turn) -> None:
        """Print a reply under its speaker's name, and how it ended unless it ended well."""
        if self._watched and turn.reply is not None:
            click.echo(f"{one_line(turn.reply.author)}: ", nl=False, err=True)
        end = self._dialogue.hear(turn, _stream)
        data("")
        if isinstance(end, Failed):
            say(self._t("cli.failed", message=end.message))
        elif isinstance(end, Done) and end.reason is not FinishReason.STOP:
            say(self._t("cli.stopped") if end.reason is FinishReason.CANCELLED else self._t("cli.cut"))


def _is_for_the_user(error: Exception) -> bool:
    """Our own errors and the chat core's refusals are one line each; anything else is a defect."""
    return type(error).__module__.startswith("aigc_tui.") or type(error) is ValueError


def _stream(text: str) -> None:
    data(text, newline=False)
