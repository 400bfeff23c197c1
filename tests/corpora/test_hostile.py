"""Sources made to crash, to swell or to lie cost a counted drop or one clear line, and no memory."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import json
import lzma
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_tui.corpora.build import BuildPlan, build
from aigc_tui.corpora.document import Caps, CorporaError, Document, Dropped
from aigc_tui.corpora.reader import Source
from aigc_tui.corpora.recognise import Kind, reader_for
from aigc_tui.corpora.unpack import Meter, lines, unpack
from aigc_tui.corpora.wikipedia import WIKITEXT
from aigc_tui.documents.blocks import DocumentError
from aigc_tui.documents.read.html import read_html
from aigc_tui.documents.read.wikitext import to_text
from aigc_tui.process.sandbox import ParserDiedError, ParserTooSlowError, Sandbox
from aigc_tui.text import clean
from tests.support import corpora, hostile
from tests.support.corpora import read_lines

GOOD = json.dumps({"id": "good", "text": corpora.PROSE}).encode()
FIRST = json.dumps({"id": "first", "text": corpora.prose(5)}).encode()
SMALL = Caps(record_bytes=1 << 20)


def built(tmp_path: Path, *sources: Path) -> tuple[list[str], dict[str, int], list[str]]:
    """Build with a good source beside the hostile ones: ids kept, drops, problems."""
    good = tmp_path / "good"
    good.write_bytes(GOOD)
    report = build(BuildPlan((*sources, good), tmp_path / "o.jsonl", caps=SMALL))
    ids = [line["id"] for line in read_lines(tmp_path / "o.jsonl")]
    return ids, dict(report.dropped), [str(each.problem) for each in report.sources if each.problem]


def test_entities_that_double_themselves_are_refused(tmp_path: Path) -> None:
    (tmp_path / "wiki").write_text(corpora.LAUGHS)
    ids, _, [problem] = built(tmp_path, tmp_path / "wiki")
    assert ids == ["good"]
    assert "document type or entities" in problem


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bzip2", "xz"])
def test_bombs_are_told_by_their_growth(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    (tmp_path / "bomb").write_bytes(pack(FIRST + b"\n" + b" " * (48 << 20)))
    ids, _, [problem] = built(tmp_path, tmp_path / "bomb")
    assert "bomb" in problem
    assert ids == ["first", "good"]


def test_a_zstandard_bomb_is_told_too(tmp_path: Path) -> None:
    corpora.zst_lines(tmp_path / "bomb", [GOOD, b"\x00" * (64 << 20)])
    assert "bomb" in built(tmp_path, tmp_path / "bomb")[2][0]


def test_a_zip_that_swells_and_a_zip_that_is_no_document_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(corpora.zip_bomb())
    assert built(tmp_path, tmp_path / "a.docx")[:2] == (["good"], {"docx: unreadable": 1})


@pytest.mark.parametrize(("cut", "kept"), [(0.3, 2), (0.9, 7), (0.999, 8)])
def test_a_dump_that_is_cut_off_gives_what_came_before(tmp_path: Path, cut: float, kept: int) -> None:
    pages = [corpora.page(i, f"T{i}", corpora.prose(i)) for i in range(8)]
    whole = corpora.wiki_dump(tmp_path / "wiki", pages, 1).read_bytes()
    (tmp_path / "wiki").write_bytes(whole[: int(len(whole) * cut)])
    ids, _, [problem] = built(tmp_path, tmp_path / "wiki")
    assert "cut off" in problem
    assert len(ids) == kept + 1


def test_a_reddit_dump_that_is_cut_off_gives_its_dialogues_and_says_so(tmp_path: Path) -> None:
    talk = [
        corpora.comment(f"c{i}", f"t1_c{i - 1}" if i else "t3_L", f"u{i % 2}", corpora.prose(i))
        for i in range(300)
    ]
    data = corpora.zst_lines(tmp_path / "RC", talk).read_bytes()
    (tmp_path / "RC").write_bytes(data[: len(data) * 2 // 3])
    ids, _, [problem] = built(tmp_path, tmp_path / "RC")
    assert len(ids) > 1
    assert "cut off" in problem


def test_hostile_characters_come_out_harmless(tmp_path: Path) -> None:
    name = tmp_path / "\x1b]0;PWNED\x07.jsonl"
    raw = {"id": hostile.OSC_52, "text": corpora.PROSE + hostile.EVERYTHING, "meta": {"title": hostile.BIDI}}
    name.write_bytes(
        json.dumps(raw).encode() + b"\n" + b'{"text": "\\ud800 \\u0000 ' + corpora.prose(3).encode() + b'"}'
    )
    built(tmp_path, name)
    for path in (tmp_path / "o.jsonl", tmp_path / "o.jsonl.report.json"):
        text = path.read_text(encoding="utf-8")
        assert clean(text) == text
        strings = json.dumps(
            json.loads(text.splitlines()[0] if path.suffix == ".jsonl" else text), ensure_ascii=False
        )
        assert clean(strings) == strings


def test_a_line_of_a_hundred_megabytes_is_dropped_unread(tmp_path: Path) -> None:
    def pieces() -> object:
        yield GOOD + b"\n"
        yield from (b"x" * (1 << 20) for _ in range(100))
        yield b"\n" + GOOD

    first, long, last = lines(pieces(), 1 << 20)  # type: ignore[arg-type]
    assert first == last == GOOD
    assert long == Dropped("record too long", "line 2")


def test_a_page_longer_than_allowed_is_dropped_and_the_next_is_read(tmp_path: Path) -> None:
    pages = [corpora.page(1, "Long", "x" * (3 << 20)), corpora.page(2, "Next", corpora.prose(7))]
    ids, drops, problems = built(tmp_path, corpora.wiki_dump(tmp_path / "wiki", pages))
    assert (ids, drops, problems) == (["wikipedia:2", "good"], {"record too long": 1}, [])


def test_a_parser_that_hangs_or_swells_is_replaced() -> None:
    with Sandbox(WIKITEXT, 20.0, 1 << 30) as sandbox:
        assert sandbox.ask(b"s'''good'''") == b"good"
        assert sandbox._child is not None
        sandbox._child.kill()
        with pytest.raises(ParserDiedError):
            sandbox.ask(b"sx")
        assert sandbox.ask(b"sgood again") == b"good again"
        sandbox._seconds = 0.0
        with pytest.raises(ParserTooSlowError):
            sandbox.ask(b"s" + b"[[x]] " * 100_000)


def test_a_broken_pdf_and_a_locked_memory_are_one_counted_drop(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(corpora.pdf(["words"])[:200])
    assert built(tmp_path, tmp_path / "a.pdf")[1] == {"pdf: unreadable": 1}


@pytest.mark.parametrize(
    "bad",
    [
        "[[",
        "{{",
        "<ref>",
        "-{",
        "''",
        "<b",
        "[http://",
        "{|\n",
        "==",
        "(",
        " ",
        "&#",
        "'''''x",
        "<!--",
        "|-\n|",
    ],
)
def test_wikitext_made_to_waste_time_is_read_at_once(bad: str) -> None:
    assert len(to_text(bad * 50_000)) <= 50_000 * len(bad)


@settings(max_examples=150)
@given(st.text(alphabet="[]{}|<>ref/='-: \nA#*zh中()&;!", max_size=200))
def test_any_wikitext_is_read(text: str) -> None:
    to_text(text)


@settings(max_examples=100)
@given(st.text(alphabet="<>/pdivascriptbrh1\"'= \n中&;!-", max_size=200))
def test_any_page_is_read(text: str) -> None:
    read_html(text, prose_only=True)
    read_html(text)


def test_a_page_that_nests_without_end_is_read_or_refused() -> None:
    with contextlib.suppress(DocumentError):
        read_html("<div>" * 100_000 + "x", prose_only=True)


@settings(max_examples=60)
@given(data=st.data())
def test_a_spoilt_crawl_never_crashes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("c") / "c"
    records = [
        corpora.warc_record("conversion", f"https://x/{i}", corpora.prose(i).encode()) for i in range(3)
    ]
    content = bytearray(corpora.gzip_members(path, records).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(10, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))
    for item in reader_for(Kind.COMMON_CRAWL)(Source(path), 0):
        assert item is None or isinstance(item, Document | Dropped)


def test_a_missing_checksum_is_noticed(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(corpora.PROSE.encode()))
    packed[-6] ^= 1
    (tmp_path / "a").write_bytes(packed)
    with pytest.raises(CorporaError, match="broken near byte"):
        list(unpack(tmp_path / "a", Meter(), Caps()))


MEASURED = """
import resource, sys
from pathlib import Path
from aigc_tui.corpora.build import BuildPlan, build
build(BuildPlan((Path(sys.argv[1]),), Path(sys.argv[2]), capacity=1024))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_does_not_grow_with_the_dump(tmp_path: Path) -> None:
    """A dump of 40 MB takes no more than one of 4 MB; bench/corpus_build.py shows the same of 2 GB."""
    pages = [corpora.page(i, f"Talk:{i}", corpora.prose(i, 60), ns=int(i > 20)) for i in range(500)]
    head, body, tail = (bz2.compress(part.encode()) for part in (corpora.HEAD, "".join(pages), corpora.TAIL))
    megabytes = []
    for copies in (1, 10):
        path, output = tmp_path / f"d{copies}", tmp_path / f"o{copies}.jsonl"
        path.write_bytes(head + body * copies + tail)
        done = subprocess.run([sys.executable, "-c", MEASURED, path, output], capture_output=True, check=True)
        megabytes.append(int(done.stdout))
    assert megabytes[1] <= megabytes[0] + 12
