"""Which keys and values may be used again: exactly the table of engine-safety A5, and never more bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.inference.prefix_cache import CacheKey, PrefixCache, common_prefix

KEY = CacheKey("base", "", "float32")


@dataclass
class Row:
    """A cache that remembers which tokens went into it, ten bytes each."""

    tokens: tuple[int, ...]
    can_crop: bool = True

    @property
    def length(self) -> int:
        return len(self.tokens)

    @property
    def nbytes(self) -> int:
        return 10 * len(self.tokens)

    def crop(self, length: int) -> None:
        self.tokens = self.tokens[:length]

    def select(self, rows: object) -> None:
        raise NotImplementedError

    def prefix(self, length: int) -> Row:
        return Row(self.tokens[:length], self.can_crop)


def kept(cache: PrefixCache, *tokens: int, key: CacheKey = KEY, can_crop: bool = True) -> None:
    cache.put(key, tokens, Row(tokens, can_crop))


def taken(cache: PrefixCache, *prompt: int, key: CacheKey = KEY) -> tuple[int, ...]:
    found = cache.take(key, prompt)
    assert found is None or isinstance(found, Row)
    return found.tokens if found else ()


def test_a_new_turn_reuses_all_that_was_read() -> None:
    cache = PrefixCache(1000)
    kept(cache, 1, 2, 3)
    assert taken(cache, 1, 2, 3, 4) == (1, 2, 3)


def test_an_edited_history_is_reused_up_to_the_edit() -> None:
    cache = PrefixCache(1000)
    kept(cache, 1, 2, 3, 4)
    assert taken(cache, 1, 2, 9, 4) == (1, 2)


def test_regenerating_leaves_one_token_of_the_prompt_to_read() -> None:
    cache = PrefixCache(1000)
    kept(cache, 1, 2, 3, 8, 9)
    assert taken(cache, 1, 2, 3) == (1, 2)


def test_a_cache_as_long_as_the_prompt_gives_all_but_the_last_token() -> None:
    cache = PrefixCache(1000)
    kept(cache, 1, 2, 3)
    assert taken(cache, 1, 2, 3) == (1, 2)


def test_another_base_adapter_or_quantisation_reuses_nothing() -> None:
    cache = PrefixCache(1000)
    kept(cache, 1, 2, 3)
    for other in (replace(KEY, base="b"), replace(KEY, adapter="a"), replace(KEY, quantisation="bf16")):
        assert cache.take(other, (1, 2, 3, 4)) is None


def test_the_first_branch_stays_when_a_second_grows() -> None:
    cache = PrefixCache(1000)
    kept(cache, 1, 2, 3, 4)
    assert taken(cache, 1, 2, 8) == (1, 2)
    kept(cache, 1, 2, 8, 9)
    assert taken(cache, 1, 2, 3, 4, 5) == (1, 2, 3, 4)
    assert taken(cache, 1, 2, 8, 9, 5) == (1, 2, 8, 9)


def test_a_cache_that_cannot_go_back_is_used_only_whole() -> None:
    cache = PrefixCache(1000)
    kept(cache, 1, 2, 3, can_crop=False)
    assert cache.take(KEY, (1, 2, 9)) is None
    assert cache.take(KEY, (1, 2, 3)) is None
    assert taken(cache, 1, 2, 3, 4) == (1, 2, 3)


def test_a_prompt_of_one_token_reuses_nothing() -> None:
    cache = PrefixCache(1000)
    kept(cache, 1, 2)
    assert cache.take(KEY, (1,)) is None


def test_a_longer_cache_replaces_its_own_beginning() -> None:
    cache = PrefixCache(1000)
    kept(cache, 1, 2)
    kept(cache, 1, 2, 3)
    assert len(cache) == 1


def test_the_least_recently_used_is_dropped_first() -> None:
    cache = PrefixCache(100)
    kept(cache, 1, 1, 1, 1)
    kept(cache, 2, 2, 2, 2)
    assert taken(cache, 1, 1, 1, 9) == (1, 1, 1)
    kept(cache, 3, 3, 3, 3)
    assert cache.peek(KEY, (2, 2, 2, 2, 2)) == 0
    assert cache.peek(KEY, (1, 1, 1, 1, 1)) == 4


def test_a_limit_of_nothing_keeps_nothing() -> None:
    cache = PrefixCache(0)
    kept(cache, 1, 2, 3)
    assert len(cache) == 0


STEPPED = replace(KEY, quantisation="packed", step=4)


def test_a_model_that_rounds_keeps_and_reuses_whole_steps_only() -> None:
    cache = PrefixCache(1000)
    kept(cache, 1, 2, 3, 4, 5, 6, 7, 8, 9, key=STEPPED)
    assert cache.nbytes == 80
    assert taken(cache, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, key=STEPPED) == (1, 2, 3, 4, 5, 6, 7, 8)
    kept(cache, 1, 2, 3, 4, 5, 6, 7, 8, key=STEPPED)
    # The last token of the prompt is read anew, and so the whole step that it is in.
    assert taken(cache, 1, 2, 3, 4, 5, 6, 7, 8, key=STEPPED) == (1, 2, 3, 4)
    assert taken(cache, 1, 2, 3, 4, 5, 9, key=STEPPED) == (1, 2, 3, 4)
    assert taken(cache, 1, 2, 3, 9, 5, 9, key=STEPPED) == ()


def test_less_than_a_step_is_not_kept() -> None:
    cache = PrefixCache(1000)
    kept(cache, 1, 2, 3, key=STEPPED)
    assert len(cache) == 0


CHATS = st.lists(st.integers(0, 2), min_size=1, max_size=8)


@given(st.lists(CHATS, max_size=12), st.integers(0, 300))
def test_whatever_is_asked_the_reused_tokens_are_a_true_beginning_of_the_prompt(
    prompts: list[list[int]], limit: int
) -> None:
    cache = PrefixCache(limit)
    for prompt in prompts:
        found = taken(cache, *prompt)
        assert tuple(prompt[: len(found)]) == found
        assert len(found) < len(prompt)
        kept(cache, *prompt)
        assert cache.nbytes <= limit


@given(CHATS, CHATS)
def test_the_common_prefix_is_the_longest_one(left: list[int], right: list[int]) -> None:
    count = common_prefix(left, right)
    assert left[:count] == right[:count]
    assert count == min(len(left), len(right)) or left[count] != right[count]
