"""An answer typed on one line: short answers and cloze."""

from __future__ import annotations

from textual import on
from textual.widgets import Input

from aigc_tui.tui.line_input import LineInput
from aigc_tui.tui.practice.answering import Given
from aigc_tui.tui.shell import shell


class Typed(LineInput):
    """A field; enter answers. An empty field does not: passing over has a key of its own."""

    def __init__(self) -> None:
        super().__init__(classes="answering")

    def on_mount(self) -> None:
        """Say what the field is for."""
        self.retranslate()

    def retranslate(self) -> None:
        """Say it in the language that is on now."""
        self.placeholder = shell(self).t("practice.type_here")

    def reveal(self, _response: object) -> None:
        """The words stay, and cannot be changed any more."""
        self.disabled = True

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.post_message(Given(event.value.strip()))
