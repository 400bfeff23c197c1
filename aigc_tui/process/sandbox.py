"""Parse strangers' files in a child process, which may die of what it is given without harm.

Wikitext, PDF and Word files are parsed by code that a hostile file can keep busy for ever or make eat all
memory, some of it in C, where no Python signal arrives. The child has limits of memory and processor time,
the parent a clock; whichever strikes, one record is dropped and the next question starts a new child.
"""

from __future__ import annotations

import importlib
import json
import resource
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import TypeAlias

from aigc_tui.message import AppError, Message, message
from aigc_tui.process.codec import safe_message
from aigc_tui.process.environment import command, environment
from aigc_tui.process.messages import reason_of

LONGEST_ANSWER = 64 << 20
FILE_SECONDS, FILE_MEMORY = 120.0, 2 << 30
"""Limits for a file that a person opens."""
_ANSWER, _FAILURE = b"+", b"-"
_PACKAGE = "aigc_tui."

Parse: TypeAlias = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Parser:
    """Names a parser for the child to import; each package names its own.

    Args:
        module: A module of this package.
        function: The name of a function in it that `sandboxed` marks.
    """

    module: str
    function: str

    def load(self) -> Parse:
        """Import it.

        Raises:
            ValueError: It is not of this package, or not marked.
        """
        if not self.module.startswith(_PACKAGE):
            raise ValueError(f"{self.module} is not a module of this package")
        found: Parse = getattr(importlib.import_module(self.module), self.function)
        if not getattr(found, "sandboxed", False):
            raise ValueError(f"{self.module}.{self.function} is not marked as a parser")
        return found


def sandboxed(parse: Parse) -> Parse:
    """Mark a function as one that the sandbox may run: bytes to bytes; what it raises becomes one line."""
    parse.sandboxed = True  # type: ignore[attr-defined]
    return parse


class ParserError(AppError):
    """One record could not be parsed.

    `reason` says why in a few fixed words, for reports that count; `detail` is what the parser said.
    """

    reason = "unreadable"

    def __init__(self, template: str | Message, /, **values: object) -> None:
        super().__init__(template, **values)
        found = values.get("detail")
        self.detail = found if isinstance(found, Message) else self.message


class ParserTooSlowError(ParserError):
    """The parser took longer than its clock allows."""

    reason = "parser took too long"


class ParserDiedError(ParserError):
    """The parser ran out of memory or processor time, or crashed."""

    reason = "parser died"


class Sandbox:
    """Runs a parser in a child process that starts with the first record and is killed on a time-out.

    Args:
        parser: Which.
        seconds: Wall-clock seconds that an answer may take; also processor seconds.
        memory: Bytes of address space of the child.
    """

    def __init__(self, parser: Parser, seconds: float, memory: int) -> None:
        self._parser, self._seconds, self._memory = parser, seconds, memory
        self._child: subprocess.Popen[bytes] | None = None
        self._link: Connection | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, question: bytes) -> bytes:
        """Parse one record.

        Raises:
            ParserError: The parser refused it.
            ParserTooSlowError: It took too long.
            ParserDiedError: It died of it.
        """
        link = self._link or self._start()
        try:
            link.send_bytes(question)
            if not link.poll(self._seconds):
                self.close()
                raise ParserTooSlowError(
                    "reading takes longer than {seconds} s; use a part of the file",
                    seconds=f"{self._seconds:.0f}",
                )
            answer = link.recv_bytes(LONGEST_ANSWER)
        except (EOFError, OSError):
            self.close()
            raise ParserDiedError(
                "reading needs too much memory or time; the file is damaged or hostile"
            ) from None
        if answer[:1] == _ANSWER:
            return answer[1:]
        raise ParserError("{detail}", detail=safe_message(Message.from_json(json.loads(answer[1:]))))

    def close(self) -> None:
        """Kill the child."""
        if self._link is not None:
            self._link.close()
        if self._child is not None:
            self._child.kill()
            self._child.wait()
        self._child = self._link = None

    def _start(self) -> Connection:
        # A socket pair, not pipes: `Connection` gives length-prefixed bytes and `poll`.
        ours, theirs = socket.socketpair()
        limits = (str(self._seconds), str(self._memory))
        with theirs:
            self._child = subprocess.Popen(
                command(
                    "process.sandbox",
                    str(theirs.fileno()),
                    self._parser.module,
                    self._parser.function,
                    *limits,
                ),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=environment(),
            )
        self._link = Connection(ours.detach())
        return self._link


def parse_once(
    parser: Parser, question: bytes, seconds: float = FILE_SECONDS, memory: int = FILE_MEMORY
) -> bytes:
    """Parse one record in a sandbox of its own.

    Raises:
        ParserError: See `Sandbox.ask`.
    """
    with Sandbox(parser, seconds, memory) as sandbox:
        return sandbox.ask(question)


def main(arguments: list[str]) -> int:
    """Be the child: answer questions until there are no more, which is so when the parent has ended."""
    descriptor, module, function, seconds, memory = arguments
    parse = Parser(module, function).load()
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    with Connection(int(descriptor)) as link:
        while True:
            try:
                question = link.recv_bytes()
            except EOFError:
                return 0
            _allow_processor_time(float(seconds))
            link.send_bytes(_answer(parse, question))


def _answer(parse: Parse, question: bytes) -> bytes:
    try:
        answer = parse(question)
        if len(answer) >= LONGEST_ANSWER:
            return _failure(message("its text is too long"))
        return _ANSWER + answer
    except Exception as error:  # parsers of other people's formats raise what they like
        return _failure(reason_of(error))


def _failure(reason: Message) -> bytes:
    return _FAILURE + json.dumps(reason.to_json()).encode("ascii")


def _allow_processor_time(seconds: float) -> None:
    """Set the limit of processor time, which counts from the process's begin, to that much from now."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soon = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soon, resource.RLIM_INFINITY))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
