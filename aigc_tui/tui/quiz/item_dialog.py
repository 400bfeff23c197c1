"""Edit a question while the checks look on.

Why it exists: whoever mends a stem may break the key. What the checks say is shown as one types; a hard flaw
is asked about once before it is kept, since the teacher may be right and the check wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static, TextArea

from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.records import Item
from aigc_tui.text import clean
from aigc_tui.tui.bindings import bindings
from aigc_tui.tui.plain import plain, plain_line
from aigc_tui.tui.quiz.item_form import WrongFormError, answers_text, edited
from aigc_tui.tui.quiz.item_lines import failed_check
from aigc_tui.tui.quiz.names import ANSWERS, TYPES, worded
from aigc_tui.tui.shell import shell

PASTE_LIMIT = 20_000


class Area(TextArea):
    """A field of several lines that lets only visible text in, and tab out."""

    def __init__(self, text: str, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(clean(text), id=id, soft_wrap=True, tab_behavior="focus", compact=True,
                         highlight_cursor_line=False)  # fmt: skip

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        text = clean(event.text.replace("\r\n", "\n").replace("\r", "\n"))[:PASTE_LIMIT]
        if result := self._replace_via_keyboard(text, *self.selection):
            self.move_cursor(result.end_location)


class ItemDialog(ModalScreen[Item | None]):
    """A form; dismissed with the changed item, or None.

    Args:
        item: The question as it is.
        context: What the checks may look at.
    """

    CSS_PATH: ClassVar = ["../chat/dialogs.tcss", "dialogs.tcss"]
    BINDINGS: ClassVar = bindings("overlay", "form")

    def __init__(self, item: Item, context: Context) -> None:
        super().__init__()
        self._item = item
        self._sight = context
        self._checked: Item | None = None
        self._hard: Sequence[Verdict] = ()
        self._asked = False

    def compose(self) -> ComposeResult:
        """Stem, answers, explanation; what the checks say; two buttons."""
        t, item = shell(self).t, self._item
        kind = worded(TYPES, item.type.value, t)
        with Vertical(classes="dialog item") as box:
            box.border_title = plain_line(t("quiz.edit_title", kind=kind))
            box.border_subtitle = plain_line(t("quiz.edit_keys"))
            with VerticalScroll(classes="form", can_focus=False):
                yield Static(plain(t("quiz.form_stem"), "$primary"))
                yield Area(item.stem, id="stem")
                yield Static(plain(worded(ANSWERS, item.type.value, t), "$primary"))
                yield Area(answers_text(item, t), id="answers")
                yield Static(plain(t("quiz.form_explanation"), "$primary"))
                yield Area(item.explanation, id="explanation")
            yield Static(id="verdicts", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(plain_line(t("chat.save")), id="yes", variant="primary")
                yield Button(plain_line(t("chat.cancel")), id="no")

    def on_mount(self) -> None:
        """Stand at the end of the stem."""
        stem = self.query_one("#stem", Area)
        stem.move_cursor(stem.document.end)
        stem.focus()
        self._check()

    def _read(self) -> Item:
        stem, answers, explanation = (
            self.query_one(f"#{name}", Area).text for name in ("stem", "answers", "explanation")
        )
        return edited(self._item, stem, answers, explanation, shell(self).t)

    # The checks look on

    @on(TextArea.Changed)
    def _typed(self) -> None:
        self._asked = False
        self._check()

    def _check(self) -> None:
        """Ask the checks anew; a newer question takes the place of one that still runs."""
        try:
            item = self._read()
        except WrongFormError as error:
            self._say([plain(shell(self).t(str(error)), "$text-error")])
            self.workers.cancel_group(self, "checks")
            self._checked = None
            return
        self.run_worker(self._judge(item), group="checks", exclusive=True, exit_on_error=False)

    async def _judge(self, item: Item) -> None:
        from aigc_tui.quiz.checks.item import check_item

        verdicts = await asyncio.to_thread(check_item, item, self._sight)
        self._checked = item
        self._hard = [each for each in verdicts if each.hard and not each.passed]
        soft = [each for each in verdicts if not each.hard and not each.passed]
        words = shell(self).t("quiz.checks_hold", passed=len(verdicts) - len(self._hard) - len(soft),
                              count=len(verdicts))  # fmt: skip
        self._say([plain(words, "$text-muted"), *(self._line(each) for each in (*self._hard, *soft))])

    def _line(self, verdict: Verdict) -> Content:
        mark, style = ("✗ ", "$error") if verdict.hard else ("! ", "$warning")
        return Content.assemble((mark, style), failed_check(verdict, shell(self).t))

    def _say(self, lines: list[Content]) -> None:
        self.query_one("#verdicts", Static).update(Content("\n").join(lines))

    # Keeping it

    @on(Button.Pressed, "#yes")
    def action_save(self) -> None:
        """Keep it; a hard flaw is asked about first."""
        self.run_worker(self._save(), group="save", exclusive=True, exit_on_error=False)

    async def _save(self) -> None:
        try:
            item = self._read()
        except WrongFormError:
            return  # what is wrong stands below the fields already
        if item == self._item:
            self.dismiss(None)
            return
        if self._checked != item:
            await self._judge(item)
        if self._hard and not self._asked:
            self._asked = True
            self.query_one(".item").border_subtitle = plain_line(
                shell(self).t("quiz.edit_flawed"), style="$text-error"
            )
            self.query_one("#yes", Button).label = plain_line(shell(self).t("quiz.edit_keep"))
            return
        self.dismiss(item)

    @on(Button.Pressed, "#no")
    def action_close(self) -> None:
        """Change nothing."""
        self.dismiss(None)
