"""Run one reply in a terminal: words out as they come, ctrl-c to stop it and keep them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from types import FrameType
from typing import TypeAlias

from aigc_tui.chat import Turn
from aigc_tui.cli.narrator import Narrator
from aigc_tui.engine.protocol import Delta, Done, Failed, Fitted, Progress

Write: TypeAlias = Callable[[str], None]


async def speak(turn: Turn, write: Write, narrator: Narrator) -> Done | Failed | None:
    """Run a turn to its end, passing words to `write` and everything else to the narrator.

    Args:
        turn: The reply that was prepared, or a fixed notice in its place.
        write: Takes the new words.
        narrator: Says what takes long.

    Returns:
        How the reply ended; None when a notice was given.
    """
    if turn.notice is not None:
        write(turn.notice.content)
        return None
    with stopping_by_interrupt(turn):
        async with aclosing(turn.events()) as events:
            async for event in events:
                match event:
                    case Delta(text=text):
                        narrator.quiet()
                        write(text)
                    case Progress():
                        narrator.progress(event)
                    case Fitted():
                        narrator.fitted(event)
                    case _:
                        narrator.quiet()
    return turn.done


@contextmanager
def stopping_by_interrupt(turn: Turn) -> Iterator[None]:
    """Let ctrl-c stop the reply. Pressed again, it does not wait for the engine; the words are kept."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    stops: list[asyncio.Task[None]] = []

    def pressed() -> None:
        if stops:
            task.cancel()
        else:
            stops.append(loop.create_task(turn.stop()))

    def handle(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(pressed)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
