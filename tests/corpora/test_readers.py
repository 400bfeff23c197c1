"""Every format is told by its content and gives the words that a person would read."""

from __future__ import annotations

import gzip
import json
import lzma
import re
from collections import Counter
from pathlib import Path

import pytest

from aigc_tui.corpora.document import Caps, CorporaError, Document, Dropped, Item
from aigc_tui.corpora.reader import Source, Taste
from aigc_tui.corpora.recognise import Kind, reader_for, recognise
from tests.support import corpora
from tests.support.corpora import comment, page, response, warc_record


def read(path: Path, skip: int = 0, taste: Taste = Taste()) -> list[Item]:  # noqa: B008
    source = Source(path, taste=taste)
    return [item for item in reader_for(recognise(path, source.caps))(source, skip) if item is not None]


def documents(path: Path, taste: Taste = Taste()) -> list[Document]:  # noqa: B008
    return [item for item in read(path, taste=taste) if isinstance(item, Document)]


def reasons(path: Path, taste: Taste = Taste()) -> Counter[str]:  # noqa: B008
    return Counter(item.reason for item in read(path, taste=taste) if isinstance(item, Dropped))


MILL = (
    "'''Mill''' is a [[house|building]].{{Infobox|a={{b}}}}<ref>x</ref>\n\n"
    f"== Life ==\n{corpora.PROSE}\n\n== References ==\n{{{{reflist}}}}"
)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    pages = [
        page(1, "Mill", MILL),
        page(2, "Old mill", "#REDIRECT [[Mill]]", redirect="Mill"),
        page(3, "Talk:Mill", "I disagree.", ns=1),
        page(4, "软件", "'''软件'''在-{zh-hans:计算机;zh-hant:電腦}-上运行。" + corpora.HAN_PROSE),
        page(5, "Empty", "{{delete}}"),
    ]
    return corpora.wiki_dump(tmp_path / "wiki", pages)


def test_a_multistream_dump_gives_its_articles_as_text(dump: Path) -> None:
    mill, software = documents(dump)
    assert mill.text.startswith("Mill\n\nMill is a building.\n\nLife\n\nThe old mill")
    assert mill.id == "wikipedia:1"
    assert "计算机上运行" in software.text


def test_traditional_wording_is_chosen_when_asked_for(dump: Path) -> None:
    assert "電腦上运行" in documents(dump, taste=Taste(script="traditional"))[1].text


def test_redirects_talk_and_empty_pages_are_counted(dump: Path) -> None:
    assert reasons(dump) == {"wiki: redirect": 1, "wiki: not an article": 1, "empty": 1}


def test_reading_goes_on_at_any_record(dump: Path) -> None:
    whole = read(dump)
    assert all(read(dump, skip=number) == whole[number:] for number in range(len(whole) + 1))


def test_a_damaged_stream_in_the_middle_costs_its_own_pages(tmp_path: Path) -> None:
    pages = [page(i, f"T{i}", corpora.prose(i, 40)) for i in range(9)]
    path = corpora.wiki_dump(tmp_path / "wiki", pages, 1)
    data = bytearray(path.read_bytes())
    heads = [found.start() for found in re.finditer(b"BZh91AY", data)]
    data[heads[4] + 200] ^= 0xFF
    path.write_bytes(data)
    assert [each.id for each in documents(path)] == [f"wikipedia:{i}" for i in range(9) if i != 3]
    assert reasons(path) == {"wiki: damaged stream": 1}
    path.write_bytes(data[: heads[5]])
    with pytest.raises(CorporaError, match="broken near byte"):
        read(path)


HTML = (
    "<html><head><title>The Valley</title><style>p{}</style></head><body>"
    "<nav><a href='/'>Home</a> <a href='/x'>More</a></nav><h1>The Valley</h1>"
    f"<div><p>{corpora.SENTENCES[0]} &amp; more</p><p>{corpora.PROSE}</p></div>"
    "<div><a href='/1'>one of many links to elsewhere in this site that nobody should learn from</a></div>"
    "<script>var x = 1;</script><footer>All rights reserved</footer></body></html>"
)


def test_pages_of_a_crawl_lose_menus_scripts_and_footers(tmp_path: Path) -> None:
    path = corpora.gzip_members(
        tmp_path / "crawl",
        [
            warc_record("warcinfo", "", b"software: test", "application/warc-fields"),
            warc_record("request", "https://v.example/", b"GET / HTTP/1.1\r\n\r\n", "application/http"),
            response("https://v.example/", HTML.encode()),
            response("https://v.example/gone", b"gone", status="404 Not Found"),
            response("https://v.example/p.png", b"\x89PNG", "image/png"),
            response("https://v.example/menu", b"<html><body><nav>Home</nav></body></html>"),
        ],
    )
    [found] = documents(path)
    assert found.text.startswith("The Valley\n\nThe old mill")
    assert "& more" in found.text
    assert found.meta == {"url": "https://v.example/", "title": "The Valley"}
    assert not any(word in found.text for word in ("Home", "var x", "rights", "many links"))
    assert reasons(path) == {"web: no page (HTTP status)": 1, "web: not HTML": 1, "web: no prose": 1}


