from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_tui.store import Message, Status, Store, StoreError
from aigc_tui.store.checks import check_store
from aigc_tui.store.transfer import ImportReport, import_file


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("import") / "store.db") as store:
        yield store


def take(store: Store, folder: Path, name: str, content: str | bytes) -> ImportReport:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return import_file(store, file)


def reasons(store: Store, folder: Path, content: str) -> tuple[str, ...]:
    """Why something was not taken."""
    try:
        return tuple(map(str, take(store, folder, "any.json", content).skipped))
    except StoreError as error:
        return (str(error),)


def newest(store: Store) -> list[Message]:
    return store.messages.path(store.conversations.page(limit=1)[0].id)


def said(store: Store) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in newest(store)]


def test_a_plain_dataset_line_is_a_conversation(store: Store, tmp_path: Path) -> None:
    hello, answer = '{"role": "user", "content": "hi"}', '{"role": "assistant", "content": "yo"}'
    line = f'{{"title": "T", "messages": [{hello}, {answer}]}}'
    assert take(store, tmp_path, "a.jsonl", f"{line}\n\n{line}\n") == ImportReport(2, 4, ())
    assert said(store) == [("user", "hi"), ("assistant", "yo")]
    assert store.conversations.page()[0].title == "T"


def test_names_of_roles_that_others_use_are_understood(store: Store, tmp_path: Path) -> None:
    roles = ["human", "gpt", "User", "BOT", "developer", "model"]
    data = {"messages": [{"role": role, "content": role} for role in roles]}
    take(store, tmp_path, "a.json", json.dumps(data))
    assert [role for role, _ in said(store)] == [
        "user",
        "assistant",
        "user",
        "assistant",
        "system",
        "assistant",
    ]


def test_a_talk_without_a_title_is_called_by_its_first_question(store: Store, tmp_path: Path) -> None:
    data = {"messages": [{"role": "user", "content": "How do\nrainbows form?"}]}
    take(store, tmp_path, "a.json", json.dumps(data))
    assert store.conversations.page()[0].title == "How do rainbows form?"


def test_a_broken_line_costs_that_line_and_is_named(store: Store, tmp_path: Path) -> None:
    good = '{"title": "T", "messages": [{"role": "user", "content": "hi"}]}'
    lines = [good, "{broken", good, "[1]", '{"title": "x"}', '{"messages": []}', "[" * 100_000, good]
    report = take(store, tmp_path, "a.jsonl", "\n".join(lines))
    assert (report.conversations, report.messages) == (3, 3)
    places = [str(reason).split(" ")[0] for reason in report.skipped]
    assert places == ["a.jsonl:2:", "a.jsonl:4:", "a.jsonl:5:", "a.jsonl:", "a.jsonl:7:"]
    assert "not JSON" in str(report.skipped[0])
    assert "nested too deeply" in str(report.skipped[-1])


def test_a_broken_message_costs_that_message_and_is_named(store: Store, tmp_path: Path) -> None:
    messages: list[Any] = [
        {"role": "user", "content": "one"},
        "text",
        {"role": "pope", "content": "x"},
        {"role": "user", "content": "two", "id": "same"},
        {"role": "user", "content": "three", "id": "same"},
    ]
    report = take(store, tmp_path, "a.json", json.dumps({"messages": messages}))
    assert [content for _, content in said(store)] == ["one", "two"]
    assert [str(reason).split(": ", 1)[1] for reason in report.skipped] == [
        "message 2: not an object",
        "message 3: unknown role 'pope'",
        "message 5: its id 'same' occurred before",
    ]


def test_messages_in_a_circle_are_left_out_and_reported(store: Store, tmp_path: Path) -> None:
    messages = [
        {"role": "user", "content": "sound", "id": "s"},
        {"role": "user", "content": "a", "id": "a", "parent": "b"},
        {"role": "user", "content": "b", "id": "b", "parent": "a"},
    ]
    report = take(store, tmp_path, "a.json", json.dumps({"messages": messages}))
    assert report.messages == 1
    assert tuple(map(str, report.skipped)) == ("a.json: 2 messages whose parents form a circle",)


