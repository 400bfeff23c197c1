"""The dialog for a new quiz: how many questions, which types and sections, model or rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, ItemGrid, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Checkbox, Input, Static

from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.records import ItemType, QuizRequest
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.quiz.names import TYPES, worded
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.inputs import LineInput, SectionList, Tick
from aigc_tui.tui.widgets.text import plain, plain_line

MOST_ITEMS = 500
USUAL_COUNT = 10
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants."""

    request: QuizRequest
    with_model: bool


class MakeDialog(ModalScreen[Wish | None]):
    """A form; dismissed with what to make, or None.

    Args:
        lesson: What the quiz is to be about.
        model: The name of the model that could word the items; empty: none is there.
        before: What was wanted last time.
    """

    CSS_PATH: ClassVar = ["../widgets/dialogs.tcss", "dialogs.tcss"]
    BINDINGS: ClassVar = bindings("overlay")

    def __init__(self, lesson: Lesson, model: str, before: Wish | None = None) -> None:
        super().__init__()
        self._titles = titles(lesson)
        self._about = lesson.title
        self._model = model
        self._before = before or Wish(QuizRequest(USUAL_COUNT), False)

    def compose(self) -> ComposeResult:
        t, request = shell(self).t, self._before.request
        count = str(request.count) if request.count else ""
        with Vertical(classes="dialog make") as box:
            box.border_title = plain_line(t("quiz.make_title", title=self._about), 80)
            box.border_subtitle = plain_line(t("quiz.form_keys"))
            with VerticalScroll(classes="form", can_focus=False):
                with Horizontal(classes="field"):
                    yield Static(plain(t("quiz.make_count")), classes="name")
                    yield LineInput(count, t("quiz.make_free"), type="integer", max_length=3, id="count")
                    yield Static(plain(t("quiz.make_seed")), classes="name")
                    yield LineInput(str(request.seed), type="integer", max_length=10, id="seed")
                yield Static(plain(t("quiz.make_types"), "$primary"))
                with ItemGrid(min_column_width=16, classes="types"):
                    for kind in ItemType:
                        name = f"type-{kind.value}"
                        label = plain_line(worded(TYPES, kind.value, t))
                        yield Tick(label, id=name, compact=True)
                if len(self._titles) > 1:
                    yield Static(plain(t("quiz.make_sections"), "$primary"))
                    yield SectionList(self._titles, request.sections, id="sections")
                yield Tick(plain_line(self._model_line()), id="model", compact=True)
            with Horizontal(classes="buttons"):
                yield Button(plain_line(t("quiz.key_make")), id="yes", variant="primary")
                yield Button(plain_line(t("chat.cancel")), id="no")

    def _model_line(self) -> str:
        t = shell(self).t
        return t("quiz.make_model", model=self._model) if self._model else t("quiz.make_no_model")

    def on_mount(self) -> None:
        """Enter alone makes what is usual."""
        for kind in self._before.request.types:
            self.query_one(f"#type-{kind.value}", Checkbox).value = True
        model = self.query_one("#model", Checkbox)
        model.disabled, model.value = not self._model, self._before.with_model and bool(self._model)
        self.query_one("#count", Input).focus()

    @on(Input.Submitted)
    @on(Button.Pressed, "#yes")
    def _make(self) -> None:
        t = shell(self).t
        types = tuple(kind for kind in ItemType if self.query_one(f"#type-{kind.value}", Checkbox).value)
        count = number(self.query_one("#count", Input).value, MOST_ITEMS)
        seed = number(self.query_one("#seed", Input).value, LARGEST_SEED)
        if count is None or seed is None:
            self._refuse(t("quiz.make_bad_number", most=MOST_ITEMS))
        elif not types:
            self._refuse(t("quiz.make_no_type"))
        else:
            request = QuizRequest(count, types, seed, tuple(self._chosen_sections()))
            self.dismiss(Wish(request, self.query_one("#model", Checkbox).value))

    def _chosen_sections(self) -> Sequence[str]:
        return [title for found in self.query(SectionList) for title in found.chosen]

    def _refuse(self, line: str) -> None:
        self.query_one(".make").border_subtitle = plain(line, "$text-error")

    @on(Button.Pressed, "#no")
    def action_close(self) -> None:
        self.dismiss(None)


def titles(lesson: Lesson) -> list[str]:
    """The titles of a lesson's sections, each once."""
    return list(dict.fromkeys(section.title for section in lesson.sections if section.title))


def number(typed: str, most: int) -> int | None:
    """A number from 0 on; nothing typed is 0; None: it is none, or too large."""
    try:
        value = int(typed.strip() or "0")
    except ValueError:
        return None
    return value if 0 <= value <= most else None
