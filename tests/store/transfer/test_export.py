from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from aigc_tui.store import Conversation, Message, Status
from aigc_tui.store.transfer import export_html, export_json, export_jsonl, export_md


def talk(*contents: str, title: str = "A talk", model: str = "starter") -> tuple[Conversation, list[Message]]:
    messages = [
        Message(
            id=f"m{place}",
            conversation="c",
            parent=f"m{place - 1}" if place else None,
            role="assistant" if place % 2 else "user",
            author="Tutor" if place % 2 else "",
            content=content,
            status=Status.COMPLETE,
            created="2026-11-23T10:00:00.000Z",
            model=model if place % 2 else "",
        )
        for place, content in enumerate(contents)
    ]
    head = messages[-1].id if messages else None
    return Conversation("c", "chat", title, "tutor", "starter", "", "", head=head), messages


TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "p", "article", "h2", "span", "div"}


class Page(HTMLParser):
    """What a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_export_says_what_a_model_wrote() -> None:
    whole = talk("12345", "1234567890" + "12345")
    for export in (export_md, export_html, export_json, export_jsonl):
        text = export(*whole)
        assert "1 of 2 messages" in text
        assert "75% of the characters" in text
        assert "starter" in text


def test_the_label_is_in_the_language_of_the_talk() -> None:
    text = export_md(*talk("你好，你是谁？", "我是助手。"))
    assert "人工智能生成内容：共 2 条消息，其中 1 条" in text
    assert "## 用户" in text
    assert '<html lang="zh-Hans">' in export_html(*talk("你好，你是谁？", "我是助手。"))


def test_a_greeting_or_an_edited_reply_is_not_called_the_models() -> None:
    text = export_md(*talk("hello", "welcome to the shop", model=""))
    assert "No message was written by a language model." in text
    assert "[AI]" not in text


def test_a_model_written_turn_is_marked() -> None:
    text = export_md(*talk("hello", "hi"))
    assert "## Assistant · Tutor [AI]\n\nhi\n" in text
    assert "## User\n\nhello\n" in text


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</div></article><h1>x",
        "\"'&amp;",
        "\x1b[31m",
    ],
)
def test_html_shows_hostile_text_as_text(hostile: str) -> None:
    conversation, messages = talk(
        f"user {hostile}", f"model {hostile}", title=f"title {hostile}", model=hostile
    )
    html = export_html(conversation, messages)
    page = Page()
    page.feed(html)
    assert set(page.tags) <= TAGS
    assert not any(name.startswith("on") or name in ("src", "href") for name, _ in page.attributes)
    assert "\x1b" not in html
    if "\x1b" not in hostile:
        assert f"user {hostile}" in page.text
        assert f"model {hostile}" in page.text
    assert "default-src 'none'" in html


def test_html_needs_nothing_else() -> None:
    assert re.findall(r"https?://|url\(|@import|<link|<script", export_html(*talk("hello", "hi"))) == []


def test_only_the_path_on_show_is_shown() -> None:
    conversation, messages = talk("question", "first answer")
    second = Message("m9", "c", "m0", "assistant", "", "second answer", Status.COMPLETE, "")
    for export in (export_md, export_html):
        text = export(conversation, [*messages, second])
        assert "first answer" in text
        assert "second answer" not in text


def test_an_empty_conversation_can_be_exported() -> None:
    for export in (export_md, export_html, export_json, export_jsonl):
        assert "A talk" in export(*talk())


def test_a_damaged_tree_does_not_hang_an_export() -> None:
    conversation, messages = talk("a", "b")
    loop = Message("m0", "c", "m1", "user", "", "a", Status.COMPLETE, "")
    assert "b" in export_md(conversation, [loop, messages[1]])
