from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import SELECT_ALL, Selection

from aigc_tui.locale import Catalogue
from aigc_tui.store.records import Message, Status
from aigc_tui.tui.chat.message_view import Wording
from aigc_tui.tui.chat.transcript import PAGE, Transcript
from tests.support.frames import check_frame, frame, wait_until

PAGE_SIZE = 40
REPLY = "Answer **{n}** to it.\n\n- one\n- two 中文\n\n```python\nprint({n})\n```\n"


def message(number: int, content: str | None = None, **fields: object) -> Message:
    role = "user" if number % 2 == 0 else "assistant"
    text = (
        content
        if content is not None
        else f"Question {number}?"
        if role == "user"
        else REPLY.format(n=number)
    )
    made = Message(
        id=f"m{number:05}", conversation="c", parent=None, role=role, author="", content=text,
        status=Status.COMPLETE, created="2026-01-01T00:00:00.000Z",
    )  # fmt: skip
    return replace(made, **fields)  # type: ignore[arg-type]


class Reader(App[None]):
    """An owner of a transcript that pages a conversation kept in memory."""

    def __init__(self, messages: list[Message], language: str = "en") -> None:
        super().__init__()
        self.conversation = messages
        self.asked: list[str] = []
        self.events: list[object] = []
        self.wording = Wording(Catalogue.load("zh" if language == "zh" else "en").text)

    def compose(self) -> ComposeResult:
        yield Transcript(self.wording)

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    def on_mount(self) -> None:
        page = self.conversation[-PAGE_SIZE:]
        self.transcript.load(page, has_older=len(page) < len(self.conversation))
        self.transcript.focus()

    def on_transcript_older_requested(self, event: Transcript.OlderRequested) -> None:
        self.asked.append(event.before_id)
        ids = [message.id for message in self.conversation]
        end = ids.index(event.before_id) if event.before_id in ids else 0
        start = max(end - PAGE_SIZE, 0)
        self.transcript.prepend(self.conversation[start:end], has_older=start > 0)

    def on_transcript_link_clicked(self, event: Transcript.LinkClicked) -> None:
        self.events.append(event.url)

    def on_transcript_code_copy_requested(self, event: Transcript.CodeCopyRequested) -> None:
        self.events.append(event.block.source)


Check = Callable[[Reader, Pilot[None]], Awaitable[None]]


def read(messages: list[Message], check: Check, size: tuple[int, int] = (80, 24)) -> None:
    async def main() -> None:
        app = Reader(messages)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await check(app, pilot)

    asyncio.run(main())


def rows(app: Reader) -> list[str]:
    """The screen's rows without the scrollbar."""
    return [row[: app.size.width - 1].rstrip() for row in frame(app).split("\n")]


def steady(app: Reader, marker: str) -> int:
    """The screen row on which some words stand."""
    return next(y for y, row in enumerate(rows(app)) if marker in row)


CONVERSATION = [message(number) for number in range(120)]


def test_a_conversation_opens_at_its_end() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        assert app.transcript.following
        assert any("Answer 119 to it." in row for row in rows(app))

    read(CONVERSATION, check)


def test_paging_up_reaches_the_first_message_and_pages_come_from_the_owner() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        for _ in range(200):
            await pilot.press("pageup")
            if "Question 0?" in "\n".join(rows(app)):
                break
        assert "Question 0?" in "\n".join(rows(app))
        assert app.asked == ["m00080", "m00040"]

    read(CONVERSATION, check)


def test_what_is_being_read_stays_put_when_an_older_page_is_put_on_top() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        transcript = app.transcript
        transcript.scroll_to(y=60, animate=False)
        await pilot.pause()
        before, asked, was = rows(app), len(app.asked), transcript.scroll_y
        transcript.prepend([message(number) for number in range(1000, 1050)], has_older=True)
        await wait_until(pilot, lambda: not transcript._ahead_due, "laying out ahead")
        assert rows(app) == before
        assert transcript.scroll_y > was
        assert len(app.asked) == asked

    read(CONVERSATION, check)


def test_heights_that_turn_out_otherwise_than_estimated_do_not_move_the_screen() -> None:
    tall = [message(number, "| a | b |\n|-|-|\n" + "| x | y |\n" * (number % 7)) for number in range(80)]

    async def check(app: Reader, pilot: Pilot[None]) -> None:
        app.transcript.scroll_to(y=200, animate=False)
        await pilot.pause()
        before = rows(app)
        await wait_until(pilot, lambda: not app.transcript._ahead_due, "laying out ahead")
        assert rows(app) == before

    read(tall, check)


