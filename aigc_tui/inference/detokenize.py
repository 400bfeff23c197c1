"""Token ids to text while they arrive, never a broken character.

Why it exists: one token may hold a third of a Chinese character or half an emoji. Decoding each token alone
gives replacement marks; decoding everything anew for each token costs more with every word. A window of the
last few tokens is enough: it begins where a character began, and its tail waits while it is incomplete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

BROKEN = "\N{REPLACEMENT CHARACTER}"


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
        """Move the window to the last settled tokens; they stay as context for the next ones."""
        self._ids = self._ids[self._settled :] or self._ids
        self._settled = len(self._ids)
        self._shown = len(self._decode(self._ids))
