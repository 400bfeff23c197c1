"""Quiz questions with options, and Chinese two-part sayings (歇后语): a question, a guess, the answer.

The facts are too many to be kept by a small model; the forms are few and are kept: offer options, wait, then
tell the answer kindly. Choosing among given options is practised because the reply is then a copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from aigc_tui.corpora.tasks.asking import Asked, Row, closed, several

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
