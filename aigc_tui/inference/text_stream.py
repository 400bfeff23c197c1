"""Token ids to clean text while they arrive: never a broken character, nothing of a stop string."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aigc_tui.text import clean

BROKEN = "\N{REPLACEMENT CHARACTER}"
_CONTEXT_TOKENS = 8


class TextStream:
    """The text of a reply as it grows.

    Args:
        decode: Decodes a list of ids at once, special tokens left out.
        stop: Strings that end the reply where they appear.
        before: The tokens that the reply continues.
    """

    def __init__(
        self, decode: Callable[[Sequence[int]], str], stop: Sequence[str] = (), before: Sequence[int] = ()
    ) -> None:
        self._detokenizer = Detokenizer(decode, before[-_CONTEXT_TOKENS:])
        self._stops = StopStrings(stop)

    @property
    def stopped(self) -> bool:
        return self._stops.found

    def push(self, token: int) -> str:
        return clean(self._stops.push(self._detokenizer.push(token)))

    def flush(self, whole: bool) -> str:
        """Return what was held back.

        Args:
            whole: Whether the reply came to its end; of one that was cut, half a character's bytes go.
        """
        tail = self._stops.push(self._detokenizer.flush()) if whole else ""
        return clean(tail + self._stops.flush())


class Detokenizer:
    """The text of a growing list of tokens, piece by piece.

    Args:
        decode: Decodes a list of ids at once, special tokens left out.
        context: Tokens in front of the first one, if the text continues theirs (some tokenizers drop the
            space of the very first token).
    """

    def __init__(self, decode: Callable[[Sequence[int]], str], context: Sequence[int] = ()) -> None:
        self._decode = decode
        self._ids = list(context)
        self._settled = len(self._ids)
        self._shown = len(decode(self._ids))

    def push(self, token: int) -> str:
        """Add a token and return the text that is certain now; often empty in the middle of a character."""
        self._ids.append(token)
        text = self._decode(self._ids)
        certain = text.rstrip(BROKEN)
        new = certain[self._shown :]
        self._shown += len(new)
        if certain == text:
            self._advance()
        return new

    def flush(self) -> str:
        """Return what was held back: marks for the bytes that never became a character."""
        new = self._decode(self._ids)[self._shown :]
        self._shown += len(new)
        return new

    def _advance(self) -> None:
        self._ids = self._ids[self._settled :] or self._ids
        self._settled = len(self._ids)
        self._shown = len(self._decode(self._ids))


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
        for length in range(min(len(self._held), max(map(len, self._strings)) - 1), 0, -1):
            if any(string.startswith(self._held[-length:]) for string in self._strings):
                return length
        return 0