@pytest.mark.parametrize(
    ("encoding", "declared", "meta"),
    [
        ("gb18030", "gb2312", ""),
        ("big5", "", "big5"),
        ("gb18030", "", ""),
        ("utf-8", "no-such", "zip"),
        ("utf-16", "", ""),
    ],
)
def test_a_pages_encoding_is_found_from_header_meta_or_bytes(
    tmp_path: Path, encoding: str, declared: str, meta: str
) -> None:
    said = corpora.HAN_PROSE if encoding != "big5" else "村子在河的東邊，村裡的人大多種果樹，也有人打魚。" * 5
    html = f"<html><head><meta charset='{meta}'></head><body><p>{said}</p></body></html>"
    kind = f"text/html; charset={declared}" if declared else "text/html"
    path = corpora.gzip_members(tmp_path / "c", [response("https://x/", html.encode(encoding), kind)])
    assert documents(path)[0].text == said


def test_wet_and_wat_give_text_and_metadata(tmp_path: Path) -> None:
    record = warc_record("conversion", "https://x/", corpora.PROSE.encode())
    wet = corpora.gzip_members(tmp_path / "wet", [record])
    assert documents(wet)[0].text == corpora.PROSE
    wat = corpora.gzip_members(tmp_path / "wat", [corpora.wat("https://x/", "Valley", "All about it")])
    [found] = documents(wat)
    assert found.text == "Valley\n\nAll about it"
    assert found.meta["first_links"] == "https://a.example/1"


def wet_record(number: int) -> bytes:
    return warc_record("conversion", f"https://x/{number}", corpora.prose(number).encode())


def test_a_warc_that_is_one_member_or_not_packed_is_read_too(tmp_path: Path) -> None:
    data = b"".join(wet_record(i) for i in range(3))
    (tmp_path / "plain").write_bytes(data)
    (tmp_path / "one").write_bytes(gzip.compress(data))
    large = warc_record("conversion", "https://x/big", "".join(map(corpora.prose, range(3500))).encode())
    (tmp_path / "large").write_bytes(gzip.compress(data + large))
    assert len(documents(tmp_path / "plain")) == len(documents(tmp_path / "one")) == 3
    assert len(documents(tmp_path / "large")) == 4


def test_a_broken_member_in_the_middle_costs_only_itself(tmp_path: Path) -> None:
    packed = [gzip.compress(wet_record(i)) for i in range(5)]
    spoilt = bytearray(packed[2])
    spoilt[len(spoilt) // 2] ^= 0xFF
    path = tmp_path / "c"
    path.write_bytes(packed[0] + packed[1] + bytes(spoilt) + packed[3] + packed[4][:-30])
    assert [each.id for each in documents(path)] == ["web:https://x/0", "web:https://x/1", "web:https://x/3"]
    assert reasons(path)["broken gzip member"] >= 2


THREAD = [
    comment("a", "t3_L", "ann", "Where is the old mill?"),
    comment("b", "t1_a", "bob", "By the river, behind the school."),
    comment("c", "t1_a", "cat", "It burned down.", score=9),
    comment("d", "t1_c", "ann", "When did **that** happen? &gt; [see](https://x)"),
    comment("e", "t1_d", "cat", "Last winter."),
    comment("f", "t1_e", "AutoModerator", "Please be kind."),
    comment("g", "t1_e", "eve", "[removed]"),
    comment("h", "t3_M", "dan", "Nobody answers me.", link="t3_M"),
    comment("i", "t1_e", "helper_bot", "Beep boop."),
    comment("j", "t1_b", "ann", "Thank you!", score=-4),
]


def test_comments_become_dialogues_along_the_best_liked_answers(tmp_path: Path) -> None:
    path = corpora.zst_lines(tmp_path / "RC", THREAD)
    best, branch = documents(path)
    assert [turn.content for turn in best.messages] == [
        "Where is the old mill?",
        "It burned down.",
        "When did that happen? > see",
        "Last winter.",
    ]
    assert [turn.role for turn in branch.messages] == ["user", "assistant"]
    assert branch.messages[1].content == "By the river, behind the school."


def test_bots_deleted_and_lonely_comments_are_counted(tmp_path: Path) -> None:
    path = corpora.zst_lines(tmp_path / "RC", THREAD)
    assert reasons(path) == {"reddit: bot": 2, "reddit: deleted": 1, "reddit: no answer": 1}
    assert reasons(path, taste=Taste(min_score=0))["reddit: low score"] == 1


def test_comments_one_by_one_and_submissions_are_texts(tmp_path: Path) -> None:
    path = corpora.zst_lines(tmp_path / "RC", THREAD)
    assert len(documents(path, taste=Taste(threads=False))) == 7
    post = {"id": "L", "author": "ann", "title": "The mill", "selftext": corpora.PROSE, "score": 3}
    [found] = documents(corpora.zst_lines(tmp_path / "RS", [{**post, "subreddit": "village"}]))
    assert found.text == f"The mill\n\n{corpora.PROSE}"


def test_dialogues_go_on_at_any_item(tmp_path: Path) -> None:
    path = corpora.zst_lines(tmp_path / "RC", THREAD)
    whole = list(reader_for(Kind.REDDIT)(Source(path), 0))
    for number in range(len(whole) + 1):
        scratch = tmp_path / f"s{number}"
        scratch.mkdir()
        for _ in range(2):  # once with an empty table, once with the one that is there
            assert list(reader_for(Kind.REDDIT)(Source(path, scratch=scratch), number)) == whole[number:]


CHATS = [
    {
        "messages": [
            {"role": "system", "content": "s"},
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": "a"},
        ]
    },
    {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}], "system": "s"},
    {"prompt": "q", "completion": "a"},
    {"instruction": "q", "input": "i", "output": "a"},
    {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "q"}]},
            {"role": "assistant", "content": "a"},
        ]
    },
]


