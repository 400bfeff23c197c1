"""A box to tick that shows by its sign, not by its colour alone, whether it is ticked.

Why it exists: Textual draws an X in every box and dims it in empty ones, which cannot be told apart in a
terminal of few colours, in a text frame, or by eyes that see no difference.
"""

from __future__ import annotations

from textual.widgets import Checkbox


class Tick(Checkbox):
    """A checkbox whose inside is blank while it is off."""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802 - Textual's name
        """The sign inside."""
        return "✓" if self.value else " "