def test_parents_may_come_after_their_children(store: Store, tmp_path: Path) -> None:
    messages = [
        {"role": "assistant", "content": "answer", "id": "a", "parent": "q"},
        {"role": "user", "content": "question", "id": "q", "parent": None},
    ]
    take(store, tmp_path, "a.json", json.dumps({"messages": messages, "head": "a"}))
    assert [content for _, content in said(store)] == ["question", "answer"]


def test_a_half_written_reply_comes_in_as_interrupted(store: Store, tmp_path: Path) -> None:
    data = {"messages": [{"role": "assistant", "content": "hal", "status": "streaming"}]}
    take(store, tmp_path, "a.json", json.dumps(data))
    assert newest(store)[0].status == Status.INTERRUPTED


def test_hostile_characters_are_made_harmless(store: Store, tmp_path: Path) -> None:
    message = r'{"role": "user", "content": "\ud800 \u0000 \u202e\u001b[2J"}'
    line = rf'{{"title": "\u001b]0;x\u0007", "messages": [{message}]}}'
    assert take(store, tmp_path, "a.jsonl", line).messages == 1
    text = newest(store)[0].content + store.conversations.page()[0].title
    assert not set("\x00\x1b\x07\ud800\u202e") & set(text)


def test_values_of_the_wrong_kind_become_the_default(store: Store, tmp_path: Path) -> None:
    message = {
        "role": "user", "content": "x", "id": 5, "parent": [], "rating": "up", "status": {},
        "seconds": "NaN", "new_tokens": -1, "prompt_tokens": True, "reused_tokens": 1e999, "created": "?",
        "model": None,
    }  # fmt: skip
    data = {
        "messages": [message],
        "kind": "opera",
        "persona": 5,
        "archived": "yes",
        "head": {},
        "created": 1e300,
    }
    take(store, tmp_path, "a.json", json.dumps(data))
    (taken,) = newest(store)
    assert (taken.rating, taken.status, taken.seconds, taken.new_tokens) == (0, Status.COMPLETE, 0.0, 0)
    assert (taken.prompt_tokens, taken.reused_tokens, taken.model) == (0, 0, "")
    assert store.conversations.page()[0].kind == "chat"


def test_a_list_of_conversations_is_read(store: Store, tmp_path: Path) -> None:
    item = {
        "messages": [{"role": "user", "content": [{"type": "text", "text": "see"}, {"type": "image_url"}]}]
    }
    report = take(store, tmp_path, "a.json", json.dumps([item, 5]))
    assert (report.conversations, report.messages) == (1, 1)
    assert [str(reason) for reason in report.skipped] == [
        "a.json: conversation 2: must be an object with `messages`, not int"
    ]
    assert newest(store)[0].content == "see\n[image]"


