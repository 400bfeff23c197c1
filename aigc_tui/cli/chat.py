"""`aigc-tui chat`: one turn for scripts and pipes, or a plain dialogue line by line."""

from __future__ import annotations

import sys
from typing import Any

import click

from aigc_tui.cli.errors import WrongUsage
from aigc_tui.cli.groups import Command
from aigc_tui.cli.numbers import NumberRange
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace

STDIN_LIMIT = 4_000_000
"""Characters taken from a pipe; far more than any context holds, far less than would fill the memory."""


@click.command(cls=Command)
@click.argument("prompt", required=False)
@click.option("-p", "--persona", metavar="PERSONA", help="Persona that answers; see `persona list`.")
@click.option("-m", "--model", metavar="MODEL", help="Name or folder of a model; see `model list`.")
@click.option("-c", "--conversation", metavar="ID", help="Conversation to continue; `last`: the latest.")
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(0, 2**63 - 1),
    help="Random seed: the same seed gives the same reply.",
)
@click.option(
    "--max-tokens", metavar="N", type=click.IntRange(min=1), help="Maximum length of the reply in tokens."
)
@click.option(
    "--temperature",
    metavar="T",
    type=NumberRange(0, 2),
    help="Temperature, 0 to 2; 0 always takes the most likely token.",
)
@click.option(
    "--top-p",
    metavar="P",
    type=NumberRange(0, 1),
    help="Keep the most likely tokens up to this total probability.",
)
@click.option(
    "--top-k",
    metavar="K",
    type=click.IntRange(min=0),
    help="Keep this many of the most likely tokens; 0: all.",
)
@click.option("--plain", is_flag=True, help="Chat line by line, also from a pipe.")
@json_option
@pass_workspace
def chat(
    workspace: Workspace,
    /,
    prompt: str | None,
    persona: str | None,
    model: str | None,
    conversation: str | None,
    plain: bool,
    as_json: bool,
    **sampling: Any,
) -> None:
    """Send PROMPT to a persona and print the reply as it is generated.

    Text from a pipe is appended to PROMPT. Without a PROMPT, on a terminal or with --plain, a line-by-line
    chat starts. Ctrl-c stops the reply and keeps its text.
    """
    from aigc_tui.cli.dialogue import DialogueOptions, open_dialogue

    if conversation is not None and not conversation.strip():
        raise WrongUsage("-c needs an ID, or `last`")
    words = None if plain and prompt is None else _words(prompt)
    if words is None and as_json:
        raise WrongUsage("--json needs a PROMPT")
    given = {name: value for name, value in sampling.items() if value is not None}
    options = DialogueOptions(persona, model, conversation, given)
    with open_dialogue(workspace, options, plain=plain) as dialogue:
        if words is None:
            from aigc_tui.cli.repl import Repl

            Repl(dialogue).run()
        else:
            from aigc_tui.cli.dialogue import one_turn

            one_turn(dialogue, words, as_json=as_json)


def _words(prompt: str | None) -> str | None:
    """The prompt and what is piped in; None: neither is given, which asks for the line-by-line chat."""
    piped = "" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read(STDIN_LIMIT + 1)
    if len(piped) > STDIN_LIMIT:
        raise WrongUsage("stdin holds more than {limit} characters", limit=f"{STDIN_LIMIT:,}")
    if prompt is None and (sys.stdin is None or sys.stdin.isatty()):
        return None
    words = "\n\n".join(part for part in (prompt or "", piped.rstrip("\n")) if part.strip())
    if not words:
        raise WrongUsage("PROMPT is empty")
    return words
