"""The status bar: what the engine is doing, how full the context is, how fast tokens come.

What it says is computed by pure functions over `EngineStatus`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from aigc_tui.engine.protocol import Delta, Done, Event, Failed, Fitted, Progress, Stage
from aigc_tui.locale import Translate
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.text import plain_line

BAR_AFTER = 1.0
"""Seconds that a step may take before it gets a progress bar."""
BAR_CELLS = 10
METER_CELLS = 8
TICK = 0.5
"""Seconds between redraws while a step may run without telling anything."""

STAGE_KEYS = {
    Stage.OFF: "chat.stage_off",
    Stage.STARTING: "chat.stage_starting",
    Stage.LOADING: "chat.stage_loading",
    Stage.READY: "chat.stage_ready",
    Stage.PREFILL: "chat.stage_prefill",
    Stage.DECODE: "chat.stage_decode",
    Stage.FAILED: "chat.stage_failed",
}
MARKS = {
    Stage.OFF: ("○", "$text-muted"),
    Stage.STARTING: ("◔", "$text-warning"),
    Stage.LOADING: ("◑", "$text-warning"),
    Stage.READY: ("●", "$text-success"),
    Stage.PREFILL: ("◕", "$text-accent"),
    Stage.DECODE: ("◉", "$text-accent"),
    Stage.FAILED: ("✗", "$text-error"),
}
WAITING = (Stage.STARTING, Stage.LOADING, Stage.PREFILL)


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What the line shows. Times are seconds of the clock that was given to the bar."""

    stage: Stage = Stage.OFF
    done: int = 0
    total: int = 0
    detail: str = ""
    since: float = 0.0
    """When the present stage began."""
    tokens: int = 0
    """New tokens of the reply so far."""
    model: str = ""
    quantisation: str = ""
    """How the model's weights are packed, e.g. `int4`."""
    limit: int = 0
    """The context that the model was made for; 0: nobody says."""
    pull: str = ""
    """How far a model that is downloaded or prepared is, in words."""
    prompt_tokens: int = 0
    reused_tokens: int = 0
    dropped: int = 0
    context: int = 0
    """The context that the model has here, less than `limit` where memory is short; 0: not known yet."""
    queued: int = 0
    """Messages that wait for their turn."""
    elsewhere: bool = False
    """Whether the running reply belongs to a conversation that is not on show; the meter is silent then."""

    @property
    def used(self) -> int:
        """Tokens of the context that are taken."""
        return self.prompt_tokens + self.tokens


def advance(status: EngineStatus, event: Event, now: float) -> EngineStatus:
    """The status after an event."""
    match event:
        case Progress(stage=stage, done=done, total=total, detail=detail):
            since = status.since if stage is status.stage else now
            if stage in (Stage.OFF, Stage.STARTING, Stage.FAILED):
                status = replace(status, reused_tokens=0)  # a new process remembers nothing
            return replace(status, stage=stage, done=done, total=total, detail=detail, since=since)
        case Fitted():
            return replace(
                status,
                prompt_tokens=event.prompt_tokens,
                reused_tokens=event.reused_tokens,
                dropped=event.dropped_messages,
                context=event.context,
                tokens=0,
            )
        case Delta(tokens=tokens):
            began = status if status.stage is Stage.DECODE else _stage(status, Stage.DECODE, now)
            return replace(began, tokens=status.tokens + tokens)
        case Done() | Failed():
            return _finish(status, event, now)


def unmeasured(status: EngineStatus) -> EngineStatus:
    """The status without a meter: before an engine has told anything, and after it broke."""
    return replace(status, context=0, prompt_tokens=0, reused_tokens=0, dropped=0, tokens=0)


def _stage(status: EngineStatus, stage: Stage, now: float) -> EngineStatus:
    return replace(status, stage=stage, since=now, done=0, total=0, detail="")


def _finish(status: EngineStatus, event: Done | Failed, now: float) -> EngineStatus:
    ended = _stage(status, Stage.READY if isinstance(event, Done) else Stage.FAILED, now)
    if event.usage.prompt_tokens:
        ended = replace(ended, prompt_tokens=event.usage.prompt_tokens, tokens=event.usage.new_tokens)
    return ended if isinstance(event, Done) else unmeasured(ended)


def state_words(status: EngineStatus, now: float, t: Translate) -> str:
    """The engine's state in words, e.g. `loading 43 % ▰▰▰▰▱▱▱▱▱▱ 3 s left`."""
    elapsed = max(0.0, now - status.since)
    words = [t(STAGE_KEYS[status.stage])]
    if status.queued:
        words.append(t("chat.queued", count=status.queued))
    if status.stage in WAITING:
        words += _progress_words(status, elapsed, t)
    elif status.stage is Stage.DECODE and elapsed >= BAR_AFTER:
        words.append(t("chat.rate", rate=f"{status.tokens / elapsed:.1f}"))
    if status.pull:
        words.append(status.pull)
    return " ".join(words)