def test_every_known_shape_of_chat_is_a_dialogue(tmp_path: Path) -> None:
    path = tmp_path / "chats"
    path.write_text("\n".join(json.dumps(each) for each in CHATS) + "\n\n")
    turns = [[(turn.role, turn.content) for turn in each.messages] for each in documents(path)]
    plain = [("user", "q"), ("assistant", "a")]
    full = [("system", "s"), *plain]
    assert turns == [full, full, plain, [("user", "q\n\ni"), ("assistant", "a")], plain]


def test_lines_that_are_no_chat_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl.xz"
    deep = "[" * 100_000
    king = '{"messages": [{"role": "king", "content": "x"}]}'
    lines = ['{"text": "a"}', "{broken", deep, "7", '{"x": 1}', king]
    path.write_bytes(lzma.compress("\n".join(lines).encode()))
    assert reasons(path) == {
        "not JSON": 2,
        "chat: not an object": 1,
        "chat: neither messages nor text": 1,
        "chat: a message without role or content": 1,
    }


def test_text_and_markdown_are_documents_and_long_ones_several(tmp_path: Path) -> None:
    head = "---\ntitle: x\n---\n# Mill\n\n[Here](https://x) ![pic](a.png)<!-- no -->\n\n"
    (tmp_path / "a.md").write_text(head + corpora.PROSE)
    assert documents(tmp_path / "a.md")[0].text == f"# Mill\n\nHere \n\n{corpora.PROSE}"
    (tmp_path / "b").write_bytes(("\ufeff" + corpora.HAN_PROSE).encode("utf-16"))
    assert documents(tmp_path / "b")[0].cleaned().text.strip("\ufffd") == corpora.HAN_PROSE
    (tmp_path / "c").write_text("\n\n".join(corpora.prose(i) for i in range(2500)))
    parts = documents(tmp_path / "c")
    assert len(parts) > 1
    assert sum(len(part.text.split()) for part in parts) == len((tmp_path / "c").read_text().split())


def test_pdf_and_word_files_are_read_in_another_process(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(corpora.pdf(["The old mill stands", "by the river"]))
    assert documents(tmp_path / "a")[0].text == "The old mill stands\n\nby the river"
    (tmp_path / "b").write_bytes(corpora.word_file(["First.", "第二段。"], [["a", "b"]]))
    assert documents(tmp_path / "b")[0].text == "First.\n\n第二段。\n\na | b"


def test_a_scanned_pdf_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(corpora.pdf(["", ""]))
    assert reasons(tmp_path / "a.pdf") == {"pdf: scanned, no text in it": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\x7fELF\x00\x00", "not a format that is known"),
        (b'[{"text": "a"}]', "one object a line"),
        (b"<?xml version='1.0'?><svg/>", "no MediaWiki dump"),
    ],
)
def test_what_is_not_known_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x\x1b[2J.json"
    path.write_bytes(content)
    with pytest.raises(CorporaError, match=said) as failure:
        recognise(path, Caps())
    assert "\x1b" not in str(failure.value)


def test_a_missing_package_is_said_once_and_clearly(dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(CorporaError, match=r"pip install aigc-tui\[corpus\]"):
        read(dump)