def test_lines_under_another_suffix_are_lines_all_the_same(store: Store, tmp_path: Path) -> None:
    line = json.dumps({"messages": [{"role": "user", "content": "hi"}]})
    assert take(store, tmp_path, "a.json", f"{line}\n{line}\n").conversations == 2
    assert take(store, tmp_path, "a.txt", f"{line}\n{line}\n").conversations == 2


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", "", "a.json: not JSON"),
        ("a.json", '{\n "messages": [\n}', "not JSON: .* at line 3, column 1"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.json", b"\xff\xfe\x00\xd8", "not readable as JSON|not JSON"),
        ("a.json", "[" + "9" * 5000 + "]", "not readable as JSON"),
        ("a.md", "just some text\nwithout a speaker", "no line names a speaker"),
        ("a.md", b"## User\n\xff\xfe", "not UTF-8 text"),
        ("a.bin", b"\x00\x01\x02", "no line names a speaker"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(
    store: Store, tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    with pytest.raises(StoreError, match=reason) as caught:
        take(store, tmp_path, name, content)
    assert "\n" not in str(caught.value)
    assert store.conversations.page() == []


def test_an_absent_file_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        import_file(store, tmp_path / "absent.json")
    with pytest.raises(StoreError, match="cannot be read"):
        import_file(store, tmp_path)


def test_a_file_name_is_made_harmless_in_reports(store: Store, tmp_path: Path) -> None:
    report = take(store, tmp_path, "a\x1b[31m\n.jsonl", "{broken")
    assert "\x1b" not in str(report.skipped[0])
    assert "\n" not in str(report.skipped[0])


KEYS = (
    "title messages branches role content id parent order status rating head created kind mapping message"
    " author children parts content_type current_node text metadata seconds new_tokens"
)
keys = st.sampled_from(KEYS.split())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=25,
)


@settings(max_examples=120, deadline=None)
@given(value=json_values, listed=st.lists(st.dictionaries(keys, json_values, max_size=6), max_size=4))
def test_any_json_is_imported_or_refused_and_the_store_stays_sound(
    shared: Store, tmp_path_factory: pytest.TempPathFactory, value: Any, listed: list[Any]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    for content in (value, {"messages": listed}, [{"mapping": dict(enumerate(listed))}]):
        assert all("\n" not in reason for reason in reasons(shared, folder, json.dumps(content)))


def test_after_all_that_the_store_is_sound(shared: Store) -> None:
    assert [check for check in check_store(shared) if not check.ok and check.name != "store-disk"] == []


@settings(max_examples=200, deadline=None)
@given(text=st.text())
def test_any_text_is_a_transcript_or_refused(
    shared: Store, tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    assert take(shared, folder, "any.md", f"User: {text}".encode("utf-8", "replace")).messages >= 1


@pytest.mark.parametrize(
    "transcript",
    [
        "## User\n\nhello\n\n## Assistant\n\nhi\nthere\n",
        "# Chat\n\n### You:\nhello\n### ChatGPT\nhi\nthere",
        "**User:** hello\n\n**Assistant:** hi\nthere\n",
        "__Human__: hello\n__AI__: hi\nthere",
        "User: hello\nAssistant: hi\nthere",
        "用户：hello\n助手：hi\nthere",
        "\ufeffUSER: hello\r\nGPT: hi\r\nthere\r\n",
    ],
)
def test_the_usual_forms_of_transcripts_are_read(store: Store, tmp_path: Path, transcript: str) -> None:
    take(store, tmp_path, "my chat.md", transcript)
    assert said(store) == [("user", "hello"), ("assistant", "hi\nthere")]


def test_a_transcript_keeps_to_the_form_that_it_begins_with(store: Store, tmp_path: Path) -> None:
    take(
        store, tmp_path, "a.md", "**User:** what is this?\n\nUser: not a turn\n## User\n\n**AI:** a quotation"
    )
    assert said(store) == [
        ("user", "what is this?\n\nUser: not a turn\n## User"),
        ("assistant", "a quotation"),
    ]


def test_a_transcript_is_called_by_its_title_or_its_file(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, "my chat.md", "# On whales\n\n**User:** hello")
    assert store.conversations.page()[0].title == "On whales"
    take(store, tmp_path, "my chat.md", "**User:** hello")
    assert store.conversations.page()[0].title == "my chat"


def test_an_import_that_fails_in_the_middle_keeps_whole_conversations_only(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = json.dumps({"messages": [{"role": "user", "content": str(n)} for n in range(5)]})
    insert, calls = store.messages.insert, []

    def fail_at_the_eighth(message: Message) -> None:
        calls.append(message)
        if len(calls) == 8:
            raise StoreError("the disk is full")
        insert(message)

    monkeypatch.setattr(store.messages, "insert", fail_at_the_eighth)
    with pytest.raises(StoreError, match="disk is full"):
        take(store, tmp_path, "a.jsonl", f"{line}\n{line}\n")
    assert [one.messages for one in store.conversations.page()] == [5]
