from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from aigc_tui.store.records import Message, Status
from aigc_tui.tui.chat.message_view import FASTEST, SHARE, SLOWEST, Pacer, StreamingBody
from aigc_tui.tui.chat.transcript import Transcript
from aigc_tui.tui.markdown import MarkdownRenderer
from tests.support.frames import wait_until
from tests.tui.chat.test_transcript import CONVERSATION, Reader, message, read, rows, steady

REPLY = "First **part**.\n\n1. one\n2. two\n\n```py\nx = 1\n```\n\n| a | b |\n|-|-|\n| 1 | 2 |\n\nLast words"


def streaming(content: str = "") -> Message:
    return message(501, content, status=Status.STREAMING)


def text(app: Reader) -> str:
    return "\n".join(rows(app))


def test_words_come_to_the_screen_as_they_arrive() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        transcript = app.transcript
        transcript.start_stream(streaming())
        await pilot.pause()
        assert "generating…" in text(app)
        transcript.feed("Hello **wor")
        await wait_until(pilot, lambda: "Hello **wor" in text(app), "the open tail")
        transcript.feed("ld**\n\nmore")
        await wait_until(pilot, lambda: "Hello world" in text(app), "the closed block")
        assert "more" in text(app)

    read(CONVERSATION, check)


def test_a_settled_reply_is_rendered_from_its_final_text() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        transcript = app.transcript
        transcript.start_stream(streaming())
        transcript.feed("```py\nx = 1")
        transcript.settle(message(501, "```py\nx = 1", status=Status.STOPPED))
        await wait_until(pilot, lambda: "‹1› py" in text(app), "the rendering")
        assert "stopped" in text(app)
        assert transcript.code_blocks("m00501")[0].source == "x = 1"

    read(CONVERSATION, check)


def test_a_reply_that_fails_keeps_its_words_and_says_why() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        transcript = app.transcript
        transcript.start_stream(streaming())
        transcript.feed("Some words")
        transcript.settle(message(501, "Some words", status=Status.FAILED), note="The engine crashed.")
        await pilot.pause()
        assert "Some words" in text(app)
        assert "The engine crashed. · /regenerate (or tab, then r) retries" in text(app)

    read(CONVERSATION, check)


def test_continuing_goes_on_in_the_same_message() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        transcript = app.transcript
        transcript.add(message(501, "Half a", status=Status.STOPPED))
        count = len(transcript.messages)
        transcript.start_stream(streaming("Half a"))
        transcript.feed(" sentence")
        await wait_until(pilot, lambda: "Half a sentence" in text(app), "the continuation")
        assert len(transcript.messages) == count

    read(CONVERSATION, check)


def test_progress_is_noted_under_the_reply() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        app.transcript.start_stream(streaming())
        app.transcript.note("Reading the prompt, 40 %")
        await pilot.pause()
        assert "Reading the prompt, 40 %" in text(app)
        app.transcript.note("")
        await pilot.pause()
        assert "Reading" not in text(app)

    read(CONVERSATION, check)


def test_a_reader_who_scrolled_up_sees_nothing_move_while_the_reply_streams() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        transcript = app.transcript
        transcript.start_stream(streaming())
        await pilot.press("pageup", "pageup")
        await pilot.pause()
        before = rows(app)
        for word in REPLY.split(" ") * 5:
            transcript.feed(word + " ")
        await pilot.pause(0.3)
        assert rows(app) == before
        transcript.settle(message(501, "The reply"))
        await pilot.pause()
        assert rows(app) == before
        await pilot.press("end")
        assert "The reply" in text(app)

    read(CONVERSATION, check)


def test_coming_back_to_the_end_shows_what_came_in_meanwhile() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        app.transcript.start_stream(streaming())
        await pilot.press("pageup")
        app.transcript.feed("Meanwhile")
        await pilot.press("end")
        await wait_until(pilot, lambda: "Meanwhile" in text(app), "the words")

    read(CONVERSATION, check)


def test_an_older_page_that_comes_while_streaming_moves_nothing() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        transcript = app.transcript
        transcript.start_stream(streaming())
        transcript.feed("One line")
        await wait_until(pilot, lambda: "One line" in text(app), "the words")
        before = steady(app, "One line")
        transcript.prepend([message(n) for n in range(900, 940)], has_older=False)
        await pilot.pause()
        assert steady(app, "One line") == before

    read(CONVERSATION, check)


