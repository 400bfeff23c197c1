"""The client of OpenAI-compatible servers: post, stream, and log-probabilities of a given text.

Who has no event loop calls it through ``asyncio.run``.

The server is not trusted: answers and lines are capped, redirects refused, a proxy never sees a loopback
address, and the key goes to the configured address only and into no message.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aigc_tui.message import AppError
from aigc_tui.text import clean, one_line

if TYPE_CHECKING:
    import httpx2


MAX_EVENT = 2**20
"""Characters of the longest line or event accepted."""
_LINE = re.compile(r"\r\n|\n|\r(?=.)", re.DOTALL)


class EventTooLongError(ValueError):
    """A line or an event exceeds the cap."""


class EventStream:
    """Collects events from chunks that are cut anywhere."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._rest = ""
        self._data: list[str] = []

    def push(self, chunk: bytes) -> Iterator[str]:
        """Add bytes and yield the data of each event that is now whole.

        Raises:
            EventTooLongError: A line or an event is longer than the cap.
        """
        *lines, self._rest = _LINE.split(self._rest + self._decoder.decode(chunk))
        for line in lines:
            yield from self._line(line)
        if len(self._rest) > MAX_EVENT:
            raise EventTooLongError(f"a line of more than {MAX_EVENT:,} characters")

    def _line(self, line: str) -> Iterator[str]:
        if not line:
            if self._data:
                yield "\n".join(self._data)
            self._data = []
        name, _, value = line.partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
            if sum(map(len, self._data)) > MAX_EVENT:
                raise EventTooLongError(f"an event of more than {MAX_EVENT:,} characters")


CONNECT_SECONDS = 10.0
IDLE_SECONDS = 300.0
"""How long a server may say nothing; reading a long prompt on a CPU takes minutes."""
_MAX_ANSWER = 2**25
_MAX_ERROR_BODY = 2**16
STRICT = (400, 422)
"""How servers answer to settings that they do not know."""
UNKNOWN = (*STRICT, 404, 405, 501)
"""How servers answer to a kind of request that they do not offer."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class ServerProblem(StrEnum):
    """What went wrong with a server; the values are the engine's failure codes."""

    UNREACHABLE = "remote_unreachable"
    ERROR = "remote_error"
    INTERRUPTED = "remote_interrupted"
    KEY_MISSING = "key_missing"


class ServerError(AppError):
    """A server cannot be reached, refuses, or answers nonsense.

    Args:
        problem: Its kind.
        template: See `AppError`.
        status: The HTTP status that it answered; 0: none.
        **values: See `AppError`.
    """

    def __init__(self, problem: ServerProblem, template: str, /, status: int = 0, **values: object) -> None:
        super().__init__(template, **values)
        self.problem, self.status = problem, status


@dataclass(frozen=True, slots=True)
class PromptToken:
    """A token of a scored text: its place in characters, and its log-probability (None: not told)."""

    begin: int
    end: int
    logprob: float | None


