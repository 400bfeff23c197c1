"""Streamed text equals one-shot decoding, and no piece splits a character."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers

from aigc_tui.inference.text_stream import BROKEN, Detokenizer, StopStrings
from tests.support.models import make_tokenizer

BYTE_LEVEL = make_tokenizer()
WORDS = st.sampled_from(["Hello", " there", "你好", "，", "👨‍👩‍👧", "🇨🇳", "é", "e\u0301", "\n", "الع", "🏳️‍🌈"])
TEXTS = st.lists(WORDS | st.text(max_size=4), max_size=12).map("".join)


def byte_fallback() -> Tokenizer:
    """A sentencepiece-like tokenizer: letters it lacks are spelled in bytes."""
    vocabulary = {"<unk>": 0, "▁": 1, **{f"<0x{byte:02X}>": byte + 2 for byte in range(256)}}
    for letter in "abcdefghijklmnopqrstuvwxyzHT":
        vocabulary[letter] = len(vocabulary)
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return tokenizer


BYTE_FALLBACK = byte_fallback()


def decoding(tokenizer: Tokenizer) -> Callable[[Sequence[int]], str]:
    return lambda ids: str(tokenizer.decode(list(ids), skip_special_tokens=True))


def stream(tokenizer: Tokenizer, ids: Sequence[int]) -> list[str]:
    detokenizer = Detokenizer(decoding(tokenizer))
    return [*(detokenizer.push(id_) for id_ in ids), detokenizer.flush()]


@given(TEXTS)
def test_byte_level_pieces_join_to_the_text_without_a_broken_character(text: str) -> None:
    pieces = stream(BYTE_LEVEL, BYTE_LEVEL.encode(text).ids)
    assert "".join(pieces) == text
    if BROKEN not in text:
        assert not any(BROKEN in piece for piece in pieces)


@given(TEXTS)
def test_byte_fallback_pieces_join_to_the_one_shot_text(text: str) -> None:
    ids = BYTE_FALLBACK.encode(text).ids
    assert "".join(stream(BYTE_FALLBACK, ids)) == decoding(BYTE_FALLBACK)(ids)


@given(st.lists(st.integers(0, BYTE_LEVEL.get_vocab_size() - 1), max_size=40))
def test_any_tokens_at_all_stream_to_their_one_shot_text(ids: list[int]) -> None:
    assert "".join(stream(BYTE_LEVEL, ids)) == decoding(BYTE_LEVEL)(ids)


def test_a_continued_text_keeps_the_space_that_its_first_word_begins_with() -> None:
    decode = decoding(BYTE_FALLBACK)
    before, word = BYTE_FALLBACK.encode("Hello").ids, BYTE_FALLBACK.encode(" there").ids
    continued = Detokenizer(decode, before)
    assert "".join(continued.push(id_) for id_ in word) == " there"
    fresh = Detokenizer(decode)
    assert "".join(fresh.push(id_) for id_ in word) == "there"


def test_text_comes_with_the_token_that_completes_it() -> None:
    ids = BYTE_LEVEL.encode("好a").ids
    pieces = stream(BYTE_LEVEL, ids)
    assert pieces[-2:] == ["a", ""]
    assert [piece for piece in pieces if piece] == ["好", "a"]


LETTERS = st.text("ab\n", max_size=30)
STOPS = st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3)


def filtered(stops: list[str], pieces: list[str]) -> tuple[str, bool]:
    filter_ = StopStrings(stops)
    shown = "".join(filter_.push(piece) for piece in pieces)
    return shown + filter_.flush(), filter_.found


@given(LETTERS, STOPS, st.lists(st.integers(1, 5), max_size=30))
def test_what_is_shown_is_the_text_before_the_first_stop_string_however_it_is_cut(
    text: str, stops: list[str], sizes: list[int]
) -> None:
    pieces, rest = [], text
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    pieces.append(rest)
    shown, found = filtered(stops, pieces)
    whole, whole_found = filtered(stops, [*text])
    assert (shown, found) == (whole, whole_found)
    ends = {text.find(stop) + len(stop): text.find(stop) for stop in stops if stop in text}
    assert found == bool(ends)
    if not ends:
        assert shown == text
    else:
        # The string that is complete first wins; among those complete at once, the one that began first.
        first_end = min(ends)
        starts = [text.find(s) for s in stops if s in text and text.find(s) + len(s) == first_end]
        assert shown == text[: min(starts)]


def test_half_a_stop_string_is_held_back_until_it_is_certain() -> None:
    filter_ = StopStrings(["###"])
    assert filter_.push("one #") == "one "
    assert filter_.push("#") == ""
    assert filter_.push(" two") == "## two"
    assert not filter_.found


def test_a_text_that_ends_with_half_a_stop_string_is_shown_whole() -> None:
    assert filtered(["END"], ["The EN"]) == ("The EN", False)
