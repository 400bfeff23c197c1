"""Words for what can go wrong with a reply: one clear line in the user's language."""

from __future__ import annotations

import re

from aigc_tui.engine.protocol import Failed, FailureCode
from aigc_tui.locale import Translate
from aigc_tui.text import one_line

DETAIL_LIMIT = 160

KEYS = {
    FailureCode.MODEL_MISSING: ("chat.failed_model_missing", "chat.short_model_missing"),
    FailureCode.MODEL_BROKEN: ("chat.failed_model_broken", "chat.short_model_broken"),
    FailureCode.TEMPLATE_MISSING: ("chat.failed_template_missing", "chat.short_template_missing"),
    FailureCode.OUT_OF_MEMORY: ("chat.failed_out_of_memory", "chat.short_out_of_memory"),
    FailureCode.PROMPT_TOO_LONG: ("chat.failed_prompt_too_long", "chat.short_prompt_too_long"),
    FailureCode.REMOTE_UNREACHABLE: ("chat.failed_remote_unreachable", "chat.short_remote_unreachable"),
    FailureCode.REMOTE_ERROR: ("chat.failed_remote_error", "chat.short_remote_error"),
    FailureCode.REMOTE_INTERRUPTED: ("chat.failed_remote_interrupted", "chat.short_remote_interrupted"),
    FailureCode.KEY_MISSING: ("chat.failed_key_missing", "chat.short_key_missing"),
    FailureCode.GRAMMAR_REFUSED: ("chat.failed_grammar_refused", "chat.short_grammar_refused"),
    FailureCode.NOT_OFFERED: ("chat.failed_not_offered", "chat.short_not_offered"),
    FailureCode.CRASHED: ("chat.failed_crashed", "chat.short_crashed"),
    FailureCode.INTERNAL: ("chat.failed_internal", "chat.short_internal"),
}
"""The sentence that tells what to do, and the few words that stay under the message."""


_SIGNAL = re.compile(r"\bSIG[A-Z0-9]+\b")
_EXIT_CODE = re.compile(r"\bexit code (-?\d+)")


def failure_line(failure: Failed, t: Translate) -> str:
    """What went wrong and how to go on; what only the engine knows follows."""
    words, detail = t(KEYS[failure.code][0]), _detail(failure, t)
    return f"{words} · {detail}" if detail else words


def _detail(failure: Failed, t: Translate) -> str:
    """The engine's own words; of a crash, which the sentence tells already, only the cause."""
    if failure.code is not FailureCode.CRASHED:
        return one_line(failure.message, DETAIL_LIMIT)
    if signal := _SIGNAL.search(failure.message):
        return signal[0]
    code = _EXIT_CODE.search(failure.message)
    return t("chat.exit_code", code=code[1]) if code else ""


def failure_words(failure: Failed, t: Translate) -> str:
    """What went wrong, short enough for the line under the message."""
    return t(KEYS[failure.code][1])
