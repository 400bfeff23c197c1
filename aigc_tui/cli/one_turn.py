"""One turn for a script: words streamed to stdout, or the whole result as one JSON value."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from aigc_tui.chat import Turn
from aigc_tui.cli.dialogue import Dialogue
from aigc_tui.cli.errors import CommandError
from aigc_tui.cli.output import data, emit_json
from aigc_tui.engine.protocol import Done, Failed, Timing, Usage
from aigc_tui.store.records import Message


def one_turn(dialogue: Dialogue, words: str, *, as_json: bool) -> None:
    """Say the words and print the reply.

    A reply that was stopped by ctrl-c is a result like any other: its words are printed and kept.

    Args:
        dialogue: The conversation.
        words: What the user says.
        as_json: Print one JSON value at the end instead of the words as they come.

    Raises:
        CommandError: The reply broke off; what came before is printed and kept.
    """
    turn = dialogue.say(words)
    end = dialogue.hear(turn, _ignore if as_json else _stream)
    if as_json:
        emit_json(result(turn, dialogue.wait(turn.final_message()), end))
    elif turn.notice or _needs_newline(turn.text, end):
        data("")
    if isinstance(end, Failed):
        raise CommandError("{problem}", problem=end.message)


def _needs_newline(text: str, end: Done | Failed | None) -> bool:
    """Whether the words still need their end of line. Of a failure without words nothing is printed."""
    return not text.endswith("\n") and bool(text or not isinstance(end, Failed))


def result(turn: Turn, message: Message, end: Done | Failed | None) -> dict[str, Any]:
    """The shape that docs/cli.md promises for `chat --json`."""
    usage, timing = (end.usage, end.timing) if end else (Usage(), Timing())
    return {
        "conversation": message.conversation,
        "message": message.id,
        "persona": turn.conversation.persona,
        "model": message.model,
        "adapter": message.adapter,
        "text": message.content,
        "status": str(message.status),
        "usage": {
            "prompt_tokens": usage.prompt_tokens,
            "reused_tokens": usage.reused_tokens,
            "new_tokens": usage.new_tokens,
        },
        "seconds": {name: round(seconds, 4) for name, seconds in asdict(timing).items()},
        "sampling": json.loads(message.sampling or "{}"),
    }


def _stream(text: str) -> None:
    data(text, newline=False)


def _ignore(_text: str) -> None:
    """With --json the words are printed once, at the end."""
