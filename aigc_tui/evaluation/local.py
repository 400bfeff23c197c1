"""A model in a folder, asked by its own tokenizer and chat template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from aigc_tui.corpora.records import DialogueMessage, Record
from aigc_tui.evaluation.model import Draw, EvaluationError
from aigc_tui.evaluation.passage_qa import Start, starts
from aigc_tui.evaluation.scoring import Scored, Text, score
from aigc_tui.inference.chat_template import LINES, ChatTemplate
from aigc_tui.inference.decode import DecodeSession
from aigc_tui.inference.loader import LoadedModel, LoadOptions, load_model
from aigc_tui.inference.models import OWN, TRANSFORMERS
from aigc_tui.inference.sampling import Sampler
from aigc_tui.inference.source import ModelError
from aigc_tui.transformer.checkpoint import supports
from aigc_tui.transformer.decoding import Limits, OwnModel
from aigc_tui.transformer.sampling import SamplingSettings

LARGEST_WINDOW = 1024
"""Most tokens in one forward pass; longer contexts would only make the same comparison slower."""
_SPAN_TOKENS, _SPAN_STEP = 24, 4


@dataclass(frozen=True, slots=True)
class _Place:
    """Where spans begin: the longest as tokens, where each of them ends, and log p of the first."""

    start: Start
    ids: list[int]
    ends: list[int]
    first: float

    def may_end(self, at: int) -> bool:
        """Say whether a span ends with this token.

        Where a character takes several tokens, each of them claims its end; only the last one has it.
        """
        whole = at + 1 == len(self.ends) or self.ends[at + 1] > self.ends[at]
        return whole and self.ends[at] in self.start.ends


class _Session:
    """A text that the model reads piece by piece, and can take back.

    It keeps every token, so that a model whose cache cannot be cropped (recurrent states) reads anew instead.
    """

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._model = loaded.open()
        self._ids: list[int] = []

    @property
    def length(self) -> int:
        return len(self._ids)

    def read(self, ids: Sequence[int]) -> Tensor:
        """Read on; returns the logits (T, V) of what follows each of the T new tokens."""
        self._ids += ids
        return self._model.forward(torch.tensor([self._ids[self._model.length :]]), last=len(ids))[0]

    def crop(self, length: int) -> None:
        del self._ids[length:]
        if self._model.cache.can_crop:
            self._model.crop(length)
        elif length < self._model.length:
            self._model = self._loaded.open()


class LocalModel:
    """A folder's model behind :class:`aigc_tui.evaluation.model.EvaluatedModel`."""

    def __init__(self, folder: Path, engine: str = "") -> None:
        """Load it.

        Args:
            folder: Any Hugging Face causal LM folder.
            engine: ``scratch``, ``transformers``, or empty: our own wherever it knows the family.

        Raises:
            EvaluationError: The folder holds no usable model or tokenizer, or not for that engine.
        """
        self._folder = folder
        self._loaded = _load(folder, engine)
        self._model, self._tokens = self._loaded.model, self._loaded.tokens
        self._window = min(LARGEST_WINDOW, self._model.max_positions or LARGEST_WINDOW)
        self._template = self._loaded.template or ChatTemplate(LINES, self._tokens)
        self._ends = self._end_ids()

    @property
    def engine(self) -> str:
        return OWN if isinstance(self._model, OwnModel) else TRANSFORMERS

    def score(self, record: Record) -> Scored:
        text = self._dialogue(record.messages) if record.messages else self._plain(record.text)
        self._require_known(text.ids)
        return score(self._model.forward, text, self._window, self._start_id(), self._model.vocab_size)

    @torch.no_grad()
    def score_replies(self, before: Sequence[DialogueMessage], replies: Sequence[str]) -> list[Scored]:
        rows = [self._encode(self._lead + reply) for reply in replies]
        session, first = self._opened(before, max(map(len, rows)))
        found = []
        for reply, ids in zip(replies, rows, strict=True):
            ids = ids[: self._window - session.length]
            picked = _look(session, first, ids)[:-1].gather(1, torch.tensor(ids, dtype=torch.long)[:, None])
            found.append(Scored(-float(picked.sum()), len(picked), len(reply.encode("utf-8", "replace"))))
        return found

    @torch.no_grad()
    def best_span(self, before: Sequence[DialogueMessage], passage: str) -> str:
        """Return the span with the highest log p(span, end of turn | before).

        A span is never more probable than its first tokens, so places are tried by their first token, best
        first, and left as soon as they cannot win any more: the result is exact, and most are left early.
        """
        session, first = self._opened(before, _SPAN_TOKENS)
        places = self._places(passage, first)
        best = ("", float("-inf"))
        for place in sorted(places, key=lambda one: -one.first):
            if place.first <= best[1]:
                break
            best = self._better(best, place, session, first)
        return best[0]

    @torch.no_grad()
    def reply(self, before: Sequence[DialogueMessage], draw: Draw) -> str:
        known = {one.name for one in fields(SamplingSettings)}
        values: dict[str, Any] = {name: value for name, value in draw.sampling.items() if name in known}
        chain = Sampler(SamplingSettings(**values), torch.Generator().manual_seed(draw.seed))
        limits = Limits(draw.limit, frozenset(self._ends))
        prompt = self._prompt(before, draw.limit)
        return self._tokens.decode(DecodeSession(self._loaded.open(), prompt, chain, limits).run()).strip()

    def _places(self, passage: str, first: Tensor) -> list[_Place]:
        found = list(starts(passage))
        if not found:
            return []
        chances, lead = first.log_softmax(-1), len(self._lead)
        places = []
        for start in found:
            coded = self._tokens.encode_spans(self._lead + start.text, -lead, plain=True)
            ids = [id_ for id_, *_ in coded]
            ends = [end for *_, end in coded]
            places.append(_Place(start, ids[:_SPAN_TOKENS], ends, float(chances[ids[0]])))
        return places

    def _better(
        self, best: tuple[str, float], place: _Place, session: _Session, first: Tensor
    ) -> tuple[str, float]:
        length, before, total = session.length, first.log_softmax(-1), 0.0
        for begin in range(0, len(place.ids), _SPAN_STEP):
            ids = place.ids[begin : begin + _SPAN_STEP]
            rows = torch.cat([before[None], session.read(ids).log_softmax(-1)])
            sums = total + rows[:-1].gather(1, torch.tensor(ids)[:, None])[:, 0].cumsum(0)
            totals = (sums + rows[1:, list(self._ends)].logsumexp(-1)).tolist()
            for at, chance in enumerate(totals, begin):
                if chance > best[1] and place.may_end(at):
                    best = (place.start.text[: place.ends[at]], chance)
            before, total = rows[-1], float(sums[-1])
            if total <= best[1]:
                break
        session.crop(length)
        return best

    def _opened(self, before: Sequence[DialogueMessage], room: int) -> tuple[_Session, Tensor]:
        """Read a conversation up to where the assistant speaks; return the logits (V,) of its first token."""
        session = _Session(self._loaded)
        return session, session.read(self._prompt(before, room))[-1]

    def _prompt(self, before: Sequence[DialogueMessage], room: int) -> list[int]:
        """Encode a conversation up to where the assistant speaks; its end, if the whole leaves no room."""
        stripped = [DialogueMessage(message.role, message.content.strip()) for message in before]
        start, ids = self._start_id(), self._template.encode(stripped)
        ids = ids if ids or start is None else [start]
        self._require_known(ids)
        return ids[-max(1, self._window - room) :]

    @property
    def _lead(self) -> str:
        """What stands between "assistant:" and the words where there is no template."""
        return "" if self._loaded.template else " "

    def _encode(self, text: str) -> list[int]:
        return self._tokens.encode_once(text)

    def _plain(self, text: str) -> Text:
        """Encode plain text; names of special tokens in it stay text."""
        ids = self._encode(text)
        return Text(ids, [True] * len(ids), len(text.encode("utf-8", "replace")))

    def _dialogue(self, messages: Sequence[DialogueMessage]) -> Text:
        """Encode a dialogue and count only what was said, never the marks of the template around it."""
        found = self._template.render(messages, {message.role for message in messages}, turn_ends=False)
        words = "".join(message.content.strip() for message in messages)
        return Text(found.ids, found.mask, len(words.encode("utf-8", "replace")))

    def _start_id(self) -> int | None:
        named = self._tokens.named
        return self._tokens.id_of(named.get("bos_token") or named.get("eos_token", ""))

    def _end_ids(self) -> tuple[int, ...]:
        """Tokens that end a turn; without a template, a line end does."""
        found = set(self._loaded.eos_ids)
        if not self._loaded.template:
            found.add(self._encode("\n")[-1])
        return tuple(sorted(id_ for id_ in found if 0 <= id_ < self._model.vocab_size))

    def _require_known(self, ids: Sequence[int]) -> None:
        if ids and max(ids) >= self._model.vocab_size:
            raise EvaluationError(
                "{folder}: the tokenizer has token {value}, the model knows {vocab_size}; are both "
                "of one model?",
                folder=self._folder,
                value=max(ids),
                vocab_size=self._model.vocab_size,
            )


def _look(session: _Session, first: Tensor, ids: Sequence[int]) -> Tensor:
    """Return log-probabilities (T + 1, V) before and after each of ``ids``, leaving the session as it was."""
    length = session.length
    rows = torch.cat([first[None], session.read(ids)]) if ids else first[None]
    session.crop(length)
    return rows.log_softmax(-1)


def _load(folder: Path, engine: str) -> LoadedModel:
    if engine == OWN and not supports(folder):
        raise EvaluationError(
            "{folder}: our Transformer does not know this family; use --engine transformers", folder=folder
        )
    options = LoadOptions("optional", engine, torch.float32)
    try:
        return load_model(folder, options=options)
    except ModelError as error:
        raise EvaluationError("{folder}: no usable model ({problem})", folder=folder, problem=error) from None


def require_folder(folder: Path) -> None:
    """Refuse at once what cannot be a model.

    Raises:
        EvaluationError: It has no configuration.
    """
    if not (folder / "config.json").is_file():
        raise EvaluationError("{folder} is not a model folder: it has no config.json", folder=folder)
