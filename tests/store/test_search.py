from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_tui.store import Conversation, SearchHit, Status, Store
from aigc_tui.store import search as search_module
from aigc_tui.store.search import snippet
from aigc_tui.text import width
from tests.store.conftest import Talk


def found(store: Store, query: str) -> list[str]:
    return [hit.message for hit in store.search(query)]


@pytest.mark.parametrize("query", ["光", "用", "光合", "合作", "作用", "合作用", "光合作用", "植物的光合"])
def test_chinese_is_found_from_one_character_up(store: Store, talk: Talk, query: str) -> None:
    (message, _) = talk("请解释植物的光合作用。", "不知道")
    assert found(store, query) == [message.id]


@pytest.mark.parametrize("query", ["光作", "用合", "光合作为"])
def test_chinese_that_does_not_stand_side_by_side_is_not_found(store: Store, talk: Talk, query: str) -> None:
    talk("请解释植物的光合作用。")
    assert found(store, query) == []


@pytest.mark.parametrize("query", ["run", "runs", "Running", "RUNNER'S run", "café", "cafe"])
def test_english_is_found_by_its_stem_in_any_case(store: Store, talk: Talk, query: str) -> None:
    (message,) = talk("The runner was running to the Café runner s")
    assert found(store, query) == [message.id]


@pytest.mark.parametrize("typed", ["phot", "photosy", "photosynthesi", "happ", "happin", "runn"])
def test_a_word_is_found_while_it_is_being_typed(store: Store, talk: Talk, typed: str) -> None:
    (message,) = talk("Photosynthesis makes plants happy: happiness is running")
    assert found(store, typed) == [message.id]


def test_a_beginning_that_no_word_has_is_not_found(store: Store, talk: Talk) -> None:
    talk("the theme of running")
    assert found(store, "thez") == []
    assert found(store, "runx") == []


@pytest.mark.parametrize("query", ["Python 编程", "编程 python", "用python", '"python 编程"', "python编程"])
def test_mixed_text_is_found_by_a_mixed_query(store: Store, talk: Talk, query: str) -> None:
    (message, _) = talk("我用Python 编程", "Python only")
    assert found(store, query) == [message.id]


@pytest.mark.parametrize(
    "query",
    ["foo-bar", "foo:bar", "NEAR(foo bar)", "foo AND", "-foo", "^foo", "foo*", "(foo", '"foo', "{a b}: foo"],
)
def test_operators_have_no_meaning_and_raise_nothing(store: Store, talk: Talk, query: str) -> None:
    (message,) = talk("foo and bar near a b")
    assert found(store, query) == [message.id]


@pytest.mark.parametrize("query", ["%", "_", "100%", "a_b"])
def test_signs_of_like_are_not_wildcards(store: Store, talk: Talk, query: str) -> None:
    talk("nothing of the kind")
    assert found(store, query) == []


def test_quoted_words_must_stand_side_by_side(store: Store, talk: Talk) -> None:
    first, _ = talk("the red fox", "the fox is red")
    assert found(store, '"red fox"') == [first.id]
    assert len(found(store, "red fox")) == 2


@settings(max_examples=200, deadline=None)
@given(query=st.text())
def test_any_string_is_a_query(shared: Store, query: str) -> None:
    assert isinstance(shared.search(query), list)


