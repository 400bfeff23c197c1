"""The four ratings with when the card would come again, as buttons for the mouse and digits for the keys."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from aigc_tui.locale import Translate
from aigc_tui.quiz.practice.records import Rating
from aigc_tui.quiz.practice.spans import span
from aigc_tui.tui.plain import plain


class Ratings(Static):
    """One line of four; the suggested one stands out. A click is the screen's `rate` action."""

    def __init__(self) -> None:
        super().__init__(id="ratings", markup=False)
        self.display = False

    def offer(self, intervals: Sequence[float], suggested: Rating, t: Translate) -> None:
        """Show them.

        Args:
            intervals: Seconds by rating, or empty where unknown.
            suggested: What enter does.
            t: The catalogue.
        """
        names = (t("practice.again"), t("practice.hard"), t("practice.good"), t("practice.easy"))
        parts = []
        for rating, name in zip(Rating, names, strict=True):
            when = f" {span(intervals[rating - 1], t)}" if intervals else ""
            style = "$accent bold reverse" if rating is suggested else "$text"
            words = plain(f" {int(rating)} {name}{when} ", style)
            parts.append(words.stylize(Style.from_meta({"@click": f"screen.rate({int(rating)})"})))
        self.update(Content("  ").join(parts))
        self.display = True

    def hide(self) -> None:
        """Offer nothing."""
        self.display = False
