"""Every failure has one clear line in both languages."""

from __future__ import annotations

import pytest

from aigc_tui.engine.client import death
from aigc_tui.engine.protocol import Failed, FailureCode
from aigc_tui.locale import LANGUAGES, Catalogue, Language
from aigc_tui.message import message
from aigc_tui.text import width
from aigc_tui.tui.chat.replies import failure_line, failure_words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [code for code in FailureCode if code is not FailureCode.CRASHED])
def test_a_failure_is_one_line_that_keeps_the_engine_s_words(code: FailureCode, language: Language) -> None:
    line = failure_line(
        Failed("1", code, message("shard 2\nis \x1b[31mshort")), Catalogue.load(language).text
    )
    assert "shard 2 is" in line
    assert "\n" not in line
    assert "\x1b" not in line
    assert not line.startswith("chat.")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", FailureCode)
def test_the_words_under_the_message_are_few(code: FailureCode, language: Language) -> None:
    words = failure_words(Failed("1", code, message("x")), Catalogue.load(language).text)
    assert 0 < width(words) <= 40
    assert not words.startswith("chat.")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("code", "cause"),
    [(-9, {"en": "SIGKILL", "zh": "SIGKILL"}), (1, {"en": "exit code 1", "zh": "退出码 1"}), (None, {})],
)
def test_a_crash_is_told_once_with_its_cause_in_the_user_s_language(
    code: int | None, cause: dict[str, str], language: Language
) -> None:
    line = failure_line(Failed("1", FailureCode.CRASHED, death(code)), Catalogue.load(language).text)
    assert line.endswith(
        f" · {cause[language]}" if cause else ("restarts it.", "重新启动。")[language == "zh"]
    )
    assert not set("()（）") & set(line)
    assert line.count("process") == (language == "en")
