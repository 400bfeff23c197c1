"""What the user sent before, walked with up and down in the prompt.

Why it exists: walking must never eat what is half-written. The draft is put aside on the first step back and
comes out again on the last step forward.
"""

from __future__ import annotations

from collections.abc import Iterable

LIMIT = 200
"""How many sent messages are remembered; older ones are found by search."""


class History:
    """A list of sent texts with a place in it.

    Args:
        texts: Texts sent earlier, oldest first.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts: list[str] = []
        self._place = 0
        self._draft = ""
        self.fill(texts)

    def fill(self, texts: Iterable[str]) -> None:
        """Replace what is remembered, oldest first; the walk begins anew."""
        self._texts = []
        for text in texts:
            self._remember(text)
        self._place = len(self._texts)

    def add(self, text: str) -> None:
        """Remember a text that was just sent; the walk begins anew."""
        self._remember(text)
        self._place = len(self._texts)
        self._draft = ""

    def previous(self, current: str) -> str | None:
        """Step back.

        Args:
            current: What the prompt holds now; kept aside if it is the draft.

        Returns:
            The text to show, or None at the oldest one.
        """
        if self._place == 0:
            return None
        if self._place == len(self._texts):
            self._draft = current
        self._place -= 1
        return self._texts[self._place]

    def next(self) -> str | None:
        """Step forward: the text to show (the draft at the end), or None when there is nothing newer."""
        if self._place == len(self._texts):
            return None
        self._place += 1
        return self._draft if self._place == len(self._texts) else self._texts[self._place]

    def _remember(self, text: str) -> None:
        if text.strip() and (not self._texts or self._texts[-1] != text):
            self._texts.append(text)
        del self._texts[:-LIMIT]
