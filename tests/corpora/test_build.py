"""A build keeps what is worth it, says what it dropped, and goes on after a kill as if none had been."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from aigc_tui.corpora import build as building
from aigc_tui.corpora.build import BuildPlan, build
from aigc_tui.corpora.document import CorporaError, StoppedError
from aigc_tui.corpora.filters import Limits
from aigc_tui.corpora.output import locked
from aigc_tui.corpora.records import read_records
from tests.support import corpora
from tests.support.corpora import read_lines


def texts(path: Path, count: int, first: int = 0) -> Path:
    """JSON lines, each with a text of its own."""
    lines = (json.dumps({"id": str(i), "text": corpora.prose(i)}) for i in range(first, first + count))
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "jsonl.xz", "jsonl.zst"])
def test_what_is_built_is_what_training_reads(tmp_path: Path, ending: str) -> None:
    source = tmp_path / "s"
    said = [{"role": "user", "content": "你好"}, {"role": "assistant", "content": "你好！"}]
    source.write_text(json.dumps({"messages": said}) + "\n" + json.dumps({"text": "两行\n文字"}))
    output = tmp_path / f"out.{ending}"
    build(BuildPlan((source,), output))
    talk, text = read_records(output)
    assert [turn.content for turn in talk.messages] == ["你好", "你好！"]
    assert text.text == "两行\n文字"
    assert [set(line) for line in read_lines(output)] == [{"id", "messages", "meta"}, {"id", "text", "meta"}]


def test_the_report_counts_every_record_once(tmp_path: Path) -> None:
    pages = [
        corpora.page(1, "A", corpora.prose(1)),
        corpora.page(2, "B", corpora.prose(1)),
        corpora.page(3, "C", "Short."),
        corpora.page(4, "D", "C'est une ville très ancienne, où il y a déjà des étés brûlés. " * 8),
        corpora.page(5, "E", corpora.prose(3) + " 0123456789" * 90),
        corpora.page(6, "Talk:F", "x", ns=1),
        corpora.page(7, "A", corpora.prose(1)),
    ]
    output = tmp_path / "out.jsonl.zst"
    report = build(BuildPlan((corpora.wiki_dump(tmp_path / "wiki", pages),), output))
    assert report.kept == 1
    assert report.dropped == {
        "too short": 1,
        "language: other": 1,
        "quality: many digits": 1,
        "wiki: not an article": 1,
        "duplicate: near": 1,
        "duplicate: exact": 1,
    }
    saved = json.loads((tmp_path / "out.jsonl.zst.report.json").read_text())
    assert saved == report.to_json()
    assert saved["read"] == saved["kept"] + sum(saved["dropped"].values()) == 7
    assert saved["sources"][0]["examples"]["wiki: not an article"] == ["Talk:F"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "out.jsonl.zst",
        "out.jsonl.zst.report.json",
        "wiki",
    ]


def test_parts_are_chosen_by_words_and_not_by_order(tmp_path: Path) -> None:
    one, two = texts(tmp_path / "a", 60), texts(tmp_path / "b", 60, 60)
    plan = BuildPlan((one, two), tmp_path / "x.jsonl", dev=0.2, test=0.2)
    report = build(plan)
    build(replace(plan, sources=(two, one), output=tmp_path / "y.jsonl"))
    assert report.parts.total() == 120
    for part in ("", ".dev", ".test"):
        names = [{line["id"] for line in read_lines(tmp_path / f"{stem}{part}.jsonl")} for stem in "xy"]
        assert names[0] == names[1]
        assert names[0]


def test_caps_and_languages_are_kept_to(tmp_path: Path) -> None:
    source = texts(tmp_path / "a", 40)
    assert build(BuildPlan((source,), tmp_path / "r.jsonl", max_records=7)).kept == 7
    few = build(BuildPlan((source,), tmp_path / "b.jsonl", max_bytes=5000))
    assert 5000 <= sum(each.text_bytes for each in few.sources) < 5000 + 2 * len(corpora.prose(1))
    with pytest.raises(CorporaError, match="no document was kept: language: en \\(40\\)"):
        build(BuildPlan((source,), tmp_path / "z.jsonl", limits=Limits(languages=frozenset(("zh",)))))


def test_a_folder_is_all_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deeper").mkdir(parents=True)
    (folder / "a.txt").write_text("One text.")
    (folder / "deeper" / "b.md").write_text("# Another text")
    (folder / ".hidden").write_bytes(b"\x00")
    assert build(BuildPlan((folder,), tmp_path / "o.jsonl")).kept == 2


def test_an_output_in_the_folder_that_is_read_is_no_source(tmp_path: Path) -> None:
    texts(tmp_path / "a.jsonl", 12)
    plan = BuildPlan((tmp_path,), tmp_path / "o.jsonl", dev=0.3)
    with pytest.raises(StoppedError):
        build(plan, stop=Pause(5))
    assert build(plan).parts.total() == build(plan, overwrite=True).parts.total() == 12


class Pause:
    """Says stop after so many questions."""

    def __init__(self, after: int) -> None:
        self._left = after

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0


def mixed_sources(folder: Path) -> tuple[Path, ...]:
    """A dump, a crawl, a Reddit dump and chats, some records of each worth dropping."""
    pages = [corpora.page(i, f"T{i}", corpora.prose(i % 9), ns=int(i % 4 == 1)) for i in range(12)]
    records = [
        corpora.warc_record("conversion", f"https://x/{i}", corpora.prose(20 + i % 9).encode())
        for i in range(12)
    ]
    talk = [
        corpora.comment(f"c{i}", f"t1_c{i - 1}" if i % 4 else "t3_L", f"u{i}", corpora.prose(40 + i))
        for i in range(12)
    ]
    return (
        corpora.wiki_dump(folder / "wiki", pages),
        corpora.gzip_members(folder / "wet", records),
        corpora.zst_lines(folder / "RC", talk),
        texts(folder / "texts", 12, 55),
    )


def test_a_build_that_is_stopped_anywhere_goes_on_without_loss_or_repetition(tmp_path: Path) -> None:
    plan = BuildPlan(mixed_sources(tmp_path), tmp_path / "whole.jsonl.zst", dev=0.2)
    whole = build(plan)
    parts = replace(plan, output=tmp_path / "parts.jsonl.zst")
    chance, report = random.Random(1), None
    while report is None:
        # A session may end while it finds its place again: no progress then, and none is undone.
        with contextlib.suppress(StoppedError):
            report = build(parts, stop=Pause(chance.randint(10, 30)))
    assert report.sessions > 2
    same = [{**each.to_json(), "seconds": 0, "sessions": 0} for each in (whole, report)]
    assert same[0] == same[1]
    for part in ("", ".dev"):
        assert read_lines(tmp_path / f"whole{part}.jsonl.zst") == read_lines(
            tmp_path / f"parts{part}.jsonl.zst"
        )


CHILD = """
import sys
from pathlib import Path
from aigc_tui.corpora import build as building
building._CHECKPOINT_BYTES = 20_000
building.build(building.BuildPlan((Path(sys.argv[1]),), Path(sys.argv[2]), dev=0.1))
"""


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.005)


def test_a_build_that_was_killed_goes_on_without_loss_or_repetition(tmp_path: Path) -> None:
    source, output = texts(tmp_path / "a", 500), tmp_path / "o.jsonl.zst"
    state = tmp_path / "o.jsonl.zst.partial" / "state.json"
    command = [sys.executable, "-c", CHILD, str(source), str(output)]

    def safe() -> int:
        return int(json.loads(state.read_text())["state"]["records"]) if state.exists() else 0

    for _ in range(2):
        before = safe()
        with subprocess.Popen(command) as child:
            wait_for(lambda: output.exists() or safe() > before)  # noqa: B023
            assert not output.exists(), "it was done before it could be killed"
            os.kill(child.pid, signal.SIGKILL)
    subprocess.run(command, check=True)
    lines = read_lines(output) + read_lines(tmp_path / "o.dev.jsonl.zst")
    report = json.loads((tmp_path / "o.jsonl.zst.report.json").read_text())
    assert sorted(int(line["id"]) for line in lines) == list(range(500))
    assert (report["read"], report["kept"], report["sessions"]) == (500, 500, 3)


def test_an_unfinished_build_of_something_else_is_not_mixed_in(tmp_path: Path) -> None:
    plan = BuildPlan((texts(tmp_path / "a", 40),), tmp_path / "o.jsonl")
    with pytest.raises(StoppedError):
        build(plan, stop=Pause(5))
    with pytest.raises(CorporaError, match="--restart"):
        build(replace(plan, dev=0.1))
    assert build(replace(plan, dev=0.1), restart=True).parts.total() == 40


def test_an_output_that_is_there_is_not_replaced_unasked(tmp_path: Path) -> None:
    output = tmp_path / "o.jsonl"
    output.write_text("precious")
    plan = BuildPlan((texts(tmp_path / "a", 3),), output)
    with pytest.raises(CorporaError, match="--overwrite"):
        build(plan)
    assert output.read_text() == "precious"
    assert build(plan, overwrite=True).kept == 3


def test_two_builds_of_one_output_do_not_run_at_once(tmp_path: Path) -> None:
    plan = BuildPlan((texts(tmp_path / "a", 3),), tmp_path / "o.jsonl")
    with locked(tmp_path / "o.jsonl.partial"), pytest.raises(CorporaError, match="another process"):
        build(plan)


def test_a_full_disk_leaves_a_build_that_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = BuildPlan((texts(tmp_path / "a", 40),), tmp_path / "o.jsonl")
    monkeypatch.setattr(building, "_CHECKPOINT_BYTES", 4000)
    real, calls = os.fsync, iter(range(1000))

    def full(descriptor: int) -> None:
        if next(calls) == 12:
            raise OSError(28, "No space left on device", "o.jsonl")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        build(plan)
    assert build(plan).kept == 40
    assert [line["id"] for line in read_lines(tmp_path / "o.jsonl")] == [str(i) for i in range(40)]


def test_a_build_can_be_stopped_while_it_finds_its_place_again(tmp_path: Path) -> None:
    plan = BuildPlan((texts(tmp_path / "a", 40),), tmp_path / "o.jsonl")
    told: list[int] = []
    for after in (30, 10):
        with pytest.raises(StoppedError):
            build(plan, lambda _name, done, _total: told.append(done), stop=Pause(after))
    assert len(told) > 10
    assert build(plan).kept == 40
    assert [line["id"] for line in read_lines(tmp_path / "o.jsonl")] == [str(i) for i in range(40)]
