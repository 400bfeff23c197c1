"""A message is English by itself and worded by a catalogue in another language, also from another process."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType

from aigc_tui.locale import Catalogue
from aigc_tui.message import AppError, Message, error_text, message

ZH = Catalogue(
    "zh",
    MappingProxyType(
        {
            "{path} holds no text": "{path} 中没有文字",
            "cannot open: {reason}": "打不开：{reason}",
            "No such file": "文件不存在",
        }
    ),
).text


def test_an_error_is_english_by_itself_and_translated_where_it_is_shown() -> None:
    error = AppError("{path} holds no text", path=Path("a.md"))
    assert str(error) == "a.md holds no text"
    assert error_text(error, ZH) == "a.md 中没有文字"


def test_errors_and_messages_inside_a_message_are_translated_too() -> None:
    inner = AppError("{path} holds no text", path="a.md")
    assert message("cannot open: {reason}", reason=inner).text(ZH) == "打不开：a.md 中没有文字"


def test_a_message_survives_the_way_through_another_process() -> None:
    sent = message("cannot open: {reason}", reason=message("{path} holds no text", path=Path("a.md")))
    received = Message.from_json(json.loads(json.dumps(sent.to_json())))
    assert received.text(ZH) == sent.text(ZH)
    assert str(received) == str(sent)


def test_what_is_no_message_is_shown_as_it_is() -> None:
    assert str(Message.from_json("{braces}")) == "{braces}"


def test_the_reason_of_an_os_error_is_translated() -> None:
    assert error_text(OSError(2, "No such file"), ZH) == "文件不存在"


def test_hostile_values_are_no_templates() -> None:
    assert (
        error_text(AppError("{path} holds no text", path="{0.__class__}\x1b[2J"), ZH)
        == "{0.__class__}␛[2J 中没有文字"
    )
