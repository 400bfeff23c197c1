"""Tasks of general knowledge: quiz questions, two-part sayings, definitions, restaurants, ingredients.

A model of a few million weights cannot keep these facts; the forms are few and are kept. So the request often
carries the facts, and the reply is a copy. The E2E restaurants (arXiv:1706.09254) have a few dozen names,
which a model would learn by heart: they are exchanged for made-up ones wherever the sentence says them word
for word. Definitions are those of common words in Open English WordNet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from random import Random

from aigc_tui.corpora.grammar.rules import english_name
from aigc_tui.corpora.tasks.asking import Asked, Row, cased, closed, several

_ASK = (
    "Ask me a quiz question.",
    "Give me a quiz question.",
    "Let's do a quiz!",
    "Quiz me.",
    "Test my knowledge.",
)
_CHOOSE = ("{question} {options}?", "{question}\nChoose one: {options}", "{question}\n{lines}")
_RIGHT = ("Yes, that's right: {answer}.", "Correct! It is {answer}.", "Well done, {answer} is right.")
_WRONG = ("Not quite. The answer is {answer}.", "Good try, but it is {answer}.")
_UNKNOWN = ("I don't know", "tell me", "no idea", "what is it?")

_SAY = ("说一个歇后语。", "来一句歇后语", "讲个歇后语", "给我一个歇后语", "再来一个歇后语")
_RIDDLE = ("考考我歇后语", "出一个歇后语让我猜", "歇后语猜谜", "我们来玩歇后语吧")
_TAIL = ("“{riddle}”的下半句是什么？", "歇后语“{riddle}”后面是什么？", "接歇后语：{riddle}——")
_PICK = ("“{riddle}”的下半句是哪一个：{options}？", "{options}，哪个是“{riddle}”的下半句？")
_LONGEST_ANSWER = 40


def make_trivia(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make quiz exchanges of records with ``question``, ``options`` and ``answer``."""
    for row in several(rows, random):
        question, answer = str(row["question"]).strip(), str(row["answer"]).strip()
        options = [str(option).strip() for option in row["options"]]
        if len(options) < 3 or len("".join(options)) > 3 * _LONGEST_ANSWER or answer not in options:
            continue
        if random.random() < 0.5:
            form = random.choice(_CHOOSE)
            lines = "\n".join(f"- {option}" for option in options)
            request = form.format(
                question=question, options=", ".join(options[:-1]) + " or " + options[-1], lines=lines
            )
            yield Asked("en", (request, closed(answer)), question)
        else:
            yield _quizzed(question, answer, options, random)


