"""Questions that people wrote, as items, for calibrating the checks.

The files stay where they are (`--corpus`, `--extra`); none of this text is part of the repository.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aigc_tui.quiz.lesson.records import Lesson, Section, Sentence
from aigc_tui.quiz.lesson.sentences import split_sentences
from aigc_tui.quiz.records import BLANK, Item, ItemType, LessonRef, Origin, Quiz, Source
from aigc_tui.text import clean

LESSONS = 1_200
"""Passages of a set that are read at most: enough for an interval of a fraction of a per cent."""
CHOICES = 6_000


@dataclass(frozen=True, slots=True)
class Case:
    """The questions on one passage; or without one, some questions of one kind.

    Args:
        set: Which set.
        quiz: The questions.
        lesson: The passage.
        extractive: Whether every answer is a stretch of the passage by the set's own rules.
    """

    set: str
    quiz: Quiz
    lesson: Lesson | None = None
    extractive: bool = True


def all_sets(corpus: Path, extra: Path | None) -> Iterator[Case]:
    """Every set whose file is there.

    Args:
        corpus: `fairytale_qa`, `squadlike`, `trivia`, `wordnet` and `howtocook` as `.jsonl.xz`.
        extra: `xquad.en.json`, `xquad.zh.json` (google-deepmind/xquad), `*.jsonl` of ruixiangcui/AGIEval's
            data/v1, `DGen.zip` (AndyChiangSH/CDGP): whatever of these is in the folder.
    """
    for name, read in _CORPUS.items():
        file = corpus / f"{name}.jsonl.xz"
        if file.is_file():
            yield from read(file)
    for name in ("en", "zh"):
        if extra is not None and (file := extra / f"xquad.{name}.json").is_file():
            yield from xquad(file, name)
    for file in sorted(extra.glob("*.jsonl")) if extra is not None else ():
        yield from agieval(file)
    if extra is not None and (extra / "DGen.zip").is_file():
        yield from dgen(extra / "DGen.zip")


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """The records of a JSON-lines file, packed or not."""
    data = file.read_bytes()
    text = lzma.decompress(data) if file.suffix == ".xz" else data
    for line in text.decode("utf-8").splitlines():
        yield json.loads(line)


def passage(text: str, language: str) -> Lesson:
    """A passage as a lesson of one section."""
    text = clean(text)
    sentences = tuple(Sentence(start, end, 0, 0) for start, end in split_sentences(text, language))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Lesson("", language, text, digest, (Section("", 0, 0, len(text)),), sentences)


def quiz_of(items: Sequence[Item], language: str) -> Quiz:
    """Questions as a quiz."""
    return Quiz("calibration", "", LessonRef("", "", language), len(items), tuple(items))


def cited(lesson: Lesson, start: int, end: int) -> Source:
    """The sentence (or sentences) around a stretch; the whole passage when the stretch is unknown."""
    if start < 0:
        return Source("", 0, len(lesson.text), lesson.text)
    around = [each for each in lesson.sentences if each.end > start and each.start < end]
    low, high = (around[0].start, around[-1].end) if around else (0, len(lesson.text))
    return Source("", low, high, lesson.text[low:high])


def short(number: int, question: str, answer: str, source: Source | None) -> Item:
    """A question of a person with a text for an answer."""
    return Item(
        str(number), ItemType.SHORT, clean(question), clean(answer), origin=Origin.HUMAN, source=source
    )


def choice(number: int, question: str, options: Sequence[str], key: int) -> Item:
    """A multiple-choice question of a person."""
    texts = tuple(clean(text) for text in options)
    return Item(str(number), ItemType.MC, clean(question), key, texts, origin=Origin.HUMAN)


def _by_passage(records: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        groups.setdefault(record["context"], []).append(record)
    yield from list(groups.values())[:LESSONS]


def _extracted(name: str, records: list[dict[str, Any]], language: str, extractive: bool) -> Case:
    lesson = passage(records[0]["context"], language)
    items = []
    for number, record in enumerate(records):
        answer = clean(record["answer"])
        start = record.get("start", lesson.text.casefold().find(answer.casefold()))
        items.append(short(number, record["question"], answer, cited(lesson, start, start + len(answer))))
    return Case(name, quiz_of(items, language), lesson, extractive)


def fairytale(file: Path) -> Iterator[Case]:
    """FairytaleQA: experts' questions on stories; answers are free, `explicit` ones mostly in the text."""
    for records in _by_passage(lines(file)):
        explicit = [record for record in records if record["explicit"] == "explicit"]
        if explicit:
            yield _extracted("fairytale_qa (en)", explicit, "en", False)


