"""Say it in the form that was asked for: one word, three things, JSON, only a number, a given ending.

Everything is made by rule, so the reply is right by construction; the words come from the talk's grammars,
formats.yaml and open lists of names, so that the form has to be learned and not the reply.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import yaml

from aigc_tui.corpora.grammar.dialogues import LANGUAGES, load_grammars
from aigc_tui.corpora.grammar.rules import Grammar, expand
from aigc_tui.corpora.tasks.asking import Asked, Row, cased

_FILE = Path(__file__).with_name("formats.yaml")


@dataclass(frozen=True, slots=True)
class Wording:
    """How forms are asked for; every table has the languages ``en`` and ``zh`` unless it says otherwise.

    Args:
        requests: Form -> language -> phrasings with slots; a form may exist in one language only.
        kinds: Things that can be listed: rule of the talk's grammar, and what to call it.
        sayings: Sentences about a person, to be turned into JSON.
        bilingual: Questions with their answers in both languages: language -> (question, answer).
        facts: Questions with the shortest answer: language -> (question, answer).
    """

    requests: Mapping[str, Mapping[str, tuple[str, ...]]]
    kinds: Mapping[str, tuple[tuple[str, str], ...]]
    sayings: Mapping[str, tuple[str, ...]]
    bilingual: tuple[Mapping[str, tuple[str, str]], ...]
    facts: Mapping[str, tuple[tuple[str, str], ...]]

    def say(self, form: str, language: str, random: Random, **values: object) -> str:
        return random.choice(self.requests[form][language]).format(**values)


@cache
def load_wording() -> Wording:
    """Read the file, once."""
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return Wording(
        requests={
            form: {language: tuple(lines) for language, lines in by_language.items()}
            for form, by_language in raw["wording"].items()
        },
        kinds={
            language: tuple((rule, label) for rule, label in rows) for language, rows in raw["kinds"].items()
        },
        sayings={language: tuple(lines) for language, lines in raw["sayings"].items()},
        bilingual=tuple(
            {language: (row[0], row[1]) for language, row in pair.items()} for pair in raw["bilingual"]
        ),
        facts={
            language: tuple((asked, told) for asked, told in rows) for language, rows in raw["facts"].items()
        },
    )


Words = Callable[[str], str]
Form = Callable[[str, Words, Random], tuple[str, str]]


def make(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make exchanges without end; ``rows`` is not used."""
    grammars = load_grammars()
    forms = [form for form, weight in _FORMS for _ in range(weight)]
    while True:
        language = random.choice(LANGUAGES)
        request, reply = random.choice(forms)(language, _words(grammars[language], random), random)
        yield Asked(language, (cased(request, random), reply))


def _words(grammar: Grammar, random: Random) -> Words:
    return lambda rule: expand("{" + rule + "}", grammar, {}, random)


def _say(form: str, language: str, random: Random, **values: object) -> str:
    return load_wording().say(form, language, random, **values)


def _list(items: Sequence[str], style: str, language: str) -> str:
    comma = "、" if language == "zh" else ", "
    return {
        "numbers": "\n".join(f"{i}. {item}" for i, item in enumerate(items, 1)),
        "dashes": "\n".join(f"- {item}" for item in items),
        "commas": comma.join(items),
    }[style]


