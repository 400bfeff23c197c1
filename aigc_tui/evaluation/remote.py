"""A model on a server that speaks OpenAI's protocol, where it tells log-probabilities of given text.

Scoring goes through ``/completions`` with ``echo`` and ``logprobs`` (vLLM and llama-cpp-python have it): the
prompt itself comes back with the log-probability of each of its tokens. ``/chat/completions`` tells those of
the model's own words only, so it cannot score a text that is given; it is used for replies. The server's chat
template is not known here, so dialogues are scored as lines of "role: words".

The server is a stranger: answers are capped, redirects refused, a proxy never sees a loopback address.
"""

from __future__ import annotations

import json
import math
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from aigc_tui.corpora.records import Message, Record
from aigc_tui.evaluation.model import Draw, EvaluationError, NoProbabilitiesError
from aigc_tui.evaluation.scoring import Scored
from aigc_tui.text import clean, one_line

ENGINE = "openai"
_PIECE, _CONTEXT = 1500, 500
"""Characters scored in one request, and characters of the same text shown before them."""
_TIMEOUT_SECONDS = 300.0
_MAX_ANSWER = 2**25
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_REFUSED = (400, 404, 405, 422, 501)
_SILENT = (
    "{host} gives no log-probabilities of given text (/completions with echo and logprobs); "
    "those of chat replies cannot score a text"
)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Passage:
    """A prompt, and which of its characters are scored."""

    text: str
    spans: tuple[Span, ...]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class RemoteModel:
    """A server's model behind :class:`aigc_tui.evaluation.model.EvaluatedModel`."""

    engine = ENGINE

    def __init__(self, base_url: str, model: str, key: str = "") -> None:
        """Name the server; nothing is sent yet.

        Raises:
            EvaluationError: ``base_url`` is no http address.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise EvaluationError(
                f"base_url must be like http://127.0.0.1:8080/v1, not {one_line(base_url)!r}"
            )
        self._base, self._model, self._key = base_url.rstrip("/"), model, key
        self._host = parts.netloc.rpartition("@")[2]
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
        if parts.hostname in _LOOPBACK:
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def score(self, record: Record) -> Scored:
        """Score every word of a text or of a dialogue.

        Raises:
            NoProbabilitiesError: The server does not tell.
            EvaluationError: It cannot be reached, or answers nonsense.
        """
        return sum(map(self._score, _pieces(_dialogue(record))), Scored())

    def score_replies(self, before: Sequence[Message], replies: Sequence[str]) -> list[Scored]:
        """Score each reply as the assistant's next line.

        Raises:
            NoProbabilitiesError: The server does not tell.
            EvaluationError: It cannot be reached, or answers nonsense.
        """
        prefix = "".join(f"{m.role}: {m.content.strip()}\n" for m in before) + "assistant: "
        return [
            self._score(_Passage(prefix + reply, ((len(prefix), len(prefix) + len(reply)),)))
            for reply in replies
        ]

    def best_span(self, before: Sequence[Message], passage: str) -> str:
        """Refuse: it would take a request for each of some thousand spans.

        Raises:
            NoProbabilitiesError: Always.
        """
        raise NoProbabilitiesError("a server's model is not asked to point at spans: thousands of requests")

    def reply(self, before: Sequence[Message], draw: Draw) -> str:
        """Let it answer through the server's own chat template.

        Raises:
            EvaluationError: It cannot be reached, or answers nonsense.
        """
        body = {
            "messages": [{"role": m.role, "content": _encodable(m.content)} for m in before],
            "max_tokens": draw.limit,
            "temperature": draw.temperature,
            "seed": draw.seed,
        }
        said = _first_choice(self._post("chat/completions", body)).get("message")
        content = said.get("content") if isinstance(said, dict) else None
        if not isinstance(content, str):
            raise EvaluationError(f"{self._host} answered without a message")
        return clean(content).strip()

    def _score(self, passage: _Passage) -> Scored:
        # Nobody tells p of a prompt's first token; a line end in front lets that be none of ours.
        shown = "\n" + passage.text
        body = {"prompt": _encodable(shown), "max_tokens": 1, "echo": True, "logprobs": 1, "temperature": 0}
        try:
            told = _first_choice(self._post("completions", body)).get("logprobs")
        except _RefusedError:
            told = None
        tokens = _told(told, len(shown))
        if tokens is None:
            raise NoProbabilitiesError(_SILENT.format(host=self._host))
        return _counted(shown, tokens, [(begin + 1, end + 1) for begin, end in passage.spans])

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        data = json.dumps({"model": self._model, **body}).encode()
        request = urllib.request.Request(f"{self._base}/{path}", data, headers)
        try:
            with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
                return json.loads(response.read(_MAX_ANSWER))
        except urllib.error.HTTPError as error:
            if error.code in _REFUSED:
                raise _RefusedError(f"{self._host} answered {error.code} to {path}") from None
            raise EvaluationError(f"{self._host} answered {error.code} to {path}") from None
        except (OSError, HTTPException) as error:
            raise EvaluationError(f"cannot reach {self._host}: {one_line(str(error))}") from None
        except (ValueError, RecursionError):
            raise EvaluationError(f"{self._host} answered something that is no JSON") from None


class _RefusedError(EvaluationError):
    """The server does not know this request."""


@dataclass(frozen=True, slots=True)
class _Token:
    begin: int
    end: int
    logprob: float | None


def _told(told: Any, length: int) -> list[_Token] | None:
    """Read the tokens of the prompt; None: the answer holds no log-probabilities of them."""
    if not isinstance(told, dict):
        return None
    names, chances = told.get("tokens"), told.get("token_logprobs")
    if not isinstance(names, list) or not isinstance(chances, list) or len(names) != len(chances):
        return None
    offsets = told.get("text_offset")
    if not isinstance(offsets, list) or len(offsets) != len(names):
        offsets = [sum(len(str(name)) for name in names[:at]) for at in range(len(names))]
    if not all(isinstance(at, int) for at in offsets) or not names:
        return None
    ends = [*offsets[1:], length]
    inside = [t for t in map(_Token, offsets, ends, map(_finite, chances)) if t.begin < length]
    # The new word of the reply is not of the prompt; without echo there is nothing else.
    return inside if sum(t.logprob is not None for t in inside) >= len(inside) - 1 > 0 else None


def _finite(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _counted(shown: str, tokens: Sequence[_Token], spans: Sequence[Span]) -> Scored:
    """Add up the tokens that overlap a span, and the bytes of it that they stand for."""
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
    """Cut into requests that any server's context holds, each with some of the text before it."""
    for begin in range(0, len(passage.text), _PIECE):
        start, stop = max(0, begin - _CONTEXT), begin + _PIECE
        cut = [(max(a, begin) - start, min(b, stop) - start) for a, b in passage.spans]
        yield _Passage(passage.text[start:stop], tuple((a, b) for a, b in cut if a < b))


def _first_choice(answer: Any) -> dict[str, Any]:
    choices = answer.get("choices") if isinstance(answer, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def _encodable(text: str) -> str:
    return text.encode("utf-8", errors="replace").decode("utf-8")
