from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from aigc_tui.quiz.lesson.reading import LARGEST_FILE, read_lesson
from aigc_tui.quiz.lesson.records import AsideKind, Lesson, LessonError, SentenceKind
from tests.quiz.lesson.test_build import hold
from tests.support.lessons import WIKIPEDIA, Text, docx, epub, pdf, sample, set_page, typeset

ENGLISH = "The Moon is the only natural satellite of Earth. It is 384,400 km away."
CHINESE = "月球是地球唯一的天然卫星。它距离地球约三十八万千米。"


def _read(tmp_path: Path, name: str, data: bytes) -> Lesson:
    path = tmp_path / name
    path.write_bytes(data)
    lesson = read_lesson(path)
    hold(lesson)
    assert lesson.source == name
    return lesson


def _titles(lesson: Lesson) -> list[str]:
    return [section.title for section in lesson.sections]


def _prose(lesson: Lesson) -> list[str]:
    return [lesson.quote(each) for each in lesson.sentences if each.kind is SentenceKind.PROSE]


def test_a_shipped_lesson_is_read_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    lesson = read_lesson(sample("zh-buoyancy"), tell=lambda done, total: told.append((done, total)))
    assert lesson.title == "浮力"
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1] > 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_chinese_text_is_read_in_the_encodings_it_is_saved_in(tmp_path: Path, encoding: str) -> None:
    lesson = _read(tmp_path, "moon.txt", f"{CHINESE}\r\n\r\n{CHINESE}".encode(encoding))
    assert lesson.text == f"{CHINESE}\n\n{CHINESE}"
    assert lesson.language == "zh"


def test_latin_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    text = "Der Café-Besitzer größte Überraschung: ein Brötchen für Éva. Ça va très bien."
    assert _read(tmp_path, "a.txt", text.encode("latin-1")).text == text


def test_plain_text_finds_title_chapters_lists_and_wrapped_paragraphs(tmp_path: Path) -> None:
    text = (
        "The Moon\n\nCHAPTER ONE\n\nThe Moon is the only natural satellite of Earth, and it is about\n"
        "384,400 km away from us on average over the whole month or so\nof its path.\n\n"
        "1. Look up.\n2. Wait for the\n   clouds to go.\n\n1.2 The phases\n\nThere are eight phases.\n"
    )
    lesson = _read(tmp_path, "moon.txt", text.encode())
    assert _titles(lesson) == ["The Moon", "CHAPTER ONE", "1.2 The phases"]
    assert _prose(lesson)[0].endswith("over the whole month or so of its path.")
    items = [(each.number, lesson.quote(each)) for each in lesson.sentences if each.kind is SentenceKind.LIST]
    assert items == [(1, "Look up."), (2, "Wait for the clouds to go.")]


def test_chinese_plain_text_finds_its_chapters(tmp_path: Path) -> None:
    text = f"第一章 月球\n\n　　{CHINESE}\n　　{CHINESE}\n\n第二节 月相\n\n　　{CHINESE}\n"
    lesson = _read(tmp_path, "moon.txt", text.encode())
    assert _titles(lesson) == ["第一章 月球", "第二节 月相"]
    assert lesson.text.count(f"\n\n{CHINESE}") == 3


def test_a_saved_wikipedia_article_loses_its_page(tmp_path: Path) -> None:
    lesson = _read(tmp_path, "Glacier.html", WIKIPEDIA.encode())
    assert lesson.title == "Glacier"
    assert "never" not in lesson.text
    assert "[" not in lesson.text
    assert _prose(lesson) == [
        "A glacier is a persistent body of dense ice that moves under its own weight.",
        "It forms where snow piles up faster than it melts.",
        "The speed follows v=ax on gentle slopes.",
    ]
    assert {each.kind for each in lesson.asides} == {AsideKind.TABLE, AsideKind.FORMULA}
    assert [lesson.text[each.start : each.end] for each in lesson.emphases] == ["glacier", "firn"]
    numbers = [each.number for each in lesson.sentences if each.kind is SentenceKind.LIST]
    assert numbers == [1, 2]


def test_a_common_page_keeps_its_article_only(tmp_path: Path) -> None:
    page = (
        f"<!doctype html><title>Moon</title><nav><a>Home</a></nav><main><h1>Moon</h1><p>{ENGLISH}</p>"
        f"<ul><li><a href=x>Buy now</a></li></ul></main><footer>Imprint of the site.</footer>"
    )
    lesson = _read(tmp_path, "page", page.encode())
    assert lesson.text == f"Moon\n\n{ENGLISH}"


