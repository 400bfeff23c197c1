"""Downloads of models in the background: one at a time, from any screen, while chatting goes on.

The work is done in a thread by `engine.install`; what it tells is kept here, and screens that are up look at
it. The thread never waits for the interface.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aigc_tui.engine import install
from aigc_tui.engine.install import Installed, Step, Watch, from_catalogue
from aigc_tui.engine.transfer import DiskFullError, DownloadError, Stop, StoppedError

if TYPE_CHECKING:
    from aigc_tui.config import Paths, Settings
    from aigc_tui.engine.catalogue import CatalogueModel
    from aigc_tui.message import Message, Translate


@dataclass
class Pull:
    """One download, as far as it has come."""

    entry: CatalogueModel
    """What is downloaded now."""
    stop: Stop = field(default_factory=Stop)
    step: Step | None = None
    """How far it is; None: it has only begun."""
    note: Message | None = None
    """What was told last beside the progress, e.g. that another source is tried."""
    installed: Installed | None = None
    """The model, once it is here."""
    error: Exception | None = None
    """Why it ended without one."""

    @property
    def is_over(self) -> bool:
        return self.installed is not None or self.error is not None

    @property
    def was_stopped(self) -> bool:
        return isinstance(self.error, StoppedError)

    def brief(self, t: Translate) -> str:
        """Say in a word or two how far it is: downloaded, then prepared, then tried."""
        step = self.step
        share = f"{step.done / step.total:.0%}" if step is not None and step.total else ""
        if step is None or step.is_download:
            return t("chat.pull_download", share=share or "0%")
        return t("chat.pull_prepare", share=share) if share else t("chat.pull_try")


class Pulls:
    """Keeps the download that is under way, and the last one.

    Args:
        paths: Where models are kept.
        ended: Is told, in the event loop, when one has ended.
    """

    def __init__(self, paths: Paths, ended: Callable[[Pull], None]) -> None:
        self._paths = paths
        self._ended = ended
        self.current: Pull | None = None

    @property
    def running(self) -> Pull | None:
        """The download that is under way, if there is one."""
        return self.current if self.current is not None and not self.current.is_over else None

    def stop(self) -> None:
        """Stop what is under way; what has come stays for the next try."""
        if self.running is not None:
            self.running.stop.set()

    def begin(self, entry: CatalogueModel) -> Pull:
        """Note what is downloaded from now on, which `run` does."""
        assert self.running is None
        self.current = Pull(entry)
        return self.current

    async def run(self, pull: Pull, settings: Settings, instead: Sequence[CatalogueModel] = ()) -> None:
        """Download a model; say how it ended through `ended`.

        Args:
            pull: What `begin` returned.
            settings: For the names that are taken and the memory that stays free.
            instead: What is tried, in order, if no source of the first can be reached.
        """
        try:
            pull.installed = await asyncio.to_thread(self._pull, pull, settings, instead)
        except Exception as error:  # the screen says what it was
            pull.error = error
        self._ended(pull)

    def _pull(self, pull: Pull, settings: Settings, instead: Sequence[CatalogueModel]) -> Installed:
        def step(told: Step) -> None:
            pull.step = told

        def note(told: Message) -> None:
            pull.note = told

        watch = Watch(step, note, pull.stop)
        for following in instead:
            try:
                return install.pull(from_catalogue(pull.entry), self._paths, settings, watch)
            except (DiskFullError, StoppedError):
                raise
            except DownloadError as error:
                note(error.message)
                pull.entry, pull.step = following, None
        return install.pull(from_catalogue(pull.entry), self._paths, settings, watch)
