"""The status line: what it says of every stage, and what it leaves out when there is no room."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aigc_tui.engine.protocol import (
    Delta,
    Done,
    Failed,
    FailureCode,
    FinishReason,
    Fitted,
    Progress,
    Stage,
    Timing,
    Usage,
)
from aigc_tui.locale import Catalogue
from aigc_tui.message import message
from aigc_tui.tui.chat.status import EngineStatus, advance, bar, line, meter_words, state_words

T = Catalogue.load("en").text


def words(status: EngineStatus, now: float) -> str:
    return state_words(status, now, T)


def test_a_short_step_shows_no_bar() -> None:
    status = advance(EngineStatus(), Progress("1", Stage.LOADING, 1, 4), now=10.0)
    assert words(status, 10.5) == "Loading the model 25%"


def test_a_step_over_a_second_shows_a_bar_and_the_time_left() -> None:
    status = advance(EngineStatus(), Progress("1", Stage.LOADING, 1, 4), now=10.0)
    assert words(status, 12.0) == "Loading the model 25% ▰▰▱▱▱▱▱▱▱▱ 6 s left"


def test_a_step_of_unknown_length_counts_the_seconds() -> None:
    status = advance(EngineStatus(), Progress("1", Stage.STARTING), now=10.0)
    assert words(status, 10.5) == "Starting the model"
    assert words(status, 13.2) == "Starting the model 3 s"


def test_progress_within_a_stage_keeps_its_beginning() -> None:
    first = advance(EngineStatus(), Progress("1", Stage.PREFILL, 1, 10), now=5.0)
    second = advance(first, Progress("1", Stage.PREFILL, 5, 10), now=9.0)
    assert second.since == 5.0


def test_writing_counts_tokens_from_the_first_one() -> None:
    status = EngineStatus(stage=Stage.PREFILL)
    for moment in (10.0, 11.0, 12.0):
        status = advance(status, Delta("1", "word ", 3), now=moment)
    assert status.tokens == 9
    assert words(status, 12.0) == "Generating 4.5 tokens/s"


def test_the_meter_shows_used_reused_and_dropped() -> None:
    status = advance(EngineStatus(), Fitted("1", 700, 512, 2, 1024), now=0.0)
    status = advance(status, Delta("1", "x", 12), now=0.0)
    assert meter_words(status, T, brief=False) == "▰▰▰▰▰▰▱▱ 712/1,024 512 cached 2 old messages left out"
    assert meter_words(status, T, brief=True) == "712/1,024 −2"


def test_a_context_that_was_cut_for_want_of_memory_says_so() -> None:
    status = advance(EngineStatus(limit=32_768), Fitted("1", 700, 0, 0, 5000), now=0.0)
    assert meter_words(status, T, brief=False) == "▰▱▱▱▱▱▱▱ 700/5,000 of 32,768, cut for want of memory"
    whole = advance(EngineStatus(limit=32_768), Fitted("1", 700, 0, 0, 32_768), now=0.0)
    assert meter_words(whole, T, brief=False) == "▰▱▱▱▱▱▱▱ 700/32,768"


def test_the_end_keeps_what_was_used() -> None:
    usage, timing = Usage(100, 60, 20), Timing(0.0, 0.5, 2.0)
    status = advance(EngineStatus(), Done("1", FinishReason.STOP, usage, timing), now=0.0)
    assert (status.stage, status.used) == (Stage.READY, 120)
    assert words(status, 0.0) == "Ready"


def test_a_failure_stays_visible() -> None:
    status = advance(EngineStatus(), Failed("1", FailureCode.CRASHED, message("gone")), now=0.0)
    assert words(status, 0.0) == "Failed"


def test_a_failure_leaves_no_numbers_of_a_process_that_is_gone() -> None:
    status = advance(EngineStatus(), Fitted("1", 700, 512, 2, 1024), now=0.0)
    status = advance(status, Failed("1", FailureCode.CRASHED, message("gone")), now=0.0)
    assert meter_words(status, T, brief=False) == ""


def test_a_process_that_starts_anew_has_nothing_to_reuse() -> None:
    status = advance(EngineStatus(), Fitted("1", 700, 512, 0, 1024), now=0.0)
    status = advance(status, Progress("2", Stage.STARTING), now=0.0)
    assert "cached" not in meter_words(status, T, brief=False)


def test_messages_that_wait_are_counted() -> None:
    assert words(EngineStatus(stage=Stage.READY, queued=1), 0.0) == "Ready · 1 message queued"


@pytest.mark.parametrize(("share", "drawn"), [(0.0, "▱▱▱▱"), (0.01, "▰▱▱▱"), (0.5, "▰▰▱▱"), (1.0, "▰▰▰▰")])
def test_a_bar_shows_that_something_has_begun(share: float, drawn: str) -> None:
    assert bar(share, 4) == drawn


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [20, 40, 60, 78, 118])
def test_the_line_always_fits_and_always_names_the_model(language: str, width: int) -> None:
    t = Catalogue.load("zh" if language == "zh" else "en").text
    status = EngineStatus(
        Stage.PREFILL, 3, 10, model="starter", prompt_tokens=900, reused_tokens=512, dropped=3
    )
    drawn = line(replace(status, context=1024), width, 30.0, t)
    assert drawn.cell_length <= width
    assert "starter" in drawn.plain


def test_a_hostile_model_name_brings_no_control_code_and_no_markup() -> None:
    drawn = line(EngineStatus(model="\x1b]52;c;eA==\x07[@click=app.quit]x[/]"), 100, 0.0, T)
    assert "\x1b" not in drawn.plain
    assert "[@click=app.quit]x[/]" in drawn.plain
