"""The programs that the stream benchmark measures: our transcript, and Textual's own Markdown stream.

Both run as children in a terminal of their own, feed themselves the same tokens on the same schedule, and
record the lag of their event loop. Run by `bench.stream`, not by hand.

    python -m bench.stream_app SUBJECT KIND RATE SECONDS STORE RESULT [headless]
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import sys
import time
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input, Markdown

from aigc_tui.locale import Catalogue
from aigc_tui.store import Message, Status, Store
from aigc_tui.tui.chat.message_view import Wording
from aigc_tui.tui.chat.transcript import Transcript

READY = "ready-to-stream"
SIZE = (120, 40)
SAMPLE_SECONDS = 0.005
FEED_SECONDS = 0.01
FLUSH_SECONDS = 0.25
PAGE = 50
PEER_MESSAGES = 20
"""Settled messages that the peer holds as Markdown widgets: with more it would not even start in time."""

_SENTENCE = "The quick *brown* fox, it is said, jumps over **the lazy** dog while `code` 与中文 goes on. "
_ITEM = "- an item of a list with *some* words in it\n"
_CODE = "    value = compute(index, name='text')  # a comment\n"


def tokens(kind: str) -> Iterator[str]:
    """Make an endless reply of one kind, about four characters a token."""
    texts: dict[str, Iterator[str]] = {
        "paragraphs": itertools.cycle([_SENTENCE * 5 + "\n\n"]),
        "code": itertools.chain(["```python\ndef main():\n"], itertools.cycle([_CODE])),
        "lists": itertools.cycle([_ITEM]),
        "idle": iter(()),
    }
    for text in texts[kind]:
        for start in range(0, len(text), 4):
            yield text[start : start + 4]


@dataclass(frozen=True, slots=True)
class Job:
    """One run."""

    kind: str
    rate: float
    """Tokens a second."""
    seconds: float
    store: Path
    result: Path


class Host(App[None]):
    """Streams by schedule and samples its own loop's lateness."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "VerticalScroll { height: 1fr; } Input { dock: bottom; }"

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job
        self.lags: list[float] = []
        self.fed = 0

    @abstractmethod
    async def fill(self) -> None:
        """Load the conversation and begin a reply."""

    @abstractmethod
    async def feed(self, text: str) -> None:
        """Take one token."""

    @abstractmethod
    async def end(self) -> None:
        """Settle the reply."""

    async def on_mount(self) -> None:
        """Start once the first frame is painted."""
        self.query_one(Input).focus()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        gc.freeze()
        gc.enable()
        self.run_worker(self._stream())

    async def _stream(self) -> None:
        await self.fill()
        await asyncio.sleep(1)
        self.query_one(Input).value = READY
        sampler = asyncio.create_task(self._sample())
        begun = time.perf_counter()
        source = tokens(self.job.kind)
        while (elapsed := time.perf_counter() - begun) < self.job.seconds:
            for token in itertools.islice(source, int(elapsed * self.job.rate) - self.fed):
                self.fed += 1
                await self.feed(token)
            await asyncio.sleep(FEED_SECONDS)
        await self.end()
        await asyncio.sleep(0.5)
        sampler.cancel()
        self.job.result.write_text(json.dumps({"lags": self.lags, "fed": self.fed}), encoding="utf-8")
        self.exit()

    async def _sample(self) -> None:
        """Note how much later than asked a timer of the loop fires."""
        while True:
            due = time.perf_counter() + SAMPLE_SECONDS
            await asyncio.sleep(SAMPLE_SECONDS)
            self.lags.append(max(time.perf_counter() - due, 0.0))


class OurHost(Host):
    """The transcript over a store: paged from it and flushed to it, as the chat pane does."""

    def compose(self) -> ComposeResult:
        """Lay out the transcript above an input."""
        yield Transcript(Wording(Catalogue.load("en").text))
        yield Input()

    async def fill(self) -> None:
        """Load the last page and begin a reply."""
        self._store = Store.open(self.job.store)
        self._conversation = self._store.conversations.page(limit=1)[0].id
        self._page(None)
        last = self._page_of(None)[-1]
        self._reply = self._store.messages.add(
            conversation=self._conversation, parent=last.id, role="assistant", status=Status.STREAMING
        )
        self._text: list[str] = []
        self._flushed = time.perf_counter()
        self._transcript.start_stream(self._reply)

    @property
    def _transcript(self) -> Transcript:
        return self.query_one(Transcript)

    def _page_of(self, before: str | None) -> list[Message]:
        return self._store.messages.path(self._conversation, limit=PAGE, before=before)

    def _page(self, before: str | None) -> None:
        page = self._page_of(before)
        if before is None:
            self._transcript.load(page, has_older=True)
        else:
            self._transcript.prepend(page, has_older=bool(page))

    def on_transcript_older_requested(self, event: Transcript.OlderRequested) -> None:
        """Page."""
        self._page(event.before_id)

    async def feed(self, text: str) -> None:
        """Show and, now and then, store."""
        self._transcript.feed(text)
        self._text.append(text)
        if time.perf_counter() - self._flushed > FLUSH_SECONDS:
            self._flushed = time.perf_counter()
            whole = "".join(self._text)
            self.run_worker(asyncio.to_thread(self._store.messages.flush, self._reply.id, whole, self.fed))

    async def end(self) -> None:
        """Finish the row and settle."""
        whole = "".join(self._text)
        done = await asyncio.to_thread(self._store.messages.finish, self._reply.id, whole, Status.COMPLETE)
        self._transcript.settle(done)


class PeerHost(Host):
    """Textual's Markdown widget fed through MarkdownStream, with a few settled messages above it."""

    def compose(self) -> ComposeResult:
        """Lay out a scroll above an input."""
        yield VerticalScroll()
        yield Input()

    async def fill(self) -> None:
        """Mount the last messages."""
        scroll = self.query_one(VerticalScroll)
        with Store.open(self.job.store) as store:
            conversation = store.conversations.page(limit=1)[0].id
            page = store.messages.path(conversation, limit=PEER_MESSAGES)
        await scroll.mount_all([Markdown(message.content) for message in page])
        reply = Markdown()
        await scroll.mount(reply)
        scroll.anchor()
        self._markdown = Markdown.get_stream(reply)

    async def feed(self, text: str) -> None:
        """Hand a token to the stream."""
        await self._markdown.write(text)

    async def end(self) -> None:
        """Let it finish."""
        await self._markdown.stop()


SUBJECTS: dict[str, type[Host]] = {"ours": OurHost, "peer": PeerHost}


def main(arguments: list[str]) -> None:
    """Run one job, with the garbage collector treated as the application treats it."""
    gc.disable()
    subject, kind, rate, seconds, store, result = arguments[:6]
    host = SUBJECTS[subject](Job(kind, float(rate), float(seconds), Path(store), Path(result)))
    if "headless" in arguments[6:]:
        asyncio.run(host.run_async(headless=True, size=SIZE))
    else:
        host.run()


if __name__ == "__main__":
    main(sys.argv[1:])