def squadlike(file: Path) -> Iterator[Case]:
    """CMRC 2018 and DRCD: Chinese questions whose answers are stretches of the passage."""
    for records in _by_passage(lines(file)):
        yield _extracted("squadlike (zh)", records, "zh", True)


def trivia(file: Path) -> Iterator[Case]:
    """OpenTriviaQA: choices without a passage, by category."""
    groups: dict[str, list[Item]] = {}
    for number, record in enumerate(lines(file)):
        options = record["options"]
        if number % 3 == 0 and record["answer"] in options:
            item = choice(number, record["question"], options, options.index(record["answer"]))
            groups.setdefault(record["category"], []).append(item)
    for items in groups.values():
        yield Case("trivia (en)", quiz_of(items, "en"))


def wordnet(file: Path) -> Iterator[Case]:
    """Open English WordNet: terms and their definitions, four at a time, as matching items."""
    nouns = [record for record in lines(file) if record["pos"] == "n" and record["definition"]][::20]
    for at in range(0, len(nouns) - 3, 4):
        pairs = tuple((each["members"][0], each["definition"]) for each in nouns[at : at + 4])
        options = tuple(right for _, right in (*pairs[1:], pairs[0]))
        item = Item(str(at), ItemType.MATCH, "Match the terms.", pairs, options, origin=Origin.HUMAN)
        yield Case("wordnet pairs (en)", quiz_of([item], "en"))


def recipes(file: Path) -> Iterator[Case]:
    """HowToCook: the numbered or listed steps of Chinese recipes as ordering items."""
    for number, record in enumerate(lines(file)):
        body = re.search(r"##\s*操作\n(.*?)(?:\n##|\Z)", record["text"], re.S)
        steps = re.findall(r"^(?:\d+[.、]|[-*])\s+(.+)$", body[1], re.M)[:6] if body else []
        if len(steps) >= 3 and len(set(steps)) == len(steps):
            shown = tuple(clean(step) for step in (*steps[1:], steps[0]))
            answer = tuple(map(clean, steps))
            item = Item(str(number), ItemType.ORDER, "排列下列步骤。", answer, shown, origin=Origin.HUMAN)
            yield Case("recipes (zh)", quiz_of([item], "zh"))


def xquad(file: Path, language: str) -> Iterator[Case]:
    """XQuAD: the same questions in English and in Chinese, answers by offset."""
    for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            records = [
                {
                    "context": paragraph["context"],
                    "question": each["question"],
                    "answer": each["answers"][0]["text"],
                    "start": each["answers"][0]["answer_start"],
                }
                for each in paragraph["qas"]
            ]
            yield _extracted(f"xquad ({language})", records, language, True)


def agieval(file: Path) -> Iterator[Case]:
    """AGIEval: choices of real examinations, with the passage inside the stem where there is one."""
    items = []
    for number, record in enumerate(lines(file)):
        options = [re.sub(r"^\s*\(?[A-E]\)\s*", "", text) for text in record["options"] or ()]
        label = record["label"]
        if isinstance(label, str) and len(label) == 1 and ord(label) - 65 < len(options):
            items.append(choice(number, record["question"], options, ord(label) - 65))
    language = "zh" if file.stem.startswith("gaokao") or file.stem.endswith("-zh") else "en"
    yield Case(f"exams ({language})", quiz_of(items[:CHOICES], language))


def dgen(file: Path) -> Iterator[Case]:
    """DGen: cloze choices (SciQ, MCQL, AI2, trivia). Each is used twice: as a choice and as a plain cloze."""
    with zipfile.ZipFile(file) as packed:
        names = [name for name in packed.namelist() if name.endswith(".json")]
        records = [record for name in sorted(names) for record in json.loads(packed.read(name))]
    choices, gaps = [], []
    for number, record in enumerate(records):
        stem = clean(record["sentence"]).replace("**blank**", BLANK)
        options = [record["answer"], *record["distractors"]]
        turn = number % len(options)
        choices.append(choice(number, stem, options[-turn:] + options[:-turn] if turn else options, turn))
        answer = clean(record["answer"])
        gaps.append(Item(str(number), ItemType.CLOZE, stem, answer, origin=Origin.HUMAN))
    yield Case("dgen choices (en)", quiz_of(choices, "en"))
    yield Case("dgen cloze (en)", quiz_of(gaps, "en"))


_CORPUS: dict[str, Callable[[Path], Iterator[Case]]] = {
    "fairytale_qa": fairytale,
    "squadlike": squadlike,
    "trivia": trivia,
    "wordnet": wordnet,
    "howtocook": recipes,
}
