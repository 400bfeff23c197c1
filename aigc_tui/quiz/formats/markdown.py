"""Markdown: the worksheet out, and questions in Markdown in, ours or a teacher's own.

Why it exists: Markdown is what people write questions in by hand. The reader takes our worksheet back whole,
and understands the habits of others: `1.` or `## 1.` before a question, `A.`/`B)`/`- [x]` before an option,
`Answer: B` below it or in a list at the end, in English or Chinese.
"""

from __future__ import annotations

from aigc_tui.documents.write.markdown import render
from aigc_tui.quiz.formats.markdown_item import item_of
from aigc_tui.quiz.formats.markdown_lines import Draft, drafts_of
from aigc_tui.quiz.formats.records import Format, Options, Problem, Read, Written
from aigc_tui.quiz.records import Item, Quiz, QuizError
from aigc_tui.quiz.teaching.worksheet import worksheet
from aigc_tui.text import clean

LARGEST_FILE = 16 << 20


def write(quiz: Quiz, options: Options) -> Written:
    """The worksheet as Markdown; every item fits."""
    return Written(render(worksheet(quiz, options)).encode("utf-8", errors="replace"))


def read(data: bytes) -> Read:
    """Read questions.

    Args:
        data: A Markdown file in UTF-8.

    Raises:
        QuizError: It is too large, or not text.
    """
    if len(data) > LARGEST_FILE:
        raise QuizError(f"the file is larger than {LARGEST_FILE >> 20} MB; questions are not")
    try:
        text = clean(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise QuizError(f"not UTF-8 text at byte {error.start}; save the file as UTF-8") from None
    title, drafts = drafts_of(text)
    items, problems = _items(drafts)
    return Read(title, tuple(items), tuple(problems))


def _items(drafts: tuple[Draft, ...]) -> tuple[list[Item], list[Problem]]:
    items: list[Item] = []
    problems: list[Problem] = []
    for draft in drafts:
        try:
            items.append(item_of(draft))
        except QuizError as error:
            problems.append(Problem(f"line {draft.line}, question {draft.number}", str(error)))
    return items, problems


MARKDOWN = Format("markdown", ".md", write, read)
