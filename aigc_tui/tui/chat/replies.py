"""Shows a reply as it streams: words in the transcript, numbers in the status bar, failures as one line.

While another conversation is open, the reply goes on and only the status bar tells of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aigc_tui.engine.protocol import Delta, Done, Event, Failed, FailureCode, FinishReason, Progress, Stage
from aigc_tui.locale import Translate
from aigc_tui.store.records import Status
from aigc_tui.text import one_line
from aigc_tui.tui.chat.conversation import OpenConversation
from aigc_tui.tui.chat.layout import ChatLayout
from aigc_tui.tui.chat.turns import Ask

if TYPE_CHECKING:
    from aigc_tui.chat import Turn
    from aigc_tui.store.records import Message


class ReplyView:
    """Implements `TurnView` for the chat pane.

    Args:
        layout: Where replies are shown.
        conversation: What is open.
    """

    def __init__(self, layout: ChatLayout, conversation: OpenConversation) -> None:
        self._layout = layout
        self._conversation = conversation

    def turn_began(self, turn: Turn, ask: Ask) -> None:
        layout = self._layout
        layout.clear_note()
        if layout.status.status.stage in (Stage.OFF, Stage.FAILED):
            layout.status.stage(Stage.STARTING)
        if self._conversation.shows(turn.conversation.id):
            if ask.cut:
                layout.transcript.truncate_from(ask.cut)
            for message in (turn.user, turn.notice):
                if message is not None:
                    layout.transcript.add(message)
            if turn.reply is not None:
                # A continued reply was read before it was taken up again.
                layout.transcript.start_stream(replace(turn.reply, status=Status.STREAMING))
        self._conversation.tell_use()
        self._conversation.touched(turn.conversation.id)
        layout.refresh_bindings()

    def turn_event(self, turn: Turn, event: Event) -> None:
        layout = self._layout
        layout.status.take(event)
        if not self._conversation.shows(turn.conversation.id):
            return
        if isinstance(event, Delta):
            layout.transcript.note("")
            layout.prompt.show_unseen(not layout.transcript.following)
            layout.transcript.feed(event.text)
        elif isinstance(event, Progress):
            layout.transcript.note(layout.status.words)

    def turn_ended(self, turn: Turn, message: Message) -> None:
        layout = self._layout
        failure = turn.done if isinstance(turn.done, Failed) else None
        if turn.reply is not None and self._conversation.shows(turn.conversation.id):
            layout.transcript.settle(message, failure_words(failure, layout.t) if failure else "")
        if failure is not None:
            layout.note(failure_line(failure, layout.t), error=True)
        elif added_nothing(turn, message):
            layout.note(layout.t("chat.nothing_more", key=layout.key_of("transcript.regenerate")))
        if not self._conversation.shows(turn.conversation.id):
            self._conversation.tell_use()
        self._conversation.touched(turn.conversation.id)
        layout.refresh_bindings()

    def turn_missing(self, ask: Ask, error: Exception | None) -> None:
        """Show what the store has, and give back words that it does not have."""
        self._layout.work(self._show_stored(ask, error))
        self._layout.refresh_bindings()

    async def _show_stored(self, ask: Ask, error: Exception | None) -> None:
        layout = self._layout
        if error is None:
            await self._conversation.show_again(ask.conversation)
            return
        try:
            await self._conversation.show_again(ask.conversation, ask.text)
        finally:
            # Afterwards, since showing a conversation clears what was said before.
            refused = refusal(error, layout)
            layout.note(refused.line, error=True)
        shown = layout.transcript.messages
        if self._conversation.shows(ask.conversation) and shown and shown[-1].status is Status.FAILED:
            layout.transcript.settle(shown[-1], refused.words)

    def unsent(self, asks: list[Ask]) -> None:
        """Back into the prompt, in their order."""
        text = "\n".join(ask.text for ask in asks)
        self._layout.prompt.put_back(text)
        self._layout.note(self._layout.t("chat.unsent"))

    def queue_changed(self, length: int) -> None:
        self._layout.status.change(queued=length)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a reply could not begin."""

    line: str
    """The sentence that tells what to do."""
    words: str
    """The few words for the line under the message; empty when the sentence has to do."""


def refusal(error: Exception, layout: ChatLayout) -> Refusal:
    """Word what kept a reply from beginning. Named here so that the first frame needs no engine."""
    from aigc_tui.inference.source import ModelError
    from aigc_tui.personas import PersonaError

    t = layout.t
    if isinstance(error, ModelError):
        failure = Failed("", FailureCode.MODEL_MISSING, error.message)
        return Refusal(failure_line(failure, t), failure_words(failure, t))
    line = layout.error_line(error)
    if isinstance(error, PersonaError):
        line = f"{t('chat.failed_persona_missing')} · {line}"
    return Refusal(line, "")


def added_nothing(turn: Turn, message: Message) -> bool:
    """Whether a reply that was continued has ended at once, having said what it had to say."""
    before = turn.reply.content if turn.reply else ""
    ended = isinstance(turn.done, Done) and turn.done.reason is not FinishReason.CANCELLED
    return bool(before) and ended and message.content == before


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


def failure_line(failure: Failed, t: Translate) -> str:
    """What went wrong and how to go on; what only the engine knows follows."""
    words, detail = t(KEYS[failure.code][0]), _detail(failure, t)
    return f"{words} · {detail}" if detail else words


def _detail(failure: Failed, t: Translate) -> str:
    """The engine's own words; of a crash, which the sentence tells already, only the cause."""
    if failure.code is not FailureCode.CRASHED:
        return one_line(failure.message.text(t), DETAIL_LIMIT)
    values = failure.message.values
    if signal := values.get("signal"):
        return str(signal)
    return "" if values.get("code") is None else t("chat.exit_code", code=values["code"])


def failure_words(failure: Failed, t: Translate) -> str:
    """What went wrong, short enough for the line under the message."""
    return t(KEYS[failure.code][1])
