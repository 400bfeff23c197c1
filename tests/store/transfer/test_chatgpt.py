from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.store import Message, Status, Store, StoreError
from aigc_tui.store.transfer import from_chatgpt as archive_module
from aigc_tui.store.transfer import import_file


def node(
    name: str, parent: str | None, role: str, *parts: Any, children: tuple[str, ...] = (), **extra: Any
) -> tuple[str, dict[str, Any]]:
    message = {
        "id": name,
        "author": {"role": role},
        "create_time": 1_700_000_000.5,
        "content": {"content_type": "text", "parts": list(parts)},
        "status": "finished_successfully",
        "recipient": "all",
        **extra,
    }
    return name, {"id": name, "parent": parent, "children": list(children), "message": message}


def conversation(*nodes: tuple[str, dict[str, Any]], current: str) -> dict[str, Any]:
    root = ("root", {"id": "root", "parent": None, "children": [nodes[0][0]], "message": None})
    return {"title": "Whales", "create_time": 1_700_000_000, "update_time": 1_700_000_100,
            "mapping": dict([root, *nodes]), "current_node": current}  # fmt: skip


TALK = conversation(
    node("sys", "root", "system", "be nice", children=("q",)),
    node("q", "sys", "user", "What sings?", children=("tool", "b")),
    node("tool", "q", "assistant", "search()", children=("found",), recipient="browser"),
    node("found", "tool", "tool", "results", children=("a",)),
    node("a", "found", "assistant", "A whale.", children=("q2",), metadata={"model_slug": "gpt-4o"}),
    node("b", "q", "assistant", "A bird.", status="in_progress"),
    node("q2", "a", "user", "Why?", children=("hidden",)),
    node("hidden", "q2", "user", "secret", metadata={"is_visually_hidden_from_conversation": True}),
    current="hidden",
)


