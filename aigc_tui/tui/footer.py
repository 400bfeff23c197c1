"""The last line of the screen: the keys that matter where the focus is, in the user's language.

Textual's footer shows descriptions as written in the class, in one language, and scrolls what has no
room. This one translates, puts the focused widget's keys first, always keeps the global ones (palette,
help, quit) at the right, and leaves out first what the list of actions ranks lowest.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Protocol, runtime_checkable

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

from aigc_tui.text import width
from aigc_tui.tui.keys import action_of
from aigc_tui.tui.shell import shell

GAP = "  "
KEY_STYLE = "$footer-key-foreground bold"


@runtime_checkable
class Relabels(Protocol):
    """A screen on which a key is called by what it does just now."""

    def label(self, binding: Binding) -> str:
        """The catalogue key of what to call it."""
        ...


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
        self._shown: tuple[tuple[Binding, str], ...] = ()

    def on_mount(self) -> None:
        """Follow what the screen's focus makes possible."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        # Without the terminal's focus nothing has ours: keep the last keys instead of flickering.
        if not screen.app.app_focus:
            return
        active = (found.binding for found in screen.active_bindings.values() if found.enabled)
        shown = tuple((binding, label(screen, binding)) for binding in distinct(active))
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def retranslate(self) -> None:
        self.refresh()

    def render(self) -> Content:
        near = [shown for shown in self._shown if not (shown[0].id or "").startswith("app.")]
        always = [shown for shown in self._shown if (shown[0].id or "").startswith("app.")]
        room = self.content_size.width
        right = fit(self._parts(always), room)
        left = fit(self._parts(near), room - cells(right) - len(GAP))
        space = " " * max(0, room - cells(left) - cells(right))
        return Content.assemble(*_joined(left), space, *_joined(right))

    def _parts(self, shown: list[tuple[Binding, str]]) -> list[tuple[int, Content]]:
        """Keys beside each other that are called the same share the word."""
        groups = groupby(shown, key=lambda pair: pair[1])
        return [self._part(name, [binding for binding, _name in members]) for name, members in groups]

    def _part(self, name: str, bindings: list[Binding]) -> tuple[int, Content]:
        keys = Content(" ").join([self._key(binding) for binding in bindings])
        word = Content(shell(self).t(name)).stylize(_click(bindings[-1]))
        return spare(bindings[0]), Content.assemble(keys, " ", word)

    def _key(self, binding: Binding) -> Content:
        return Content.styled(self.app.get_key_display(binding), KEY_STYLE).stylize(_click(binding))

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


def label(screen: Screen[object], binding: Binding) -> str:
    """The catalogue key of what to call a binding on a screen just now."""
    return screen.label(binding) if isinstance(screen, Relabels) else binding.description


def spare(binding: Binding) -> int:
    """How soon a binding is left out, as the table says."""
    found = action_of(binding.id or "")
    return found.spare if found else 0


def fit(parts: list[tuple[int, Content]], room: int) -> list[Content]:
    """The parts for which there are `room` cells, in their order.

    Args:
        parts: How soon each is left out (the highest first, of equals the last), and the part.
        room: Terminal cells.
    """
    kept = dict(enumerate(parts))
    while kept and cells([part for _rank, part in kept.values()]) > room:
        del kept[max(kept, key=lambda place: (kept[place][0], place))]
    return [part for _rank, part in kept.values()]


def _click(binding: Binding) -> Style:
    return Style.from_meta({"@click": f"app.simulate_key('{binding.key}')"})


def _joined(parts: list[Content]) -> list[Content | str]:
    return [piece for index, part in enumerate(parts) for piece in ((GAP, part) if index else (part,))]
