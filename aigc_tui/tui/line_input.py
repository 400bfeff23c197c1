"""An input of one line into which no control code gets, whether typed, pasted or put there by the program."""

from __future__ import annotations

from textual.widgets import Input

from aigc_tui.text import clean


class LineInput(Input):
    """Textual's input draws what is pasted into it as it is; this one lets only visible text in."""

    def validate_value(self, value: str) -> str:
        """Replace what a terminal would act on; a line break becomes a space."""
        return clean(value.replace("\r\n", "\n").replace("\r", "\n")).replace("\n", " ")
