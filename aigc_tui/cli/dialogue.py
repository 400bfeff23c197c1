"""A conversation held on the command line: store, engine and persona, opened for one run; and one turn."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from aigc_tui.chat import ChatService, Turn
from aigc_tui.cli.errors import CommandError
from aigc_tui.cli.output import data, emit_json
from aigc_tui.cli.terminal import Narrator
from aigc_tui.cli.workspace import Workspace
from aigc_tui.engine.client import EngineSwitch
from aigc_tui.engine.protocol import Delta, Done, Failed, Fitted, Progress, Timing, Usage
from aigc_tui.store import Store
from aigc_tui.store.records import Conversation, Message
from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.store import Store
    from aigc_tui.store.records import Conversation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DialogueOptions:
    """Who answers, where and how; `conversation` is an id or `last`; None: a new one."""

    persona: str | None = None
    model: str | None = None
    conversation: str | None = None
    sampling: Mapping[str, Any] = field(default_factory=dict)


class Dialogue:
    """A conversation on the command line; `conversation` is None until the first message is sent."""

    def __init__(
        self, workspace: Workspace, chat: ChatService, runner: asyncio.Runner, narrator: Narrator
    ) -> None:
        self.workspace = workspace
        self.chat = chat
        self.narrator = narrator
        self.conversation: Conversation | None = None
        self.persona = chat.settings.persona
        self.model = chat.settings.model
        self._runner = runner

    @property
    def store(self) -> Store:
        return self.chat.store

    def say(self, words: str) -> Turn:
        """Add the user's words and prepare the reply."""
        if self.conversation is None:
            self.conversation = self.chat.start(self.persona, self.model)
        return self.chat.send(self.conversation.id, words)

    def hear(self, turn: Turn, write: Write) -> Done | Failed | None:
        """Run a turn to its end; None: a notice was given. A second ctrl-c raises KeyboardInterrupt."""
        try:
            return self.wait(speak(turn, write, self.narrator))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def take_persona(self, persona_id: str) -> None:
        """Let another persona answer from now on."""
        self.persona = self.chat.personas.get(persona_id).id
        if self.conversation is not None:
            self.store.conversations.set_persona(self.conversation.id, self.persona)

    def take_model(self, name: str) -> None:
        """Let another model answer from now on."""
        model = self.workspace.model_name(name)
        self.chat.models.resolve(model)
        self.model = model
        if self.conversation is not None:
            self.store.conversations.set_model(self.conversation.id, self.model)

    def take_up(self, name: str) -> None:
        """Continue an earlier conversation; an error if none or several match, or it was deleted."""
        found = find_conversation(self.store, name)
        if found.id in {one.id for one in self.store.conversations.trashed()}:
            raise CommandError(
                "{title} was deleted; `aigc-tui history undelete {id}` restores it",
                title=one_line(found.title) or found.id,
                id=found.id,
            )
        self.conversation, self.persona = found, found.persona
        self.model = found.model or self.model


@contextmanager
def open_dialogue(workspace: Workspace, options: DialogueOptions, *, plain: bool) -> Iterator[Dialogue]:
    """Open store, engine and persona. Persona and model are looked up before anything is written."""
    settings = replace(workspace.settings, model=workspace.default_model, **options.sampling)
    engine = EngineSwitch(workspace.paths, settings)
    with workspace.store() as store, asyncio.Runner() as runner:
        store.recover()
        chat = ChatService(store, engine, workspace.personas, workspace.models, settings, workspace.language)
        dialogue = Dialogue(workspace, chat, runner, Narrator(workspace.t, plain=plain or settings.plain))
        if options.conversation:
            dialogue.take_up(options.conversation)
        dialogue.take_model(options.model or dialogue.model)
        dialogue.take_persona(options.persona or dialogue.persona)
        try:
            yield dialogue
        finally:
            runner.run(engine.close())


LAST = "last"


def find_conversation(store: Store, name: str) -> Conversation:
    """Find a conversation by its id, the beginning or end of it, or `last`: the chat changed last."""
    if name != LAST:
        return store.conversations.find(name)
    found = store.conversations.latest("chat")
    if found is None:
        raise CommandError("no conversations yet; `aigc-tui chat` starts one")
    return found


Write: TypeAlias = Callable[[str], None]


async def speak(turn: Turn, write: Write, narrator: Narrator) -> Done | Failed | None:
    """Run a turn to its end; None: a notice was given. `write` takes the new text, the narrator the rest."""
    if turn.notice is not None:
        write(turn.notice.content)
        return None
    with stopping_by_interrupt(turn):
        async with aclosing(turn.events()) as events:
            async for event in events:
                match event:
                    case Delta(text=text):
                        narrator.quiet()
                        write(text)
                    case Progress():
                        narrator.progress(event)
                    case Fitted():
                        narrator.fitted(event)
                    case _:
                        narrator.quiet()
    return turn.done


@contextmanager
def stopping_by_interrupt(turn: Turn) -> Iterator[None]:
    """Let ctrl-c stop the reply. Pressed again, it does not wait for the engine; the words are kept."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    stops: list[asyncio.Task[None]] = []

    def pressed() -> None:
        if stops:
            task.cancel()
        else:
            stops.append(loop.create_task(turn.stop()))

    def handle(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(pressed)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def one_turn(dialogue: Dialogue, words: str, *, as_json: bool) -> None:
    """Send a message and print the reply; one stopped by ctrl-c is a result, a failed one is raised."""
    turn = dialogue.say(words)
    end = dialogue.hear(turn, _ignore if as_json else _stream)
    if as_json:
        emit_json(result(turn, dialogue.wait(turn.final_message()), end))
    elif turn.notice or _needs_newline(turn.text, end):
        data("")
    if isinstance(end, Failed):
        raise CommandError("{problem}", problem=end.message)


def _needs_newline(text: str, end: Done | Failed | None) -> bool:
    return not text.endswith("\n") and bool(text or not isinstance(end, Failed))


def result(turn: Turn, message: Message, end: Done | Failed | None) -> dict[str, Any]:
    """The shape that docs/cli.md promises for `chat --json`."""
    usage, timing = (end.usage, end.timing) if end else (Usage(), Timing())
    return {
        "conversation": message.conversation,
        "message": message.id,
        "persona": turn.conversation.persona,
        "model": message.model,
        "adapter": message.adapter,
        "text": message.content,
        "status": str(message.status),
        "usage": {
            "prompt_tokens": usage.prompt_tokens,
            "reused_tokens": usage.reused_tokens,
            "new_tokens": usage.new_tokens,
        },
        "seconds": {name: round(seconds, 4) for name, seconds in asdict(timing).items()},
        "sampling": json.loads(message.sampling or "{}"),
    }


def _stream(text: str) -> None:
    data(text, newline=False)


def _ignore(_text: str) -> None:
    """With --json the words are printed once, at the end."""
