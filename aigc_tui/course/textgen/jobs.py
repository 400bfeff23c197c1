"""Start a text generator's work as a process of its own, for the command line and the screens.

Never imports torch. A child reads its request as the first line of stdin and answers with one JSON object a
line on stdout, so that samples appear as they are written; the interactive mode goes on asking the same way.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from aigc_tui.text import clean, one_line
from aigc_tui.training.jobs import JobError, command, environment

Answer = dict[str, Any]


def events(request: Mapping[str, Any]) -> Iterator[Answer]:
    """Run a request and yield what the child tells, as it tells it.

    Args:
        request: ``do`` names the work; see `handlers.py` for the rest.

    Raises:
        JobError: It failed; the message is one line that says why.
    """
    with conversation(request) as talk:
        talk.hang_up()
        yield from talk.answers()


class Conversation:
    """A child that answers one request after the other."""

    def __init__(self, child: subprocess.Popen[str], errors: IO[str]) -> None:
        self._child, self._errors = child, errors

    def ask(self, request: Mapping[str, Any]) -> Answer:
        """Send one request and wait for its answer.

        Raises:
            JobError: The child failed.
        """
        self.send(request)
        return next(self.answers(), {})

    def send(self, request: Mapping[str, Any]) -> None:
        """Send one request. A child that is gone already says why in its answer."""
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps(request) + "\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            return

    def hang_up(self) -> None:
        """Say that nothing more will be asked."""
        assert self._child.stdin is not None
        try:
            self._child.stdin.close()
        except BrokenPipeError:
            return

    def answers(self) -> Iterator[Answer]:
        """Yield answers until the child ends.

        Raises:
            JobError: It failed.
        """
        assert self._child.stdout is not None
        for line in self._child.stdout:
            answer = _parse(line)
            if "error" in answer:
                raise JobError(one_line(str(answer["error"]), 500))
            yield answer
        if code := self._child.wait():
            self._errors.seek(0)
            last = (self._errors.read().strip().split("\n") or [""])[-1]
            raise JobError(one_line(last, 300) or f"the text generator ended with code {code}")


@contextmanager
def conversation(request: Mapping[str, Any]) -> Iterator[Conversation]:
    """Start a child with its first request; it is gone when the block is left."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors,
        subprocess.Popen(
            command("course.textgen"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            errors="replace",
            env=environment(),
        ) as child,
    ):
        talk = Conversation(child, errors)
        try:
            talk.send(request)
            yield talk
        finally:
            talk.hang_up()
            if child.poll() is None:
                _end(child)


def _end(child: subprocess.Popen[str]) -> None:
    """Let the child end by itself, which it does when nobody asks any more; else end it."""
    try:
        child.wait(timeout=1)
    except subprocess.TimeoutExpired:
        child.kill()


def _parse(line: str) -> Answer:
    try:
        answer = json.loads(clean(line))
    except ValueError:
        raise JobError("the text generator gave an answer that is not JSON") from None
    return answer if isinstance(answer, dict) else {}
