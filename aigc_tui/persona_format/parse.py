"""Read a persona from its YAML file, and write one back.

People write these files by hand and trade them: every mistake is answered with file, line, field, what it
must be and what was found, and fields of a newer version are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import yaml

from aigc_tui.config import ConfigError, setting
from aigc_tui.config.sampling import OFFERED
from aigc_tui.config.schema import ValueProblemError, check_value, not_valid, one_of
from aigc_tui.config.yaml_file import YamlError, YamlFile, parse_yaml, read_yaml
from aigc_tui.message import Message, message
from aigc_tui.persona_format.schema import (
    DEFAULT_AVATAR,
    ExampleTurn,
    Persona,
    PersonaError,
    SafetyClass,
    Texts,
)
from aigc_tui.text import one_line, width

MAX_BYTES = 256 * 1024
_TEXT_FIELDS = ("name", "greeting", "description", "style", "system")
_FIELDS = (*_TEXT_FIELDS, "examples", "sampling", "tags", "safety", "avatar")
_TURN_ROLES = ("user", "assistant")


def load_persona(path: Path) -> Persona:
    """Read a persona file; its name without the ending is the persona's id.

    Raises:
        PersonaError: ``tutor.yaml:7: field greeting: ... is not valid; use ...``.
    """
    try:
        file = read_yaml(path, MAX_BYTES)
    except YamlError as error:
        raise PersonaError(error.message) from error
    return _persona(file, one_line(path.stem, 100), path)


def parse_persona(text: str, persona_id: str) -> Persona:
    """Read a persona from YAML text, as `load_persona` does from a file."""
    try:
        return _persona(parse_yaml(text, f"{persona_id}.yaml"), persona_id, None)
    except YamlError as error:
        raise PersonaError(error.message) from error


def _persona(file: YamlFile, persona_id: str, source: Path | None) -> Persona:
    raw = file.value
    if not isinstance(raw, dict):
        raise PersonaError(
            "{place}: {problem}",
            place=file.at(),
            problem=not_valid(raw, message("`field: value` lines")),
        )
    texts = {key: _texts(file, raw[key], key) for key in _TEXT_FIELDS if raw.get(key) is not None}
    name = texts.pop("name", None)
    if name is None:
        raise PersonaError(
            "{place}: field name is missing; give a text, or {{en: ..., zh: ...}}", place=file.at()
        )
    return Persona(
        id=persona_id,
        name=Texts(one_line(name.en, 80), one_line(name.zh, 80)),
        **texts,
        examples=_examples(file, raw.get("examples")),
        sampling=_sampling(file, raw.get("sampling")),
        tags=_tags(file, raw.get("tags")),
        safety=_safety(file, raw.get("safety")),
        avatar=_avatar(file, raw.get("avatar")),
        extra={str(key): value for key, value in raw.items() if key not in _FIELDS},
        source=source,
    )


def _wrong(file: YamlFile, place: tuple[str | int, ...], right: Message, found: object) -> NoReturn:
    name = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
    raise PersonaError(
        "{place}: field {name}: {problem}",
        place=file.at(*place),
        name=one_line(name),
        problem=not_valid(found, right),
    )


def _texts(file: YamlFile, raw: object, *place: str | int) -> Texts:
    """Read a text: plain for both languages, or a mapping with en, zh or both."""
    if isinstance(raw, str) and raw.strip():
        return Texts(raw.strip(), raw.strip())
    if not isinstance(raw, dict) or not raw:
        _wrong(file, place, message("a text, or {en: ..., zh: ...}"), raw)
    for language, text in raw.items():
        if language not in ("en", "zh"):
            _wrong(file, (*place, str(language)), message("en or zh"), language)
        if not isinstance(text, str) or not text.strip():
            _wrong(file, (*place, str(language)), message("a text"), text)
    return Texts(raw.get("en", "").strip(), raw.get("zh", "").strip())


def _list(file: YamlFile, raw: object, right: Message, *place: str | int) -> list[Any]:
    if raw is None:
        return []
    if not isinstance(raw, list):
        _wrong(file, place, right, raw)
    return raw


def _examples(file: YamlFile, raw: object) -> tuple[tuple[ExampleTurn, ...], ...]:
    dialogues = _list(file, raw, message("a list of dialogues"), "examples")
    return tuple(_dialogue(file, dialogue, index) for index, dialogue in enumerate(dialogues))


def _dialogue(file: YamlFile, raw: object, index: int) -> tuple[ExampleTurn, ...]:
    turns = _list(file, raw, message("a list of turns"), "examples", index)
    return tuple(_turn(file, turn, "examples", index, number) for number, turn in enumerate(turns))


def _turn(file: YamlFile, raw: object, *place: str | int) -> ExampleTurn:
    if not isinstance(raw, dict) or len(raw) != 1 or next(iter(raw)) not in _TURN_ROLES:
        _wrong(file, place, message("one turn such as `user: {en: ..., zh: ...}` or `assistant: ...`"), raw)
    role, text = next(iter(raw.items()))
    return ExampleTurn(str(role), _texts(file, text, *place, role))


def _sampling(file: YamlFile, raw: object) -> Mapping[str, object]:
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        _wrong(file, ("sampling",), message("a mapping such as {temperature: 0.7}"), raw)
    return {str(key): _sampling_value(file, key, value) for key, value in raw.items()}


def _sampling_value(file: YamlFile, key: object, value: object) -> object:
    if key == "stop":
        stops = _list(file, value, message("a list of texts"), "sampling", "stop")
        for index, stop in enumerate(stops):
            if not isinstance(stop, str) or not stop:
                _wrong(file, ("sampling", "stop", index), message("a text"), stop)
        return tuple(stops)
    place, name = file.at("sampling", str(key)), one_line(str(key), 40)
    if key not in OFFERED or value is None:
        raise PersonaError(
            "{place}: field sampling.{name} is not known or has no value; use {names} or stop",
            place=place,
            name=name,
            names=tuple(OFFERED),
        )
    try:
        return check_value(setting(str(key)), value)
    except (ValueProblemError, ConfigError) as problem:
        raise PersonaError(
            "{place}: field sampling.{name}: {problem}", place=place, name=name, problem=problem
        ) from problem


def _tags(file: YamlFile, raw: object) -> tuple[str, ...]:
    tags = _list(file, raw, message("a list of texts"), "tags")
    for index, tag in enumerate(tags):
        if not isinstance(tag, str) or not tag.strip():
            _wrong(file, ("tags", index), message("a text"), tag)
    return tuple(one_line(tag, 40) for tag in tags)


def _safety(file: YamlFile, raw: object) -> SafetyClass:
    if raw is None:
        return SafetyClass.GENERAL
    if not isinstance(raw, str) or raw not in tuple(SafetyClass):
        _wrong(file, ("safety",), one_of(tuple(SafetyClass)), raw)
    return SafetyClass(raw)


def _avatar(file: YamlFile, raw: object) -> str:
    if raw is None:
        return DEFAULT_AVATAR
    if not isinstance(raw, str) or not raw.strip() or width(raw.strip()) > 2 or "\n" in raw.strip():
        _wrong(file, ("avatar",), message("one character or emoji"), raw)
    return raw.strip()


def to_yaml(persona: Persona) -> str:
    """Write a persona as YAML; reading it back gives an equal persona."""
    raw: dict[str, object] = {name: _plain(getattr(persona, name)) for name in _TEXT_FIELDS}
    raw["avatar"] = persona.avatar
    raw["tags"] = list(persona.tags)
    raw["safety"] = str(persona.safety)
    raw["examples"] = [[{str(turn.role): _plain(turn.text)} for turn in turns] for turns in persona.examples]
    raw["sampling"] = {key: _listed(value) for key, value in persona.sampling.items()}
    kept = {key: value for key, value in raw.items() if value not in (None, [], {})}
    return str(yaml.safe_dump({**kept, **persona.extra}, allow_unicode=True, sort_keys=False, width=100))


def _listed(value: object) -> object:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else value


def _plain(texts: Texts) -> object:
    if texts.en == texts.zh:
        return texts.en or None
    return {language: text for language, text in (("en", texts.en), ("zh", texts.zh)) if text}
