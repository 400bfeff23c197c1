"""A model on an OpenAI-compatible server, measured where it offers log-probabilities of given text.

The server's chat template is not known here, so dialogues are scored as lines of "role: words".
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aigc_tui.config.sampling import PARAMETERS
from aigc_tui.corpora.records import DialogueMessage, Record
from aigc_tui.evaluation.model import Draw, EvaluationError, NoProbabilitiesError
from aigc_tui.evaluation.scoring import Scored
from aigc_tui.servers.client import PromptToken, ServerClient, ServerError, encodable, first_choice
from aigc_tui.text import clean

ENGINE = "openai"
_PIECE, _CONTEXT = 1500, 500
"""Characters scored in one request, and characters of the same text shown before them."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Passage:
    """A prompt, and which of its characters are scored."""

    text: str
    spans: tuple[Span, ...]


class RemoteModel:
    """A server's model behind :class:`aigc_tui.evaluation.model.EvaluatedModel`."""

    engine = ENGINE

    def __init__(self, base_url: str, model: str, key: str = "") -> None:
        """Name the server; nothing is sent yet.

        Raises:
            EvaluationError: ``base_url`` is no http address.
        """
        try:
            self._client = ServerClient(base_url, model, key)
        except ServerError as error:
            raise EvaluationError(error.message) from None

    def score(self, record: Record) -> Scored:
        return sum(map(self._score, _pieces(_dialogue(record))), Scored())

    def score_replies(self, before: Sequence[DialogueMessage], replies: Sequence[str]) -> list[Scored]:
        prefix = "".join(f"{m.role}: {m.content.strip()}\n" for m in before) + "assistant: "
        return [
            self._score(_Passage(prefix + reply, ((len(prefix), len(prefix) + len(reply)),)))
            for reply in replies
        ]

    def best_span(self, before: Sequence[DialogueMessage], passage: str) -> str:
        """Refuse: it would take a request for each of some thousand spans.

        Raises:
            NoProbabilitiesError: Always.
        """
        raise NoProbabilitiesError("a server's model is not asked to point at spans: thousands of requests")

    def reply(self, before: Sequence[DialogueMessage], draw: Draw) -> str:
        body: dict[str, Any] = {
            "messages": [{"role": m.role, "content": encodable(m.content)} for m in before],
            "max_tokens": draw.limit,
            "seed": draw.seed,
        }
        # Only what every server has: one that refuses the others would be measured under different rules.
        body |= {
            parameter.server[0]: draw.sampling[parameter.name]
            for parameter in PARAMETERS
            if parameter.standard and parameter.name in draw.sampling and parameter.name not in body
        }
        try:
            said = first_choice(asyncio.run(self._client.post("chat/completions", body))).get("message")
        except ServerError as error:
            raise EvaluationError(error.message) from None
        content = said.get("content") if isinstance(said, dict) else None
        if not isinstance(content, str):
            raise EvaluationError("{host} answered without a message", host=self._client.host)
        return clean(content).strip()

    def _score(self, passage: _Passage) -> Scored:
        # Nobody tells p of a prompt's first token; a line end in front lets that be none of ours.
        shown = "\n" + passage.text
        try:
            tokens = asyncio.run(self._client.score(shown))
        except ServerError as error:
            raise EvaluationError(error.message) from None
        if tokens is None:
            raise NoProbabilitiesError(
                "{host} gives no log-probabilities of given text (/completions with echo and logprobs); "
                "those of chat replies cannot score a text",
                host=self._client.host,
            )
        return _counted(shown, tokens, [(begin + 1, end + 1) for begin, end in passage.spans])


def _counted(shown: str, tokens: Sequence[PromptToken], spans: Sequence[Span]) -> Scored:
    known = [t for t in tokens if t.logprob is not None]
    blind = max((t.end for t in tokens if t.logprob is None), default=0)
    picked = [t for t in known if any(t.begin < end and t.end > begin for begin, end in spans)]
    words = [shown[max(begin, blind) : end] for begin, end in spans]
    size = sum(len(text.encode("utf-8", "replace")) for text in words)
    return Scored(-sum(float(t.logprob or 0.0) for t in picked), len(picked), size)


def _dialogue(record: Record) -> _Passage:
    """Show a record: a text as it is, a dialogue as lines whose words are scored."""
    if not record.messages:
        return _Passage(record.text, ((0, len(record.text)),))
    shown, spans = "", []
    for message in record.messages:
        words = message.content.strip()
        shown += f"{message.role}: "
        spans.append((len(shown), len(shown) + len(words)))
        shown += words + "\n"
    return _Passage(shown, tuple(spans))


def _pieces(passage: _Passage) -> Iterator[_Passage]:
    for begin in range(0, len(passage.text), _PIECE):
        start, stop = max(0, begin - _CONTEXT), begin + _PIECE
        cut = [(max(a, begin) - start, min(b, stop) - start) for a, b in passage.spans]
        yield _Passage(passage.text[start:stop], tuple((a, b) for a, b in cut if a < b))
