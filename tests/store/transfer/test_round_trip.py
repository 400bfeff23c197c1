from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_tui.store import Conversation, Message, Status, Store
from aigc_tui.store.transfer import export_json, export_jsonl, export_md, import_file
from aigc_tui.text import clean

ENDED = [Status.COMPLETE, Status.STOPPED, Status.FAILED, Status.INTERRUPTED]
texts = st.text(max_size=60)
lines = st.sampled_from(
    [
        "## User",
        "## Assistant · Bob [AI]",
        "\\## User",
        "**User:** hi",
        "# x",
        "```",
        "> y",
        "",
        "用户：你好",
        "\\",
    ]
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("round")


@pytest.fixture(scope="module")
def shared(home: Path) -> Iterator[Store]:
    with Store.open(home / "store.db") as store:
        yield store


@st.composite
def trees(draw: st.DrawFn) -> list[Message]:
    """A conversation's messages, each under any earlier one or a root; not stored yet."""
    count = draw(st.integers(1, 8))
    return [
        Message(
            id=f"m{place}",
            conversation="",
            parent=draw(st.sampled_from([None, *(f"m{earlier}" for earlier in range(place))])),
            role=draw(st.sampled_from(["user", "assistant", "system", "notice"])),
            author=draw(st.sampled_from(["", "Ann", "老师"])),
            content=clean(draw(texts)),
            status=draw(st.sampled_from(ENDED)),
            created=f"2026-11-23T10:00:{place:02}.000Z",
            rating=draw(st.integers(-1, 1)),
            model=draw(st.sampled_from(["", "starter"])),
            sampling=draw(st.sampled_from(["", '{"seed": 1}'])),
            new_tokens=draw(st.integers(0, 1 << 40)),
            seconds=draw(st.floats(0, 1e6)),
        )
        for place in range(count)
    ]


def save(store: Store, messages: list[Message], head: int) -> Conversation:
    conversation = store.conversations.create(title="标题 title", persona="tutor", model="starter")
    prefix = conversation.id
    for message in messages:
        parent = None if message.parent is None else prefix + message.parent
        store.messages.insert(
            replace(message, id=prefix + message.id, parent=parent, conversation=conversation.id)
        )
    store.conversations.settle(conversation.id, prefix + messages[head].id, "2026-11-23T11:00:00.000Z", True)
    return store.conversations.get(conversation.id)


def anonymous(store: Store, conversation: Conversation) -> tuple[Conversation, int, list[Message]]:
    """A conversation with places for ids, so that two can be compared."""
    tree = store.messages.tree(conversation.id)
    places = {message.id: str(place) for place, message in enumerate(tree)}
    named = [
        replace(message, id=places[message.id], parent=places.get(message.parent or ""), conversation="")
        for message in tree
    ]
    head = places[conversation.head or ""]
    return replace(conversation, id="", head=None), int(head), named


@settings(max_examples=80, deadline=None)
@given(tree=trees(), data=st.data(), as_lines=st.booleans())
def test_our_json_loses_nothing_on_the_way_out_and_in(
    shared: Store, home: Path, tree: list[Message], data: st.DataObject, as_lines: bool
) -> None:
    original = save(shared, tree, data.draw(st.integers(0, len(tree) - 1)))
    export, suffix = (export_jsonl, "jsonl") if as_lines else (export_json, "json")
    file = home / f"export.{suffix}"
    file.write_text(export(original, shared.messages.tree(original.id)), encoding="utf-8")
    report = import_file(shared, file)
    assert (report.conversations, report.messages, report.skipped) == (1, len(tree), ())
    copy = shared.conversations.page(archived=True, limit=1)[0]
    assert anonymous(shared, copy) == anonymous(shared, original)
    shared.conversations.trash(copy.id)
    shared.conversations.trash(original.id)


@settings(max_examples=80, deadline=None)
@given(contents=st.lists(st.lists(st.one_of(texts, lines), min_size=1, max_size=4), min_size=1, max_size=5))
def test_our_markdown_brings_every_turn_back(shared: Store, home: Path, contents: list[list[str]]) -> None:
    conversation = shared.conversations.create(title="User")
    parent = None
    for place, parts in enumerate(contents):
        parent = shared.messages.add(
            conversation=conversation.id,
            parent=parent,
            role=("user", "assistant", "system", "notice")[place % 4],
            author="小明" if place % 2 else "",
            model="starter" if place % 4 == 1 else "",
            content="\n".join(parts),
        ).id
    path = shared.messages.path(conversation.id)
    file = home / "export.md"
    file.write_text(
        export_md(shared.conversations.get(conversation.id), path), encoding="utf-8", newline="\n"
    )
    assert import_file(shared, file).conversations == 1
    copy = shared.messages.path(shared.conversations.page(limit=1)[0].id)
    assert [(one.role, one.author, bool(one.model), one.content) for one in copy] == [
        (one.role, one.author, bool(one.model), one.content.strip("\n")) for one in path
    ]


def test_lines_joined_are_a_file_of_several_conversations(shared: Store, home: Path) -> None:
    made = [
        save(shared, [Message("m0", "", None, "user", "", f"text {n}", Status.COMPLETE, "")], 0)
        for n in (1, 2)
    ]
    file = home / "several.jsonl"
    file.write_text(
        "".join(export_jsonl(one, shared.messages.tree(one.id)) for one in made), encoding="utf-8"
    )
    assert import_file(shared, file).conversations == 2


def test_a_line_is_what_training_tools_read(shared: Store) -> None:
    tree = [
        Message("m0", "", None, "user", "", "question", Status.COMPLETE, ""),
        Message("m1", "", "m0", "assistant", "", "first", Status.COMPLETE, ""),
        Message("m2", "", "m0", "assistant", "", "second", Status.COMPLETE, ""),
    ]
    conversation = save(shared, tree, 1)
    line = json.loads(export_jsonl(conversation, shared.messages.tree(conversation.id)))
    assert line["title"] == "标题 title"
    assert [(each["role"], each["content"]) for each in line["messages"]] == [
        ("user", "question"),
        ("assistant", "first"),
    ]
    assert [each["content"] for each in line["branches"]] == ["second"]
