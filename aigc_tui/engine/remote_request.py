"""What a remote engine asks: the address and the JSON body of a chat/completions request.

Why it exists: the standard settings and those that only some servers know are told apart here, and nowhere
else.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from aigc_tui.config.sampling import BY_NAME, PARAMETERS
from aigc_tui.engine.protocol import FailureCode, GenerateRequest, Grammar, GrammarKind, Sampling
from aigc_tui.engine.remote_reply import RemoteFailure
from aigc_tui.servers.client import encodable

LOCAL_ONLY = (*(each.name for each in PARAMETERS if each.section and not each.server), "sampling_order")
"""Settings that hold for local models alone."""
_NEUTRAL = Sampling()


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
        "messages": [{"role": m.role.value, "content": encodable(m.content)} for m in request.messages],
        "stream": True,
    } | _sampled(sampling, standard=True)
    if sampling.stop:
        body["stop"] = [encodable(text) for text in sampling.stop]
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
    known: dict[str, Any] = {"stream_options": {"include_usage": True}}
    known |= _sampled(request.sampling, standard=False)
    if request.continue_final:
        known |= {"continue_final_message": True, "add_generation_prompt": False}
    return known


def _sampled(sampling: Sampling, standard: bool) -> dict[str, Any]:
    """Name the sampling parameters as servers do; of those beyond the reference, what is off is not sent."""
    found: dict[str, Any] = {}
    for each in PARAMETERS:
        if not each.section or not each.server or each.standard is not standard:
            continue
        value = getattr(sampling, each.name)
        gate = BY_NAME[each.needs or each.name]
        if value is not None and (standard or getattr(sampling, gate.name) != gate.neutral):
            found |= dict.fromkeys(each.server, value)
    return found


def sendable(sampling: Sampling) -> Sampling:
    """Switch off what no server has a name for, so that a reply's record claims no effect that it had not."""
    return replace(sampling, **{name: getattr(_NEUTRAL, name) for name in LOCAL_ONLY})
