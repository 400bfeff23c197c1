"""What screens and widgets may ask of the application, so that they import neither it nor each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from aigc_tui.config import Paths, Settings
    from aigc_tui.tui.services import Services


class Shell(Protocol):
    """The application as a screen sees it."""

    @property
    def language(self) -> str:
        """The language on show, `en` or `zh`."""
        ...

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        ...

    @property
    def paths(self) -> Paths:
        """Where everything of the user's lives."""
        ...

    @property
    def open_conversation(self) -> tuple[str, str]:
        """The id and title of the open conversation; both empty if nothing was said in it."""
        ...

    @property
    def services(self) -> Services | None:
        """The open store and the rest; None until they are open."""
        ...

    def t(self, key: str, /, **values: object) -> str:
        """A text of the catalogue in the language on show."""
        ...

    def theme_names(self) -> tuple[str, ...]:
        """Every theme that can be chosen, the house's own first."""
        ...

    def own_keys(self) -> Mapping[str, str]:
        """The user's own keys by binding id."""
        ...

    def change(self, key: str, value: object) -> str:
        """Save one setting and let it take effect at once.

        Returns:
            An empty text, or one line that says why it was refused.
        """
        ...


def shell(node: DOMNode) -> Shell:
    """The application that a mounted widget belongs to."""
    return cast("Shell", node.app)
