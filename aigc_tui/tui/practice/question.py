"""One question on the screen: its text, a way to answer, and the feedback afterwards."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll

from aigc_tui.locale import Translate
from aigc_tui.quiz.grading.records import Response
from aigc_tui.quiz.records import Item, ItemType, letter, offered
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.practice.answers import Choices, Typed
from aigc_tui.tui.practice.arrangement import InOrder, InPairs, Rows
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.text import LinesPage, WrappedText, plain_line

Answering = Choices | Typed | Rows
TYPE_NAMES = {
    ItemType.MC: "practice.type_mc",
    ItemType.CLOZE: "practice.type_cloze",
    ItemType.TF: "practice.type_tf",
    ItemType.SHORT: "practice.type_short",
    ItemType.MATCH: "practice.type_match",
    ItemType.ORDER: "practice.type_order",
}


class Question(VerticalScroll, can_focus=True):
    """Shows an item; posts `Given` when it is answered."""

    def __init__(self) -> None:
        super().__init__(id="question")
        self._item: Item | None = None

    def compose(self) -> ComposeResult:
        yield WrappedText(id="stem")
        yield Vertical(id="answer")
        yield Said(id="said")

    async def ask(self, item: Item, title: str) -> None:
        """Show another item, not yet answered.

        Args:
            item: The item.
            title: What stands in the frame: its number, its place.
        """
        self._item = item
        self.border_title = plain_line(title)
        self.query_one(WrappedText).show_text(_words(item))
        self.query_one(Said).show(())
        box = self.query_one("#answer", Vertical)
        await box.remove_children()
        way = _way(item, shell(self).t)
        await box.mount(way)
        self.border_subtitle = plain_line(shell(self).t(TYPE_NAMES[item.type]))
        way.focus()
        self.scroll_home(animate=False)

    def retranslate(self, title: str = "") -> None:
        """Show the type, the way to answer, and the title if one is given in the language that is on now."""
        if self._item is None:
            return
        self.border_subtitle = plain_line(shell(self).t(TYPE_NAMES[self._item.type]))
        if title:
            self.border_title = plain_line(title)
        for way in self.query(".answering"):
            if isinstance(way, Answering):
                way.retranslate()

    def reveal(self, response: Response, said: Iterable[Line]) -> None:
        """Show which answer was right, and what there is to say; the keys go to the screen again."""
        for way in self.query(".answering"):
            if isinstance(way, Answering):
                way.reveal(response)
        self.query_one(Said).show(said)
        self.focus()
        self.call_after_refresh(self.scroll_end, animate=False)

    def say(self, said: Iterable[Line]) -> None:
        """Say something else about the same answer."""
        self.query_one(Said).show(said)

    async def clear(self, said: Iterable[Line]) -> None:
        """Ask nothing; say something instead."""
        self._item = None
        self.border_title = self.border_subtitle = None
        self.query_one(WrappedText).show_text("")
        await self.query_one("#answer", Vertical).remove_children()
        self.query_one(Said).show(said)
        self.focus()


class Said(LinesPage, can_focus=False):
    """What is said after an answer."""


def _words(item: Item) -> str:
    """The stem; a matching item also lists what there is to choose from."""
    if item.type is not ItemType.MATCH:
        return item.stem
    rights = [f"   {letter(index)}. {right}" for index, right in enumerate(offered(item))]
    return "\n".join([item.stem, "", *rights])


def _way(item: Item, t: Translate) -> Answering:
    match item.type:
        case ItemType.MC | ItemType.TF:
            return Choices(item, t)
        case ItemType.MATCH:
            return Rows(InPairs(item), t)
        case ItemType.ORDER:
            return Rows(InOrder(item), t)
        case _:
            return Typed()
