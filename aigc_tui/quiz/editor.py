"""Edits of a stored quiz, each of them one step of the store's journal: undo works after a restart, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aigc_tui.quiz.records import Item, QuizError
from aigc_tui.quiz.repository import QuizRepository, judged
from aigc_tui.quiz.rows import Entry, ItemState, entry_of, row_of
from aigc_tui.store.records import ItemRow
from aigc_tui.store.store import Store

_STATE_STEPS = {ItemState.ACCEPTED: "accept", ItemState.DELETED: "delete", ItemState.NEW: "restore"}


class QuizEditor:
    """What a teacher does to a quiz."""

    def __init__(self, store: Store, repository: QuizRepository) -> None:
        self._store = store
        self._repository = repository

    def save_item(self, quiz_id: str, item: Item) -> Entry:
        """Keep an edited item, or a new one at the end, with the checks asked again."""
        rows = self._rows(quiz_id)
        old = next((row for row in rows if row.id == item.id), None)
        if old is None:
            position = max((row.position for row in rows), default=-1) + 1
            return self._write(quiz_id, "add", Entry(item), position)
        return self._write(quiz_id, "edit", replace(entry_of(old), item=item), old.position)

    def set_state(self, quiz_id: str, item_id: str, state: ItemState) -> None:
        """Accept an item, delete it, or make it new again; what it is already is no step."""
        row = self._row(quiz_id, item_id)
        if row.state != state:
            self._store.quizzes.change(quiz_id, _STATE_STEPS[state], [replace(row, state=state.value)])

    def set_locked(self, quiz_id: str, item_id: str, locked: bool) -> None:
        """Lock an item or unlock it."""
        row = self._row(quiz_id, item_id)
        if row.locked != locked:
            what = "lock" if locked else "unlock"
            self._store.quizzes.change(quiz_id, what, [replace(row, locked=locked)])

    def move_item(self, quiz_id: str, item_id: str, position: int) -> None:
        """Put an item at a position among those that are not deleted; beyond the ends means at the end."""
        rows = self._rows(quiz_id)
        moved = self._row(quiz_id, item_id)
        rest = [row for row in rows if row.id != item_id]
        shown = [at for at, row in enumerate(rest) if row.state != ItemState.DELETED]
        place = max(0, min(position, len(shown)))
        rest.insert(shown[place] if place < len(shown) else len(rest), moved)
        changed = [replace(row, position=at) for at, row in enumerate(rest) if row.position != at]
        if [row.id for row in rest] != [row.id for row in rows]:
            self._store.quizzes.change(quiz_id, "move", changed)

    def swap(self, quiz_id: str, entry: Entry) -> Entry:
        """Keep an item in which a distractor took another's place."""
        return self._write(quiz_id, "swap", entry, self._row(quiz_id, entry.item.id).position)

    def replace_item(self, quiz_id: str, old_id: str, entry: Entry) -> Entry:
        """Let a new item take the place of an old one, which is deleted: one step."""
        old = self._row(quiz_id, old_id)
        if old.locked:
            raise QuizError("this item is locked; unlock it to replace it")
        new = self._row_of(quiz_id, entry, old.position)
        gone = replace(old, state=ItemState.DELETED.value)
        self._store.quizzes.change(quiz_id, "regenerate", [gone, new])
        return entry_of(new)

    def remake(self, quiz_id: str, entries: Sequence[Entry]) -> None:
        """Let new items take the places of all that are not locked; one step."""
        rows = self._rows(quiz_id)
        gone = [
            replace(row, state=ItemState.DELETED.value)
            for row in rows
            if not row.locked and row.state != ItemState.DELETED
        ]
        used = {row.position for row in rows if row.locked and row.state != ItemState.DELETED}
        free = (at for at in range(len(entries) + len(used)) if at not in used)
        new = [self._row_of(quiz_id, entry, at) for entry, at in zip(entries, free, strict=False)]
        self._store.quizzes.change(quiz_id, "remake", [*gone, *new])

    def undo(self, quiz_id: str) -> str | None:
        """Take the last step back; returns what it was, or None."""
        return self._store.quizzes.undo(quiz_id)

    def redo(self, quiz_id: str) -> str | None:
        """Do it again; returns what it was, or None."""
        return self._store.quizzes.redo(quiz_id)

    def _write(self, quiz_id: str, what: str, entry: Entry, position: int) -> Entry:
        row = self._row_of(quiz_id, entry, position)
        self._store.quizzes.change(quiz_id, what, [row])
        return entry_of(row)

    def _row_of(self, quiz_id: str, entry: Entry, position: int) -> ItemRow:
        context = self._repository.context(quiz_id)
        return row_of(judged(entry, context), quiz_id, position, context.lesson)

    def _rows(self, quiz_id: str) -> list[ItemRow]:
        self._store.quizzes.get(quiz_id)
        return self._store.quizzes.items(quiz_id)

    def _row(self, quiz_id: str, item_id: str) -> ItemRow:
        for row in self._rows(quiz_id):
            if row.id == item_id:
                return row
        raise QuizError("that item does not belong to this quiz")
