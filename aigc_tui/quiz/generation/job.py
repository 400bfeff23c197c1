"""Run the maker in a process of its own, and tell its events as they come.

Why it exists: a lesson of a hundred pages keeps a core busy for seconds, and Chinese loads a dictionary of a
hundred megabytes; the process that shows the screen does neither. Closing the iterator kills the child.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Collection

from aigc_tui.quiz.generation.wire import event_from_json, request_to_json
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.planning.records import Finished, MakingEvent
from aigc_tui.quiz.records import Item, QuizError, QuizRequest
from aigc_tui.text import one_line
from aigc_tui.training.jobs import environment

_LONGEST_LINE = 64 << 20
_ERROR = "error: "


async def run_making(
    lesson: Lesson, request: QuizRequest, exclude: Collection[Item] = ()
) -> AsyncGenerator[MakingEvent, None]:
    """Make a quiz in a child process.

    Args:
        lesson: The lesson.
        request: What is wanted.
        exclude: Items that nothing may repeat.

    Yields:
        What `make_quiz` yields, `Finished` last.

    Raises:
        QuizError: The child failed; the message is its one line.
    """
    child = await _start()
    assert child.stdin is not None
    assert child.stdout is not None
    asked = json.dumps(request_to_json(lesson, request, exclude), ensure_ascii=False).encode()
    sender = asyncio.create_task(_send(child.stdin, asked))
    try:
        finished = False
        async for line in child.stdout:
            event = event_from_json(json.loads(line))
            finished = isinstance(event, Finished)
            yield event
        if not finished:
            raise QuizError(await _last_words(child))
    finally:
        sender.cancel()
        if child.returncode is None:
            # Not Popen.kill: it looks after the process itself, and asyncio then misses how it ended.
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
        await child.wait()


async def _start() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        # -P: a file named random.py in the folder where the program was started must not be imported.
        *(sys.executable, "-P", "-m", "aigc_tui.quiz.generation.child"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
        env=environment(),
    )


async def _send(pipe: asyncio.StreamWriter, asked: bytes) -> None:
    """Send the request; a child that is gone already says why on stderr."""
    try:
        pipe.write(asked)
        await pipe.drain()
        pipe.close()
    except (BrokenPipeError, ConnectionResetError):
        pass


async def _last_words(child: asyncio.subprocess.Process) -> str:
    assert child.stderr is not None
    said = (await child.stderr.read(_LONGEST_LINE)).decode("utf-8", "replace").strip()
    line = one_line(said.splitlines()[-1]) if said else "the maker ended without a word"
    return line.removeprefix(_ERROR)