def test_the_end_key_returns_to_the_end_and_follows_it_again() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        await pilot.press("pageup", "pageup")
        assert not app.transcript.following
        app.transcript.add(message(200, "Unseen"))
        await pilot.pause()
        assert "Unseen" not in "\n".join(rows(app))
        await pilot.press("end")
        assert app.transcript.following
        assert "Unseen" in "\n".join(rows(app))

    read(CONVERSATION, check)


def test_the_scrollbar_shows_where_one_is() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        bar = app.transcript.vertical_scrollbar
        await pilot.press("pageup", "pageup")
        assert bar.position == app.transcript.scroll_y
        await pilot.press("end")
        assert bar.position == app.transcript.scroll_y == bar.window_virtual_size - bar.window_size

    read(CONVERSATION, check)


def test_a_border_of_a_stylesheet_is_drawn() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        app.transcript.styles.border = ("round", "red")
        await pilot.pause()
        shown = rows(app)
        assert shown[0].startswith("╭")
        assert any(row.startswith("│▎ Answer 119") for row in shown)

    read(CONVERSATION, check)


def test_scrolling_down_to_the_end_by_wheel_follows_it_again() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        await pilot.press("pageup")
        assert not app.transcript.following
        for _ in range(60):
            app.transcript.scroll_relative(y=2, animate=False, immediate=True)
        await pilot.pause()
        assert app.transcript.following

    read(CONVERSATION, check)


def test_selection_by_keys_walks_into_older_pages() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        for _ in range(PAGE_SIZE + 3):
            await pilot.press("k")
        await wait_until(pilot, lambda: bool(app.asked), "an older page")
        chosen = app.transcript.selected
        assert chosen is not None
        assert chosen.id == "m00077"
        await pilot.press("j")
        assert app.transcript.selected == message(78)

    read(CONVERSATION, check)


def test_the_selected_message_is_in_sight_with_its_head() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        for _ in range(15):
            await pilot.press("k")
        marked = [row for row in rows(app) if row.startswith("┃")]
        assert "┃ Assistant" in marked[0]
        assert "Answer 105 to it." in marked[1]

    read(CONVERSATION, check)


def test_replacing_truncating_and_adding_change_only_what_they_name() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        transcript = app.transcript
        transcript.replace(message(119, "Changed", rating=1, siblings=3, sibling_index=1))
        await pilot.pause()
        assert any("‹2/3›  ▲" in row for row in rows(app))
        transcript.truncate_from("m00118")
        transcript.add(message(300, "Another question"))
        await pilot.pause()
        assert [m.id for m in transcript.messages[-2:]] == ["m00117", "m00300"]
        assert "Changed" not in "\n".join(rows(app))

    read(CONVERSATION, check)


def test_a_resize_wraps_again_and_keeps_the_place() -> None:
    long = [message(number, f"Word{number} " + "and more words " * 30) for number in range(60)]

    async def check(app: Reader, pilot: Pilot[None]) -> None:
        app.transcript.scroll_to(y=100, animate=False)
        await pilot.pause()
        before = steady(app, "Word32")
        await pilot.resize_terminal(50, 24)
        await pilot.pause()
        assert steady(app, "Word32") == before

    read(long, check)


def test_the_mouse_selects_text_as_it_was_written_and_not_as_it_wraps() -> None:
    text = "A long line that is wrapped because it does not fit into the width of the screen. " * 2

    async def check(app: Reader, pilot: Pilot[None]) -> None:
        got = app.transcript.get_selection(SELECT_ALL)
        assert got is not None
        assert text.strip() in got[0]
        await pilot.mouse_down(Transcript, offset=(4, 1))
        await pilot.hover(Transcript, offset=(10, 2))
        await pilot.mouse_up(Transcript, offset=(10, 2))
        marked = app.screen.get_selected_text()
        assert marked is not None
        assert "\n" not in marked
        assert marked in text

    read([message(0, text)], check)


def test_dragging_from_the_margin_begins_with_the_first_character_of_the_row() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        await pilot.mouse_down(Transcript, offset=(0, 1))
        await pilot.hover(Transcript, offset=(6, 1))
        await pilot.mouse_up(Transcript, offset=(6, 1))
        assert app.screen.get_selected_text() == "Hello"

    read([message(0, "Hello world")], check)


def test_a_double_click_marks_the_words_of_one_message() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        await pilot.click(Transcript, offset=(4, 5), times=2)
        assert app.screen.get_selected_text() == "second\nline"

    read([message(0, "first"), message(1, "second\nline"), message(2, "third")], check)


