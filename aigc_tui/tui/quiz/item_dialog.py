"""Editing a question: a form of text fields, checked while one types.

One form serves all six types. The answers are lines; what a line means depends on the type:

- mc: one option a line, the correct one begins with `*`;
- cloze, short: the answer on the first line, other accepted answers below it;
- tf: `true` or `false`, in the interface's words or in English;
- match: `left = right` a line; order: the steps in their correct order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static, TextArea

from aigc_tui.locale import Translate
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.records import Answer, Item, ItemType, Origin, Pair
from aigc_tui.text import clean
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.quiz.item_lines import failed_check
from aigc_tui.tui.quiz.names import ANSWERS, TYPES, worded
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.text import plain, plain_line

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

    CSS_PATH: ClassVar = ["../widgets/dialogs.tcss", "dialogs.tcss"]
    BINDINGS: ClassVar = bindings("overlay", "form")

    def __init__(self, item: Item, context: Context) -> None:
        super().__init__()
        self._item = item
        self._sight = context
        self._checked: Item | None = None
        self._hard: Sequence[Verdict] = ()
        self._asked = False

    def compose(self) -> ComposeResult:
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
        from aigc_tui.quiz.checks.registry import check_item

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
        self.dismiss(None)


KEY_MARK = "*"
PAIR_MARK = "="


class WrongFormError(ValueError):
    """The answers cannot be read; the message is a catalogue key."""


def answers_text(item: Item, t: Translate) -> str:
    """The answers of an item as lines."""
    answer = item.answer
    if isinstance(answer, bool):
        return t("quiz.true" if answer else "quiz.false")
    if isinstance(answer, int):
        marks = [KEY_MARK + " " if place == answer else "  " for place in range(len(item.options))]
        return "\n".join(mark + option for mark, option in zip(marks, item.options, strict=True))
    if isinstance(answer, str):
        return "\n".join((answer, *item.accepted))
    return "\n".join(part if isinstance(part, str) else f" {PAIR_MARK} ".join(part) for part in answer)


def edited(item: Item, stem: str, answers: str, explanation: str, t: Translate) -> Item:
    """The item with what was written in the form; a question of a person's from now on, if it changed.

    Raises:
        WrongFormError: The answers cannot be read as the type asks.
    """
    lines = [line.strip() for line in clean(answers).split("\n") if line.strip()]
    answer, options, accepted = _answers_of(item, lines, t)
    feedback = _feedback(item, options)
    new = replace(
        item,
        stem=clean(stem).strip(),
        answer=answer,
        options=options,
        accepted=accepted,
        feedback=feedback,
        explanation=clean(explanation).strip(),
    )
    return new if new == item else replace(new, origin=Origin.HUMAN)


def _answers_of(
    item: Item, lines: list[str], t: Translate
) -> tuple[Answer, tuple[str, ...], tuple[str, ...]]:
    """The answer, the options and the accepted answers that the lines hold."""
    match item.type:
        case ItemType.MC:
            return *_choice(lines), ()
        case ItemType.TF:
            return _truth(lines, t), (), ()
        case ItemType.MATCH:
            pairs = tuple(_pair(line) for line in lines)
            return pairs, _shuffled([right for _, right in pairs], item.options), ()
        case ItemType.ORDER:
            return tuple(lines), _shuffled(lines, item.options), ()
    if not lines:
        raise WrongFormError("quiz.form_no_answer")
    return lines[0], (), tuple(dict.fromkeys(lines[1:]))


def _choice(lines: list[str]) -> tuple[int, tuple[str, ...]]:
    keys = [place for place, line in enumerate(lines) if line.startswith(KEY_MARK)]
    if len(keys) != 1:
        raise WrongFormError("quiz.form_one_key")
    return keys[0], tuple(line.removeprefix(KEY_MARK).strip() for line in lines)


def _truth(lines: list[str], t: Translate) -> bool:
    word = lines[0].casefold() if lines else ""
    for value, english, key in ((True, "true", "quiz.true"), (False, "false", "quiz.false")):
        if word in (english, english[0], t(key).casefold()):
            return value
    raise WrongFormError("quiz.form_true_false")


def _pair(line: str) -> Pair:
    left, mark, right = (part.strip() for part in line.partition(PAIR_MARK))
    if not (left and mark and right):
        raise WrongFormError("quiz.form_pairs")
    return left, right


def _shuffled(right: Sequence[str], before: tuple[str, ...]) -> tuple[str, ...]:
    """An order to show that is not the right one: as before, if nothing else changed; else turned around."""
    if sorted(before) == sorted(right):
        return before
    return (*right[1:], *right[:1]) if len(right) > 1 else tuple(right)


def _feedback(item: Item, options: tuple[str, ...]) -> tuple[str, ...]:
    """What was said of each option stays with the option that it was said of."""
    if not item.feedback:
        return ()
    said = dict(zip(item.options, item.feedback, strict=False))
    return tuple(said.get(option, "") for option in options)
