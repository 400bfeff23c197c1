"""The last line of the screen: the keys that matter where the focus is, in the user's language.

Why it exists: Textual's footer shows descriptions as they were written in the class, in one language, and
scrolls what has no room. This one translates, puts the focused pane's keys first, always keeps those that
lead anywhere (palette, help, quit) at the right, and drops from the middle what does not fit.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

from aigc_tui.text import width
from aigc_tui.tui.shell import shell

GAP = "  "
KEY_STYLE = "$footer-key-foreground bold"


class KeyFooter(Widget):
    """One line of keys with their meaning; each can be clicked."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyFooter {
        dock: bottom;
        height: 1;
        padding: 0 1;
        color: $footer-foreground;
        background: $footer-background;
    }
    """

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._shown: tuple[Binding, ...] = ()

    def on_mount(self) -> None:
        """Follow what the screen's focus makes possible."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        # Without the terminal's focus nothing has ours: keep the last keys instead of flickering.
        if not screen.app.app_focus:
            return
        shown = tuple(
            distinct(active.binding for active in screen.active_bindings.values() if active.enabled)
        )
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def retranslate(self) -> None:
        """Show the same keys in the language that is on now."""
        self.refresh()

    def render(self) -> Content:
        """The line, fitted to the width there is."""
        near = [binding for binding in self._shown if not (binding.id or "").startswith("app.")]
        always = [binding for binding in self._shown if (binding.id or "").startswith("app.")]
        room = self.content_size.width
        right = fit([self._part(binding) for binding in always], room)
        left = fit([self._part(binding) for binding in near], room - cells(right) - len(GAP))
        space = " " * max(0, room - cells(left) - cells(right))
        return Content.assemble(*_joined(left), space, *_joined(right))

    def _part(self, binding: Binding) -> Content:
        click = Style.from_meta({"@click": f"app.simulate_key('{binding.key}')"})
        key = Content.styled(self.app.get_key_display(binding), KEY_STYLE)
        return Content.assemble(key, " ", shell(self).t(binding.description)).stylize(click)

    async def _on_click(self, event: events.Click) -> None:
        event.stop()


def distinct(bindings: Iterable[Binding]) -> Iterable[Binding]:
    """The bindings to show, each action once, with its first key."""
    seen: set[str] = set()
    for binding in bindings:
        if binding.show and binding.id and binding.action not in seen:
            seen.add(binding.action)
            yield binding


def cells(parts: list[Content]) -> int:
    """How wide parts are when joined by gaps, in terminal cells."""
    return sum(width(part.plain) for part in parts) + len(GAP) * max(0, len(parts) - 1)


def fit(parts: list[Content], room: int) -> list[Content]:
    """The leading parts that fit into `room` cells."""
    while parts and cells(parts) > room:
        parts = parts[:-1]
    return parts


def _joined(parts: list[Content]) -> list[Content | str]:
    return [piece for index, part in enumerate(parts) for piece in ((GAP, part) if index else (part,))]