@settings(max_examples=100, deadline=None)
@given(text=st.text(min_size=1, max_size=40, alphabet="光合作用植物 aB"), data=st.data())
def test_every_part_of_a_chinese_run_finds_its_message(shared: Store, text: str, data: st.DataObject) -> None:
    conversation = shared.conversations.create()
    message = shared.messages.add(conversation=conversation.id, parent=None, role="user", content=text)
    runs = [part for part in text.replace("a", " ").replace("B", " ").split() if part]
    for run in runs[:3]:
        start = data.draw(st.integers(0, len(run) - 1))
        end = data.draw(st.integers(start + 1, len(run)))
        assert message.id in [hit.message for hit in shared.search(run[start:end], limit=1000)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store.open(tmp_path_factory.mktemp("search") / "store.db")


def test_the_message_that_is_about_a_word_comes_before_one_that_mentions_it(store: Store, talk: Talk) -> None:
    long = "A long message about many other things that mentions the otter once " + "and goes on " * 30
    about, _, mention = talk("otter otter otter", "unrelated", long)
    assert found(store, "otter") == [about.id, mention.id]


def test_of_equal_matches_the_newest_comes_first(store: Store, talk: Talk) -> None:
    old, _, new = talk("same words", "no", "same words")
    assert found(store, "same") == [new.id, old.id]


def test_a_very_common_word_is_answered_from_its_newest_matches(
    store: Store, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert search_module.CANDIDATES >= 500
    said = talk(*["common word"] * 60)
    hits = store.search("common", limit=5)
    assert [hit.message for hit in hits] == [message.id for message in said[:-6:-1]]


def test_titles_are_found_and_come_first(store: Store, talk: Talk, conversation: Conversation) -> None:
    talk("Words on whales")
    titled = store.conversations.create(title="鲸鱼 whales")
    assert store.search("whale")[0] == SearchHit(titled.id, "", "chat", "鲸鱼 whales", "鲸鱼 whales")
    assert store.search("鲸")[0].conversation == titled.id
    store.conversations.rename(titled.id, "Otters")
    assert store.search("鲸鱼") == []
    assert store.search("otters")[0].conversation == titled.id


def test_titles_leave_most_places_to_messages(store: Store, talk: Talk) -> None:
    for _ in range(20):
        store.conversations.create(title="whale")
    talk(*["a whale"] * 20)
    hits = store.search("whale", limit=8)
    assert [bool(hit.message) for hit in hits] == [False] * 2 + [True] * 6


def test_a_hit_tells_where_it_is_and_shows_the_place(
    store: Store, talk: Talk, conversation: Conversation
) -> None:
    (message,) = talk("x " * 200 + "\n\nthe needle\tis here " + "y " * 200)
    (hit,) = store.search("needles")
    assert (hit.conversation, hit.message, hit.kind, hit.title) == (
        conversation.id,
        message.id,
        "chat",
        "A talk",
    )
    assert "the needle is here" in hit.snippet
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")
    assert "\n" not in hit.snippet


def test_a_snippet_without_the_word_itself_shows_the_beginning() -> None:
    assert snippet("short text", ("absent",)) == "short text"


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("We talked for long about the mysterious nature of photosynthesis and of light", "photosynthesis"),
        ("我们今天来谈谈植物的光合作用到底是怎么一回事", "光合"),
        ("https://example.org/a-very-long-address/without/blanks/needle.html", "needle"),
        ("x " * 100 + "\n\n\n needle", "needle"),
    ],
)
def test_a_snippet_begins_so_near_to_the_word_that_a_narrow_list_shows_it(text: str, term: str) -> None:
    cut = snippet(text, (term,))
    assert width(cut[: cut.index(term) + len(term)]) <= 26
    assert cut.startswith("…")


def test_a_snippet_does_not_begin_inside_a_word() -> None:
    assert snippet("something mysterious about it", ("about",)) == "…about it"
    assert snippet("a nature of photosynthesis", ("photosynthesis",)) == "…of photosynthesis"


def test_a_kind_narrows_the_search(store: Store, talk: Talk) -> None:
    talk("otter")
    draft = store.conversations.create(kind="write", title="otter")
    assert [hit.conversation for hit in store.search("otter", kind="write")] == [draft.id]
    assert len(store.search("otter", kind="chat")) == 1


def test_what_is_in_the_bin_is_not_found_until_it_is_taken_out(
    store: Store, talk: Talk, conversation: Conversation
) -> None:
    talk("otter")
    store.conversations.trash(conversation.id)
    assert store.search("otter") == []
    assert store.search("talk") == []
    store.conversations.untrash(conversation.id)
    assert len(store.search("otter")) == 1


def test_a_reply_is_found_from_its_end_on(store: Store, talk: Talk, conversation: Conversation) -> None:
    (asked,) = talk("question")
    reply = store.messages.add(
        conversation=conversation.id, parent=asked.id, role="assistant", status=Status.STREAMING
    )
    store.messages.flush(reply.id, "the unfinished walrus", 3)
    assert store.search("walrus") == []
    store.messages.finish(reply.id, "the finished walrus", Status.COMPLETE)
    assert found(store, "walrus") == [reply.id]
    assert found(store, "unfinished") == []


def test_a_continued_reply_is_found_with_all_its_words(
    store: Store, talk: Talk, conversation: Conversation
) -> None:
    _, reply = talk("question", "the first half")
    store.messages.reopen(reply.id)
    store.messages.finish(reply.id, "the first half and the second", Status.COMPLETE)
    assert found(store, "first") == found(store, "second") == [reply.id]


def test_a_search_in_one_thread_does_not_hold_up_a_write_in_another(store: Store, talk: Talk) -> None:
    talk("otter")
    with store.database.write(), store.database.read():
        thread = threading.Thread(target=lambda: hits.extend(store.search("otter")))
        hits: list[SearchHit] = []
        thread.start()
        thread.join(20)
        assert len(hits) == 1


def test_searching_needs_nothing_but_the_file(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db") as store:
        assert store.search("anything") == []