def test_wikitext_is_known_by_its_looks(tmp_path: Path) -> None:
    text = (
        "{{Short|x}}\nThe '''Moon''' is the [[natural satellite|satellite]] of [[Earth]].<ref>a</ref>"
        "\n\n"
        "== Phases ==\n* [[New moon]]\n* [[Full moon]]\n"
    )
    lesson = _read(tmp_path, "moon.txt", text.encode())
    assert _prose(lesson) == ["The Moon is the satellite of Earth."]
    assert _titles(lesson) == ["", "Phases"]


def test_word_gives_what_the_markdown_of_the_same_lesson_gives(tmp_path: Path) -> None:
    path = sample("en-photosynthesis")
    lesson, twin = _read(tmp_path, "p.docx", docx(path.read_text("utf-8"))), read_lesson(path)
    assert lesson.text == twin.text
    assert lesson.sections == twin.sections
    assert [each.number for each in lesson.sentences] == [each.number for each in twin.sentences]
    bold = [lesson.text[each.start : each.end] for each in lesson.emphases]
    assert set(bold) >= {"Photosynthesis", "chlorophyll", "Calvin cycle"}


def test_an_epub_is_read_in_the_order_of_its_spine(tmp_path: Path) -> None:
    book = epub(
        "Moons", {"z.xhtml": f"<a/><h1>One</h1><p>{ENGLISH}</p>", "a.xhtml": f"<h1>Two</h1><p>{CHINESE}</p>"}
    )
    lesson = _read(tmp_path, "moons.epub", book)
    assert lesson.title == "Moons"
    assert _titles(lesson) == ["One", "Two"]
    assert lesson.text.endswith(CHINESE)


def _pages() -> list[list[Text]]:
    first = [
        "The Moon is the only natural satellite of Earth. Its mean distance from the centre of our own "
        "planet is 384,400 km. Dr. Smith measured it with light.",
        "A second paragraph stands here. It is short.",
    ]
    return [set_page("The Moon", first, 1), set_page("月相", [CHINESE * 3], 2)]


@pytest.mark.parametrize("compress", [False, True])
def test_a_pdf_gives_headings_paragraphs_and_pages(tmp_path: Path, compress: bool) -> None:
    pages = [*_pages(), set_page("", ["The end is here."], 3)]
    lesson = _read(tmp_path, "moon.pdf", pdf(pages, None, compress))
    assert _titles(lesson) == ["The Moon", "月相"]
    assert "running header" not in lesson.text
    assert _prose(lesson)[1] == "Its mean distance from the centre of our own planet is 384,400 km."
    assert CHINESE * 3 in lesson.text
    assert [lesson.page_of(each.start) for each in lesson.sentences if "end" in lesson.quote(each)] == [3]
    paragraphs = {lesson.quote(each)[:8]: each.paragraph for each in lesson.sentences}
    assert paragraphs["A second"] == paragraphs["Dr. Smit"] + 1


@pytest.mark.parametrize("name", ["en-photosynthesis", "en-printing", "zh-buoyancy", "zh-silk-road"])
def test_a_printed_lesson_reads_as_its_source_does(tmp_path: Path, name: str) -> None:
    source = read_lesson(sample(name))
    lesson = _read(tmp_path, "printed.pdf", typeset(source))
    assert [lesson.quote(each) for each in lesson.sentences] == [
        source.quote(each) for each in source.sentences
    ]
    assert [each.kind for each in lesson.sentences] == [each.kind for each in source.sentences]
    assert [each.number for each in lesson.sentences] == [each.number for each in source.sentences]
    assert _titles(lesson) == _titles(source)
    assert len(lesson.pages) >= 2


def test_chapters_that_begin_a_page_each_are_no_running_header(tmp_path: Path) -> None:
    pages = [set_page(f"Chapter {number}", [ENGLISH], number) for number in range(1, 7)]
    lesson = _read(tmp_path, "a.pdf", pdf(pages))
    assert _titles(lesson) == [f"Chapter {number}" for number in range(1, 7)]
    assert "running" not in lesson.text


def test_words_broken_at_the_edge_of_a_page_are_whole_again(tmp_path: Path) -> None:
    lines = [
        Text("The photosyn-", 700),
        Text("thesis of a well-", 686),
        Text("known plant is a well-known exam-", 672),
        Text("ple of it.", 658),
    ]
    lesson = _read(tmp_path, "a.pdf", pdf([lines]))
    assert lesson.text == "The photosynthesis of a well-known plant is a well-known example of it."


