"""What a server is asked: the filters that it has names for, and no claim of those that it lacks."""

from __future__ import annotations

from dataclasses import fields, replace

from aigc_tui.engine.protocol import GenerateRequest, ModelSpec, Sampling
from aigc_tui.engine.remote_request import LOCAL_ONLY, body_of, sendable

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