def test_truncating_away_the_streaming_reply_ends_its_stream() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        app.transcript.start_stream(streaming())
        app.transcript.truncate_from("m00501")
        app.transcript.feed("lost")
        app.transcript.settle(message(501, "lost"))
        await pilot.pause()
        assert "lost" not in text(app)

    read(CONVERSATION, check)


def test_the_body_shows_the_same_words_however_the_stream_is_cut() -> None:
    renderer = MarkdownRenderer()
    whole = StreamingBody(renderer, 60, REPLY)
    for size in (1, 3, 7):
        body = StreamingBody(renderer, 60)
        for start in range(0, len(REPLY), size):
            body.push(REPLY[start : start + size])
            body.flush()
        assert [line.text.plain for line in body.flow.lines] == [line.text.plain for line in whole.flow.lines]
        assert body.source == REPLY


def test_a_closed_block_is_rendered_once_however_long_the_stream_goes_on() -> None:
    class Counting(MarkdownRenderer):
        calls = 0

        def render(self, source: str, *, coloured: bool = True):  # type: ignore[no-untyped-def]
            self.calls += 1
            return super().render(source, coloured=coloured)

    renderer = Counting()
    body = StreamingBody(renderer, 60)
    for _ in range(50):
        body.push("- item\n")
        body.flush()
    assert renderer.calls == 49


def test_the_pacer_backs_off_with_the_cost_of_a_flush() -> None:
    pacer = Pacer()
    pacer.spent(0.001)
    assert pacer.interval == FASTEST
    pacer.spent(0.05)
    assert pacer.interval == 0.05 * SHARE
    pacer.spent(10)
    assert pacer.interval == SLOWEST


Step = tuple[str, int]


def act(transcript: Transcript, step: Step, number: int) -> None:
    """Do one thing that a store, an engine or a program may do at any time."""
    name, size = step
    ids = [message.id for message in transcript.messages] or ["m00000"]
    older = [message(number + n) for n in range(size % 5)]
    acts: dict[str, Callable[[], None]] = {
        "add": lambda: transcript.add(message(number, "word " * size)),
        "prepend": lambda: transcript.prepend(older, has_older=False),
        "start": lambda: transcript.start_stream(message(number, "", status=Status.STREAMING)),
        "feed": lambda: transcript.feed("- item\n\n```py\n"[: size % 13] * (size % 4)),
        "settle": lambda: transcript.settle(message(int(ids[-1][1:]), "# Done\n\n" + "- x\n" * size)),
        "truncate": lambda: transcript.truncate_from(ids[-(size % len(ids)) - 1]),
        "scroll": lambda: transcript.scroll_to(y=size * 3, animate=False),
        "note": lambda: transcript.note("n" * size),
    }
    if name in acts:
        acts[name]()


ACTS = [
    "add",
    "prepend",
    "start",
    "feed",
    "feed",
    "settle",
    "truncate",
    "scroll",
    "note",
    "end",
    "up",
    "resize",
]
STEPS = st.tuples(st.sampled_from(ACTS), st.integers(0, 40))


@given(st.lists(STEPS, max_size=25))
@settings(max_examples=20, deadline=None)
def test_in_whatever_order_things_happen_the_roll_stays_whole(steps: list[Step]) -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        for number, step in enumerate(steps, start=2000):
            act(app.transcript, step, number)
            if step[0] in {"end", "up"}:
                await pilot.press(step[0])
            if step[0] == "resize":
                await pilot.resize_terminal(20 + 2 * step[1], 5 + step[1] // 2)
            await pilot.pause()
            transcript, window = app.transcript, app.transcript._window
            height = transcript.scrollable_content_region.height
            assert window.rows == sum(view.height(window.width) for view in window.views)
            assert transcript.virtual_size.height == window.rows
            last = max(window.rows - height, 0)
            assert 0 <= transcript.scroll_y <= last
            assert not transcript.following or transcript.scroll_y == last
            top = round(transcript.scroll_y)
            assert all(window.views[i].laid_out(window.width) for i in window.between(top, top + height)), (
                step
            )

    read(CONVERSATION[-6:], check, size=(60, 14))
