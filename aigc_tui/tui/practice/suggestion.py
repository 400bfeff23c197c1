"""A model's second opinion on a typed answer: asked for by one key, accepted by another.

Rules cannot tell whether an answer in other words is right, and a model may only advise. Loading it takes
seconds: the screen shows the progress, and escape cancels.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from textual.timer import Timer
from textual.worker import Worker

from aigc_tui.engine.protocol import Stage
from aigc_tui.quiz.grading.records import Response
from aigc_tui.quiz.records import Item
from aigc_tui.tui.practice.base import PracticePane
from aigc_tui.tui.practice.feedback import words_of
from aigc_tui.tui.shell import shell

if TYPE_CHECKING:
    from aigc_tui.quiz.grading.records import Grade

_EVERY = 0.5
"""Seconds between two looks at how far the model is."""
_LOADING = (Stage.OFF, Stage.STARTING, Stage.LOADING)


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer, and what the rules said of it."""

    item: Item
    response: Response
    grade: Grade


class SecondOpinion:
    """What a model says of the answer on show.

    Args:
        screen: Shows the answer; its note line says how it goes.

    Attributes:
        offered: The suggestion that waits to be taken; None: there is none, or it agrees with the rules.
    """

    def __init__(self, screen: PracticePane) -> None:
        self._screen = screen
        self._judged: Judged | None = None
        self._work: Worker[None] | None = None
        self._timer: Timer | None = None
        self._since = 0.0
        self.offered: Grade | None = None

    @property
    def asking(self) -> bool:
        """Whether the model is being asked."""
        return self._work is not None

    @property
    def possible(self) -> bool:
        """Whether the model may be asked: a typed answer that the rules did not find right."""
        from aigc_tui.quiz.grading.records import Judgement
        from aigc_tui.quiz.grading.suggest import may_be_suggested

        judged = self._judged
        if judged is None or self.asking or not isinstance(judged.response, str):
            return False
        wrong = judged.grade.verdict is not Judgement.CORRECT
        return wrong and may_be_suggested(judged.item, judged.response, judged.grade)

    def about(self, judged: Judged | None) -> None:
        """Turn to another answer, or to none; whatever is under way is given up."""
        if self._work is not None:
            self._work.cancel()
            self._finish("")
        self._judged, self.offered = judged, None

    def ask(self) -> None:
        """Ask the model of the settings, beside the interface."""
        if self._judged is None or self.asking:
            return
        self.offered, self._since = None, monotonic()
        self._timer = self._screen.set_interval(_EVERY, self._tell)
        doing = self._ask(self._judged)
        self._work = self._screen.run_worker(doing, group="suggest", exit_on_error=False)
        self._tell()
        self._screen.refresh_bindings()

    def stop(self) -> None:
        """Give it up."""
        if self._work is not None:
            self._work.cancel()
            self._finish(self._screen.t("practice.suggest_stopped"))

    def _tell(self) -> None:
        stage = self._screen.engine_stage
        key = "practice.suggest_loading" if stage in _LOADING else "practice.suggest_asking"
        self._screen.note(self._screen.t(key, seconds=int(monotonic() - self._since)))

    async def _ask(self, judged: Judged) -> None:
        try:
            said = await self._suggestion(judged)
        except Exception as error:  # no such model, or it broke down; the screen stays usable
            self._finish(self._screen.error_line(error), error=True)
        else:
            self._finish(said)

    async def _suggestion(self, judged: Judged) -> str:
        """Ask, and word what came of it."""
        from aigc_tui.quiz.grading.suggest import suggest

        t, services = self._screen.t, shell(self._screen).services
        assert services is not None  # these screens open after it
        model = await asyncio.to_thread(services.models.resolve, shell(self._screen).settings.model)
        grade = await suggest(judged.item, str(judged.response), judged.grade, services.engine, model)
        if grade is None:
            return t("practice.suggest_none")
        verdict = words_of(grade.verdict.value, t)
        if grade.verdict is judged.grade.verdict:
            return t("practice.suggest_same", verdict=verdict)
        self.offered = grade
        return t("practice.suggested", verdict=verdict)

    def _finish(self, line: str, *, error: bool = False) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._work = self._timer = None
        self._screen.note(line, error=error)
        self._screen.refresh_bindings()


class AnswerPane(PracticePane):
    """A screen on which questions are answered, with a model's second opinion on request."""

    AUTO_FOCUS = ""

    def __init__(self, *, classes: str) -> None:
        super().__init__(classes=classes)
        self._answered = False
        self._response: Response = None
        self._opinion = SecondOpinion(self)

    def action_suggest(self) -> None:
        self._opinion.ask()

    def action_close(self) -> None:
        """Give up waiting for the model; else leave."""
        if self._opinion.asking:
            self._opinion.stop()
        else:
            super().action_close()
