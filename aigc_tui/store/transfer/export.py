"""A conversation as Markdown, JSON or one HTML page, each with a line that tells what share a model wrote.

JSON has the shape that chat datasets share, the path on show as `messages`; `branches` and further keys carry
the rest, so that importing the file loses nothing. The HTML page escapes every text and forbids itself
scripts and the network.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from aigc_tui.locale import Catalogue, Language
from aigc_tui.message import listed
from aigc_tui.store.records import Conversation, Message
from aigc_tui.store.transfer.from_markdown import escape_headings
from aigc_tui.text import clean, guess_language, one_line


def shown_path(conversation: Conversation, messages: Sequence[Message]) -> list[Message]:
    """Pick the messages from the root to the head of a conversation, in the order of talk.

    `messages` are the path itself or the whole tree, parents before children; without a head among them, the
    last of these counts as the head.
    """
    by_id = {message.id: message for message in messages}
    current = by_id.get(conversation.head or "") or (messages[-1] if messages else None)
    path: list[Message] = []
    while current is not None:
        path.append(current)
        # Taken out, so that a damaged tree with a loop ends too.
        del by_id[current.id]
        current = by_id.get(current.parent or "")
    return path[::-1]


def by_model(message: Message) -> bool:
    """Whether a language model wrote this message."""
    return message.role == "assistant" and bool(message.model)


def ai_label(messages: Sequence[Message], catalogue: Catalogue) -> str:
    """Word how many of the messages, and what share of the characters, a model wrote."""
    written = [message for message in messages if by_model(message)]
    if not written:
        return catalogue.text("transfer.ai_none")
    characters = sum(len(message.content) for message in messages)
    share = round(100 * sum(len(message.content) for message in written) / max(characters, 1))
    models = listed(sorted({one_line(message.model, 60) for message in written}), catalogue.text)
    return catalogue.text(
        "transfer.ai_label", messages=len(written), total=len(messages), share=share, models=models
    )


def speaker(message: Message, catalogue: Catalogue) -> str:
    """Who speaks, as a reader is told."""
    roles = {
        "user": catalogue.text("transfer.role_user"),
        "assistant": catalogue.text("transfer.role_assistant"),
        "system": catalogue.text("transfer.role_system"),
        "notice": catalogue.text("transfer.role_notice"),
    }
    return roles.get(message.role, one_line(message.role, 40))


def catalogue_for(messages: Sequence[Message]) -> Catalogue:
    """The catalogue of the language that the messages are mostly in."""
    sample = "\n".join(message.content[:2000] for message in messages[:50])
    language: Language = "zh" if guess_language(sample) == "zh" else "en"
    return Catalogue.load(language)


def export_md(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Write the path on show; `messages` are the conversation's tree or the path, parents before children."""
    path = shown_path(conversation, messages)
    catalogue = catalogue_for(path)
    title = one_line(conversation.title) or catalogue.text("transfer.untitled")
    if escape_headings(f"# {title}") != f"# {title}":
        title = f"“{title}”"
    turns = "\n".join(_turn(message, catalogue) for message in path)
    return f"# {title}\n\n> {ai_label(path, catalogue)}\n\n{turns}"


def _turn(message: Message, catalogue: Catalogue) -> str:
    author = f" · {one_line(message.author, 80)}" if message.author else ""
    mark = f" [{catalogue.text('transfer.ai_mark')}]" if by_model(message) else ""
    return f"## {speaker(message, catalogue)}{author}{mark}\n\n{escape_headings(clean(message.content))}\n"


VERSION = 1
_MADE_WITH = (
    *("created", "rating", "model", "adapter", "sampling"),
    *("prompt_tokens", "reused_tokens", "new_tokens", "seconds", "prompt_hash"),
)


def export_json(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Write a conversation as one indented JSON object: its whole tree (nothing is lost) or a path."""
    return json.dumps(_object(conversation, messages), ensure_ascii=False, indent=1) + "\n"


def export_jsonl(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Write a conversation as one line, the same object as `export_json`; lines may be joined to a file."""
    return json.dumps(_object(conversation, messages), ensure_ascii=False) + "\n"


def _object(conversation: Conversation, messages: Sequence[Message]) -> dict[str, object]:
    path = shown_path(conversation, messages)
    on_path = {message.id for message in path}
    order = {message.id: place for place, message in enumerate(messages)}
    branches = [message for message in messages if message.id not in on_path]
    return {
        "title": conversation.title,
        "messages": [_message(message, order[message.id]) for message in path],
        **({"branches": [_message(message, order[message.id]) for message in branches]} if branches else {}),
        "kind": conversation.kind,
        "persona": conversation.persona,
        "model": conversation.model,
        "created": conversation.created,
        "updated": conversation.updated,
        "archived": conversation.archived,
        "head": path[-1].id if path else None,
        "label": ai_label(path, catalogue_for(path)),
        "aigc_tui": VERSION,
    }


def _message(message: Message, order: int) -> dict[str, object]:
    return {
        "role": message.role,
        "content": message.content,
        "id": message.id,
        "parent": message.parent,
        "order": order,
        "author": message.author,
        "status": message.status.value,
        **{name: getattr(message, name) for name in _MADE_WITH},
        "ai": by_model(message),
    }


_STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; line-height: 1.6;
  color: #1c1c1c; background: #fff;
  font-family: system-ui, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
.label { border-left: .25rem solid #888; padding-left: .75rem; color: #555; font-size: .9rem; }
article { margin: 1.5rem 0; } article h2 { font-size: 1rem; margin: 0; color: #555; }
article.user h2 { color: #0b5394; } article.assistant h2 { color: #38761d; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; margin-top: .25rem; }
.mark { border: 1px solid currentColor; border-radius: .2rem; padding: 0 .3rem; font-size: .75rem; }
@media (prefers-color-scheme: dark) { body { color: #e8e8e8; background: #1a1a1a; }
  .label, article h2 { color: #aaa; }
  article.user h2 { color: #7db7e8; } article.assistant h2 { color: #8fce7a; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_LANGUAGE_TAGS = {"en": "en", "zh": "zh-Hans"}
_ROLES = ("user", "assistant", "system", "notice")


def export_html(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Write the path on show as a page; `messages` are the tree or the path, parents before children."""
    path = shown_path(conversation, messages)
    catalogue = catalogue_for(path)
    title = escape(one_line(conversation.title) or catalogue.text("transfer.untitled"))
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>"
    )
    body = "\n".join(_article(message, catalogue) for message in path)
    label = f'<p class="label">{escape(ai_label(path, catalogue))}</p>'
    return (
        f'<!DOCTYPE html>\n<html lang="{_LANGUAGE_TAGS[catalogue.language]}">\n<head>\n{head}\n</head>\n'
        f"<body>\n<h1>{title}</h1>\n{label}\n{body}\n</body>\n</html>\n"
    )


def _article(message: Message, catalogue: Catalogue) -> str:
    role = message.role if message.role in _ROLES else "other"
    author = f" · {one_line(message.author, 80)}" if message.author else ""
    mark = f' <span class="mark">{catalogue.text("transfer.ai_mark")}</span>' if by_model(message) else ""
    language = _LANGUAGE_TAGS[guess_language(message.content, catalogue.language)]
    return (
        f'<article class="{role}"><h2>{escape(speaker(message, catalogue) + author)}{mark}</h2>\n'
        f'<div class="text" lang="{language}">{escape(clean(message.content))}</div></article>'
    )
