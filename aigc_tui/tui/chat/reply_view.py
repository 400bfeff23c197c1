"""Shows a reply as it comes: words to the transcript, numbers to the status line, failures as one line.

Why it exists: a turn knows nothing of what is on show, and the transcript nothing of turns. While another
conversation is on show, a reply goes on and only the status line tells of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aigc_tui.engine.protocol import Delta, Event, Failed, Progress, Stage
from aigc_tui.store.records import Status
from aigc_tui.tui.chat.failures import failure_line, failure_words
from aigc_tui.tui.chat.turn_control import Ask

if TYPE_CHECKING:
    from aigc_tui.chat import Turn
    from aigc_tui.store.records import Message
    from aigc_tui.tui.chat.screen import ChatScreen


class ReplyView:
    """Implements `TurnView` for the chat screen.

    Args:
        screen: Where things are shown.
    """

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen

    def turn_began(self, turn: Turn, ask: Ask) -> None:
        """Show the question and the place where the words will come."""
        screen = self._screen
        screen.clear_note()
        if screen.status.status.stage in (Stage.OFF, Stage.FAILED):
            screen.status.stage(Stage.STARTING)
        if screen.talk.shows(turn.conversation.id):
            if ask.cut:
                screen.transcript.truncate_from(ask.cut)
            for message in (turn.user, turn.notice):
                if message is not None:
                    screen.transcript.add(message)
            if turn.reply is not None:
                # A continued reply was read before it was taken up again.
                screen.transcript.start_stream(replace(turn.reply, status=Status.STREAMING))
        screen.talk.touched(turn.conversation.id)
        screen.refresh_bindings()

    def turn_event(self, turn: Turn, event: Event) -> None:
        """Pass it on."""
        screen = self._screen
        screen.status.take(event)
        if not screen.talk.shows(turn.conversation.id):
            return
        if isinstance(event, Delta):
            screen.transcript.note("")
            screen.transcript.feed(event.text)
        elif isinstance(event, Progress):
            screen.transcript.note(screen.status.words)

    def turn_ended(self, turn: Turn, message: Message) -> None:
        """Settle the message, and say so if it broke off."""
        screen = self._screen
        failure = turn.done if isinstance(turn.done, Failed) else None
        if turn.reply is not None and screen.talk.shows(turn.conversation.id):
            screen.transcript.settle(message, failure_words(failure, screen.t) if failure else "")
        if failure is not None:
            screen.note(failure_line(failure, screen.t), error=True)
        screen.talk.touched(turn.conversation.id)
        screen.refresh_bindings()

    def turn_missing(self, ask: Ask, error: Exception | None) -> None:
        """Show what the store has, and give back words that it does not have."""
        screen = self._screen
        if error is not None:
            screen.problem(error)
        screen.work(screen.talk.show_again(ask.conversation, ask.text))
        screen.refresh_bindings()

    def unsent(self, asks: list[Ask]) -> None:
        """Back into the prompt, in their order."""
        text = "\n".join(ask.text for ask in asks)
        self._screen.prompt.put_back(text)
        self._screen.note(self._screen.t("chat.unsent"))

    def queue_changed(self, length: int) -> None:
        """Tell how many wait."""
        self._screen.status.change(queued=length)
