"""Blocks to a lesson: the text is put together once, and every offset is counted while that happens.

Nothing is searched for afterwards, since a search finds the first of two equal sentences.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aigc_tui.documents.blocks import LONGEST_TEXT, Block, BlockKind
from aigc_tui.documents.read.document import too_long
from aigc_tui.message import Message
from aigc_tui.quiz.lesson.records import (
    Aside,
    AsideKind,
    Emphasis,
    Lesson,
    LessonError,
    Section,
    Sentence,
    SentenceKind,
)
from aigc_tui.quiz.lesson.sentences import split_sentences
from aigc_tui.text import guess_language, one_line

_ASIDES = {kind: AsideKind(kind.value) for kind in (BlockKind.TABLE, BlockKind.CODE, BlockKind.FORMULA)}
_ASIDES[BlockKind.FIGURE] = AsideKind.FIGURE
_KINDS = {
    BlockKind.HEADING: SentenceKind.HEADING,
    BlockKind.PARAGRAPH: SentenceKind.PROSE,
    BlockKind.ITEM: SentenceKind.LIST,
    BlockKind.CAPTION: SentenceKind.CAPTION,
    BlockKind.REFERENCE: SentenceKind.REFERENCE,
    BlockKind.VERSE: SentenceKind.VERSE,
}
_CAPTION = re.compile(
    r"(?:Figure|Fig\.|Table|Photo|Plate)\s{0,2}\d+(?:[.\-]\d+)*\s{0,2}[.:|—–]"
    r"|[图表圖]\s{0,2}\d+(?:[.\-－—–]\d+)*\s{0,2}[:：.． 　](?!所示|表明|显示|中|是|为|给出)"
)
_LONGEST_CAPTION = 240
_APPENDIX = frozenset(
    (
        *("references", "bibliography", "works cited", "further reading", "external links", "see also"),
        *("sources", "footnotes", "citations", "参考文献", "參考文獻", "参考资料", "參考資料", "外部链接"),
        *("外部連結", "参见", "參見", "延伸阅读", "延伸閱讀", "扩展阅读", "脚注", "注释", "參考來源"),
    )
)
_LINE = re.compile(r"\S[^\n]*")
_LONGEST_SENTENCE = 2_000
"""Characters. Whatever goes on for longer without an end is no sentence, and guessing the words of such a
stretch takes a segmenter time by the square of its length."""
_DEEPEST = 12
"""Headings deeper than this are somebody's joke; a path stays short."""
_WORK = re.compile(r"《([^《》\n]{1,60})》")