class ServerClient:
    """A model on a server. Nothing is sent before a method is called.

    Args:
        base_url: The server's address up to and including ``/v1``.
        model: The model's name there.
        key: Its key; empty: none.
        connect_seconds: Time-out for reaching the server.
        idle_seconds: Time-out for each silence of the server.

    Raises:
        ServerError: ``base_url`` is not an http address.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        key: str = "",
        connect_seconds: float = CONNECT_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        try:
            parts = urlsplit(base_url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            usable = False
        if not usable:
            raise ServerError(
                ServerProblem.UNREACHABLE,
                "base_url must be like http://127.0.0.1:8080/v1, not {address}",
                address=repr(one_line(base_url, 120)),
            )
        self._base, self._model, self._key = base_url.rstrip("/"), model, key
        self._local = parts.hostname in _LOOPBACK
        self._connect, self._idle = connect_seconds, idle_seconds
        self.host = one_line(parts.netloc.rpartition("@")[2], 120)
        """The address as messages show it: without a password, path or query."""

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask and wait for the whole answer.

        Raises:
            ServerError: No connection, a refusal, or an answer that is no JSON.
        """
        import httpx2

        url = f"{self._base}/{path}"
        try:
            async with (
                httpx2.AsyncClient(**self._options()) as client,
                client.stream("POST", url, json=self._named(body)) as response,
            ):
                data = await _read(response, _MAX_ANSWER)
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise self._explained(error) from error
        self._check(response, data)
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise ServerError(
                ServerProblem.ERROR, "{host} answered something that is not JSON", host=self.host
            ) from None

    async def stream(
        self, path: str, bodies: Sequence[Mapping[str, Any]], opened: Callable[[], None]
    ) -> AsyncGenerator[str, None]:
        """Ask for a stream of server-sent events and yield the data of each.

        Args:
            path: Below the base address.
            bodies: What to ask; the next one, plainer than the last, where a strict server refuses settings.
            opened: Called when the server begins to answer.

        Raises:
            ServerError: No connection, a refusal, a break, or an event that is too long.
        """
        import httpx2

        try:
            async with httpx2.AsyncClient(**self._options()) as client:
                for place, body in enumerate(bodies, 1):
                    url = f"{self._base}/{path}"
                    async with client.stream("POST", url, json=self._named(body)) as response:
                        if place < len(bodies) and response.status_code in STRICT:
                            continue
                        if response.status_code != 200:
                            self._check(response, await _read(response, _MAX_ERROR_BODY))
                        opened()
                        events = EventStream()
                        async for chunk in response.aiter_bytes():
                            for data in events.push(chunk):
                                yield data
                        return
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise self._explained(error) from error
        except EventTooLongError as error:
            raise self._too_long(str(error)) from error

    async def score(self, text: str) -> list[PromptToken] | None:
        """Ask for the log-probability of each token of a text.

        Goes through ``/completions`` with ``echo`` and ``logprobs``, which vLLM and llama-cpp-python offer;
        ``/chat/completions`` tells those of the model's own words only.

        Returns:
            The tokens; None: the server does not offer it.

        Raises:
            ServerError: It cannot be reached, or answers nonsense.
        """
        body = {"prompt": encodable(text), "max_tokens": 1, "echo": True, "logprobs": 1, "temperature": 0}
        try:
            told = first_choice(await self.post("completions", body)).get("logprobs")
        except ServerError as error:
            if error.status in UNKNOWN:
                return None
            raise
        return _prompt_tokens(told, len(text))

    def _named(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {"model": self._model, **body}

    def _options(self) -> dict[str, Any]:
        import httpx2

        return {
            "timeout": httpx2.Timeout(self._idle, connect=self._connect),
            "follow_redirects": False,
            # A proxy of the environment must not see what is meant for this machine.
            "trust_env": not self._local,
            "headers": {"Authorization": f"Bearer {self._key}"} if self._key else {},
        }

    def _check(self, response: httpx2.Response, body: bytes) -> None:
        status = response.status_code
        if status == 200:
            return
        if response.is_redirect:
            raise ServerError(
                ServerProblem.ERROR,
                "the server redirects elsewhere, which is refused; correct base_url",
                status=status,
            )
        said = _error_text(body[:_MAX_ERROR_BODY], self._key)
        if status in (401, 403) and not self._key:
            raise ServerError(
                ServerProblem.KEY_MISSING,
                "the server wants a key; name it in key_env ({said})",
                status=status,
                said=said,
            )
        raise ServerError(
            ServerProblem.ERROR, "the server answered {code}: {said}", status=status, code=status, said=said
        )

    def _too_long(self, what: str) -> ServerError:
        return ServerError(ServerProblem.ERROR, "the server sent {what}", what=what)

    def _explained(self, error: Exception) -> ServerError:
        import httpx2

        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
            return ServerError(
                ServerProblem.UNREACHABLE, "cannot reach {host}; is the server running?", host=self.host
            )
        if isinstance(error, httpx2.TimeoutException):
            return ServerError(
                ServerProblem.INTERRUPTED,
                "{host} said nothing for {seconds} seconds",
                host=self.host,
                seconds=f"{self._idle:g}",
            )
        if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
            return ServerError(
                ServerProblem.UNREACHABLE, "base_url {address} is no address", address=repr(self._base)
            )
        return ServerError(ServerProblem.INTERRUPTED, "the connection to {host} broke off", host=self.host)


def first_choice(answer: Any) -> dict[str, Any]:
    """Return an answer's first choice, or an empty one."""
    choices = answer.get("choices") if isinstance(answer, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def encodable(text: str) -> str:
    """Replace lone surrogates, which cannot be sent as UTF-8, by question marks."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


async def _read(response: httpx2.Response, most: int) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > most:
            break
    return body[:most]


def _error_text(body: bytes, key: str) -> str:
    text = body.decode("utf-8", errors="replace")
    try:
        value: Any = json.loads(text)
        found = (
            value.get("error", value.get("message", value.get("detail")))
            if isinstance(value, dict)
            else value
        )
        text = str(found.get("message", found)) if isinstance(found, dict) else str(found or text)
    except (ValueError, RecursionError):
        pass
    # Some servers repeat the key that they did not like.
    return one_line(clean(text.replace(key, "[key]") if key else text), 300) or "no reason given"


def _prompt_tokens(told: Any, length: int) -> list[PromptToken] | None:
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
    inside = [t for t in map(PromptToken, offsets, ends, map(_finite, chances)) if t.begin < length]
    # The new word of the reply is not of the prompt; without echo there is nothing else.
    return inside if sum(t.logprob is not None for t in inside) >= len(inside) - 1 > 0 else None


def _finite(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
