"""Write together with the model: it offers its likeliest next pieces, the person picks, steps back or types.

Only the state is here and no keyboard, so that a command line, a screen and a test can drive it.
"""

from __future__ import annotations

from dataclasses import dataclass

from aigc_tui.course.textgen.generate import GenerateError, probabilities
from aigc_tui.course.textgen.model import TextModel
from aigc_tui.course.textgen.windowed_model import WindowedModel
from aigc_tui.text import clean

_LEAST_TEMPERATURE = 0.01


@dataclass(frozen=True, slots=True)
class Candidate:
    """A next piece: its text, its probability, and whether it ends the text."""

    text: str
    probability: float
    ends: bool


class InteractiveText:
    """A text that grows by choices.

    Args:
        made: Whose offers.
        prefix: How the text begins.
        label: Of what kind it is; "" takes the most frequent kind of a generator with labels.
        top: How many pieces are offered.
        temperature: Of the probabilities shown; it does not change the order.

    Raises:
        GenerateError: Fewer than one piece, or the label is unknown.
    """

    def __init__(
        self, made: TextModel, prefix: str = "", label: str = "", top: int = 3, temperature: float = 1.0
    ) -> None:
        if not 1 <= top <= 100:
            raise GenerateError("the number of offers must be 1 to 100, not {top}", top=top)
        if label and label not in made.notes.labels:
            raise GenerateError("the model has no label {label!r}", label=label)
        self._made, self._model, self._top = made, WindowedModel(made), top
        self._temperature = max(temperature, _LEAST_TEMPERATURE)
        known = list(made.notes.labels)  # the most frequent first
        self._head = made.opening(label or (known[0] if known else ""))
        self._ids = made.encode(clean(prefix))
        self._steps: list[int] = []
        self._offered: list[int] = []

    @property
    def text(self) -> str:
        return clean(self._made.decode(self._ids))

    def choices(self) -> list[Candidate]:
        """Return the likeliest next pieces, best first."""
        shares = probabilities(self._model.logits(self._head + self._ids), self._temperature)
        best = shares.topk(min(self._top, int((shares > 0).sum())))
        self._offered = best.indices.tolist()
        pairs = zip(self._offered, best.values.tolist(), strict=True)
        return [Candidate(self._piece(token), share, token in self._made.ends) for token, share in pairs]

    def pick(self, number: int) -> bool:
        """Append the piece with this number, from 1, of the last :meth:`choices`.

        Returns:
            False if it was the end of the text.

        Raises:
            GenerateError: There is no such number.
        """
        if not 1 <= number <= len(self._offered):
            raise GenerateError(
                "there is no offer {number}; choose 1 to {count}", number=number, count=len(self._offered)
            )
        token = self._offered[number - 1]
        if token in self._made.ends:
            return False
        self._append([token])
        return True

    def own(self, text: str) -> None:
        """Append words of the person's own."""
        self._append(self._made.encode(clean(text)))

    def back(self) -> bool:
        """Take the last step back; False: there is none (the prefix stays)."""
        if not self._steps:
            return False
        del self._ids[self._steps.pop() :]
        return True

    def _append(self, ids: list[int]) -> None:
        if ids:
            self._steps.append(len(self._ids))
            self._ids += ids

    def _piece(self, token: int) -> str:
        """Return what a token adds to the text (its spelling may depend on what stands before it)."""
        before = self._made.decode(self._ids)
        return clean(self._made.decode([*self._ids, token])[len(before) :])
