"""Prompt learning: let a language model classify by asking which word would come next.

A *template* makes a question of a text ("... Topic:"), a *verbalizer* gives each label words to say
(Schick & Schuetze, arXiv:2001.07676). The label whose words are likeliest wins; with a few solved examples
in front this is in-context learning (Brown et al., arXiv:2005.14165). Two corrections are needed: long
words are unlikely for their length alone, so the score is a mean over tokens; and some words are likely
whatever the text, so the score for a text without content is taken off (Zhao et al., arXiv:2102.09690).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

import torch
from torch import Tensor

from aigc_tui.corpora.records import CorpusError
from aigc_tui.course.classification.labelled import Example
from aigc_tui.course.prompts.reader import Reader
from aigc_tui.course.prompts.soft_prompt import PromptTask, SoftPrompt, in_front
from aigc_tui.training.data_loader import IGNORED, padded

TEXT, LABEL = "{text}", "{label}"
TEMPLATE = "{text}\n\nTopic: {label}"
_BETWEEN = "\n\n"
_CONTENT_FREE = ("N/A", "...", "无")
_TEXTS = 8

_Lead = tuple[int, ...]


def check_template(template: str) -> str:
    """Return a template that is usable.

    Raises:
        CorpusError: It does not hold ``{text}`` once and end with ``{label}``.
    """
    if template.count(TEXT) != 1 or template.count(LABEL) != 1 or not template.endswith(LABEL):
        raise CorpusError(
            "a template holds {text} once and ends with {label}, for example {template!r}",
            text=TEXT,
            label=LABEL,
            template=TEMPLATE,
        )
    return template


def make_task(labels: Sequence[str], template: str = TEMPLATE) -> PromptTask:
    """Make a task of labels; ``name=words`` lets the model say other words than the label's name.

    Raises:
        CorpusError: The template is wrong, or there are fewer than two different labels.
    """
    pairs = [label.partition("=") for label in labels]
    names = tuple(name.strip() for name, _, _ in pairs)
    words = tuple((given if sep else name).strip() for name, sep, given in pairs)
    if len(set(names)) != len(names) or len(names) < 2 or not all(names) or not all(words):
        raise CorpusError("name at least two different labels, none of them empty")
    return PromptTask(check_template(template), names, words)


@dataclass(slots=True)
class PromptClassifier:
    """A language model that is asked about texts.

    Args:
        reader: The model.
        task: Template, labels, words.
        examples: Solved examples that stand in front (few-shot).
        soft: Trained vectors in front of all that.
        calibrated: Whether the scores of texts without content are taken off.
    """

    reader: Reader
    task: PromptTask
    examples: Sequence[Example] = ()
    soft: SoftPrompt | None = None
    calibrated: bool = True
    _content_free: Tensor | None = field(default=None, init=False)

    def probabilities(self, text: str) -> list[float]:
        """Return how likely each label is, in the task's order; they sum to one."""
        return self.scores([text])[0].softmax(dim=-1).tolist()

    @torch.no_grad()
    def scores(self, texts: Sequence[str]) -> Tensor:
        """Return a score of each label for each text, shape (N, labels)."""
        raw = self._raw(texts)
        if not self.calibrated:
            return raw
        if self._content_free is None:
            self._content_free = self._raw(_CONTENT_FREE).mean(dim=0)
        return raw - self._content_free

    def accuracy(self, examples: Sequence[Example]) -> float:
        """Share of examples whose best label is theirs."""
        best: list[int] = self.scores([e.text for e in examples]).argmax(dim=-1).tolist()
        right = (self.task.labels[at] == e.label for at, e in zip(best, examples, strict=True))
        return sum(right) / len(examples)

    def row(self, text: str, words: str) -> tuple[list[int], list[int]]:
        """Encode a question and an answer: ids to read, and what to say at each place (IGNORED: nothing)."""
        question, answer = self._question(text), self.reader.encode(self._answer(words), begins=False)
        ids = self._before(question) + answer
        targets = [IGNORED] * (len(ids) - len(answer) - 1) + answer
        return ids[:-1], targets

    def _raw(self, texts: Sequence[str]) -> Tensor:
        """Mean log p of each label's tokens, shape (N, labels)."""
        answers = [self.reader.encode(self._answer(words), begins=False) for words in self.task.words]
        rows = []
        for begin in range(0, len(texts), _TEXTS):
            questions = [self._question(text) for text in texts[begin : begin + _TEXTS]]
            rows += [_means(tables, answers) for tables in self._tables(questions, answers)]
        return torch.tensor(rows)

    def _tables(
        self, questions: Sequence[list[int]], answers: Sequence[list[int]]
    ) -> list[dict[_Lead, Tensor]]:
        """Read each question with every beginning that answers have but for their last token.

        Answers of one token share one row, which is most of them: the model reads a question once.

        Returns:
            For each question, log p of every token after each token of a beginning, (its length + 1, V).
        """
        leads = list(dict.fromkeys(tuple(answer[:-1]) for answer in answers))
        ids = [self._before(question) + list(lead) for question in questions for lead in leads]
        counts = [[False] * (len(row) - len(lead) - 1) + [True] * (len(lead) + 1)
                  for row, lead in zip(ids, leads * len(questions), strict=True)]  # fmt: skip
        with in_front(self.soft, self.reader.table) if self.soft else nullcontext():
            scores = self.reader.model.forward_at(padded(ids, 0), padded(counts, 0).bool())
        shares = scores.float().log_softmax(dim=-1)
        pieces = iter(torch.split(shares, [sum(row) for row in counts]))
        return [{lead: next(pieces) for lead in leads} for _ in questions]

    def _before(self, question: list[int]) -> list[int]:
        return [0] * (len(self.soft) if self.soft else 0) + question

    def _question(self, text: str) -> list[int]:
        """Encode all before the answer; a text too long for the window loses its end."""
        longest = max(len(self.reader.encode(self._answer(words), begins=False)) for words in self.task.words)
        room = self.reader.window - longest - (len(self.soft) if self.soft else 0)
        ids = self.reader.encode(self._shown(text), begins=True)
        while len(ids) > room:
            if not text:
                raise CorpusError(
                    "template and examples take {count} tokens, the model reads {room}: give fewer",
                    count=len(ids),
                    room=room,
                )
            text = text[: max(0, len(text) - max(1, len(text) * (len(ids) - room) // len(ids)))]
            ids = self.reader.encode(self._shown(text), begins=True)
        return ids or [0]  # something has to be read before the first answer

    def _shown(self, text: str) -> str:
        words = dict(zip(self.task.labels, self.task.words, strict=True))
        solved = [self._filled(e.text) + self._answer(words[e.label]) for e in self.examples]
        return _BETWEEN.join([*solved, self._filled(text)])

    def _filled(self, text: str) -> str:
        """Put a text into the template, in one pass: the text may hold braces of its own."""
        before, _, after = self.task.template.removesuffix(LABEL).partition(TEXT)
        return before + text + after.rstrip(" ")

    def _answer(self, words: str) -> str:
        """Return the words with the space that stands before them: it is part of a word's first token."""
        spaced = self.task.template.removesuffix(LABEL).endswith(" ")
        return " " + words if spaced else words


def _means(tables: dict[_Lead, Tensor], answers: Sequence[list[int]]) -> list[float]:
    return [float(tables[tuple(a[:-1])].gather(1, torch.tensor([a]).T).mean()) for a in answers]
