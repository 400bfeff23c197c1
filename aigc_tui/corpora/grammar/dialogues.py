"""Made-up dialogues: exchanges of the grammars strung together, under no, a made-up or a shipped persona.

The prompt has the shape of ``aigc_tui.personas.assemble``: instructions, example turns, the greeting as
a turn of the assistant, then the talk.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from aigc_tui.corpora.grammar.rules import GENERAL, Exchange, Grammar, Row, UnboundError, expand, parse
from aigc_tui.corpora.records import CorpusError, DialogueMessage, Record
from aigc_tui.persona_format.parse import load_persona
from aigc_tui.persona_format.schema import Persona, PersonaError

LANGUAGES = ("en", "zh")
_HOME = Path(__file__).parent
_NO_PERSONA = 0.3
_SHIPPED = 0.5
_OTHER_LANGUAGE = 0.2
_GENERAL_SHIPPED = 0.75
_GREETED_FIRST = 0.08
_AS_IN_THE_APP = 0.85
_OFTEN = frozenset({"assistant"})  # the persona of a new conversation


@dataclass(frozen=True, slots=True)
class Setting:
    """What stands before the talk: messages, the role, and values that the role's exchanges may say."""

    role: str = GENERAL
    opening: tuple[DialogueMessage, ...] = ()
    known: dict[str, Row] = field(default_factory=dict)


def load_grammars() -> dict[str, Grammar]:
    """Read the grammar of each language."""
    return {language: parse(grammar_lines(language)) for language in LANGUAGES}


def grammar_lines(language: str) -> list[str]:
    """Return the lines of a language's grammar, for one that builds on it."""
    return (_HOME / f"{language}.txt").read_text(encoding="utf-8").splitlines()


def generate(language: str, seed: int, personas: Path | None) -> Iterator[Record]:
    """Make dialogues without end.

    Args:
        language: ``en`` or ``zh``: what the user speaks, and so the assistant.
        seed: The same seed gives the same dialogues.
        personas: Folder of persona YAML files to practise with, or None.

    Raises:
        CorpusError: A persona file is wrong.
    """
    grammars, shipped = load_grammars(), _read_personas(personas)
    random = Random(f"{seed}-{language}")
    while True:
        made = _dialogue(language, grammars, shipped, random)
        if made is not None:
            yield Record(messages=made)


class Openings:
    """What may stand before a task: nothing, an assistant with a made-up name, or the application's own."""

    def __init__(self, personas: Path | None) -> None:
        self._grammars, self._shipped = load_grammars(), _read_personas(personas)

    def general(self, language: str, random: Random) -> tuple[DialogueMessage, ...]:
        """Return an opening that fits any request in this language."""
        kind = random.random()
        if kind < _NO_PERSONA:
            return ()
        general = {name: one for name, one in self._shipped.items() if name in _OFTEN}
        if kind < _GENERAL_SHIPPED and general:
            return _shipped_setting(language, language, self._grammars, general, random).opening
        grammar, known = self._grammars[language], dict[str, Row]()
        system = random.choice(grammar.roles[GENERAL].systems)
        return (DialogueMessage("system", expand(system, grammar, known, random)),)


def fingerprint(personas: Path | None) -> str:
    """Name the state of grammars, their code and the persona files, to notice a change."""
    files = [*sorted(_HOME.glob("*.*")), *(sorted(personas.glob("*.yaml")) if personas else [])]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _dialogue(
    language: str, grammars: dict[str, Grammar], shipped: dict[str, Persona], random: Random
) -> tuple[DialogueMessage, ...] | None:
    setting = _setting(language, grammars, shipped, random)
    messages = list(setting.opening)
    known = dict(setting.known)
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        turns = _exchange(setting, known, grammars[language], random)
        if turns is None:
            return None
        if "?" in turns[0].replace("？", "?") and random.random() < _GREETED_FIRST:
            turns[0] = _greeted(turns[0], language, random)
        for number, text in enumerate(turns):
            if number % 2:
                messages.append(DialogueMessage("assistant", _sentence(text)))
            else:
                messages.append(DialogueMessage("user", _typed(text, language, random)))
    return tuple(messages)


def _exchange(setting: Setting, known: dict[str, Row], grammar: Grammar, random: Random) -> list[str] | None:
    """Pick an exchange that fits and expand it; values said in it (a name) stay known for later ones."""
    role = grammar.roles.get(setting.role, grammar.roles[GENERAL])
    at_home = role.exchanges and setting.role != GENERAL and random.random() < 0.72
    pool = role.exchanges if at_home else grammar.roles[GENERAL].exchanges
    plain = not setting.opening
    fitting = [e for e in pool if _fits(e, plain, "name" in known)]
    chosen = random.choices(fitting, weights=[e.weight for e in fitting])[0]
    for _ in range(8):
        inner = dict(known)
        try:
            return [expand(random.choice(turn), grammar, inner, random) for turn in chosen.turns]
        except UnboundError:
            continue
    return None


