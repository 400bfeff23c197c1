"""Stop strings: end the reply where one begins, even when several tokens spell it.

Why it exists: text that could still become a stop string must be held back, or half of it is on the screen
before the rest arrives.
"""

from __future__ import annotations

from collections.abc import Sequence


class StopStrings:
    """Lets text through until one of the strings appears."""

    def __init__(self, strings: Sequence[str]) -> None:
        self._strings = tuple(string for string in strings if string)
        self._held = ""
        self.found = False

    def push(self, text: str) -> str:
        """Add text and return what is certainly not the beginning of a stop string."""
        if self.found or not self._strings:
            return "" if self.found else text
        self._held += text
        places = [(self._held.find(string), len(string)) for string in self._strings]
        complete = [(start + length, start) for start, length in places if start >= 0]
        if complete:
            # The one that is complete first, as if the text came letter by letter.
            self.found = True
            return self._release(min(complete)[1])
        return self._release(len(self._held) - self._threat())

    def flush(self) -> str:
        """Return what was held back, when the reply ended otherwise."""
        return "" if self.found else self._release(len(self._held))

    def _release(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        return text

    def _threat(self) -> int:
        """How many characters at the end may still grow into a stop string."""
        for length in range(min(len(self._held), max(map(len, self._strings)) - 1), 0, -1):
            if any(string.startswith(self._held[-length:]) for string in self._strings):
                return length
        return 0