def test_bookmarks_name_the_headings_of_a_pdf(tmp_path: Path) -> None:
    page = [Text("Moons", 790), *set_page("", [ENGLISH], 1)[1:]]
    lesson = _read(tmp_path, "a.pdf", pdf([page], [("Moons", 0)]))
    assert _titles(lesson) == ["Moons"]


def test_a_scan_says_so_and_a_half_scan_is_noted(tmp_path: Path) -> None:
    with pytest.raises(
        LessonError, match=r"no text in 3 pages: it is a scan; run OCR first, e\.g\. ocrmypdf"
    ):
        _read(tmp_path, "scan.pdf", pdf([[], [Text("2", 40)], []]))
    lesson = _read(tmp_path, "half.pdf", pdf([set_page("", [ENGLISH], 1), []]))
    assert tuple(map(str, lesson.notes)) == ("1 of 2 pages hold no text (scanned or empty): 2",)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\x89PNG\r\n\x1a\n", "OCR"),
        (b"\xd0\xcf\x11\xe0old", "save it as .docx"),
        (b"\x00\x01\x02\x03" * 100, "binary"),
        (b"PK\x03\x04rubbish", "zip file is damaged"),
        (b"%PDF-1.7\nrubbish", "PDF is damaged"),
        (b"<html><body></body></html>", "no text"),
    ],
)
def test_what_is_no_lesson_is_refused_in_one_line(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(LessonError, match=said) as caught:
        _read(tmp_path, "lesson", data)
    assert str(caught.value).startswith("lesson: ")
    assert "\n" not in str(caught.value)


def test_a_huge_file_is_refused_unread_with_the_limit_named(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 500 << 20)
    with pytest.raises(
        LessonError, match=f"huge.txt: 500 MB; a lesson file may have at most {LARGEST_FILE >> 20} MB"
    ):
        read_lesson(path)
    with pytest.raises(LessonError, match="no such file"):
        read_lesson(tmp_path / "gone.md")
    with pytest.raises(LessonError, match="folder"):
        read_lesson(tmp_path)


def test_too_much_text_is_refused_with_the_limit_named(tmp_path: Path) -> None:
    with pytest.raises(LessonError, match="more than 16 million characters"):
        _read(tmp_path, "long.txt", b"All work and no play. " * 800_000)


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), data)
    return out.getvalue()


def test_bombs_are_refused(tmp_path: Path) -> None:
    zeros = bytes(40 << 20)
    with pytest.raises(LessonError, match="bomb"):
        _read(tmp_path, "a.docx", _zip(word__document_DOT_xml=zeros))
    with pytest.raises(LessonError, match="bomb"):
        _read(tmp_path, "a.epub", _zip(**{"META-INF__container_DOT_xml": zeros}))
    entities = b'<!DOCTYPE a [<!ENTITY x "aaaaaaaaaa"><!ENTITY y "&x;&x;&x;&x;">]><container>&y;</container>'
    with pytest.raises(LessonError, match="EPUB"):
        _read(tmp_path, "b.epub", _zip(**{"META-INF__container_DOT_xml": entities}))


def test_a_pdf_that_grows_without_end_is_refused(tmp_path: Path) -> None:
    import zlib

    stream = zlib.compress(b"BT /F1 11 Tf (a) Tj ET\n" * 20_000_000, 9)
    whole = pdf([set_page("", [ENGLISH], 1)])
    bomb = b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)
    start = whole.index(b"<< /Length", whole.index(b"/Type0"))
    end = whole.index(b"endstream", start) + len(b"endstream")
    with pytest.raises(LessonError, match="bomb"):
        _read(tmp_path, "bomb.pdf", whole[:start] + bomb + whole[end:])


def test_deep_html_ends(tmp_path: Path) -> None:
    page = b"<html><body>" + b"<div><ul><li>" * 100_000 + ENGLISH.encode()
    # libxml2 gives up below 256 levels: what stands there is lost, and said to be.
    with pytest.raises(LessonError, match="no text"):
        _read(tmp_path, "deep.html", page)


@pytest.mark.parametrize(
    "text",
    ["One sentence only", "3.14 2.71 1.41\n42 17", "光 light свет φως 빛 3 kg。Mixed!", "<b>[x](y)</b>"],
)
def test_odd_small_lessons_are_read_as_they_are(tmp_path: Path, text: str) -> None:
    lesson = _read(tmp_path, "odd.txt", text.encode())
    assert "".join(lesson.text.split()) == "".join(text.split())
