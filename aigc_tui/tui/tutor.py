"""Ask the tutor about a question of a quiz: a chat with the question in its prompt.

Why it exists: reviewing, taking and practising lead there from the same key. The words are put into the
prompt and not sent: whoever asks adds what they did not understand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aigc_tui.locale import Translate
from aigc_tui.quiz.parts import letter
from aigc_tui.quiz.records import Item
from aigc_tui.quiz.teaching.explain import key_line
from aigc_tui.tui.panes import CHAT

if TYPE_CHECKING:
    from aigc_tui.tui.app import AigcApp

TUTOR = "tutor"
"""The shipped persona; see personas/tutor.yaml."""


def ask_tutor(app: AigcApp, item: Item) -> None:
    """Go to the chat, begin with the tutor, and put the question into the prompt.

    Args:
        app: The application; its store is open.
        item: What the question is about.
    """
    app.chat.work(_ask(app, item))


async def _ask(app: AigcApp, item: Item) -> None:
    await app.action_pane(CHAT)
    await app.chat.talk.begin(TUTOR)
    app.chat.write(question_about(item, app.t))


def question_about(item: Item, t: Translate) -> str:
    """What is put into the prompt: the question, its options, the key and the lesson's sentence.

    Args:
        item: The item.
        t: The catalogue of the interface.
    """
    lines = [t("practice.tutor_stem", stem=item.stem)]
    lines += [f"{letter(index)}. {option}" for index, option in enumerate(item.options)]
    lines.append(t("practice.tutor_key", key=key_line(item, t)))
    if item.source:
        lines.append(t("practice.tutor_source", quote=item.source.quote))
    return "\n".join([*lines, t("practice.tutor_ask")]) + " "
