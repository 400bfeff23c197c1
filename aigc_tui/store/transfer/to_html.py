"""A conversation as one HTML page that needs nothing else and runs nothing.

Why it exists: to be read and printed anywhere, in both scripts. Every text is escaped, and the page forbids
itself scripts and the network, whatever the words in it are.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from aigc_tui.locale import Catalogue
from aigc_tui.store.records import Conversation, Message
from aigc_tui.store.transfer.label import ai_label, by_model, catalogue_for, speaker
from aigc_tui.store.transfer.path import shown_path
from aigc_tui.text import clean, guess_language, one_line

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
    """Write the path on show as a page.

    Args:
        conversation: the conversation.
        messages: its tree or the path, parents before children.
    """
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
