"""A model in a folder: tokens in and out of a network, by the folder's own tokenizer and chat template."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from aigc_tui.corpora.records import Message, Record
from aigc_tui.evaluation.model import Draw, EvaluationError
from aigc_tui.evaluation.networks import Network, Session, first_line, load_network
from aigc_tui.evaluation.passage_qa import Start, starts
from aigc_tui.evaluation.scoring import Scored, Text, score
from aigc_tui.inference.dialogue import encode_dialogue, render_prompt

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


class LocalModel:
    """A folder's model behind :class:`aigc_tui.evaluation.model.EvaluatedModel`."""

    def __init__(self, folder: Path, engine: str = "") -> None:
        """Load it.

        Raises:
            EvaluationError: The folder holds no usable model or tokenizer.
        """
        self._folder = folder
        self._network: Network = load_network(folder, engine)
        self._tokenizer = _tokenizer(folder)
        self._speaks = bool(self._tokenizer.chat_template)
        self._ends = self._end_ids()

    @property
    def engine(self) -> str:
        """Who computes."""
        return self._network.engine

    def score(self, record: Record) -> Scored:
        """Score every word of a text or of a dialogue.

        Raises:
            EvaluationError: The tokenizer is another model's, or the weights are damaged.
            DialogueError: The chat template cannot show the dialogue.
        """
        text = (
            encode_dialogue(record, self._tokenizer)
            if record.messages
            else encode_text(record.text, self._tokenizer)
        )
        self._require_known(text.ids)
        return score(
            self._network.logits, text, self._network.window, self._start_id(), self._network.vocab_size
        )

    @torch.no_grad()
    def score_replies(self, before: Sequence[Message], replies: Sequence[str]) -> list[Scored]:
        """Score each reply as the assistant's next turn; what stands before it is read once for all."""
        rows = [self._encode(self._lead + reply) for reply in replies]
        session, first = self._opened(before, max(map(len, rows)))
        found = []
        for reply, ids in zip(replies, rows, strict=True):
            ids = ids[: self._network.window - session.length]
            picked = _look(session, first, ids)[:-1].gather(1, torch.tensor(ids, dtype=torch.long)[:, None])
            found.append(Scored(-float(picked.sum()), len(picked), len(reply.encode("utf-8", "replace"))))
        return found

    @torch.no_grad()
    def best_span(self, before: Sequence[Message], passage: str) -> str:
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
    def reply(self, before: Sequence[Message], draw: Draw) -> str:
        """Continue token by token until the model ends its turn."""
        session, scores = self._opened(before, draw.limit)
        chance = torch.Generator().manual_seed(draw.seed)
        made: list[int] = []
        while len(made) < draw.limit:
            chosen = _draw(scores, draw.temperature, chance)
            if chosen in self._ends:
                break
            made.append(chosen)
            scores = session.read([chosen])[-1]
        return str(self._tokenizer.decode(made, skip_special_tokens=True)).strip()

    def _places(self, passage: str, first: Tensor) -> list[_Place]:
        """Encode the longest span from each place where one may begin."""
        found = list(starts(passage))
        if not found:
            return []
        coded = self._tokenizer(
            [self._lead + start.text for start in found],
            add_special_tokens=False,
            split_special_tokens=True,
            return_offsets_mapping=True,
        )
        chances, lead = first.log_softmax(-1), len(self._lead)
        return [
            _Place(
                start,
                ids[:_SPAN_TOKENS],
                [end - lead for _, end in offsets],
                float(chances[ids[0]]),
            )
            for start, ids, offsets in zip(found, coded["input_ids"], coded["offset_mapping"], strict=True)
        ]

    def _better(
        self, best: tuple[str, float], place: _Place, session: Session, first: Tensor
    ) -> tuple[str, float]:
        """Read on from a place, a few tokens at a time, while a span from there can still be the best one."""
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

    def _opened(self, before: Sequence[Message], room: int) -> tuple[Session, Tensor]:
        """Read a conversation up to where the assistant speaks; return the logits (V,) of its first token."""
        shown = render_prompt(before, self._tokenizer)
        ids = self._tokenizer(shown, add_special_tokens=False)["input_ids"]
        start = self._start_id()
        ids = ids if ids or start is None else [start]
        self._require_known(ids)
        session = self._network.open()
        return session, session.read(ids[-max(1, self._network.window - room) :])[-1]

    @property
    def _lead(self) -> str:
        """What stands between "assistant:" and the words where there is no template."""
        return "" if self._speaks else " "

    def _encode(self, text: str) -> list[int]:
        return encode_text(text, self._tokenizer).ids  # type: ignore[return-value]

    def _start_id(self) -> int | None:
        bos, eos = self._tokenizer.bos_token_id, self._tokenizer.eos_token_id
        return bos if bos is not None else eos  # type: ignore[no-any-return]

    def _end_ids(self) -> tuple[int, ...]:
        """Tokens that end a turn: all that config.json, generation_config.json and the tokenizer name."""
        found = {self._tokenizer.eos_token_id}
        for name in ("config.json", "generation_config.json"):
            named = _eos(self._folder / name)
            found |= set(named)
        if not self._speaks:
            found.add(self._encode("\n")[-1])
        return tuple(sorted(i for i in found if isinstance(i, int) and 0 <= i < self._network.vocab_size))

    def _require_known(self, ids: Sequence[int]) -> None:
        if ids and max(ids) >= self._network.vocab_size:
            raise EvaluationError(
                f"{self._folder}: the tokenizer has token {max(ids)}, the model knows "
                f"{self._network.vocab_size}; are both of one model?"
            )


def encode_text(text: str, tokenizer: Any) -> Text:
    """Encode plain text; names of special tokens in it stay text."""
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return Text(ids, [True] * len(ids), len(text.encode("utf-8", "replace")))


def _look(session: Session, first: Tensor, ids: Sequence[int]) -> Tensor:
    """Return log-probabilities (T + 1, V) before and after each of ``ids``, leaving the session as it was."""
    length = session.length
    rows = torch.cat([first[None], session.read(ids)]) if ids else first[None]
    session.crop(length)
    return rows.log_softmax(-1)


def _draw(scores: Tensor, temperature: float, chance: torch.Generator) -> int:
    if temperature == 0:
        return int(scores.argmax())
    return int(torch.multinomial((scores / temperature).softmax(-1), 1, generator=chance))


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    try:
        found = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except Exception as error:  # whatever goes wrong inside, the user needs one line about the folder
        raise EvaluationError(f"{folder}: no usable tokenizer ({first_line(error)})") from None
    found.model_max_length = sys.maxsize  # long texts are read in windows, so its warning would be wrong
    return found


def _eos(path: Path) -> list[int]:
    try:
        value = json.loads(path.read_text(encoding="utf-8")).get("eos_token_id")
    except (OSError, ValueError, AttributeError, RecursionError):
        return []
    return value if isinstance(value, list) else [value]