def _different(words: Words, rule: str, count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found[words(rule)] = None
    return list(found)


def name_some(language: str, words: Words, random: Random) -> tuple[str, str]:
    """Name so many things of a kind, in the style asked for."""
    rule, label = random.choice(load_wording().kinds[language])
    count, style = random.choice((2, 3, 3, 3, 4, 5)), random.choice(("numbers", "dashes", "commas"))
    number = {"en": ("two", "three", "four", "five"), "zh": ("两", "三", "四", "五")}[language][count - 2]
    items = _different(words, rule, count)
    return _say(f"name_{style}", language, random, n=number, kind=label), _list(items, style, language)


def restyle(language: str, words: Words, random: Random) -> tuple[str, str]:
    """Turn a list in a line into lines, and back."""
    items = _different(words, random.choice(load_wording().kinds[language])[0], random.randint(2, 5))
    style, given = random.choice((("numbers", "commas"), ("dashes", "commas"), ("commas", "dashes")))
    request = _say(f"restyle_{style}", language, random, items=_list(items, given, language))
    return request, _list(items, style, language)


def pick(language: str, words: Words, random: Random) -> tuple[str, str]:
    """Say one item of a list by its place."""
    items = _different(
        words, "oneword" if random.random() < 0.5 else "first_name" if language == "en" else "name", 3
    )
    place = random.randrange(3)
    name = {"en": ("first", "second", "last"), "zh": ("第一个", "第二个", "最后一个")}[language][place]
    return _say("pick", language, random, place=name, items=_list(items, "commas", language)), items[place]


def as_json(language: str, words: Words, random: Random) -> tuple[str, str]:
    """Make a JSON object with the keys asked for from a sentence."""
    name = words("first_name" if language == "en" else "name")
    values: dict[str, object] = {
        "name": name,
        "age": random.randint(5, 90),
        "city": words("city"),
        "job": words("job"),
    }
    keys = random.sample(list(values), random.choice((2, 2, 3)))
    said = random.choice(load_wording().sayings[language]).format(**values)
    if language == "zh" and random.random() < 0.5:
        shown = {"name": "姓名", "age": "年龄", "city": "城市", "job": "职业"}
    else:
        shown = {key: key for key in values}
    reply = json.dumps({shown[key]: values[key] for key in keys}, ensure_ascii=False)
    named = ("、" if language == "zh" else ", ").join(shown[key] for key in keys)
    return _say("json", language, random, keys=named, said=said), reply


def only_number(language: str, words: Words, random: Random) -> tuple[str, str]:
    """Answer with a number and nothing else: a sum, or how many words there are."""
    if random.random() < 0.5:
        a, b = random.randint(0, 12), random.randint(0, 12)
        return _say("sum", language, random, a=a, b=b), str(a + b)
    items = _different(words, "oneword", random.randint(1, 6))
    return _say("how_many", language, random, items=_list(items, "commas", language)), str(len(items))


def one_word(language: str, words: Words, random: Random) -> tuple[str, str]:
    """Answer with one word that the request holds."""
    one, other = _different(words, "first_name" if language == "en" else "name", 2)
    likes, dislikes = _different(words, "food", 2)
    asked = random.choice((one, other))
    values = {"a": one, "b": other, "x": likes, "y": dislikes, "who": asked}
    return _say("one_word", language, random, **values), likes if asked == one else dislikes


def yes_or_no(language: str, words: Words, random: Random) -> tuple[str, str]:
    """Answer yes or no and nothing else: is this word one of these?"""
    items = _different(words, "oneword", random.randint(2, 4))
    true = random.random() < 0.5
    word = random.choice(items) if true else words("oneword")
    reply = {"en": ("No", "Yes"), "zh": ("不是", "是")}[language][word in items]
    return _say("yes_no", language, random, word=word, items=_list(items, "commas", language)), reply


def other_language(language: str, words: Words, random: Random) -> tuple[str, str]:
    """Answer in the language that is asked for, which is not that of the request."""
    pair = random.choice(load_wording().bilingual)
    other = "zh" if language == "en" else "en"
    return _say("other_language", language, random, question=pair[language][0]), pair[other][1]


def ending(language: str, words: Words, random: Random) -> tuple[str, str]:
    """End (or begin) a sentence with given words."""
    food, place = words("food"), words("city")
    mark = (
        words("oneword")
        if random.random() < 0.6
        else random.choice(("OK", "Over", "完毕", "谢谢", "Done", "meow", "喵"))
    )
    said = _say("plain_sentence", language, random, food=food, place=place)
    between = "" if language == "zh" else " "
    if random.random() < 0.65:
        stop = "。" if language == "zh" else "."
        return _say("ends", language, random, mark=mark, topic=food), f"{said}{between}{mark}{stop}"
    colon = "：" if language == "zh" else ": "
    return _say("begins", language, random, mark=mark, topic=food), f"{mark}{colon}{said}"


def exactly(language: str, words: Words, random: Random) -> tuple[str, str]:
    """Repeat exactly, once or several times."""
    said = words(random.choice(("words", "sayword", "oneword")))
    if random.random() < 0.6:
        return _say("exactly", language, random, said=said), said
    count = random.choice((2, 3, 4))
    number = {"en": ("two", "three", "four"), "zh": ("两", "三", "四")}[language][count - 2]
    return _say("times", language, random, said=said, n=number), (" ".join([said] * count))


def letters(language: str, words: Words, random: Random) -> tuple[str, str]:
    """Upper case, lower case, quotation marks; for Chinese, brackets."""
    said = words("words")
    if language == "zh":
        marks = random.choice(("《》", "（）", "“”", "【】"))
        return _say("bracket", language, random, said=said, marks=marks), marks[0] + said + marks[1]
    kind = random.choice(("upper", "lower", "bracket"))
    given = {"upper": said, "lower": said.upper(), "bracket": said}[kind]
    reply = {"upper": said.upper(), "lower": said.lower(), "bracket": f"[{said}]"}[kind]
    return _say(kind, language, random, said=given, marks="[]"), reply


def short_fact(language: str, words: Words, random: Random) -> tuple[str, str]:
    """Answer a plain question with nothing but its answer."""
    question, answer = random.choice(load_wording().facts[language])
    return _say("short_fact", language, random, question=question), answer


def two_sentences(language: str, words: Words, random: Random) -> tuple[str, str]:
    """Say exactly two sentences about something."""
    topic = words("food")
    one, other = (_say("plain_sentence", language, random, food=topic, place=words("city")) for _ in range(2))
    return _say("two_sentences", language, random, topic=topic), one + (
        "" if language == "zh" else " "
    ) + other


def only_question(language: str, words: Words, random: Random) -> tuple[str, str]:
    """Ask one question about something and say nothing else."""
    topic = words("hobby")
    return _say("only_question", language, random, topic=topic), _say(
        "asked_back", language, random, topic=topic
    )


_FORMS: tuple[tuple[Form, int], ...] = (
    (name_some, 5),
    (restyle, 3),
    (pick, 4),
    (as_json, 5),
    (only_number, 4),
    (one_word, 5),
    (yes_or_no, 3),
    (other_language, 5),
    (ending, 4),
    (exactly, 5),
    (letters, 2),
    (short_fact, 4),
    (two_sentences, 2),
    (only_question, 2),
)
