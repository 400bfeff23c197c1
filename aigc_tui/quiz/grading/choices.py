"""Which option, which truth value an answer means: people type "b", "B)", "对" or the option's own words.

Why it exists: a right answer graded as wrong because a letter was held against a text is a bug that users of
another program reported (DeepTutor#603).
"""

from __future__ import annotations

import re
import unicodedata

from aigc_tui.quiz.checks.normal import normal, same
from aigc_tui.quiz.grading.records import Response
from aigc_tui.quiz.records import Item

_TRUE = ("true", "t", "yes", "y", "right", "correct", "对", "是", "正确", "真", "√", "✓", "✔")
_FALSE = (
    "false",
    "f",
    "no",
    "n",
    "wrong",
    "incorrect",
    "错",
    "否",
    "不对",
    "不是",
    "错误",
    "假",
    "×",
    "✗",
    "✘",
    "x",
)
_LETTER = re.compile(r"^[(\[]?\s*([a-z])\s*[)\].、:]?$", re.I)


def chosen(item: Item, response: Response) -> int | None:
    """The index of the option that was meant; None: none of them.

    The options' own words go first: an option may itself be the letter "B".
    """
    if isinstance(response, bool) or response is None:
        return None
    if isinstance(response, int):
        return response if 0 <= response < len(item.options) else None
    if not isinstance(response, str):
        return None
    named = [at for at, text in enumerate(item.options) if text == response]
    named = named or [at for at, text in enumerate(item.options) if same(text, response)]
    if named:
        return named[0] if len(named) == 1 else None
    letter = _LETTER.match(unicodedata.normalize("NFKC", response).strip())
    at = ord(letter[1].upper()) - ord("A") if letter else -1
    return at if 0 <= at < len(item.options) else None


def judged(response: Response) -> bool | None:
    """The truth value that was meant; None: neither."""
    if isinstance(response, bool):
        return response
    if not isinstance(response, str):
        return None
    said = normal(response).replace(" ", "") or response.strip()
    return True if said in _TRUE else False if said in _FALSE else None
