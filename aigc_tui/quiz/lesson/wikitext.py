"""Raw wikitext to blocks, by way of Markdown: what remains without templates is the same in both.

Why it exists: somebody who copies an article's source gets wikitext. The corpora's reader strips templates,
tables and notes under its own caps; headings, lists and emphasis are rewritten before it, to survive it.
"""

from __future__ import annotations

import re

from aigc_tui.corpora.document import CorporaError
from aigc_tui.corpora.wikitext import to_text
from aigc_tui.quiz.lesson.blocks import Block
from aigc_tui.quiz.lesson.markdown import markdown_blocks
from aigc_tui.quiz.lesson.records import LessonError

_HEADING = re.compile(r"^(={1,6})[ \t]*([^=\n][^\n]{0,200}?)[ \t]*\1[ \t]*$", re.MULTILINE)
_BOLD = re.compile(r"'''([^'\n]{1,200})'''")
_ITALIC = re.compile(r"''([^'\n]{1,200})''")
_BULLET = re.compile(r"^\*+[ \t]*", re.MULTILINE)
_NUMBERED = re.compile(r"^#+[ \t]*", re.MULTILINE)


def wikitext_blocks(text: str) -> list[Block]:
    """Read wikitext.

    Raises:
        LessonError: It is built to waste time, or mwparserfromhell is missing and needed.
    """
    pieces = _HEADING.split(text.replace("\r\n", "\n"))
    parts = [_body(pieces[0])]
    for mark, title, body in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        parts += [f"{'#' * len(mark)} {_body(title)}", _body(body)]
    return markdown_blocks("\n\n".join(filter(None, parts)))[1]


def _body(wikitext: str) -> str:
    marked = _ITALIC.sub(r"_\1_", _BOLD.sub(r"__\1__", wikitext))
    marked = _NUMBERED.sub("1. ", _BULLET.sub("- ", marked))
    try:
        return to_text(marked)
    except CorporaError as error:
        raise LessonError(f"wikitext that cannot be read ({error})") from None
    except ImportError:
        raise LessonError("this wikitext needs the package mwparserfromhell (pip)") from None
