"""Runs replies one at a time, queues what is sent meanwhile, and passes events on to a view.

A reply goes on when another conversation is opened, so turns know nothing of what is on the screen.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from aigc_tui.engine.protocol import Done, Event, FinishReason

if TYPE_CHECKING:
    # Only named here: the first frame is painted before the core and the store are imported.
    from aigc_tui.chat import Turn
    from aigc_tui.store.records import Message

MakeTurn: TypeAlias = "Callable[[], Turn | None]"
"""Prepares a turn in a thread; None: there is nothing to stream, the change is already stored."""
Start: TypeAlias = Callable[[Coroutine[None, None, None]], object]


@dataclass(frozen=True, slots=True)
class Ask:
    """A reply that is asked for, now or after the running one."""

    conversation: str
    """Where it belongs."""
    make: MakeTurn
    """Prepares it, in a thread."""
    text: str = ""
    """The user's words that must not be lost if it cannot begin."""
    cut: str = ""
    """The message from which on the transcript no longer shows the path on show, for a fork."""


class TurnView(Protocol):
    """What is told of a turn's life. All calls come from the interface's loop."""

    def turn_began(self, turn: Turn, ask: Ask) -> None:
        """Its rows exist; words follow."""
        ...

    def turn_event(self, turn: Turn, event: Event) -> None:
        """The engine said something."""
        ...

    def turn_ended(self, turn: Turn, message: Message) -> None:
        """It is over; `message` is the row as it was stored. Called on every path but quitting."""
        ...

    def turn_missing(self, ask: Ask, error: Exception | None) -> None:
        """It could not begin (`error` says why), or there is nothing to stream (None)."""
        ...

    def unsent(self, asks: list[Ask]) -> None:
        """These will not be sent after all, since the reply before them broke off."""
        ...

    def queue_changed(self, length: int) -> None:
        """So many messages wait."""
        ...


class TurnControl:
    """One reply at a time.

    Args:
        start: Runs a coroutine as a worker of the interface.

    Attributes:
        view: What is told; to be set before the first reply.
    """

    view: TurnView

    def __init__(self, start: Start) -> None:
        self.active: Turn | None = None
        self._start = start
        self._busy = False
        self._stop_asked = False
        self._waiting: deque[Ask] = deque()

    @property
    def busy(self) -> bool:
        """Whether a reply is being prepared or made."""
        return self._busy

    def in_conversation(self, conversation: str) -> Turn | None:
        """The running turn, if it belongs to this conversation."""
        return self.active if self.active and self.active.conversation.id == conversation else None

    def send(self, ask: Ask) -> None:
        """Begin now, or after the running reply."""
        if not self.begin(ask):
            self._waiting.append(ask)
            self.view.queue_changed(len(self._waiting))

    def begin(self, ask: Ask) -> bool:
        """Begin a reply; False if another one is running."""
        if self._busy:
            return False
        self._busy, self._stop_asked = True, False
        self._start(self._run(ask))
        return True

    async def stop(self) -> None:
        """Stop the running reply; its words stay. One not yet begun stops at its first event."""
        if self.active is not None:
            await self.active.stop()
        elif self._busy:
            self._stop_asked = True

    async def _run(self, ask: Ask) -> None:
        try:
            turn = await asyncio.to_thread(ask.make)
        except Exception as error:  # whatever it is: the input stays usable and the words stay
            self._over(well=False)
            self.view.turn_missing(ask, error)
            return
        if turn is None:
            self._over(well=True)
            self.view.turn_missing(ask, None)
            return
        await self._stream(turn, ask)

    async def _stream(self, turn: Turn, ask: Ask) -> None:
        self.active = turn
        try:
            self.view.turn_began(turn, ask)
            async for event in turn.events():
                self.view.turn_event(turn, event)
                await self._stop_late(turn)
            message = await turn.final_message()
        finally:
            self.active = None
            self._busy = False
        self.view.turn_ended(turn, message)
        self._over(well=ended_well(turn))

    async def _stop_late(self, turn: Turn) -> None:
        if self._stop_asked:
            self._stop_asked = False
            await turn.stop()

    def _over(self, *, well: bool) -> None:
        """Send what waits, or give it back if the reply before it did not come to its end."""
        self._busy = False
        if not self._waiting:
            return
        if well:
            following = self._waiting.popleft()
            self.view.queue_changed(len(self._waiting))
            self.begin(following)
            return
        unsent, self._waiting = list(self._waiting), deque()
        self.view.queue_changed(0)
        self.view.unsent(unsent)


def ended_well(turn: Turn) -> bool:
    """Whether a reply came to its own end (a fixed notice does)."""
    if turn.notice is not None:
        return True
    return isinstance(turn.done, Done) and turn.done.reason is not FinishReason.CANCELLED
