"""The mistakes: questions answered wrong and not yet right on two different days since."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from aigc_tui.locale import Translate
from aigc_tui.quiz.practice.records import Mistake
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.practice.base import OutcomesPane
from aigc_tui.tui.practice.feedback import BLANK_LINE, said_of
from aigc_tui.tui.widgets.text import LinesPage, plain, plain_line

if TYPE_CHECKING:
    from aigc_tui.quiz.records import Item


class MistakesScreen(OutcomesPane):
    """A list, and what is known of the one that is pointed at.

    Args:
        lesson_id: Of which lesson; None: all.
    """

    BINDINGS = bindings("overlay", "mistakes")

    def __init__(self, lesson_id: str | None = None) -> None:
        super().__init__(classes="mistakes")
        self._lesson_id = lesson_id
        self._mistakes: Sequence[Mistake] = ()

    def on_mount(self) -> None:
        self.work(self._read())

    def on_screen_resume(self) -> None:
        """Some may have been mended since."""
        self.work(self._read())

    def retranslate(self) -> None:
        super().retranslate()
        self.work(self._read())

    @property
    def item(self) -> Item | None:
        index = self.query_one(OptionList).highlighted
        return self._mistakes[index].item if index is not None and index < len(self._mistakes) else None

    async def _read(self) -> None:
        self._mistakes = await asyncio.to_thread(lambda: self.service.reviews.mistakes(self._lesson_id))
        count = self.t("practice.left", count=len(self._mistakes))
        title = plain_line(self.t("practice.mistakes"), style="bold")
        self.head(Content.assemble(title, plain(f"  {count}", "$text-muted")))
        options = self.query_one(OptionList)
        here = options.highlighted or 0
        options.set_options([Option(plain_line(mistake.item.stem)) for mistake in self._mistakes])
        options.highlighted = min(here, len(self._mistakes) - 1) if self._mistakes else None
        if not self._mistakes:
            self.query_one("#outcome", LinesPage).show([Line(plain(self.t("practice.no_mistakes")))])
        self.refresh_bindings()

    @on(OptionList.OptionHighlighted, "#outcomes")
    def _pointed(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one("#outcome", LinesPage).show(detail(self._mistakes[event.option_index], self.t))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("practise", "ask_tutor"):
            return bool(self._mistakes)
        return super().check_action(action, parameters)

    @on(OptionList.OptionSelected, "#outcomes")
    def action_practise(self) -> None:
        self.post_message(self.Practise(self._lesson_id, mistakes=True))


def detail(mistake: Mistake, t: Translate) -> Iterator[Line]:
    """One mistake: the question, how often it went wrong, its key and why."""
    yield Line(plain(mistake.item.stem, "bold"))
    yield BLANK_LINE
    days = t("practice.right_days", count=mistake.right_days)
    times = t("practice.times_wrong", count=mistake.wrong)
    yield Line(plain(f"{times} · {days}", "$text-muted"))
    yield from said_of(mistake.item, None, None, t, spelled=True)
