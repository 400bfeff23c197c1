"""Each rule drops what it is for and leaves ordinary prose alone, in both languages."""

from __future__ import annotations

import pytest

from aigc_tui.corpora.document import Document
from aigc_tui.corpora.filters import Limits, judge, language_of, shape_of
from aigc_tui.corpora.records import DialogueMessage
from tests.support import corpora

ALL = Limits(languages=frozenset(("en", "zh", "other")))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (corpora.PROSE, "en"),
        (corpora.HAN_PROSE, "zh"),
        ("我们用 Python 和 PyTorch 训练模型，很方便。", "zh"),
        ("Hello!", "en"),
        ("むかしむかし、あるところにおじいさんとおばあさんが住んでいました。", "other"),
        ("Старая мельница стоит у реки, и люди работают в садах.", "other"),
        ("la vieja casa del rio tiene muchos arboles verdes que dan frutas en verano " * 4, "other"),
        ("12345 67890", "other"),
    ],
)
def test_languages_are_told_apart(text: str, language: str) -> None:
    assert language_of(text, shape_of(text)) == language


@pytest.mark.parametrize("text", [corpora.PROSE, corpora.HAN_PROSE, corpora.prose(3)])
def test_ordinary_prose_passes_every_rule(text: str) -> None:
    assert judge(Document("x", text), Limits())[0] == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("→ ▲ ◆ ■ " * 20 + "word", "quality: few letters"),
        (corpora.PROSE + "■" * 80, "quality: many symbols"),
        (corpora.PROSE + " 1234567890" * 20, "quality: many digits"),
        ("Read more about this here\n" * 10, "quality: repeated lines"),
        (
            "\n".join(f"Menu {word}" for word in ["one", "two", "three", "four", "five", "six", "seven"]),
            "quality: short lines",
        ),
    ],
)
def test_each_rule_names_its_reason(text: str, reason: str) -> None:
    assert judge(Document("x", text), ALL)[0] == reason


def test_dialogues_are_judged_by_length_and_language_only() -> None:
    talk = (DialogueMessage("user", "12 + 30 = ?"), DialogueMessage("assistant", "42"))
    assert judge(Document("x", messages=talk), ALL)[0] == ""
    assert judge(Document("x", messages=talk), Limits(min_chars=50))[0] == "too short"


def test_sorts_of_characters_add_up() -> None:
    shape = shape_of("Ab1 é中。☃𠀀\n")
    assert (
        shape.latin,
        shape.han,
        shape.foreign,
        shape.digits,
        shape.spaces,
        shape.marks,
        shape.symbols,
    ) == (
        *(2, 2, 1, 1, 2, 1),
        1,
    )
