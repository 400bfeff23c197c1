"""Persona files: what is read, what is refused and in which words, and that nothing is lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from aigc_tui.engine.protocol import Role
from aigc_tui.persona_format.parse import load_persona, parse_persona, to_yaml
from aigc_tui.personas import ExampleTurn, Persona, PersonaError, SafetyClass, Texts

FULL = """\
name: {en: Ann, zh: 安}
greeting: {en: Hi, zh: 你好}
description: A friend
style: {en: Short.}
system: {en: You are Ann., zh: 你是安。}
avatar: "🙂"
tags: [a, b]
safety: fiction
examples:
  - - user: {en: Who?, zh: 谁？}
    - assistant: Ann.
sampling: {temperature: 0.5, max_tokens: 64, stop: [END]}
future: {deep: [1, two]}
"""


def test_every_field_is_read() -> None:
    persona = parse_persona(FULL, "ann")
    assert persona == Persona(
        id="ann",
        name=Texts("Ann", "安"),
        greeting=Texts("Hi", "你好"),
        description=Texts("A friend", "A friend"),
        style=Texts("Short.", ""),
        system=Texts("You are Ann.", "你是安。"),
        examples=(
            (
                ExampleTurn(Role.USER, Texts("Who?", "谁？")),
                ExampleTurn(Role.ASSISTANT, Texts("Ann.", "Ann.")),
            ),
        ),
        sampling={"temperature": 0.5, "max_tokens": 64, "stop": ("END",)},
        tags=("a", "b"),
        safety=SafetyClass.FICTION,
        avatar="🙂",
        extra={"future": {"deep": [1, "two"]}},
    )


def test_a_name_is_enough() -> None:
    persona = parse_persona("name: Bo", "bo")
    assert persona.text("name", "zh") == "Bo"
    assert persona.text("system", "en") == ""
    assert persona.safety is SafetyClass.GENERAL


def test_a_text_missing_in_one_language_is_taken_from_the_other() -> None:
    persona = parse_persona("name: Bo\ngreeting: {zh: 你好}", "bo")
    assert persona.text("greeting", "en") == "你好"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("greeting: hi", "p.yaml:1: field name is missing; give a text, or {en: ..., zh: ...}"),
        ("", "p.yaml:1: an empty value is not valid; use `field: value` lines"),
        ("- a", "p.yaml:1: a list is not valid; use `field: value` lines"),
        ("name: 7", "p.yaml:1: field name: 7 is not valid; use a text, or {en: ..., zh: ...}"),
        ("name: ''", "p.yaml:1: field name: an empty text is not valid; use a text, or {en: ..., zh: ...}"),
        ("name: no", "p.yaml:1: field name: false is not valid; use a text, or {en: ..., zh: ...}"),
        ("name: {en: A, fr: B}", "p.yaml:1: field name.fr: 'fr' is not valid; use en or zh"),
        ("name: A\nsystem:\n  en: 3\n", "p.yaml:3: field system.en: 3 is not valid; use a text"),
        (
            "name: A\nsafety: wild",
            "p.yaml:2: field safety: 'wild' is not valid; use general, counselling or fiction",
        ),
        ("name: A\ntags: a", "p.yaml:2: field tags: 'a' is not valid; use a list of texts"),
        (
            "name: A\ntags:\n- a\n- 2026-01-01",
            "p.yaml:4: field tags[2]: a date (put it in quotes) is not valid; use a text",
        ),
        (
            "name: A\navatar: smile",
            "p.yaml:2: field avatar: 'smile' is not valid; use one character or emoji",
        ),
        (
            "name: A\nexamples:\n- - user: hi\n  - bot: x",
            "p.yaml:4: field examples[1][2]: a mapping is not valid; use one turn such as",
        ),
        (
            "name: A\nexamples:\n- - user: 1",
            "p.yaml:3: field examples[1][1].user: 1 is not valid; use a text",
        ),
        (
            "name: A\nsampling: hot",
            "p.yaml:2: field sampling: 'hot' is not valid; use a mapping such as {temperature: 0.7}",
        ),
        (
            "name: A\nsampling:\n  temperature: 9",
            "p.yaml:3: field sampling.temperature: 9 is not valid; use a number between 0 and 2",
        ),
        (
            "name: A\nsampling:\n  heat: 1",
            "p.yaml:3: field sampling.heat is not known or has no value; use temperature, ",
        ),
        (
            "name: A\nsampling: {stop: x}",
            "p.yaml:2: field sampling.stop: 'x' is not valid; use a list of texts",
        ),
        ("name: A\nname: B", "p.yaml:2: 'name' is already given on line 1"),
        ("name: [A", "p.yaml:1: not valid YAML"),
        ("a: &a [x]\nname: *a", "p.yaml:2: aliases (*name) are not allowed; write the value out"),
        ("name: " + "{a: " * 4000, "p.yaml:1: nested more than 24 levels deep"),
        ("name: !!python/object/apply:os.system [id]", "p.yaml:1: not valid YAML"),
    ],
)
def test_a_mistake_names_file_line_field_what_it_must_be_and_what_was_found(text: str, message: str) -> None:
    with pytest.raises(PersonaError) as caught:
        parse_persona(text, "p")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(PersonaError, match=r"bomb.yaml:2: aliases"):
        parse_persona("\n".join(layers), "bomb")


def test_a_file_that_is_too_big_missing_or_a_folder_is_one_clear_line(tmp_path: Path) -> None:
    big = tmp_path / "big.yaml"
    big.write_text("name: A\ngreeting: " + "x" * 300_000, encoding="utf-8")
    with pytest.raises(PersonaError, match=r"^big\.yaml: larger than 256 KiB; make it smaller$"):
        load_persona(big)
    with pytest.raises(PersonaError, match=r"^none\.yaml: cannot be read: No such file or directory$"):
        load_persona(tmp_path / "none.yaml")
    with pytest.raises(PersonaError, match=r"cannot be read: Is a directory"):
        load_persona(tmp_path)


def test_hostile_text_in_a_file_and_in_its_name_is_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "e\x1bvil.yaml"
    path.write_text('name: "A\\e[2J\\u202e"\ngreeting: "x\\0y"\n"k\\e": "v\\e"\n', encoding="utf-8")
    persona = load_persona(path)
    assert persona.id == "e␛vil"
    assert persona.text("name", "en") == "A␛[2J\ufffd"
    assert persona.text("greeting", "en") == "x␀y"
    assert persona.extra == {"k␛": "v␛"}
    path.write_text("name: 1", encoding="utf-8")
    with pytest.raises(PersonaError, match=r"^e␛vil\.yaml:1: "):
        load_persona(path)


def test_a_persona_written_and_read_again_is_the_same() -> None:
    persona = parse_persona(FULL, "ann")
    assert parse_persona(to_yaml(persona), "ann") == persona


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)
TEXTS = st.one_of(
    WORDS, st.fixed_dictionaries({"en": WORDS, "zh": WORDS}), st.fixed_dictionaries({"zh": WORDS})
)


@given(
    name=TEXTS,
    system=TEXTS,
    example=st.lists(st.tuples(st.sampled_from(["user", "assistant"]), TEXTS), min_size=1, max_size=3),
    extra=st.dictionaries(WORDS, st.one_of(st.integers(), WORDS, st.lists(WORDS, max_size=2)), max_size=3),
)
@hypothesis_settings(max_examples=60, deadline=None)
def test_any_persona_survives_a_round_trip(
    name: object, system: object, example: list[tuple[str, object]], extra: dict[str, object]
) -> None:
    import yaml

    raw = {**extra, "name": name, "system": system, "examples": [[{role: text} for role, text in example]]}
    persona = parse_persona(yaml.safe_dump(raw, allow_unicode=True), "p")
    assert parse_persona(to_yaml(persona), "p") == persona


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_give_a_persona_or_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(data)
    try:
        persona = load_persona(path)
    except PersonaError as error:
        assert str(error).startswith("p.yaml")  # noqa: PT017 - either outcome is right
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert persona.text("name", "en")
