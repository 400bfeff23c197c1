"""How a sampling report looks on a terminal: each filter with what it left, what it cut, and bars.

Why it exists: numbers alone do not show that a filter leaves three tokens of eight thousand; and tokens are
text of a model's, so nothing of them reaches the terminal raw.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aigc_tui.cli.output import data
from aigc_tui.locale import Translate
from aigc_tui.text import clean, shorten

if TYPE_CHECKING:
    from aigc_tui.engine.sampling_job import SampleReport, ShownStage, ShownStep, ShownToken

BAR = 32
"""Cells of a bar that stands for certainty."""
NAMED = 3
"""How many of the tokens that a filter cut are named."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
_TOKEN_WIDTH = 30


class SampleView:
    """Writes a report.

    Args:
        t: Words it in the user's language.
        bars: Draw bars; a screen reader is better off without.
    """

    def __init__(self, t: Translate, *, bars: bool) -> None:
        self._t = t
        self._bars = bars

    def show(self, report: SampleReport) -> None:
        """Write the steps, the texts, and what guessing ahead saved."""
        for step in report.steps:
            self._step(step)
        for number, text in enumerate(report.texts, 1):
            if text.score is None:
                data(self._t("sample.text", count=text.tokens))
            else:
                data(self._t("sample.text_scored", number=number, score=f"{text.score:.3f}"))
            data(text.text)
        if report.guesses is not None:
            found = report.guesses
            data("")
            data(
                self._t(
                    "sample.guesses", proposed=found.proposed, accepted=found.accepted, passes=found.passes
                )
            )
        data("")
        data(self._t("sample.order", order=" > ".join(report.order) or self._t("sample.no_filter")))
        data(self._t("sample.seed", seed=report.seed))

    def _step(self, step: ShownStep) -> None:
        data(self._t("sample.step", number=step.step))
        for stage in step.stages:
            self._stage(stage)
        chosen = step.chosen
        data(self._t("sample.chosen", token=quoted(chosen.text), share=percent(chosen.probability)))
        data("")

    def _stage(self, stage: ShownStage) -> None:
        name = self._t("sample.model") if stage.filter == "model" else stage.filter
        data(self._t("sample.stage", name=name, count=stage.kept, bits=f"{stage.entropy:.2f}"))
        if stage.removed:
            shown = self._named(stage.removed[:NAMED])
            data("  " + self._t("sample.removed", share=percent(stage.removed_probability), tokens=shown))
        for token in stage.tokens:
            drawn = f"{bar(token.probability)}  " if self._bars else ""
            data(f"  {drawn}{percent(token.probability):>7}  {quoted(token.text)}")

    def _named(self, tokens: Sequence[ShownToken]) -> str:
        return ", ".join(f"{quoted(token.text)} {percent(token.probability)}" for token in tokens)


def quoted(text: str) -> str:
    """Show a token in quotation marks, so that its spaces and line ends are seen."""
    return shorten(json.dumps(clean(text), ensure_ascii=False), _TOKEN_WIDTH)


def percent(share: float) -> str:
    """Word a probability: 12.3 %, and more digits where it is small."""
    return f"{100 * share:.1f} %" if share >= 0.001 or share == 0 else f"{100 * share:.2g} %"


def bar(share: float) -> str:
    """Draw a probability as a bar of full and partial blocks."""
    eighths = round(share * BAR * 8)
    full, rest = divmod(eighths, 8)
    drawn = "█" * full + (_EIGHTHS[rest] if rest else "")
    return drawn.ljust(BAR)
