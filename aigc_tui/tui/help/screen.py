"""The help: how to begin, every key by where it works, every slash command.

Built from the list of actions with the user's own keys, so that it cannot be out of date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from aigc_tui.locale import Translate
from aigc_tui.text import width
from aigc_tui.tui.action_list import ACTIONS
from aigc_tui.tui.actions import SCOPES, Action, Scope
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.keys import COMMANDS, bindings, key_name, keys_of
from aigc_tui.tui.markdown.wrap import row_starts
from aigc_tui.tui.pane import Pane
from aigc_tui.tui.shell import Shell
from aigc_tui.tui.widgets.text import plain, plain_line

KEY_CELLS = 22
KEY_STYLE = "$accent bold"
OWN_STYLE = "$success bold"


def wrapped(text: str, cells: int) -> list[str]:
    """Break one line into rows of at most `cells`, without the blanks at their ends."""
    starts = row_starts(text, cells, cells)
    return [text[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]


def entry(left: str, right: str, cells: int, style: str = KEY_STYLE) -> Content:
    """One row of two columns; a left side that is too long pushes the right side to the next line.

    Args:
        left: The key or command.
        right: What it does.
        cells: The width of both columns.
        style: The left side's style.
    """
    lines = wrapped(right, max(10, cells - KEY_CELLS))
    indent = "\n" + " " * KEY_CELLS
    gap = " " * (KEY_CELLS - width(left)) if width(left) < KEY_CELLS - 1 else indent
    return Content.assemble(plain(left, style), gap, plain(indent.join(lines)))


def point(text: str, cells: int) -> Content:
    """One point of a list, hanging under its first word."""
    return Content.assemble(("• ", KEY_STYLE), plain("\n  ".join(wrapped(text, cells - 2))))


def key_section(scope: Scope, t: Translate, own: Mapping[str, str], cells: int) -> Content:
    """Every key of one scope, the user's own keys marked."""
    return Content("\n").join([_keys_line(action, t, own, cells) for action in _listed(scope)])


def slash_section(t: Translate, cells: int) -> Content:
    """Every slash command with what may follow it."""
    return Content("\n").join([entry(_call(command, t), t(command.help), cells) for command in COMMANDS])


def scopes() -> Iterable[tuple[Scope, str]]:
    """The scopes that have keys, with the catalogue keys of their headings."""
    keyed = {action.scope for action in ACTIONS if action.keys}
    return [(scope, info.title) for scope, info in SCOPES.items() if scope in keyed]


def _listed(scope: Scope) -> Iterable[Action]:
    families: set[str] = set()
    for action in ACTIONS:
        if action.scope == scope and action.keys and (not action.family or action.family not in families):
            families.add(action.family)
            yield action


def _keys_line(action: Action, t: Translate, own: Mapping[str, str], cells: int) -> Content:
    style = OWN_STYLE if action.id in own else KEY_STYLE
    if action.family:
        members = [other for other in ACTIONS if other.family == action.family]
        names = [key_name(key) for member in members for key in keys_of(member, own)]
        return entry(f"{names[0]}–{names[-1]}", t(action.help), cells, style)
    return entry(" ".join(key_name(key) for key in keys_of(action, own)), t(action.help), cells, style)


def _call(command: Action, t: Translate) -> str:
    return f"/{command.slash} {t(command.args)}" if command.args else f"/{command.slash}"


MOST_CELLS = 98
FRAME_CELLS = 8
"""What border, padding and scrollbar take from the width."""


class HelpScreen(Pane[None]):
    """One page to scroll through.

    Args:
        shell: The application.
    """

    CSS_PATH = "help.tcss"
    BINDINGS = bindings("overlay")

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="page"):
            yield Static(id="text")
        yield KeyFooter()

    def on_mount(self) -> None:
        page = self.query_one("#page")
        page.border_title = plain_line(self._shell.t("help.title"))
        page.focus()

    def on_resize(self) -> None:
        """Wrap the text to the width there is now; a layout asked for inside a resize would be lost."""
        self.call_after_refresh(self._write)

    def retranslate(self) -> None:
        self.query_one("#page").border_title = plain_line(self._shell.t("help.title"))
        self._write()

    def _write(self) -> None:
        self.query_one("#text", Static).update(self._text(min(MOST_CELLS, self.size.width - FRAME_CELLS)))

    def _text(self, cells: int) -> Content:
        t, own = self._shell.t, self._shell.own_keys()
        parts = [self._how_to(cells)]
        for scope, title in scopes():
            parts.append(_titled(t(title), key_section(scope, t, own, cells)))
        parts.append(_titled(t("help.slash"), slash_section(t, cells)))
        parts.append(plain("\n".join(wrapped(t("help.rebind"), cells)), "$text-muted"))
        return Content("\n\n").join(parts)

    def _how_to(self, cells: int) -> Content:
        t = self._shell.t
        steps = [t("help.how_1"), t("help.how_2"), t("help.how_3"), t("help.how_4")]
        return Content("\n").join([point(step, cells) for step in steps])

    def action_close(self) -> None:
        self.dismiss()


def _titled(title: str, body: Content) -> Content:
    return Content.assemble(plain_line(title, style="$primary bold"), "\n", body)
