"""What a server is asked: the filters that it has names for, and no claim of those that it lacks."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from aigc_tui.engine.protocol import (
    FailureCode,
    GenerateRequest,
    Grammar,
    GrammarKind,
    ModelSpec,
    Sampling,
)
from aigc_tui.engine.remote import LOCAL_ONLY, RemoteError, attempts, body_of, sendable

EVERYTHING = Sampling(
    no_repeat_ngram=3,
    dry_multiplier=0.8,
    dynamic_temperature=0.3,
    top_n_sigma=1.5,
    top_h=0.5,
    epsilon=0.001,
    eta=0.002,
    xtc_probability=0.5,
    mirostat=2,
    sampling_order="temperature-last",
)


def body(sampling: Sampling, *, extras: bool = True) -> dict[str, object]:
    return body_of(GenerateRequest("a", ModelSpec("m", "openai"), (), sampling), extras=extras)


def test_llama_cpp_gets_its_filters_by_their_names_there() -> None:
    sent = body(EVERYTHING)
    expected = {
        "dynatemp_range": 0.3,
        "top_n_sigma": 1.5,
        "xtc_probability": 0.5,
        "xtc_threshold": 0.1,
        "dry_multiplier": 0.8,
        "dry_allowed_length": 2,
        "mirostat": 2,
        "mirostat_tau": 5.0,
        "mirostat_eta": 0.1,
    }
    assert expected.items() <= sent.items()
    assert not sent.keys() & {"top_h", "epsilon", "eta", "no_repeat_ngram", "sampling_order"}


def test_what_is_off_is_not_sent() -> None:
    assert body(Sampling()).keys() <= body(EVERYTHING).keys()
    assert not [name for name in body(Sampling()) if name.startswith(("dry", "xtc", "mirostat", "dynatemp"))]


def test_a_strict_server_is_not_told_of_any_of_them() -> None:
    assert body(EVERYTHING, extras=False) == body(replace(Sampling()), extras=False)


def test_the_record_of_a_remote_reply_claims_no_filter_that_no_server_knows() -> None:
    honest = sendable(EVERYTHING)
    for item in fields(Sampling):
        kept = getattr(Sampling() if item.name in LOCAL_ONLY else EVERYTHING, item.name)
        assert getattr(honest, item.name) == kept


def with_form(kind: GrammarKind, text: str) -> GenerateRequest:
    return GenerateRequest("a", ModelSpec("m", "openai"), (), Sampling(), grammar=Grammar(kind, text))


def test_a_schema_goes_as_structured_output_without_words_for_llguidance() -> None:
    schema = {"type": "object", "x-guidance": {"whitespace_flexible": False}}
    sent = body_of(with_form(GrammarKind.JSON_SCHEMA, json.dumps(schema)), extras=False)
    assert sent["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "reply", "strict": True, "schema": {"type": "object"}},
    }


def test_the_last_attempt_is_free_and_without_a_schema_there_are_two_as_ever() -> None:
    first, second, last = attempts(with_form(GrammarKind.JSON_SCHEMA, '{"type": "object"}'))
    assert first["response_format"] == second["response_format"]
    assert "stream_options" in first
    assert last == {name: value for name, value in second.items() if name != "response_format"}
    assert len(attempts(with_form(GrammarKind.REGEX, "a+"))) == 2


@pytest.mark.parametrize("text", ["{nope", "[1]"])
def test_a_schema_that_is_none_is_refused_before_anything_is_sent(text: str) -> None:
    with pytest.raises(RemoteError) as failure:
        body_of(with_form(GrammarKind.JSON_SCHEMA, text), extras=True)
    assert failure.value.code is FailureCode.GRAMMAR_REFUSED
