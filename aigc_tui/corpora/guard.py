"""Ask a parser in a process of its own, which may die of what it is given without taking the build along.

Why it exists: wikitext, PDF and Word files are parsed by code that a hostile file can keep busy for ever or
make eat all memory, some of it in C, where no Python signal arrives. The child has limits of memory and
processor time, the parent a clock; whichever strikes, one record is dropped and a new child is begun.
Frames go over a socket pair: ``multiprocessing.connection`` gives length-prefixed bytes and ``poll``.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType

import aigc_tui
from aigc_tui.corpora.document import CorporaError
from aigc_tui.message import Message, message

TOO_SLOW = "parser took too long"
TOO_HEAVY = "parser died"
UNREADABLE = "unreadable"
ANSWER, FAILURE = b"+", b"-"
LONGEST_ANSWER = 64 << 20
_MODULE = "aigc_tui.corpora.guarded"


class ParserError(CorporaError):
    """One record could not be parsed.

    Args:
        reason: A short fixed word for the report.
        detail: What the parser said.
    """

    def __init__(self, reason: str, detail: Message) -> None:
        super().__init__("{reason}: {detail}", reason=reason, detail=detail)
        self.reason, self.detail = reason, detail


class Guard:
    """A parser behind glass; the child begins with the first question and lives as long as it behaves.

    Args:
        task: The parser's name in ``guarded.TASKS``.
        seconds: Wall-clock seconds that an answer may take; also processor seconds.
        memory: Bytes of address space of the child.
    """

    def __init__(self, task: str, seconds: float, memory: int) -> None:
        self._task, self._seconds, self._memory = task, seconds, memory
        self._child: subprocess.Popen[bytes] | None = None
        self._link: Connection | None = None

    def __enter__(self) -> Guard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, question: bytes) -> bytes:
        """Parse one record.

        Raises:
            ParserError: The parser refused it, took too long, or died of it.
        """
        link = self._link or self._begin()
        try:
            link.send_bytes(question)
            if not link.poll(self._seconds):
                raise ParserError(TOO_SLOW, message("more than {seconds} s", seconds=round(self._seconds)))
            answer = link.recv_bytes(LONGEST_ANSWER)
        except ParserError:
            self.close()
            raise
        except (EOFError, OSError):
            self.close()
            raise ParserError(TOO_HEAVY, message("it ran out of memory or time")) from None
        if answer[:1] == ANSWER:
            return answer[1:]
        raise ParserError(UNREADABLE, Message.from_json(json.loads(answer[1:])))

    def close(self) -> None:
        """End the child."""
        if self._link is not None:
            self._link.close()
        if self._child is not None:
            self._child.kill()
            self._child.wait()
        self._child = self._link = None

    def _begin(self) -> Connection:
        ours, theirs = socket.socketpair()
        package = str(Path(aigc_tui.__file__).resolve().parent.parent)
        search = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH", ""))))
        limits = (str(self._seconds), str(self._memory))
        with theirs:
            # -P: a module in the folder where the program was started must not stand in for one of ours.
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", _MODULE, str(theirs.fileno()), self._task, *limits],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": search, "PYTHONUTF8": "1"},
            )
        self._link = Connection(ours.detach())
        return self._link
