"""The review of a quiz: its questions, the filter, and everything that is done to one of them.

Every change goes through the service, which keeps it as a step that can be undone; afterwards the list is
read again, so that what is shown is what is stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from aigc_tui.quiz.checks.records import Context
from aigc_tui.quiz.generation.yields import yield_text
from aigc_tui.quiz.records import ItemType, Quiz, letter
from aigc_tui.quiz.rows import Entry, ItemState
from aigc_tui.text import one_line
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.quiz.item_dialog import ItemDialog
from aigc_tui.tui.quiz.item_lines import item_lines
from aigc_tui.tui.quiz.item_list import FILTERS, Filter, passes
from aigc_tui.tui.quiz.layout import QuizLayout
from aigc_tui.tui.quiz.names import STEPS, worded
from aigc_tui.tui.widgets.picker import Choice, Picker
from aigc_tui.tui.widgets.text import plain

if TYPE_CHECKING:
    from aigc_tui.quiz.editor import QuizEditor
    from aigc_tui.quiz.lesson.records import Lesson


class Review:
    """Shows one quiz and changes it.

    Args:
        layout: Where things are shown.

    Attributes:
        quiz: The quiz on show; None: none is.
        entries: Its questions as they are kept, deleted ones included.
        filter: Which of them are listed.
        changed: Called after every change of the quiz.
        key: Whether the right answers are shown.
    """

    def __init__(self, layout: QuizLayout) -> None:
        self._layout = layout
        self.changed: Callable[[], None] = lambda: None
        self._lesson: Lesson | None = None
        self.quiz: Quiz | None = None
        self.entries: Sequence[Entry] = ()
        self.filter: Filter = "all"
        self.key = True
        self._turn = asyncio.Lock()

    @property
    def quiz_id(self) -> str:
        """The id of the quiz on show; empty: none is."""
        return self.quiz.id if self.quiz is not None else ""

    @property
    def entry(self) -> Entry | None:
        """The question that is pointed at."""
        return self._layout.items.entry if self.quiz is not None else None

    @property
    def lesson(self) -> Lesson | None:
        """The lesson of the quiz on show."""
        return self._lesson

    async def open(self, quiz_id: str, lesson_id: str) -> None:
        """Show a quiz.

        Args:
            quiz_id: Its id.
            lesson_id: Its lesson's; empty: none is kept.
        """
        self.quiz, self._lesson, self.entries = await asyncio.to_thread(self._read, quiz_id, lesson_id)
        self.filter = "all"
        self._layout.items.pointed = 0
        self.show()

    def close(self) -> None:
        """Show none."""
        self.quiz, self._lesson, self.entries = None, None, ()

    def _read(self, quiz_id: str, lesson_id: str) -> tuple[Quiz, Lesson | None, Sequence[Entry]]:
        service = self._layout.service
        lesson = service.repository.lesson(lesson_id) if lesson_id else None
        return service.repository.quiz(quiz_id), lesson, service.repository.entries(quiz_id)

    @property
    def _editor(self) -> QuizEditor:
        return self._layout.service.editor

    # Showing

    def show(self, point_at: str = "") -> None:
        """List what the filter lets through, and the words around the list."""
        if self.quiz is None:
            return
        layout, kept = self._layout, self._kept()
        shown = [(entry, number) for entry, number in kept if passes(entry, self.filter)]
        layout.show_filters(self.entries, self.filter)
        layout.head(self.quiz.title or layout.t("quiz.untitled"))
        made_here = bool(self.quiz.lesson.sha256)
        told = yield_text(self.quiz.requested, len(kept), self.quiz.rejected, layout.t)
        layout.show_yield(told if made_here else "")
        layout.items.show([entry for entry, _ in shown], [number for _, number in shown], point_at)

    def show_entry(self) -> None:
        """Show the question that is pointed at in full."""
        layout, entry = self._layout, self.entry
        if entry is None:
            nothing = bool(self.entries) and self.quiz is not None
            layout.show_item([Line(plain(layout.t("quiz.nothing_here"), "$text-muted"))] if nothing else [])
            return
        number = next((number for kept, number in self._kept() if kept.item.id == entry.item.id), 0)
        layout.show_item(item_lines(entry, number, self._lesson, layout.t, key=self.key))

    def _kept(self) -> list[tuple[Entry, int]]:
        """The questions that are not deleted, with their places from 1."""
        kept = [entry for entry in self.entries if entry.state is not ItemState.DELETED]
        return [(entry, place) for place, entry in enumerate(kept, 1)]

    async def reload(self, point_at: str = "") -> None:
        """Read the questions anew after a change."""
        if self.quiz is not None:
            quiz_id = self.quiz.id
            service = self._layout.service
            self.entries = await asyncio.to_thread(service.repository.entries, quiz_id)
            self.show(point_at)
            self.changed()

    def toggle_key(self) -> None:
        """Show or hide the right answers."""
        self.key = not self.key
        self.show_entry()

    def choose(self, name: Filter | None = None) -> None:
        """List what another filter lets through; none given: the next one."""
        step = FILTERS[(FILTERS.index(self.filter) + 1) % len(FILTERS)]
        self.filter = name or step
        pointed = self.entry
        self.show(pointed.item.id if pointed else "")

    # Changing

    async def in_turn(self, step: Coroutine[Any, Any, None]) -> None:
        """Take one step after the other, so that each finds what the last one left."""
        async with self._turn:
            await step

    async def _pointed_after_steps(self) -> Entry | None:
        """The question that is pointed at when the steps under way are done."""
        async with self._turn:
            return self.entry

    async def accept(self) -> None:
        """Accept the question and go on to the next; an accepted one becomes new again."""
        if (entry := self.entry) is None:
            return
        accepted = entry.state is ItemState.ACCEPTED
        state = ItemState.NEW if accepted else ItemState.ACCEPTED
        await self._change(lambda: self._editor.set_state(self.quiz_id, entry.item.id, state))
        still_listed = self.entry is not None and self.entry.item.id == entry.item.id
        if not accepted and still_listed:
            self._layout.items.action_next()

    async def drop(self) -> None:
        """Delete the question; the next one takes its place."""
        if (entry := self.entry) is None:
            return
        item = entry.item.id
        await self._change(lambda: self._editor.set_state(self.quiz_id, item, ItemState.DELETED))
        self._layout.confirm(self._layout.t("quiz.item_deleted"))

    async def lock(self) -> None:
        """Lock the question, or unlock it."""
        if (entry := self.entry) is not None:
            locked = not entry.locked
            await self._change(
                lambda: self._editor.set_locked(self.quiz_id, entry.item.id, locked),
                entry.item.id,
            )

    async def move(self, step: int) -> None:
        """Move the question up or down, within the whole quiz."""
        if (entry := self.entry) is None:
            return
        places = [kept.item.id for kept, _ in self._kept()]
        place = places.index(entry.item.id) + step
        if 0 <= place < len(places):
            await self._change(
                lambda: self._editor.move_item(self.quiz_id, entry.item.id, place),
                entry.item.id,
            )

    async def undo(self) -> None:
        """Take the last change back."""
        await self._walk(self._editor.undo, "quiz.undid", "quiz.nothing_to_undo")

    async def redo(self) -> None:
        """Do again what was taken back."""
        await self._walk(self._editor.redo, "quiz.redid", "quiz.nothing_to_redo")

    async def _walk(self, step: Callable[[str], str | None], done: str, nothing: str) -> None:
        t = self._layout.t
        what = await asyncio.to_thread(step, self.quiz_id) if self.quiz_id else None
        if what is None:
            self._layout.note(t(nothing))
            return
        pointed = self.entry
        await self.reload(pointed.item.id if pointed else "")
        self._layout.confirm(t(done, what=worded(STEPS, what, t)))

    async def edit(self) -> None:
        """Edit the question."""
        layout, entry = self._layout, self.entry
        if entry is None or self.quiz is None:
            return
        lesson = self._lesson
        context = Context(lesson.language if lesson else self.quiz.lesson.language, lesson)
        item = await layout.ask(ItemDialog(entry.item, context))
        if item is not None:
            await self._change(lambda: layout.service.editor.save_item(self.quiz_id, item), item.id)

    async def swap(self) -> None:
        """Put another distractor in the place of one that the user chooses."""
        layout, entry = self._layout, await self._pointed_after_steps()
        if entry is None or not self._may_change(entry):
            return
        if entry.item.type is not ItemType.MC:
            layout.note(layout.t("quiz.no_distractors"))
            return
        choices = [
            Choice(str(place), f"{letter(place)}. {one_line(option, 80)}")
            for place, option in enumerate(entry.item.options)
            if place != entry.item.answer
        ]
        chosen = await layout.ask(Picker(layout.t("quiz.swap_title"), choices))
        if chosen is None:
            return
        swapped = await asyncio.to_thread(
            layout.service.workshop.swap_distractor, self.quiz_id, entry.item.id, int(chosen)
        )
        await self.reload(entry.item.id)
        layout.confirm(layout.t("quiz.swapped" if swapped else "quiz.no_other_distractor"))

    async def regenerate(self) -> None:
        """Put another question in the place of this one."""
        layout, entry = self._layout, await self._pointed_after_steps()
        if entry is None or not self._may_change(entry):
            return
        layout.note(layout.t("quiz.making"))
        made = await layout.service.workshop.regenerate(self.quiz_id, entry.item.id)
        await self.reload(made.id if made else entry.item.id)
        layout.confirm(layout.t("quiz.regenerated" if made else "quiz.no_other_item"))

    def _may_change(self, entry: Entry) -> bool:
        if entry.locked:
            self._layout.note(self._layout.t("quiz.locked_item"))
        return not entry.locked

    async def _change(self, change: Callable[[], object], point_at: str = "") -> None:
        """Do something to the quiz and show what came of it."""
        await asyncio.to_thread(change)
        await self.reload(point_at)
