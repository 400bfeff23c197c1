"""The baseline of `first-frame`: the smallest Textual app with three tabs to write in."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Footer, TabbedContent, TabPane, TextArea

MARK = "the bare app is painted"


class BareApp(App[None]):
    """Three tabs, an editor in each."""

    def compose(self) -> ComposeResult:
        """The tabs."""
        with TabbedContent():
            for name in ("Chat", "Write", "Quiz"):
                with TabPane(name):
                    yield TextArea(MARK)
        yield Footer()


if __name__ == "__main__":
    BareApp().run()
