"""`aigc-tui textgen interactive`: write together with a model, by picking from what it offers.

What is offered and asked goes to stderr, the text to stdout at the end, so that it can be piped on. From a
pipe the same lines work, which makes a session repeatable.
"""

from __future__ import annotations

from typing import Any

import click

from aigc_tui.cli.groups import Command
from aigc_tui.cli.lines import LineReader
from aigc_tui.cli.output import data, emit_json, say
from aigc_tui.cli.textgen import folder_of
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace

STOP, BACK, OWN = "s", "x", "o"


@click.command(cls=Command)
@click.argument("name", metavar="M")
@click.option("--top", default=3, show_default=True, help="How many next pieces are offered.")
@click.option("--prefix", default="", help="How the text begins.")
@click.option("--label", default="", help="Of what kind, for a model trained with labels.")
@click.option("--temperature", default=1.0, show_default=True, help="Of the probabilities shown.")
@json_option
@pass_workspace
def interactive(workspace: Workspace, /, name: str, as_json: bool, **asked: Any) -> None:
    """Write a text together: pick a number, `x` to step back, `o` for words of your own, `s` to stop."""
    from aigc_tui.course.textgen import jobs

    first = {"do": "interactive", "model": folder_of(workspace, name), **asked}
    with jobs.conversation(first) as talk:
        text = _Desk(workspace, talk).run()
    if as_json:
        emit_json({"text": text})
    else:
        data(text)


class _Desk:
    """The person's side: shows what is offered and sends on what is chosen."""

    def __init__(self, workspace: Workspace, talk: Any) -> None:
        self._t, self._talk = workspace.t, talk
        self._reader = LineReader(self._t("textgen.choose"), self._t("textgen.how_to_stop"))
        self._own = LineReader(self._t("textgen.own"), self._t("textgen.how_to_stop"))

    def run(self) -> str:
        """Go on until the person stops or the text ends; returns the text."""
        state: dict[str, Any] = next(self._talk.answers(), {})
        say(self._t("textgen.help"))
        while not state.get("ended"):
            self._show(state)
            request = self._wish()
            if request is None:
                break
            state = self._talk.ask(request)
            self._tell(state)
        return str(state.get("text", ""))

    def _show(self, state: dict[str, Any]) -> None:
        say(f"> {state['text']}")
        for number, choice in enumerate(state["choices"], 1):
            piece = self._t("textgen.end") if choice["ends"] else repr(choice["text"])
            say(f"  {number}  {100 * choice['probability']:5.1f} %  {piece}")

    def _wish(self) -> dict[str, Any] | None:
        """Read lines until one is a wish; None: stop."""
        while (line := self._reader.read()) is not None:
            wish = line.strip().lower()
            if wish == STOP:
                return None
            if wish == BACK:
                return {"back": 1}
            if wish == OWN:
                return {"own": self._own.read() or ""}
            if wish.isdecimal() and len(wish) < 4:
                return {"pick": int(wish)}
            say(self._t("textgen.help"))
        return None

    def _tell(self, state: dict[str, Any]) -> None:
        """Say why nothing changed."""
        match state.get("problem"):
            case "start":
                say(self._t("textgen.at_start"))
            case "number":
                say(self._t("textgen.no_such_number"))