def test_a_message_that_takes_the_place_of_another_is_drawn_anew() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        app.transcript.truncate_from("m00001")
        app.transcript.add(message(3, "other reply"))
        await pilot.pause()
        assert "other reply" in "\n".join(rows(app))
        assert "first reply" not in "\n".join(rows(app))

    read([message(0, "question"), message(1, "first reply")], check)


def test_a_mark_reaches_over_messages_that_are_out_of_sight() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        first, last = app.transcript._window.views[0], app.transcript._window.views[-1]
        lines = 1 << 20
        got = app.transcript.get_selection(
            Selection(Offset(2, first.number * lines + 1), Offset(3, last.number * lines + 1))
        )
        assert got is not None
        assert got[0].startswith("estion 80?")
        assert got[0].endswith("Assistant\nAns")
        assert "Question 100?" in got[0]

    read(CONVERSATION, check)


def test_clicks_on_links_and_code_heads_are_reported_to_the_owner() -> None:
    source = "See [it](https://x.org/a).\n\n```py\nx = 1\n```\n"

    async def check(app: Reader, pilot: Pilot[None]) -> None:
        await pilot.click(Transcript, offset=(7, steady(app, "See it")))
        await pilot.click(Transcript, offset=(3, steady(app, "‹1› py")))
        await wait_until(pilot, lambda: len(app.events) == 2, "both clicks")
        assert app.events == ["https://x.org/a", "x = 1"]
        assert app.transcript.selected is not None

    read([message(1, source)], check)


def test_code_blocks_are_given_raw_also_for_messages_never_shown() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        assert [block.source for block in app.transcript.code_blocks("m00081")] == ["print(81)"]

    read(CONVERSATION, check)


def test_a_long_message_is_rendered_in_the_end() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        await wait_until(pilot, lambda: app.transcript._window.views[-1].rendered, "the rendering")
        await pilot.pause()
        assert any("• item 1999" in row for row in rows(app))

    read([message(1, "".join(f"- item {n}\n" for n in range(2000)))], check)


def test_following_for_long_keeps_the_loaded_part_bounded() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        for number in range(1000, 2000):
            app.transcript.add(message(number))
        assert len(app.transcript.messages) <= 2 * PAGE
        await pilot.press("home")
        await wait_until(pilot, lambda: bool(app.asked), "the dropped page")

    read([], check)


def test_an_unfinished_reply_says_what_can_be_done() -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        app.transcript.load(
            [
                message(1, "Half", status=Status.STOPPED, new_tokens=1, seconds=0.5),
                message(3, "Broken", status=Status.FAILED),
                message(5, "Cut", status=Status.INTERRUPTED),
            ],
            has_older=False,
        )
        await pilot.pause()
        text = "\n".join(rows(app))
        assert "stopped" in text
        assert "1 token · 2.0 tokens/s · /continue (or tab, then c) continues it" in text
        assert "failed" in text
        assert "/regenerate (or tab, then r) retries" in text
        assert "interrupted" in text

    read([], check)


@given(st.lists(st.text(max_size=80) | st.text(st.sampled_from("[]/@$\\=# \x1b"), max_size=40), max_size=6))
@settings(max_examples=25, deadline=None)
def test_hostile_text_in_every_field_neither_crashes_nor_reaches_the_screen_raw(texts: list[str]) -> None:
    async def check(app: Reader, pilot: Pilot[None]) -> None:
        app.transcript.load(
            [message(n, text, author=text, model=text, new_tokens=1) for n, text in enumerate(texts)],
            has_older=False,
        )
        await pilot.pause()
        shown = frame(app).replace("\n", "")
        assert shown.isprintable() or not any(char < " " or "\x7f" <= char < "\xa0" for char in shown)

    read([], check, size=(40, 12))


def test_a_conversation_looks_as_agreed() -> None:
    table = "| 阶段 | 场所 |\n|--|--|\n| 光反应 | 类囊体 |\n"
    process = "先看定义，再看 **过程**：\n\n1. 光反应\n2. 暗反应\n\n" + table
    code = "> quoted\n\n```python\nprint('hi')\n```\nSee [docs](https://x.org)"
    conversation = [
        message(0, "怎样学习光合作用？"),
        message(1, process, model="starter", new_tokens=42, seconds=1.5, siblings=2, rating=1),
        message(2, "Show me *code*"),
        message(3, code, status=Status.STOPPED),
    ]

    async def check(app: Reader, pilot: Pilot[None]) -> None:
        await pilot.press("k")
        await pilot.pause()
        check_frame(f"transcript-{app.size.width}x{app.size.height}", frame(app))

    read(conversation, check, size=(80, 30))
    read(conversation, check, size=(120, 40))
