"""One text by several models: each writes up to the next stop (a space, a line break), then hands over.

The models share nothing but the text, so they may have different vocabularies and levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from aigc_tui.course.textgen.generate import GenerateError, Style, Written, draw, draw_label
from aigc_tui.course.textgen.model import TextModel
from aigc_tui.course.textgen.vocabulary import CHARACTERS
from aigc_tui.course.textgen.windowed_model import WindowedModel
from aigc_tui.files import write_text
from aigc_tui.text import clean

STOPS = (" ", "\n")
_SHARED_FILE = 0o644


def synthesize(
    models: Sequence[TextModel],
    n: int = 1,
    prefix: str = "",
    style: Style | None = None,
    stops: tuple[str, ...] = STOPS,
    shuffle: bool = False,
) -> list[Written]:
    """Write ``n`` texts, the models taking turns at stops.

    Args:
        models: At least two; the first begins.
        n: How many texts.
        prefix: How each begins.
        style: Temperatures, longest text in tokens of all turns together, stop texts, seed.
        stops: Where a turn ends. Languages without spaces want their own, such as "，" and "。".
        shuffle: Whether who is next is drawn instead of taken in order.

    Raises:
        GenerateError: There are fewer than two models, or no stop.
    """
    if len(models) < 2 or not stops or "" in stops:
        raise GenerateError("to take turns there must be two models or more, and a stop that is not empty")
    style = style or Style()
    turns = _Turns(models, style, stops, shuffle)
    return [turns.write(clean(prefix)) for _ in range(n)]


def synthesize_to_file(
    models: Sequence[TextModel],
    path: Path,
    n: int = 1,
    prefix: str = "",
    style: Style | None = None,
    stops: tuple[str, ...] = STOPS,
) -> None:
    """Write the texts into a file, one a line; it appears whole or not at all."""
    texts = (written.text for written in synthesize(models, n, prefix, style, stops))
    write_text(path, "".join(" ".join(text.split("\n")) + "\n" for text in texts), _SHARED_FILE)


class _Turns:
    """The models with what each has read, and the one random source that all draw from."""

    def __init__(
        self, models: Sequence[TextModel], style: Style, stops: tuple[str, ...], shuffle: bool
    ) -> None:
        self._models, self._style, self._stops, self._shuffle = models, style, stops, shuffle
        self._windows = [WindowedModel(made) for made in models]
        self._random = torch.Generator().manual_seed(style.seed)
        self._position = 0
        self._heads: list[list[int]] = []

    def write(self, prefix: str) -> Written:
        text, who, self._position = prefix, 0, 0
        self._heads = [made.opening(draw_label(made, self._random)) for made in self._models]
        while self._position < self._style.max_length:
            piece, ended = self._turn(who, text)
            text += piece
            if ended:
                return Written(text, "", "end")
            if (cut := _first(text, self._style.stop, len(prefix))) is not None:
                return Written(text[:cut], "", "stop")
            who = self._next(who)
        return Written(text, "", "length")

    def _next(self, who: int) -> int:
        count = len(self._models)
        if not self._shuffle:
            return (who + 1) % count
        return int(torch.randint(count, (1,), generator=self._random))

    def _turn(self, who: int, text: str) -> tuple[str, bool]:
        """Let one model write up to and with the next stop; True: it ended the text."""
        made, style = self._models[who], self._style
        known, spaced = _seen_by(made, text)
        ids = [*self._heads[who], *made.encode(known)]
        begin, piece = len(ids), ""
        while self._position < style.max_length:
            temperature = style.temperature[self._position % len(style.temperature)]
            token = draw(self._windows[who].logits(ids), temperature, style.top_k, self._random)
            if token in made.ends:
                return piece, True
            self._position += 1
            ids.append(token)
            piece = clean(made.decode(ids[begin:]))
            piece = piece.removeprefix(" ") if spaced else piece
            if (cut := self._stop(piece)) is not None:
                return piece[:cut], False
        return piece, False

    def _stop(self, piece: str) -> int | None:
        """Return where the turn ends: behind the first stop that something stands before."""
        blank = len(piece) - len(piece.lstrip("".join(self._stops)))
        ends = [at + len(stop) for stop in self._stops if (at := piece.find(stop, blank)) >= 0]
        return min(ends, default=None) if blank < len(piece) else None


def _seen_by(made: TextModel, text: str) -> tuple[str, bool]:
    if made.notes.level != CHARACTERS and text.endswith(" "):
        return text[:-1], True
    return text, False


def _first(text: str, stop: tuple[str, ...], begin: int) -> int | None:
    return min((at for part in stop if (at := text.find(part, begin)) >= 0), default=None)
