"""What a remote engine asks: the address and the JSON body of a chat/completions request.

Why it exists: the standard settings and those that only some servers know are told apart here, and nowhere
else.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from aigc_tui.engine.protocol import FailureCode, GenerateRequest, Grammar, GrammarKind, ModelSpec, Sampling
from aigc_tui.engine.remote_reply import RemoteFailure
from aigc_tui.text import one_line

LOCAL_ONLY = ("no_repeat_ngram", "top_h", "epsilon", "eta", "sampling_order")
"""Settings that hold for local models alone."""
_NEUTRAL = Sampling()


def endpoint(model: ModelSpec) -> str:
    """Build the address of chat/completions from `base_url`.

    Raises:
        RemoteFailure: It is no http address.
    """
    try:
        parts = urlsplit(model.base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        shown = one_line(model.base_url, 120)
        raise RemoteFailure(
            FailureCode.REMOTE_UNREACHABLE,
            f"base_url must be like http://127.0.0.1:8080/v1, not {shown!r}",
        )
    return f"{model.base_url.rstrip('/')}/chat/completions"


def attempts(request: GenerateRequest) -> list[dict[str, Any]]:
    """Build the bodies to try one after the other, until the server does not refuse one.

    First all that is asked, then without what is beyond OpenAI's reference, then without the form, too: the
    server then writes freely, and the caller's strict parse is what is left.
    """
    bodies = [body_of(request, extras=True), body_of(request, extras=False)]
    if "response_format" in bodies[-1]:
        bodies.append(body_of(replace(request, grammar=None), extras=False))
    return bodies


def body_of(request: GenerateRequest, extras: bool) -> dict[str, Any]:
    """Build the JSON body.

    Args:
        request: What is asked. A JSON schema goes as `response_format`; other grammars have no name there
            that several servers share, and are left out.
        extras: Whether to send what is beyond OpenAI's reference (llama.cpp, vLLM and Ollama know it).
    """
    sampling = request.sampling
    body: dict[str, Any] = {
        "model": request.model.model,
        "messages": [{"role": m.role.value, "content": _encodable(m.content)} for m in request.messages],
        "stream": True,
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
    }
    if sampling.stop:
        body["stop"] = [_encodable(text) for text in sampling.stop]
    if sampling.seed is not None:
        body["seed"] = sampling.seed
    if request.grammar is not None and request.grammar.kind is GrammarKind.JSON_SCHEMA:
        body["response_format"] = _response_format(request.grammar)
    return body | (_extras(request) if extras else {})


def _response_format(grammar: Grammar) -> dict[str, Any]:
    """OpenAI's structured output; llama.cpp, Ollama and vLLM read the same.

    Raises:
        RemoteFailure: The schema is no JSON object.
    """
    try:
        schema = json.loads(grammar.text)
    except ValueError as error:
        raise RemoteFailure(FailureCode.GRAMMAR_REFUSED, f"the schema is not JSON: {error}") from error
    if not isinstance(schema, dict):
        raise RemoteFailure(FailureCode.GRAMMAR_REFUSED, "a JSON schema must be an object")
    # A word for llguidance, which others do not know.
    schema = {name: value for name, value in schema.items() if name != "x-guidance"}
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}


def _extras(request: GenerateRequest) -> dict[str, Any]:
    sampling = request.sampling
    known: dict[str, Any] = {"stream_options": {"include_usage": True}}
    if sampling.top_k > 0:
        known["top_k"] = sampling.top_k
    if sampling.min_p > 0:
        known["min_p"] = sampling.min_p
    if sampling.typical_p < 1:
        known["typical_p"] = sampling.typical_p
    if sampling.repetition_penalty != 1:
        # vLLM's name, and llama.cpp's.
        known["repetition_penalty"] = known["repeat_penalty"] = sampling.repetition_penalty
    known |= _llama_cpp(sampling)
    if request.continue_final:
        known |= {"continue_final_message": True, "add_generation_prompt": False}
    return known


def _llama_cpp(sampling: Sampling) -> dict[str, Any]:
    """What llama.cpp's server has names for; what is off is not sent."""
    known: dict[str, Any] = {}
    if sampling.dynamic_temperature > 0:
        known["dynatemp_range"] = sampling.dynamic_temperature
    if sampling.top_n_sigma > 0:
        known["top_n_sigma"] = sampling.top_n_sigma
    if sampling.xtc_probability > 0:
        known |= {"xtc_probability": sampling.xtc_probability, "xtc_threshold": sampling.xtc_threshold}
    if sampling.dry_multiplier > 0:
        known["dry_multiplier"] = sampling.dry_multiplier
        known["dry_allowed_length"] = sampling.dry_allowed_length
    if sampling.mirostat > 0:
        known["mirostat"] = sampling.mirostat
        known |= {"mirostat_tau": sampling.mirostat_tau, "mirostat_eta": sampling.mirostat_eta}
    return known


def sendable(sampling: Sampling) -> Sampling:
    """Switch off what no server has a name for, so that a reply's record claims no effect that it had not."""
    return replace(sampling, **{name: getattr(_NEUTRAL, name) for name in LOCAL_ONLY})


def _encodable(text: str) -> str:
    """Lone surrogates cannot be sent as UTF-8; they become question marks."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