def make_riddles(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make exchanges of records with ``riddle`` and ``answer``, the two parts of a saying."""
    answers = [str(row["answer"]) for row in rows]
    for row in several(rows, random):
        riddle, answer = str(row["riddle"]), str(row["answer"])
        if len(riddle) > 14 or len(answer) > 10:
            continue
        kind = random.random()
        if kind < 0.35:
            yield Asked("zh", (random.choice(_SAY), f"{riddle}——{answer}。"), riddle)
        elif kind < 0.55:
            guess = random.choice(("不知道", "猜不出来", "告诉我吧", answer))
            told = f"答对了！就是“{answer}”。" if guess == answer else f"答案是“{answer}”。"
            yield Asked(
                "zh", (random.choice(_RIDDLE), f"{riddle}——打一下半句，你猜是什么？", guess, told), riddle
            )
        elif kind < 0.8:
            options = [answer, *random.sample(answers, 2)]
            random.shuffle(options)
            form = random.choice(_PICK).format(riddle=riddle, options="、".join(options))
            yield Asked("zh", (form, f"{answer}。"), riddle)
        else:
            yield Asked("zh", (random.choice(_TAIL).format(riddle=riddle), f"{riddle}——{answer}。"), riddle)


def _quizzed(question: str, answer: str, options: list[str], random: Random) -> Asked:
    shown = f"{question}\n" + "\n".join(f"- {option}" for option in options)
    guess = random.choice((answer, answer, random.choice(options), random.choice(_UNKNOWN)))
    told = random.choice(_RIGHT if guess == answer else _WRONG).format(answer=answer)
    if guess in _UNKNOWN:
        told = f"The answer is {answer}."
    return Asked("en", (random.choice(_ASK), shown, guess, told), question)


_MEANING = (
    "What does {word} mean?",
    "Define {word}.",
    "What is the meaning of {word}?",
    'Explain the word "{word}".',
)
_WHICH = (
    'Which of these words means "{definition}": {options}?',
    "{options}. Which of them fits? Meaning: {definition}",
)
_SENTENCE = ('Use the word "{word}" in a sentence.', "Give me an example sentence with {word}.")
_WORD = re.compile(r"[a-z]{3,8}")
_LONGEST_DEFINITION = 70


def make_definitions(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make exchanges of common words: rows with ``members``, ``pos``, ``definition`` and ``examples``."""
    known = [row for row in rows if _plain(row)]
    words = [str(row["members"][0]) for row in known]
    for row in several(known, random):
        word, definition = str(row["members"][0]), str(row["definition"])
        examples = [str(example) for example in row["examples"] if word in str(example)]
        kind = random.random()
        if kind < 0.4:
            reply = closed(f"{_article(word, str(row['pos']))}: {definition}")
            yield Asked("en", (cased(random.choice(_MEANING).format(word=word), random), reply), word)
        elif kind < 0.8 or not examples:
            options = [*random.sample([w for w in random.sample(words, 6) if w != word], 2), word]
            random.shuffle(options)
            form = random.choice(_WHICH).format(definition=definition, options=", ".join(options))
            yield Asked("en", (form, closed(word)), word)
        else:
            yield Asked("en", (random.choice(_SENTENCE).format(word=word), closed(examples[0])), word)


def _plain(row: Row) -> bool:
    members = row["members"]
    return (
        bool(row["examples"])
        and bool(_WORD.fullmatch(members[0]))
        and len(row["definition"]) <= _LONGEST_DEFINITION
    )


def _article(word: str, pos: str) -> str:
    return f"to {word}" if pos == "v" else word


_PAIR = re.compile(r"([\w ]+)\[([^\]]*)\]")
_FORMS = (
    "Write one sentence from these attributes:\n{list}",
    "Describe this place in a sentence. {line}",
    "Turn this into a sentence: {line}",
    "Use all of this in a short description:\n{list}",
    "{list}\n\nWrite a sentence with these facts.",
)
_QUESTIONS = {
    "name": ("What is the place called?", "What is the name of the place?", "Which place is this about?"),
    "food": ("What kind of food do they serve?", "Which food is it?", "What can you eat there?"),
    "near": ("What is it near?", "What is it close to?"),
    "eatType": ("Is it a pub, a restaurant or a coffee shop?", "What kind of place is it?"),
}


def make_attributes(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make writing and finding exchanges of rows with ``mr`` (attributes) and ``ref`` (the sentence)."""
    for row in several(rows, random):
        source, sentence = str(row["mr"]), " ".join(str(row["ref"]).split())
        values = {key.strip(): value for key, value in _PAIR.findall(source)}
        values, sentence = _renamed(values, sentence, random)
        listed = [f"{_label(key)}: {value}" for key, value in values.items()]
        form = random.choice(_FORMS).format(list="\n".join(listed), line="; ".join(listed))
        yield Asked("en", (cased(form, random), closed(sentence)), source)
        found = [key for key in _QUESTIONS if key in values and values[key] in sentence]
        if found:
            key = random.choice(found)
            question = random.choice(_QUESTIONS[key])
            yield Asked("en", (f"{closed(sentence)}\n\n{question}", closed(values[key])), source)


def _renamed(values: dict[str, str], sentence: str, random: Random) -> tuple[dict[str, str], str]:
    changed = dict(values)
    for key in ("name", "near"):
        old = values.get(key, "")
        if old and old in sentence and random.random() < 0.8:
            changed[key] = random.choice(("", "The ", "Café ", "")) + english_name(random)
            sentence = sentence.replace(old, changed[key]).replace("The The", "The").replace("the The", "The")
    return changed, sentence


def _label(key: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda large: " " + large[1].lower(), key)


_INGREDIENTS = (
    "做{dish}需要什么原料？",
    "{dish}要准备哪些材料？",
    "我想做{dish}，要买什么？",
    "{dish}的原料有哪些？",
)
_WITH = ("{text}\n\n做{dish}需要什么？", "根据菜谱，{dish}要准备哪些材料？\n\n{text}")
_SECTION = re.compile(r"## 必备原料和工具\n+(.*?)(?=\n## |\Z)", re.DOTALL)
_ITEM = re.compile(r"^[-*] +([^\n（(，,:：\[]{1,10})", re.MULTILINE)


def make_cooking(rows: Sequence[Row], random: Random) -> Iterator[Asked]:
    """Make two exchanges of each recipe in Markdown (``text``) that has a list of ingredients."""
    for row in several(rows, random):
        text = str(row["text"])
        dish = re.sub(r"^# *|的做法.*", "", text.partition("\n")[0]).strip()
        section = _SECTION.search(text)
        items = [item.strip(" *") for item in _ITEM.findall(section[1])][:8] if section else []
        if len(items) < 2 or not 2 <= len(dish) <= 12:
            continue
        reply = f"需要{'、'.join(items)}。"
        shown = "# " + dish + "\n" + "\n".join(f"- {item}" for item in items)
        yield Asked("zh", (random.choice(_INGREDIENTS).format(dish=dish), f"做{dish}{reply}"), text)
        yield Asked("zh", (random.choice(_WITH).format(dish=dish, text=shown), reply), text)