def _progress_words(status: EngineStatus, elapsed: float, t: Translate) -> list[str]:
    if status.total <= 0:
        return [t("chat.elapsed", seconds=int(elapsed))] if elapsed >= BAR_AFTER else []
    share = min(1.0, status.done / status.total)
    words = [f"{share:.0%}"]
    if elapsed >= BAR_AFTER:
        words.append(bar(share, BAR_CELLS))
        if share > 0:
            left = elapsed * (1 - share) / share
            words.append(t("chat.time_left", seconds=max(1, round(left))))
    return words


def bar(share: float, cells: int) -> str:
    """A bar of `cells` cells filled to `share`; what is not empty shows at least one cell."""
    filled = min(cells, max(1 if share > 0 else 0, round(share * cells)))
    return "▰" * filled + "▱" * (cells - filled)


def meter_words(status: EngineStatus, t: Translate, *, brief: bool) -> str:
    """How full the context is, what of it was reused, and what did not fit."""
    if status.elsewhere:
        return ""
    if not status.context:
        return t("chat.context", context=f"{status.limit:,}") if status.limit and not brief else ""
    used = f"{status.used:,}/{status.context:,}"
    if brief:
        return f"{used}" + (f" −{status.dropped}" if status.dropped else "")
    words = [bar(min(1.0, status.used / status.context), METER_CELLS), used]
    if status.context < status.limit:
        words.append(t("chat.capped", limit=f"{status.limit:,}"))
    if status.reused_tokens:
        words.append(t("chat.reused", count=f"{status.reused_tokens:,}"))
    if status.dropped:
        words.append(t("chat.dropped", count=status.dropped))
    return " ".join(words)


def line(status: EngineStatus, width: int, now: float, t: Translate) -> Content:
    """The whole line at a width in cells: state left; model and context right, as room allows."""
    mark, colour = MARKS[status.stage]
    words = plain_line(state_words(status, now, t), style="$text-muted")
    left = Content.assemble((mark, colour), " ", words)
    named = " ".join(filter(None, (status.model, status.quantisation)))
    model = plain_line(named, 48)
    for brief in (False, True):
        meter = meter_words(status, t, brief=brief)
        tail = plain_line(meter, style=_meter_style(status))
        right = Content.assemble(model, "  ", tail) if meter else model
        gap = width - left.cell_length - right.cell_length
        if gap >= 2:
            return Content.assemble(left, " " * gap, right)
    room = max(0, width - model.cell_length - 2)
    left = left.truncate(room, ellipsis=True)
    return Content.assemble(left, " " * max(2, width - left.cell_length - model.cell_length), model)


def _meter_style(status: EngineStatus) -> str:
    return "$text-warning" if status.dropped or status.used > 0.9 * status.context else "$text-muted"


class StatusBar(Widget):
    """Draws the line, and keeps time while a step says nothing.

    Args:
        clock: Where the time comes from, in seconds.
        id: The widget's id.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._timer: Timer | None = None
        self.status = EngineStatus()

    def on_mount(self) -> None:
        """Prepare the tick; it runs only while something is waited for."""
        self._timer = self.set_interval(TICK, self.refresh, pause=True)

    def take(self, event: Event) -> None:
        """Take an engine event into account."""
        self.show(advance(self.status, event, self._clock()))

    def stage(self, stage: Stage) -> None:
        """Show a stage that no event told of."""
        self.show(_stage(self.status, stage, self._clock()))

    def change(self, **values: object) -> None:
        """Replace fields of the status, e.g. `model` or `queued`."""
        self.show(replace(self.status, **values))  # type: ignore[arg-type]

    def answered_by(self, model: str) -> None:
        """Name the model; what was measured with another one is not said of it."""
        if model != self.status.model:
            self.show(replace(unmeasured(self.status), model=model, quantisation="", limit=0))

    def made_for(self, model: str, quantisation: str, limit: int) -> None:
        """Say how the named model is packed and what context it has, unless another one answers by now."""
        if model == self.status.model:
            self.show(replace(self.status, quantisation=quantisation, limit=limit))

    def show(self, status: EngineStatus) -> None:
        """Show this status."""
        self.status = status
        if self._timer is not None:
            if status.stage in WAITING:
                self._timer.resume()
            else:
                self._timer.pause()
        self.refresh()

    @property
    def words(self) -> str:
        """The engine's state in words, as it is now."""
        return state_words(self.status, self._clock(), shell(self).t)

    def render(self) -> Content:
        return line(self.status, self.size.width, self._clock(), shell(self).t)