def build_lesson(
    blocks: Iterable[Block],
    title: str = "",
    language: str | None = None,
    source: str = "",
    *,
    page_count: int = 0,
    notes: tuple[Message, ...] = (),
) -> Lesson:
    """Put a lesson together.

    Args:
        blocks: In reading order.
        title: Empty: the first outermost heading, else the source's name.
        language: `en` or `zh`; None: guessed from the text.
        source: The file's name.
        page_count: How many pages the source has; 0: it has none.
        notes: What was lost or changed while reading.

    Raises:
        LessonError: There is no text in it, or too much.
    """
    builder = _Builder(blocks)
    text = "".join(builder.parts)
    if not text:
        raise LessonError("there is no text in the file")
    language = language or guess_language(text)
    headings = [section for section in builder.sections if section.title]
    named = title or (headings[0].title if headings else "") or source.rsplit(".", 1)[0] or text[:60]
    return Lesson(
        title=one_line(named),
        language=language,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        sections=tuple(_closed(builder.sections, len(text))),
        sentences=tuple(builder.split(text, language)),
        emphases=tuple(builder.all_emphases(text)),
        asides=tuple(builder.asides),
        pages=_page_offsets(builder.pages, page_count, len(text)),
        source=one_line(source),
        notes=notes,
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    block: Block
    start: int
    section: int
    appendix: bool


class _Builder:
    def __init__(self, blocks: Iterable[Block]) -> None:
        self.parts: list[str] = []
        self.sections: list[Section] = []
        self.asides: list[Aside] = []
        self.pages: list[tuple[int, int]] = []
        self._emphases: list[Emphasis] = []
        self._placed: list[_Placed] = []
        self._outer: list[tuple[int, str]] = []
        self._length = 0
        self._appendix = 0
        for block in blocks:
            if block.text.strip():
                self._add(block)

    def _add(self, block: Block) -> None:
        start = self._length + len(self._gap(block))
        if block.kind is BlockKind.HEADING:
            self._open(block, start)
        elif not self.sections:
            self.sections.append(Section("", 0, 0, 0))
        section = len(self.sections) - 1
        if block.kind in _ASIDES:
            self.asides.append(Aside(_ASIDES[block.kind], block.text, self._length, section))
            return
        self.parts += [self._gap(block), block.text]
        self._length = start + len(block.text)
        if self._length > LONGEST_TEXT:
            raise LessonError(too_long().message)
        self._emphases += [Emphasis(start + mark.start, start + mark.end, mark.bold) for mark in block.marks]
        self.pages += [(page, start + offset) for page, offset in block.pages]
        self._placed.append(_Placed(block, start, section, bool(self._appendix)))

    def _gap(self, block: Block) -> str:
        """Lines of one list stand together; everything else is parted by an empty line."""
        if not self._placed:
            return ""
        last = self._placed[-1].block
        together = block.kind is BlockKind.ITEM and last.kind is BlockKind.ITEM
        return "\n" if together else "\n\n"

    def _open(self, block: Block, start: int) -> None:
        title, level = one_line(block.text, 300), max(1, block.level)
        while self._outer and self._outer[-1][0] >= level:
            self._outer.pop()
        self._outer.append((level, title))
        path = tuple(name for _, name in self._outer[-_DEEPEST:])
        # A table above the first heading opened a section without a word in it.
        if self.sections and not self._placed:
            self.sections.clear()
        self.sections.append(Section(title, level, start, start, path))
        if self._appendix and level <= self._appendix:
            self._appendix = 0
        if not self._appendix and title.lower().strip(" :：") in _APPENDIX:
            self._appendix = level

    def split(self, text: str, language: str) -> Iterator[Sentence]:
        """Split every block into sentences; captions and references stay whole."""
        paragraph, lists = -1, dict[int, int]()
        for placed in self._placed:
            block, kind = placed.block, _sentence_kind(placed)
            if block.kind is BlockKind.ITEM and block.series in lists:
                number = lists[block.series]
            else:
                paragraph = number = paragraph + 1
                if block.kind is BlockKind.ITEM:
                    lists[block.series] = number
            for start, end in _spans(block, kind, language):
                at = placed.start
                fits = end - start <= _LONGEST_SENTENCE
                what = kind if fits else SentenceKind.UNBROKEN
                yield Sentence(at + start, at + end, placed.section, number, what, block.number)

    def all_emphases(self, text: str) -> list[Emphasis]:
        """The author's own, and titles in 《》, which Chinese sets off where English has italics."""
        works = [Emphasis(match.start(1), match.end(1), bold=False) for match in _WORK.finditer(text)]
        taken = {(each.start, each.end) for each in self._emphases}
        works = [each for each in works if (each.start, each.end) not in taken]
        return sorted([*self._emphases, *works], key=lambda each: (each.start, each.end))


def _sentence_kind(placed: _Placed) -> SentenceKind:
    block = placed.block
    if placed.appendix and block.kind is not BlockKind.HEADING:
        return SentenceKind.REFERENCE
    short = len(block.text) <= _LONGEST_CAPTION
    if block.kind is BlockKind.PARAGRAPH and short and _CAPTION.match(block.text):
        return SentenceKind.CAPTION
    return _KINDS[block.kind]


def _spans(block: Block, kind: SentenceKind, language: str) -> list[tuple[int, int]]:
    """A heading, a caption and a reference are one piece; a verse is a line."""
    if kind in (SentenceKind.PROSE, SentenceKind.LIST):
        return split_sentences(block.text, language)
    if kind is SentenceKind.VERSE:
        return [match.span() for match in _LINE.finditer(block.text)]
    return [(0, len(block.text))]


def _closed(sections: list[Section], length: int) -> Iterator[Section]:
    """Each section ends where the next begins."""
    for place, section in enumerate(sections):
        start = section.start if place else 0
        end = sections[place + 1].start if place + 1 < len(sections) else length
        yield Section(section.title, section.level, start, end, section.path)


def _page_offsets(seen: list[tuple[int, int]], count: int, length: int) -> tuple[int, ...]:
    """A page without text begins where the next one does."""
    begins = dict(reversed(seen))
    offsets, at = list[int](), length
    for page in range(count, 0, -1):
        at = min(at, begins.get(page, at))
        offsets.append(at)
    return (0, *reversed(offsets[:-1])) if offsets else ()
