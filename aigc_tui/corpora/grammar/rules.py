r"""A small grammar language for made-up dialogues, and its random expansion.

Corpora hold little plain small talk with a machine that is honest about being one, and none with short
persona prompts. Grammars make it: a few hundred exchanges with exchangeable parts give far more
dialogues than a small model can learn by heart, so it has to learn the patterns.

How the files read, line by line::

    = animal                    a rule; its lines up to the next blank line are the alternatives,
    cat / dog / fox             several to a line with " / ",
    lion | The lion roars.      or one with columns, " | " between them
    @ pet 3                     an exchange and its weight, then turn after turn; several U (user) or
    U I have a {p:animal}       A (assistant) lines in a row are alternatives of one turn
    A How lovely, a {p}!
    N                           only where the assistant has a name ({name} is known)
    P                           only without a persona
    O                           only where the assistant has no name
    % tutor                     from here on exchanges belong to this role
    S You are {name}, a tutor.  a system prompt of the role
    G Hello, I'm {name}.        a greeting of the role
    V file=tutor; name=Lin      known values for the shipped persona of that file

``{rule}`` expands a rule, ``{x:rule}`` also keeps the choice as x, ``{x}`` says it again, ``.1`` picks
column 1, ``!`` makes the first letter large. ``\n`` is a line break.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from aigc_tui.corpora.grammar.naming import chinese_name, english_name, english_surname

GENERAL = "general"

_SLOT = re.compile(r"\{(\w+)(?::(\w+))?(?:\.(\d))?(!)?\}")

Row = tuple[str, ...]


class GrammarError(ValueError):
    """A grammar file is not as it should be."""


class UnboundError(LookupError):
    """A slot names neither a known value nor a rule; the exchange does not fit here."""


@dataclass(slots=True)
class Exchange:
    """Some turns on one matter; each turn is a list of alternatives, user first."""

    name: str
    weight: float
    turns: list[list[str]] = field(default_factory=list)
    needs_name: bool = False
    needs_plain: bool = False
    needs_nameless: bool = False


@dataclass(slots=True)
class RoleGrammar:
    """What belongs to one role."""

    systems: list[str] = field(default_factory=list)
    greetings: list[str] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    shipped: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Grammar:
    """All rules and roles of one language."""

    rules: dict[str, list[Row]] = field(default_factory=dict)
    roles: dict[str, RoleGrammar] = field(default_factory=dict)


def parse(lines: Iterable[str]) -> Grammar:
    """Read a grammar.

    Raises:
        GrammarError: A line does not fit; the message has its number.
    """
    grammar = Grammar(roles={GENERAL: RoleGrammar()})
    role, rule, last = grammar.roles[GENERAL], "", ""
    for number, raw in enumerate(lines, 1):
        line = raw.strip().replace("\\n", "\n")
        mark, _, rest = line.partition(" ")
        if not line or mark == "#":
            rule = ""
        elif mark == "=":
            rule = rest
            grammar.rules[rule] = []
        elif rule and mark not in ("@", "%"):
            grammar.rules[rule] += _alternatives(line)
        elif mark == "%":
            rule = ""
            role = grammar.roles.setdefault(rest, RoleGrammar())
        elif mark == "@":
            rule = ""
            name, _, weight = rest.rpartition(" ")
            role.exchanges.append(Exchange(name, float(weight)))
            last = ""
        elif not _add(role, mark, rest, last):
            raise GrammarError(f"grammar line {number}: {line!r} does not begin with a known mark")
        if mark in "UA":
            last = mark
    return grammar


def expand(template: str, grammar: Grammar, known: dict[str, Row], random: Random) -> str:
    """Fill all slots of a template.

    Args:
        template: Text with slots.
        grammar: Where rules are looked up.
        known: Values by name; new ones are added.
        random: Source of choices.

    Raises:
        UnboundError: A slot cannot be filled.
    """

    def fill(slot: re.Match[str]) -> str:
        name, rule, column, large = slot.groups()
        if rule is not None:
            known[name] = _choose(rule, grammar, known, random)
        row = known.get(name)
        if row is None:
            row = _choose(name, grammar, known, random)
        text = row[int(column or 0)]
        return text[:1].upper() + text[1:] if large else text

    return _SLOT.sub(fill, template)


def _choose(rule: str, grammar: Grammar, known: dict[str, Row], random: Random) -> Row:
    if rule in _COMPUTED:
        return _COMPUTED[rule](random)
    if rule not in grammar.rules:
        raise UnboundError(rule)
    row = random.choice(grammar.rules[rule])
    return tuple(expand(column, grammar, known, random) for column in row)


def _alternatives(line: str) -> list[Row]:
    if " | " in line:
        return [tuple(column.strip() for column in line.split(" | "))]
    return [(alternative.strip(),) for alternative in line.split(" / ")]


def _add(role: RoleGrammar, mark: str, rest: str, last: str) -> bool:
    """Add one line of a role; False if its mark is unknown."""
    if mark == "S":
        role.systems.append(rest)
    elif mark == "G":
        role.greetings.append(rest)
    elif mark == "V":
        values = dict(pair.split("=", 1) for pair in rest.split("; "))
        role.shipped[values.pop("file")] = values
    elif not role.exchanges:
        return False
    elif mark == "N":
        role.exchanges[-1].needs_name = True
    elif mark == "P":
        role.exchanges[-1].needs_plain = True
    elif mark == "O":
        role.exchanges[-1].needs_nameless = True
    elif mark in ("U", "A"):
        if mark != last:
            role.exchanges[-1].turns.append([])
        role.exchanges[-1].turns[-1] += rest.split(" / ")
    else:
        return False
    return True


def _sum(random: Random) -> Row:
    a, b = random.randint(0, 12), random.randint(0, 12)
    if random.random() < 0.3 and a >= b:
        return (f"{a} - {b}", str(a - b))
    if random.random() < 0.25:
        return (f"{a % 11} * {b % 11}", str((a % 11) * (b % 11)))
    return (f"{a} + {b}", str(a + b))


def _digits(random: Random) -> Row:
    return (str(random.randint(123, 98765)),)


def _small(random: Random) -> Row:
    return (str(random.randint(2, 30)),)


def _english_name(random: Random) -> Row:
    return (english_name(random),)


def _english_surname(random: Random) -> Row:
    return (english_surname(random),)


def _chinese_name(random: Random) -> Row:
    return (chinese_name(random),)


_COMPUTED = {
    "sum": _sum,
    "digits": _digits,
    "small": _small,
    "made_name": _english_name,
    "made_surname": _english_surname,
    "made_chinese": _chinese_name,
}