def _fits(exchange: Exchange, plain: bool, named: bool) -> bool:
    if exchange.needs_nameless and named:
        return False
    return (not exchange.needs_name or named) and (not exchange.needs_plain or plain)


def _setting(
    language: str, grammars: dict[str, Grammar], shipped: dict[str, Persona], random: Random
) -> Setting:
    if random.random() < _NO_PERSONA:
        return Setting()
    spoken = language if random.random() > _OTHER_LANGUAGE else random.choice(LANGUAGES)
    if shipped and random.random() < _SHIPPED:
        return _shipped_setting(spoken, language, grammars, shipped, random)
    return _made_up_setting(spoken, language, grammars, random)


def _made_up_setting(spoken: str, language: str, grammars: dict[str, Grammar], random: Random) -> Setting:
    """A persona of a known kind with a name and facts of its own."""
    role = random.choice([name for name, r in grammars[spoken].roles.items() if r.systems])
    grammar, known = grammars[spoken], dict[str, Row]()
    system = expand(random.choice(grammar.roles[role].systems), grammar, known, random)
    if style := _style(grammar, random):
        system += ("" if spoken == "zh" else " ") + style
    opening = [DialogueMessage("system", system)]
    if spoken != language and not set(known) <= {"name"}:
        return _made_up_setting(language, language, grammars, random)
    if random.random() < 0.3:
        examples = _exchange(Setting(role, (opening[0],), known), known, grammar, random) or []
        opening += [
            DialogueMessage(("user", "assistant")[i % 2], _sentence(text)) for i, text in enumerate(examples)
        ]
    greetings = grammar.roles[role].greetings
    if greetings and random.random() < 0.5:
        with contextlib.suppress(UnboundError):
            opening.append(
                DialogueMessage("assistant", expand(random.choice(greetings), grammar, known, random))
            )
    return Setting(role, tuple(opening), known)


def _style(grammar: Grammar, random: Random) -> str:
    if "style" not in grammar.rules or random.random() < 0.4:
        return ""
    return random.choice(grammar.rules["style"])[0]


def _shipped_setting(
    spoken: str, language: str, grammars: dict[str, Grammar], shipped: dict[str, Persona], random: Random
) -> Setting:
    """A shipped persona in the very words of its file."""
    persona = shipped[random.choice([*sorted(shipped), *_OFTEN.intersection(shipped)])]
    role = _role_of(persona.id, grammars[language])
    values = grammars[language].roles[role].shipped.get(persona.id, {})
    instructions, greeting = persona.instructions(spoken), persona.text("greeting", spoken)
    opening = [DialogueMessage("system", instructions)] if instructions else []
    if random.random() < _AS_IN_THE_APP:
        opening += [
            DialogueMessage(turn.role, turn.text.get(spoken)) for turns in persona.examples for turn in turns
        ]
    if random.random() < _AS_IN_THE_APP and greeting:
        opening.append(DialogueMessage("assistant", greeting))
    return Setting(role, tuple(opening), {name: (value,) for name, value in values.items()})


def _role_of(stem: str, grammar: Grammar) -> str:
    return next((name for name, role in grammar.roles.items() if stem in role.shipped), GENERAL)


def _read_personas(folder: Path | None) -> dict[str, Persona]:
    """Read the persona files of a folder, by id."""
    try:
        return {path.stem: load_persona(path) for path in (sorted(folder.glob("*.yaml")) if folder else ())}
    except PersonaError as error:
        raise CorpusError("{problem}", problem=error) from None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _greeted(text: str, language: str, random: Random) -> str:
    """Put a greeting before a question; what is to be answered is the question."""
    if text.lower().startswith(("hi", "hello", "hey", "good", "你好", "嗨", "早", "晚")):
        return text
    if language == "zh":
        return random.choice(("你好，", "你好！", "嗨，")) + text
    return random.choice(("Hello! ", "Hi, ", "Hello, ")) + text


def _typed(text: str, language: str, random: Random) -> str:
    """Write as people type: with or without capitals and stops."""
    text = text.strip()
    if random.random() < 0.3:
        bare = text.rstrip(".?!。？！")
        return (bare.lower() if language == "en" and random.random() < 0.4 else bare) or text
    stop = "." if language == "en" else "。"
    if text[-1] not in '.?!。？！"”' and random.random() < 0.6:
        text += stop
    return text[:1].upper() + text[1:]
