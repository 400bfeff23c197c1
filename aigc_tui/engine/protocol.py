"""What front ends and an engine exchange: requests, events, the `Engine` protocol, and the worker's pipe.

Panes and commands know only these types, so a local model process and a remote server are interchangeable.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias, get_args

from aigc_tui.inference.types import ChatMessage as ChatMessage
from aigc_tui.inference.types import FinishReason as FinishReason
from aigc_tui.inference.types import Grammar as Grammar
from aigc_tui.inference.types import GrammarKind as GrammarKind
from aigc_tui.inference.types import Role as Role
from aigc_tui.inference.types import Score as Score
from aigc_tui.message import Message
from aigc_tui.process.codec import Codec


class FailureCode(StrEnum):
    """What went wrong, for the front ends to word in the user's language."""

    MODEL_MISSING = "model_missing"
    MODEL_BROKEN = "model_broken"
    TEMPLATE_MISSING = "template_missing"
    OUT_OF_MEMORY = "out_of_memory"
    PROMPT_TOO_LONG = "prompt_too_long"
    REMOTE_UNREACHABLE = "remote_unreachable"
    REMOTE_ERROR = "remote_error"
    REMOTE_INTERRUPTED = "remote_interrupted"
    KEY_MISSING = "key_missing"
    GRAMMAR_REFUSED = "grammar_refused"
    """The grammar of the request cannot be compiled."""
    NOT_OFFERED = "not_offered"
    """This engine cannot do what was asked; ask another, or do without."""
    CRASHED = "crashed"
    INTERNAL = "internal"


class Stage(StrEnum):
    """What an engine is doing at the moment."""

    OFF = "off"
    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    PREFILL = "prefill"
    DECODE = "decode"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn. Neutral values switch a filter off; see `transformer.sampling`."""

    temperature: float = 0.7
    top_k: int = 0
    top_p: float = 0.9
    min_p: float = 0.0
    typical_p: float = 1.0
    repetition_penalty: float = 1.1
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    no_repeat_ngram: int = 0
    dry_multiplier: float = 0.0
    dry_allowed_length: int = 2
    dynamic_temperature: float = 0.0
    top_n_sigma: float = 0.0
    top_h: float = 1.0
    epsilon: float = 0.0
    eta: float = 0.0
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    mirostat: int = 0
    mirostat_tau: float = 5.0
    mirostat_eta: float = 0.1
    sampling_order: str = "temperature-first"
    """Which filter comes when: `temperature-first` (as transformers) or `temperature-last` (as llama.cpp)."""
    seed: int | None = None
    max_tokens: int = 512
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Which model answers: a local folder, or a model behind an OpenAI-compatible server."""

    name: str
    kind: str = "local"
    """`local` or `openai`."""
    path: str = ""
    """The Hugging Face folder of a local model."""
    base_url: str = ""
    """The server's address up to and including `/v1`."""
    model: str = ""
    """The model's name on that server."""
    key_env: str = ""
    """The environment variable (or the name of the 0600 key file) that holds the key; empty: no key."""


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """One reply asked for."""

    id: str
    model: ModelSpec
    messages: tuple[ChatMessage, ...]
    sampling: Sampling = field(default_factory=Sampling)
    adapter: str = ""
    """The content hash of an active adapter; empty: the base model."""
    continue_final: bool = False
    """True: the last message is the assistant's and is continued in place."""
    grammar: Grammar | None = None
    """The form that the reply must have; None: it is free."""


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """How likely the model finds given words behind a prompt. The prompt is read once for all of them."""

    id: str
    model: ModelSpec
    messages: tuple[ChatMessage, ...]
    """A chat, in which the continuations are replies; empty: `text` is the prompt."""
    continuations: tuple[str, ...]
    text: str = ""
    """Without messages: plain text in front of the continuations. With messages: how the reply begins."""
    adapter: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of one request. `prompt_tokens` includes `reused_tokens`."""

    prompt_tokens: int = 0
    reused_tokens: int = 0
    new_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Timing:
    """Wall-clock seconds spent loading, reading the prompt, and writing."""

    load: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """A long step moved on. `total` 0 means that the end is unknown; `detail` is one short line."""

    id: str
    stage: Stage
    done: int = 0
    total: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The prompt as it was fitted into the context, before it is read."""

    id: str
    prompt_tokens: int
    reused_tokens: int
    dropped_messages: int
    """How many of the oldest turns were left out, whole."""
    context: int
    """The model's context length in tokens."""


@dataclass(frozen=True, slots=True)
class Delta:
    """New text of the reply, clean and never splitting a character, and how many tokens it came from."""

    id: str
    text: str
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class Done:
    """The reply is over and whole; no further event follows for this id."""

    id: str
    reason: FinishReason
    usage: Usage
    timing: Timing


@dataclass(frozen=True, slots=True)
class Failed:
    """The reply broke off; what was streamed before stays. No further event follows for this id."""

    id: str
    code: FailureCode
    message: Message
    """One line: what is wrong, where, and what would be right."""
    usage: Usage = field(default_factory=Usage)
    timing: Timing = field(default_factory=Timing)


Event = Progress | Fitted | Delta | Done | Failed


@dataclass(frozen=True, slots=True)
class Scored:
    """The answer to a `ScoreRequest`: a score for each continuation, in order, or why there is none."""

    id: str
    scores: tuple[Score, ...] = ()
    failure: Failed | None = None
    """Set when nothing was scored; `NOT_OFFERED` means that this engine never scores."""


class Engine(Protocol):
    """What answers a request: the local child process, a remote server, or a test's fake."""

    @property
    def stage(self) -> Stage:
        """What the engine is doing now."""
        ...

    def generate(self, request: GenerateRequest) -> AsyncGenerator[Event, None]:
        """Stream a reply. Always ends with exactly one `Done` or `Failed`, even if the engine dies.

        Closing the generator early stops the request.
        """
        ...

    async def score(self, request: ScoreRequest) -> Scored:
        """Tell how likely given continuations are; what goes wrong is in `Scored.failure`.

        Cancelling the call stops the work.
        """
        ...

    async def stop(self, request_id: str) -> None:
        """Ask a running request to stop; its stream then ends with `Done(CANCELLED)` and keeps the words."""
        ...

    async def close(self) -> None:
        """Let go of everything at once (under half a second), whatever the engine is doing."""
        ...


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How the worker uses the machine."""

    cache_mb: int = 512
    """Megabytes of keys and values kept for earlier conversations; 0 switches the prefix cache off."""
    threads: int = 0
    """Threads that the model computes with; 0: one a core."""
    memory_reserve_mb: int = 512
    """Megabytes that must stay free after a model was loaded."""
    device: str = "auto"
    """Where the model computes: `auto`, `cpu`, `cuda`, `cuda:N`, `mps` or `xpu`."""
    quantize: str = "auto"
    """What a Hugging Face folder's weights are packed into: `auto`, `int4`, `int8` or `off`."""


@dataclass(frozen=True, slots=True)
class StopRequest:
    """Ask the worker to stop a request, whether it runs or waits."""

    id: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker reads requests from now on."""

    pid: int


PipeMessage: TypeAlias = (
    GenerateRequest | ScoreRequest | StopRequest | Ready | Progress | Fitted | Delta | Scored | Done | Failed
)
_CODEC: Codec[PipeMessage] = Codec(*get_args(PipeMessage))
encode, decode = _CODEC.encode, _CODEC.decode
