"""Server-sent events: bytes of a response to the data of its events, under a cap.

Why it exists: it is the form in which every OpenAI-compatible server streams, a server may be hostile or
broken, and the format is 30 lines (WHATWG HTML, section 9.2.6): CRLF, LF or CR end a line, `:` begins a
comment, several `data:` lines of an event are joined by newlines, an empty line ends the event.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

MAX_EVENT = 2**20
"""Characters of the longest line or event accepted."""
_LINE = re.compile(r"\r\n|\n|\r(?=.)", re.DOTALL)


class EventTooLongError(ValueError):
    """A line or an event exceeds the cap."""


class EventStream:
    """Collects events from chunks that are cut anywhere."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._rest = ""
        self._data: list[str] = []

    def push(self, chunk: bytes) -> Iterator[str]:
        """Add bytes and yield the data of each event that is now whole.

        Raises:
            EventTooLongError: A line or an event is longer than the cap.
        """
        *lines, self._rest = _LINE.split(self._rest + self._decoder.decode(chunk))
        for line in lines:
            yield from self._line(line)
        if len(self._rest) > MAX_EVENT:
            raise EventTooLongError(f"a line of more than {MAX_EVENT:,} characters")

    def _line(self, line: str) -> Iterator[str]:
        if not line:
            if self._data:
                yield "\n".join(self._data)
            self._data = []
        name, _, value = line.partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
            if sum(map(len, self._data)) > MAX_EVENT:
                raise EventTooLongError(f"an event of more than {MAX_EVENT:,} characters")