def pack(path: Path, *members: tuple[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def export(tmp_path: Path, *conversations: Any, name: str = "conversations.json") -> Path:
    return pack(tmp_path / "export.zip", ("user.json", "{}"), (name, json.dumps(list(conversations))))


def shown(store: Store) -> list[Message]:
    return store.messages.path(store.conversations.page(limit=1)[0].id)


def test_talk_comes_in_with_its_branches_and_without_the_machinery(store: Store, tmp_path: Path) -> None:
    report = import_file(store, export(tmp_path, TALK))
    assert (report.conversations, report.messages, report.skipped) == (1, 4, ())
    path = shown(store)
    assert [(one.role, one.content) for one in path] == [
        ("user", "What sings?"),
        ("assistant", "A whale."),
        ("user", "Why?"),
    ]
    assert [one.content for one in store.messages.siblings(path[1].id)] == ["A whale.", "A bird."]
    assert (path[1].author, path[1].model, path[1].created) == (
        "ChatGPT",
        "gpt-4o",
        "2023-11-14T22:13:20.500Z",
    )
    assert store.messages.siblings(path[1].id)[1].status == Status.INTERRUPTED
    (taken,) = store.conversations.page()
    assert (taken.title, taken.created, taken.updated) == (
        "Whales",
        "2023-11-14T22:13:20.000Z",
        "2023-11-14T22:15:00.000Z",
    )


def test_the_unpacked_file_is_understood_too(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps([TALK]))
    assert import_file(store, file).messages == 4


@pytest.mark.parametrize("name", ["conversations-000.json", "export/conversations.json"])
def test_other_places_of_the_file_are_known(store: Store, tmp_path: Path, name: str) -> None:
    assert import_file(store, export(tmp_path, TALK, name=name)).conversations == 1


def test_what_is_not_text_becomes_a_note(store: Store, tmp_path: Path) -> None:
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file://x"}
    speech = {"content_type": "audio_transcription", "text": "spoken"}
    talk = conversation(
        node(
            "q",
            "root",
            "user",
            content={"content_type": "multimodal_text", "parts": [picture, "Look", speech, 5]},
        ),
        current="q",
    )
    import_file(store, export(tmp_path, talk))
    assert shown(store)[0].content == "[image]\nLook\nspoken"


def test_a_broken_conversation_costs_that_one(store: Store, tmp_path: Path) -> None:
    empty = conversation(node("s", "root", "system", "x"), current="s")
    circle = conversation(node("a", "b", "user", "round"), node("b", "a", "user", "and round"), current="a")
    report = import_file(store, export(tmp_path, 5, {"mapping": []}, empty, circle, TALK))
    assert report.conversations == 1
    assert [str(reason).split(": ", 2)[2] for reason in report.skipped] == [
        "conversation 1: no `mapping` of messages",
        "conversation 2: no `mapping` of messages",
        "conversation 3: 'Whales' holds no messages",
        "conversation 4: 2 messages whose parents form a circle",
        "conversation 4: 'Whales' holds no messages",
    ]


def test_a_long_talk_does_not_run_out_of_stack(store: Store, tmp_path: Path) -> None:
    nodes = [node(f"n{at}", f"n{at - 1}" if at else "root", "user", f"text {at}") for at in range(3000)]
    report = import_file(store, export(tmp_path, conversation(*nodes, current="n2999")))
    assert report.messages == 3000
    assert len(shown(store)) == 3000


def refused(store: Store, file: Path, reason: str) -> None:
    with pytest.raises(StoreError, match=reason) as caught:
        import_file(store, file)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert store.conversations.page() == []


def test_a_bomb_is_not_unpacked(store: Store, tmp_path: Path) -> None:
    bomb = pack(tmp_path / "bomb.zip", ("conversations.json", b"[" + b" " * 60_000_000))
    assert bomb.stat().st_size < 100_000
    refused(store, bomb, "unpacks to more than [0-9] MB; not read")


def test_a_directory_that_lies_about_sizes_is_not_believed(store: Store, tmp_path: Path) -> None:
    file = pack(tmp_path / "liar.zip", ("conversations.json", b"[" + b" " * 50_000_000))
    data = bytearray(file.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 20 : entry + 28] = (0x7FFFFFFF).to_bytes(4, "little") + (10).to_bytes(4, "little")
    file.write_bytes(data)
    refused(store, file, "liar.zip: conversations.json: ")


def test_too_many_members_are_refused(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "MEMBERS", 3)
    file = pack(tmp_path / "many.zip", *((f"{at}.txt", "") for at in range(5)))
    refused(store, file, "more than 3 files")


def test_names_that_climb_or_carry_codes_lead_nowhere(store: Store, tmp_path: Path) -> None:
    before_it = ("../", "../../", "/", "\x1b[31m", "\x1b]0;x\x07/", "C:\\", "a/../../")
    names = [f"{prefix}conversations.json" for prefix in before_it]
    file = pack(tmp_path / "names.zip", *((name, json.dumps([TALK])) for name in names))
    before = sorted(tmp_path.parent.glob("*"))
    refused(store, file, "no conversations.json")
    assert sorted(tmp_path.parent.glob("*")) == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["home", "names.zip"]


@pytest.mark.parametrize("content", ['{"a": 1}', "[broken", "[" * 100_000])
def test_a_wrong_member_is_refused(store: Store, tmp_path: Path, content: str) -> None:
    file = pack(tmp_path / "export.zip", ("conversations.json", content))
    refused(store, file, "export.zip: conversations.json: ")


def test_a_zip_without_conversations_is_refused(store: Store, tmp_path: Path) -> None:
    refused(store, pack(tmp_path / "a.zip", ("readme.txt", "hello")), "is this a ChatGPT export")


def test_a_damaged_zip_is_refused(store: Store, tmp_path: Path) -> None:
    file = export(tmp_path, TALK)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    refused(store, file, "not a readable zip")
    start = whole.index(b"conversations.json") + 30
    file.write_bytes(whole[:start] + b"\xff" * 40 + whole[start + 40 :])
    refused(store, file, "cannot be unpacked")
