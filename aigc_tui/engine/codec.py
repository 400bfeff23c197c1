"""The messages that cross the pipe between client and worker, and their codec."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, get_args

from aigc_tui.engine.protocol import (
    Delta,
    Done,
    Failed,
    Fitted,
    GenerateRequest,
    Progress,
    Scored,
    ScoreRequest,
)
from aigc_tui.process.codec import MAX_LINE, Codec, ProtocolError

__all__ = ["MAX_LINE", "Message", "ProtocolError", "Ready", "StopRequest", "decode", "encode"]


@dataclass(frozen=True, slots=True)
class StopRequest:
    """Ask the worker to stop a request, whether it runs or waits."""

    id: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker reads requests from now on."""

    pid: int


Message: TypeAlias = (
    GenerateRequest | ScoreRequest | StopRequest | Ready | Progress | Fitted | Delta | Scored | Done | Failed
)
_CODEC: Codec[Message] = Codec(*get_args(Message))
encode, decode = _CODEC.encode, _CODEC.decode
