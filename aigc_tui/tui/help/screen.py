"""The help: how to begin, every key by where it works, every slash command.

Built from the list of actions with the user's own keys, so that it cannot be out of date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from aigc_tui.locale import Translate
from aigc_tui.text import width
from aigc_tui.tui.bindings import CONTEXTS, TABLE, Context, Row, bindings, key_name, keys_of
from aigc_tui.tui.chat.slash import COMMANDS, SlashCommand
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.markdown.wrap import row_starts
from aigc_tui.tui.shell import Shell
from aigc_tui.tui.widgets.text import plain, plain_line

KEY_CELLS = 22
KEY_STYLE = "$accent bold"
OWN_STYLE = "$success bold"


def wrapped(text: str, cells: int) -> list[str]:
    """Break one line into rows of at most `cells`, without the blanks at their ends."""
    starts = row_starts(text, cells, cells)
    return [text[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]


def entry(left: str, right: str, cells: int, style: str = KEY_STYLE, name: str = "") -> Content:
    """One row of two columns; a left side that is too long pushes the right side to the next line.

    Args:
        left: The key or command.
        right: What it does.
        cells: The width of both columns.
        style: The left side's style.
        name: What follows in a quieter colour.
    """
    text = f"{right} · {name}" if name else right
    lines = wrapped(text, max(10, cells - KEY_CELLS))
    indent = "\n" + " " * KEY_CELLS
    gap = " " * (KEY_CELLS - width(left)) if width(left) < KEY_CELLS - 1 else indent
    body = plain(indent.join(lines))
    if name:
        body = body.stylize("$text-muted", len(body.plain) - len(name) - 2)
    return Content.assemble(plain(left, style), gap, body)


def point(text: str, cells: int) -> Content:
    """One point of a list, hanging under its first word."""
    return Content.assemble(("• ", KEY_STYLE), plain("\n  ".join(wrapped(text, cells - 2))))


def key_section(context: Context, t: Translate, own: Mapping[str, str], cells: int) -> Content:
    """Every binding of one context, the user's own keys marked, with the name that re-binds it."""
    return Content("\n").join([_binding(row, t, own, cells) for row in _rows(context)])


def slash_section(t: Translate, cells: int) -> Content:
    """Every slash command with what may follow it."""
    return Content("\n").join([entry(_call(command, t), t(command.help), cells) for command in COMMANDS])


def contexts() -> Iterable[tuple[Context, str]]:
    """The contexts that have bindings, with the catalogue keys of their headings."""
    return [(context, title) for context, title in CONTEXTS if any(row.context == context for row in TABLE)]


def _rows(context: Context) -> Iterable[Row]:
    families: set[str] = set()
    for row in TABLE:
        if row.context == context and (not row.family or row.family not in families):
            families.add(row.family)
            yield row


def _binding(row: Row, t: Translate, own: Mapping[str, str], cells: int) -> Content:
    style = OWN_STYLE if row.id in own else KEY_STYLE
    if row.family:
        members = [other for other in TABLE if other.family == row.family]
        names = [key_name(key) for member in members for key in keys_of(member, own)]
        return entry(f"{names[0]}–{names[-1]}", t(row.help), cells, style, f"{row.family}_1…{len(members)}")
    keys = " ".join(key_name(key) for key in keys_of(row, own))
    return entry(keys, t(row.help), cells, style, row.id)


def _call(command: SlashCommand, t: Translate) -> str:
    return f"/{command.name} {t(command.args)}" if command.args else f"/{command.name}"


MOST_CELLS = 98
FRAME_CELLS = 8
"""What border, padding and scrollbar take from the width."""


class HelpScreen(Screen[None]):
    """One page to scroll through.

    Args:
        shell: The application.
    """

    CSS_PATH = "help.tcss"
    BINDINGS = bindings("overlay")

    def __init__(self, shell: Shell) -> None:
        super().__init__(id="help")
        self._shell = shell

    def compose(self) -> ComposeResult:
        """The page, and the keys that work on it."""
        with VerticalScroll(id="page"):
            yield Static(id="text")
        yield KeyFooter()

    def on_mount(self) -> None:
        """The page takes the arrow keys at once."""
        page = self.query_one("#page")
        page.border_title = plain_line(self._shell.t("help.title"))
        page.focus()

    def on_resize(self) -> None:
        """Wrap the text to the width there is now; a layout asked for inside a resize would be lost."""
        self.call_after_refresh(self._write)

    def retranslate(self) -> None:
        """The same page in the language that is on now."""
        self.query_one("#page").border_title = plain_line(self._shell.t("help.title"))
        self._write()

    def _write(self) -> None:
        self.query_one("#text", Static).update(self._text(min(MOST_CELLS, self.size.width - FRAME_CELLS)))

    def _text(self, cells: int) -> Content:
        t, own = self._shell.t, self._shell.own_keys()
        parts = [self._how_to(cells)]
        for context, title in contexts():
            parts.append(_titled(t(title), key_section(context, t, own, cells)))
        parts.append(_titled(t("help.slash"), slash_section(t, cells)))
        parts.append(plain("\n".join(wrapped(t("help.rebind"), cells)), "$text-muted"))
        return Content("\n\n").join(parts)

    def _how_to(self, cells: int) -> Content:
        t = self._shell.t
        steps = [t("help.how_1"), t("help.how_2"), t("help.how_3"), t("help.how_4")]
        return Content("\n").join([point(step, cells) for step in steps])

    def action_close(self) -> None:
        """Back to where the user came from."""
        self.dismiss()


def _titled(title: str, body: Content) -> Content:
    return Content.assemble(plain_line(title, style="$primary bold"), "\n", body)
