"""What screens and widgets may ask of the application, so that they import neither it nor each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from aigc_tui.config import Paths, Settings
    from aigc_tui.engine.catalogue import CatalogueModel
    from aigc_tui.tui.models.pulls import Pulls
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

    # Models (tui/models)

    @property
    def pulls(self) -> Pulls:
        """The downloads of models."""
        ...

    def pull(self, entry: CatalogueModel, instead: Sequence[CatalogueModel] = ()) -> None:
        """Download a model in the background; tell when it is here.

        Args:
            entry: Which one.
            instead: What is tried, in order, if no source of it can be reached.
        """
        ...

    async def use_model(self, name: str) -> None:
        """Let a model answer in the open conversation and in new ones.

        Raises:
            ModelError: There is no such model.
        """
        ...

    def forget_model(self, name: str) -> str:
        """Do without a model that was removed, in the open conversation and in new ones.

        Returns:
            An empty text, or one line that says why that could not be saved.
        """
        ...


def shell(node: DOMNode) -> Shell:
    """The application that a mounted widget belongs to."""
    return cast("Shell", node.app)
