"""Names made from parts: lists without end, so that repeating a name cannot be learned as a choice.

The first starter had forty English names in its lists; it answered "My name is Clara" with "Nice to meet you,
Luke!", because the closed list was good enough to lower its loss. With open names only copying lowers it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_HEADS = _parts(
    """
    A Be Bo Bra Ca Ce Cla Co Da De Do Dra E El Fa Fi Flo Ga Ge Gra Ha He Ho I Ja Je Jo Ka Ke Ki La Le Li
    Lo Lu Ma Me Mi Mo Na Ne No O Pa Pe Po Qui Ra Re Ri Ro Ru Sa Se Sha Si So Ste Su Ta Te Tha Ti To Tri
    U Va Ve Vi Wa Wi Xa Ya Yo Za Ze
    """
)
_MIDDLES = _parts(
    """
    l ll n nn r m d t v s ss th lv nd rt rl st b bb c k g lm mb rn z sh ph lin mar ran ven dor tal ber
    """
)
_ENDS = _parts(
    """
    a o ie y e an en in on ia io as is us el al ah ette ine ara ena ita ora yn ard ert bert mond ric win
    ley ton son bel
    """
)
_TAILS = _parts(
    """
    son ton man ley field wood well ford ham worth berg stein ski ov er ing don by low mont ridge
    """
)
_STEMS = _parts(
    """
    Ash Bar Ben Black Brook Car Cole Dal Dun East Ever Fen Gar Green Hal Har Hart Hol Jack John Kel Lang
    Law Mar Mor New North Old Par Pen Rich Rob San Stan Stone Thorn Wal West White Will Win Wood York
    """
)
_SURNAMES = tuple(
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏"
    "魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
)
_DOUBLE = ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "慕容", "令狐", "公孙", "司徒", "夏侯")
_GIVEN = tuple(
    "伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚文华玲红志海燕龙雨欣子轩思远梓涵晓东佳怡天宇美国春梅"
    "雪云飞鹏浩然婷琳悦安宁心清秋月星晨阳光瑞祥嘉诚毅博雅慧颖莹倩蕾薇兰竹菊莲荷柳松柏林森泉江河"
    "川山岩峰岚青蓝紫彤丹若如诗书画琴棋墨言语默信义礼智仁可爱乐康健福禄寿喜成功立业学民生德才俊"
    "豪贵富荣昌盛凯旋胜利"
)


def english_name(random: Random) -> str:
    """Make one English-looking first name, such as Talvin or Morena."""
    middle = random.choice(_MIDDLES) if random.random() < 0.85 else ""
    return random.choice(_HEADS) + middle + random.choice(_ENDS)


def english_surname(random: Random) -> str:
    """Make one English-looking family name, such as Harwood or Benton."""
    return random.choice(_STEMS) + random.choice(_TAILS)


def chinese_name(random: Random) -> str:
    """Make one Chinese name of two to four characters, or a short form such as 小欣 or 老郭."""
    if random.random() < 0.25:
        return random.choice("小小小阿老") + random.choice(_GIVEN + _SURNAMES)
    given = "".join(random.choices(_GIVEN, k=random.choice((1, 2, 2))))
    surname = random.choice(_DOUBLE) if random.random() < 0.08 else random.choice(_SURNAMES)
    return surname + given


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
    """Fill all slots of a template; new values are added to `known`.

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
