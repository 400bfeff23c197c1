"""The forms of a model's answers: JSON schemas whose patterns leave it as little room to go wrong as can be.

Why it exists: a question about a year begins with "When" or "In which year", one about a person with "Who". A
form that says so costs nothing and turns most of a small model's failures into attempts at the right
question. Lengths are counted in characters, which holds for both scripts. A pattern guarantees form only;
`stems.py` judges what is said.
"""

from __future__ import annotations

import re
from typing import Any

from aigc_tui.quiz.analysis.records import TermKind

_ENGLISH = {
    TermKind.PERSON: ("Who", "Which", "What"),
    TermKind.PLACE: ("Where", "Which", "What"),
    TermKind.DATE: ("When", "In which year", "In what year", "What year", "Which year", "How long"),
    TermKind.QUANTITY: ("How", "What"),
    TermKind.NUMBER: ("How many", "How much", "What", "Which"),
    TermKind.NAME: ("Who", "What", "Which"),
    TermKind.WORK: ("What", "Which"),
    TermKind.TERM: ("What", "Which", "Where"),
}
"""Not "In what" or "By which": weak models go on with a verb ("In what is the plain loaf?")."""
_CHINESE = {
    TermKind.PERSON: ("谁", "哪位", "哪个人", "哪一位", "什么人"),
    TermKind.PLACE: ("哪里", "哪儿", "什么地方", "哪个", "哪座", "哪条", "何处", "什么"),
    TermKind.DATE: ("哪一年", "哪年", "什么时候", "何时", "哪个世纪", "几月", "哪一天", "多少年", "什么时期",
                    "哪个朝代"),
    TermKind.QUANTITY: ("多少", "几", "多大", "多长", "多高", "多重", "多远", "多久"),
    TermKind.NUMBER: ("多少", "几", "哪个数"),
    TermKind.NAME: ("谁", "什么", "哪"),
    TermKind.WORK: ("什么", "哪部", "哪本", "哪首", "哪"),
    TermKind.TERM: ("什么", "哪"),
}  # fmt: skip
ASKING = {"en": _ENGLISH, "zh": _CHINESE}
"""How a question about each kind of thing asks: English ones begin so, Chinese ones hold one of these."""
STEM_LENGTH = {"en": (15, 150), "zh": (6, 60)}
"""Characters of a stem, question mark included."""
WHY_LENGTH = {"en": (20, 220), "zh": (8, 90)}
_LATIN = r"""[^?？"\\.!;:{}\[\]\u0000-\u001f\u3000-\u9fff\uff00-\uffef]"""
_HAN = r"""[^?？"\\。！；：.!;:{}\[\]\u0000-\u001f]"""
"""What a stem consists of: no marks that end a sentence, since one question is one sentence."""
_MOST_WRONG = 5


def stem_form(language: str, kind: TermKind) -> dict[str, Any]:
    """The form of a question about a thing of a kind."""
    return _object({"stem": {"type": "string", "pattern": stem_pattern(language, kind)}})


def stem_pattern(language: str, kind: TermKind) -> str:
    """The pattern of such a question; it holds the length, too."""
    words = "|".join(re.escape(word).replace(r"\ ", " ") for word in ASKING[language][kind])
    _, most = STEM_LENGTH[language]
    if language == "zh":
        return f"^{_HAN}{{0,{most - 24}}}({words}){_HAN}{{0,18}}？$"
    return f"^({words}) {_LATIN}{{6,{most - 12}}}\\?$"


def rest_form(language: str, key: str, with_wrong: bool) -> dict[str, Any]:
    """The form of wrong answers and an explanation.

    Args:
        language: The lesson's.
        key: The right answer: wrong ones are about as long.
        with_wrong: Whether wrong answers are wanted at all.
    """
    shortest, longest = WHY_LENGTH[language]
    fields: dict[str, Any] = {}
    if with_wrong:
        size = len(key)
        fields["wrong"] = {
            "type": "array",
            "minItems": _MOST_WRONG - 1,
            "maxItems": _MOST_WRONG,
            "items": {"type": "string", "minLength": max(1, size // 2), "maxLength": size * 2 + 2},
        }
    fields["why"] = {"type": "string", "minLength": shortest, "maxLength": longest}
    return _object(fields)


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
        "x-guidance": {"whitespace_flexible": False},
    }
