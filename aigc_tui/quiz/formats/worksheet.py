"""习题: a quiz laid out for paper, with its key after each question, at the end, or on no page at all.

HTML and Word are written from it one way; Markdown is read back (`markdown.py`), so that a sheet
edited by hand comes home.
"""

from __future__ import annotations

from collections.abc import Iterator

from aigc_tui.documents.write.docx import render as render_docx
from aigc_tui.documents.write.html import render as render_html
from aigc_tui.documents.write.printable import (
    Heading,
    Listing,
    Note,
    PageBreak,
    Paragraph,
    PrintBlock,
    PrintDocument,
    Quote,
    Remark,
    WritingSpace,
)
from aigc_tui.locale import Translate
from aigc_tui.quiz.formats.records import Format, Options, Written
from aigc_tui.quiz.records import Item, ItemType, Origin, Quiz, letter, offered, pairs
from aigc_tui.quiz.teaching.explain import explain, words

AFTER, END, NONE = "after", "end", "none"
_SHORT_LINES, _CLOZE_LINES = 2, 1


def worksheet(quiz: Quiz, options: Options) -> PrintDocument:
    """Lay out a quiz, with fixed words and answers as the options say."""
    t = words(options.language)
    return PrintDocument(
        quiz.title or t("teaching.worksheet"), options.language, tuple(_blocks(quiz, options, t))
    )


def origin_line(quiz: Quiz, t: Translate) -> str:
    """Who made the items, said honestly on every sheet (design, promise 7)."""
    counts = {origin: sum(item.origin is origin for item in quiz.items) for origin in Origin}
    models = sorted({item.model for item in quiz.items if item.origin is Origin.MODEL and item.model})
    return t(
        "teaching.origin",
        total=len(quiz.items),
        rule=counts[Origin.RULE],
        model=counts[Origin.MODEL],
        human=counts[Origin.HUMAN],
        names=" ".join(["", *models]) if models else "",
    )


def _blocks(quiz: Quiz, options: Options, t: Translate) -> Iterator[PrintBlock]:
    yield Note(t("teaching.name_line"))
    for number, item in enumerate(quiz.items, 1):
        yield _remark(item, options)
        yield from question_blocks(number, item, t)
        if options.answers == AFTER:
            yield from answer_blocks(item, t)
    if options.answers == END:
        yield PageBreak()
        yield Heading(2, t("teaching.answers"))
        for number, item in enumerate(quiz.items, 1):
            yield Heading(3, "", number)
            yield from answer_blocks(item, t)
    yield Note(origin_line(quiz, t))


def question_blocks(number: int, item: Item, t: Translate) -> Iterator[PrintBlock]:
    """One question as a pupil sees it."""
    yield Heading(3, item.stem, number)
    if item.type is ItemType.MC:
        yield _lettered(item.options)
    elif item.type is ItemType.TF:
        yield Note(t("teaching.true_or_false"))
    elif item.type is ItemType.MATCH:
        lefts = tuple(left for left, _ in pairs(item))
        yield Listing(lefts, tuple(f"{place})" for place in range(1, len(lefts) + 1)))
        yield _lettered(offered(item))
    elif item.type is ItemType.ORDER:
        yield _lettered(offered(item))
        yield Note(t("teaching.order_line"))
    else:
        yield WritingSpace(_SHORT_LINES if item.type is ItemType.SHORT else _CLOZE_LINES)


def answer_blocks(item: Item, t: Translate) -> Iterator[PrintBlock]:
    """One question's key and explanation."""
    explained = explain(item, t)
    yield Paragraph(explained.key, t("teaching.answer"))
    for variant in item.accepted:
        yield Paragraph(variant, t("teaching.accepted"))
    if explained.because:
        yield Paragraph(explained.because, t("teaching.explanation"))
    for index, why in enumerate(item.feedback):
        if why:
            yield Paragraph(why, f"{t('teaching.option')} {letter(index)}")
    if explained.quote:
        yield Quote(explained.quote, explained.section)


def _lettered(options: tuple[str, ...]) -> Listing:
    return Listing(options, tuple(f"{letter(index)}." for index in range(len(options))))


def _remark(item: Item, options: Options) -> Remark:
    """What the sheet's own words do not show; a sheet for the class tells nothing about the answer."""
    told: dict[str, object] = {"id": item.id, "type": item.type.value}
    if options.answers != NONE:
        told |= {"bloom": item.bloom.value, "difficulty": item.difficulty, "origin": item.origin.value}
        told |= {"tags": list(item.tags), "model": item.model, "seed": item.seed}
        if item.source:
            told |= {"start": item.source.start, "end": item.source.end}
    return Remark("item", told)


def write_html(quiz: Quiz, options: Options) -> Written:
    """The worksheet as one HTML file; every item fits."""
    return Written(render_html(worksheet(quiz, options)).encode("utf-8", errors="replace"))


HTML = Format("html", ".html", write_html)


def write_docx(quiz: Quiz, options: Options) -> Written:
    """The worksheet as a .docx file; every item fits."""
    return Written(render_docx(worksheet(quiz, options)))


DOCX = Format("docx", ".docx", write_docx)
