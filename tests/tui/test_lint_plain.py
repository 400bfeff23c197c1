"""Untrusted text reaches a widget through `plain` only; this reads the source and holds it."""

from __future__ import annotations

from pathlib import Path

import aigc_tui.tui
from tests.support.plain_lint import content_functions, offences

ROOT = Path(aigc_tui.tui.__file__).parent
SOURCES = {path: path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py"))}


def lint(code: str) -> list[str]:
    path = Path("example.py")
    return list(offences(path, code, content_functions({path: code})))


def test_no_text_enters_a_widget_without_passing_plain() -> None:
    functions = content_functions(SOURCES)
    found = [line for path, source in SOURCES.items() for line in offences(path, source, functions)]
    assert not found, "\n".join(["wrap these in plain() or plain_line():", *found])


def test_the_lint_sees_a_name_an_f_string_and_an_attribute() -> None:
    assert lint("Static(title)")
    assert lint("Static(f'{title}')")
    assert lint("widget.border_title = message.author")
    assert lint("view.update(message.content)")
    assert lint("Option(plain(a) + b)")
    assert lint("def f():\n    text = message.content\n    return Label(text)")


def test_a_catalogue_text_with_values_may_hold_markup_and_is_seen() -> None:
    assert lint("Static(t('chat.greeting', name=name))")
    assert lint("self.notify(self.t('chat.greeting', name=name))")
    assert not lint("self.notify(self.t('chat.greeting', name=name), markup=False)")


def test_the_lint_lets_safe_text_pass() -> None:
    assert not lint("Static('literal')")
    assert not lint("Static(t('chat.title'))")
    assert not lint("Static(plain(message.content))")
    assert not lint("widget.border_title = plain_line(message.author)")
    assert not lint("def body(m) -> Content:\n    return plain(m)\n\nStatic(body(x))")
    assert not lint("line = plain(x)\nStatic(line if x else '')")
    assert not lint("Input(value=one_line(title), id='title')")
