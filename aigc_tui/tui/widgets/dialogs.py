"""Small modal dialogs: one line of text, yes or no."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from aigc_tui.text import one_line
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.inputs import LineInput
from aigc_tui.tui.widgets.text import plain, plain_line

TITLE_LIMIT = 200


class LineDialog(ModalScreen[str | None]):
    """Ask for one line; dismissed with it, or None. A blank line counts as None.

    Args:
        title: What is asked, in the user's language.
        value: What stands there at first.
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar = bindings("overlay")

    def __init__(self, title: str, value: str = "") -> None:
        super().__init__()
        self._title = title
        self._value = value

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog line") as box:
            box.border_title = plain_line(self._title)
            box.border_subtitle = plain_line(shell(self).t("chat.dialog_keys"))
            yield LineInput(one_line(self._value), max_length=TITLE_LIMIT, id="line")

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)

    def action_close(self) -> None:
        self.dismiss(None)


class ConfirmDialog(ModalScreen[bool]):
    """Ask before something that cannot be undone.

    Args:
        question: The question, in the user's language.
        yes: The word for doing it.
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar = bindings("overlay")

    def __init__(self, question: str, yes: str) -> None:
        super().__init__()
        self._question = question
        self._yes = yes

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog line"):
            yield Static(plain(self._question), markup=False)
            with Horizontal(classes="buttons"):
                yield Button(plain_line(self._yes), id="yes", variant="error")
                yield Button(plain_line(shell(self).t("chat.cancel")), id="no")

    def on_mount(self) -> None:
        """Enter alone must not do harm."""
        self.query_one("#no", Button).focus()

    @on(Button.Pressed, "#yes")
    def _do(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed, "#no")
    def action_close(self) -> None:
        self.dismiss(False)
