"""The sandbox for chat templates: transformers' meaning, and limits that hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from transformers.utils.chat_template_utils import render_jinja_template

from aigc_tui.inference import jinja
from aigc_tui.inference.jinja import ChatTemplateError, compile_template, render

CHAT = [{"role": "user", "content": "héllo <b>"}, {"role": "assistant", "content": "yes "}]
TEMPLATES = {
    "trimmed blocks": "{% for m in messages %}\n  {% if m %}\n{{ m.role }}\n  {% endif %}\n{% endfor %}\n",
    "tojson keeps letters": "{{ messages | tojson }} {{ messages[0] | tojson(indent=2) }}",
    "break": "{% for m in messages %}{% if loop.last %}{% break %}{% endif %}{{ m.role }}{% endfor %}",
    "generation": "{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}|{% endfor %}",
    "namespace": "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}"
    "{{ ns.n }}",
    "undefined is empty": "[{{ bos_token }}]{% if tools %}tools{% endif %}",
    "methods of texts": "{{ messages[1].content.strip().upper() }}",
    "generation prompt": "{% if add_generation_prompt %}go{% endif %}",
}


@pytest.mark.parametrize("source", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_a_template_means_what_it_means_to_transformers(source: str) -> None:
    theirs, _ = render_jinja_template([CHAT], chat_template=source, add_generation_prompt=True)
    ours = render(compile_template(source), {"messages": CHAT, "add_generation_prompt": True})
    assert ours == theirs[0]


def test_the_date_is_todays() -> None:
    source = "{{ strftime_now('%Y') }}"
    assert render(compile_template(source), {}) == render_jinja_template([CHAT], chat_template=source)[0][0]


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.append(1) }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{% for x in range(10**9) %}{% endfor %}",
        "{% include '/etc/passwd' %}",
        "{{ raise_exception('no') }}",
    ],
)
def test_a_template_that_reaches_out_fails_with_our_error(source: str) -> None:
    with pytest.raises(ChatTemplateError):
        render(compile_template(source), {"messages": list(CHAT)})


@pytest.mark.parametrize("source", ["{% for %}", "{{", "{% generation %}", "x" * (jinja.MAX_SOURCE + 1)])
def test_a_template_that_is_no_template_fails_with_our_error(source: str) -> None:
    with pytest.raises(ChatTemplateError):
        compile_template(source)


HOSTILE: dict[str, Any] = {
    "loops for ever": (
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "longer",
    ),
    "writes for ever": ("{% for a in range(99999) %}{{ 'x' * 9999 }}{% endfor %}", "writes more"),
    "doubles": (
        "{% set ns = namespace(s='x') %}{% for a in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        None,
    ),
    "a huge number": ("{{ 9 ** (9 ** 9) }}", "not allowed"),
    "a huge constant": ("{{ 'x' * 10**9 }}", "not allowed"),
    "one big text": ("{{ 'x' * 100000000000 }}", None),
}


@pytest.mark.parametrize(("source", "complaint"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_template_that_eats_time_or_memory_is_stopped(
    source: str, complaint: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jinja, "MAX_SECONDS", 0.3)
    with pytest.raises(ChatTemplateError, match=complaint):
        render(compile_template(source), {})


def test_a_message_may_hold_anything_that_json_may() -> None:
    text = json.loads('"\\ud83d \\u0000 {{ 7 * 7 }} {% raw %}"')
    assert render(compile_template("{{ messages[0] }}"), {"messages": [text]}) == text
