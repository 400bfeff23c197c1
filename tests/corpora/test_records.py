"""Records from files: what is read, what is refused, and the held-out split."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from aigc_tui.corpora.records import (
    CorpusError,
    DialogueMessage,
    Record,
    is_development,
    read_records,
    read_texts,
)

TALK = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}


def write_lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_texts_and_dialogues_are_read_from_jsonl(tmp_path: Path) -> None:
    records = list(read_records(write_lines(tmp_path / "a.jsonl", {"text": "你好"}, TALK)))
    talk = (DialogueMessage("user", "Hi"), DialogueMessage("assistant", "Hello"))
    assert records == [Record(text="你好"), Record(messages=talk)]


def test_a_system_text_becomes_the_first_message(tmp_path: Path) -> None:
    (record,) = read_records(write_lines(tmp_path / "a.jsonl", {"system": "Be kind.", **TALK}))
    assert record.messages[0] == DialogueMessage("system", "Be kind.")


def test_compressed_jsonl_is_read_as_well(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.xz"
    path.write_bytes(lzma.compress(b'{"text": "one"}\n\n{"text": "two"}\n'))
    assert [record.text for record in read_records(path)] == ["one", "two"]


def test_any_other_file_is_one_text(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# Title\n{}", encoding="utf-8")
    assert list(read_records(path)) == [Record(text="# Title\n{}")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1: not JSON"),
        ("[1]", "line 1: a record must be"),
        ("{}", "line 1: a record needs"),
        ('{"messages": ["x"]}', "a message needs"),
        ('{"messages": [{"role": "tool", "content": "x"}]}', "role must be one of"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_wrong_line_is_named_in_one_line(line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(CorpusError, match=message) as caught:
        list(read_records(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.jsonl", "broken.jsonl.xz", "bytes.txt"])
def test_an_unreadable_file_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl.xz").write_bytes(b"not xz")
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(CorpusError, match=name):
        list(read_records(tmp_path / name))


def test_the_split_depends_on_the_content_alone_and_takes_its_share() -> None:
    records = [Record(text=f"text number {i}") for i in range(4000)]
    held = [r.text for r in records if is_development(r, 0.05)]
    assert held == [r.text for r in [Record(text=r.text) for r in records] if is_development(r, 0.05)]
    assert 130 < len(held) < 270


def test_a_larger_share_contains_the_smaller() -> None:
    records = [Record(text=str(i)) for i in range(2000)]
    assert all(is_development(r, 0.05) for r in records if is_development(r, 0.01))


@pytest.mark.parametrize("name", ["talk.txt", "talk", "talk.json", "talk.jsonl"])
def test_a_file_of_the_users_is_jsonl_by_its_first_line_whatever_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('\ufeff\n{"text": "one"}\n{"messages": [{"role": "user", "content": "two"}]}\n', "utf-8")
    assert list(read_texts(path)) == [Record(text="one"), Record(messages=(DialogueMessage("user", "two"),))]


@pytest.mark.parametrize(
    "text", ['{"title": "no record"}\n', "{\n}", "A text.\r\n\r\nMore\rof it.\n", "[1]", ""]
)
def test_any_other_file_of_the_users_is_one_text_byte_for_byte(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert list(read_texts(path)) == [Record(text=text)]


def test_a_users_file_that_is_broken_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b'{"text": "one"}\n{')
    with pytest.raises(CorpusError, match=r"a\.txt line 2: not JSON"):
        list(read_texts(tmp_path / "a.txt"))
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(CorpusError, match=r"cannot read .*b\.txt"):
        list(read_texts(tmp_path / "b.txt"))
