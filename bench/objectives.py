"""Does each training objective teach something? A small model for each, evaluated on held-out data.

A falling loss proves little, so each is compared with a trivial baseline: masked tokens with the most
frequent token, sentence pairs and topics with the most frequent answer, a soft prompt with the same frozen
model prompted in words. Takes some minutes on one core.

    python -m bench.objectives --corpus ../shared/corpus --seeds 3
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch

from aigc_tui.corpora.grammar.dialogues import generate
from aigc_tui.corpora.records import Record, is_development, read_records
from aigc_tui.course.classification.labelled import Split, majority_accuracy, split
from aigc_tui.course.classification.text_classifier import Tuning, fresh_classifier, tune
from aigc_tui.course.masked_lm.bert import BertConfig, MaskedLM, initialise_bert
from aigc_tui.course.masked_lm.data import Document, encode_sentences, split_sentences, train_word_pieces
from aigc_tui.course.masked_lm.objective import (
    MaskedReport,
    PairRows,
    masked_loss,
    measure,
    most_frequent_token,
)
from aigc_tui.course.prompts.prompt_classifier import PromptClassifier, make_task
from aigc_tui.course.prompts.reader import load_reader
from aigc_tui.course.prompts.tuning import SoftPlan, train_soft_prompt
from aigc_tui.training.loop import Run, train_stage
from aigc_tui.training.metrics import MetricsWriter
from aigc_tui.training.optim import make_optimizers
from aigc_tui.training.recipe import Stage
from aigc_tui.training.step import FLOAT32, LossModule
from bench.labelled import intents, topics
from bench.report import write_json

ROOT = Path(__file__).parent.parent
STARTER = ROOT / "data" / "models" / "starter"
MARGIN = 0.05
"""Every seed must beat its baseline by this; held-out parts are large enough for it to be no chance."""
_DIALOGUES = {"sgd": 800, "kdconv": 300, "taskmaster": 300, "smile": 100}
_GRAMMAR_DIALOGUES = 1500
_PROMPT_LABELS = ("coffee", "flights", "hotels", "music", "cooking", "feelings")
_ROOM, _SHORT_ROOM = 61, 29
"""Tokens of a pair. Generated talk jumps from matter to matter, so only a short pair is about one."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done.

    Args:
        masked_steps: Steps of the masked model.
        classifier_steps: Steps of the classifier.
        prompt_steps: Steps of the soft prompt.
        judged: Most held-out texts that classifier and prompt are judged by.
    """

    masked_steps: int = 400
    classifier_steps: int = 40
    prompt_steps: int = 80
    judged: int = 100


@dataclass(frozen=True, slots=True)
class Result:
    """One objective: accuracies on held-out data, one a seed, from 0 to 1, and those of its baseline."""

    name: str
    baseline_name: str
    accuracies: tuple[float, ...]
    baselines: tuple[float, ...]
    judged: int
    seconds: float

    @property
    def margins(self) -> tuple[float, ...]:
        """How much better than the baseline, seed by seed."""
        return tuple(a - b for a, b in zip(self.accuracies, self.baselines, strict=True))

    def __str__(self) -> str:
        """One row of the table."""
        verdict = "ok" if min(self.margins) >= MARGIN else "NOT BEATEN"
        return (
            f"  {self.name:22s} {_spread(self.accuracies)}   {self.baseline_name:24s} "
            f"{_spread(self.baselines)}   margin {_spread(self.margins)}   "
            f"{self.judged:5d} judged  {self.seconds:4.0f} s  {verdict}"
        )


def run(corpus: Path | None, seeds: int = 3, sizes: Sizes | None = None, out: Path | None = None) -> bool:
    """Train and judge everything, print the table and write the JSON file.

    Args:
        corpus: Folder of corpus files; None: generated talk.
        seeds: Runs of each objective.
        sizes: How much is done.
        out: The JSON file; None: `bench/results/objectives.json`.

    Returns:
        Whether every objective beat its baseline.
    """
    sizes = sizes or Sizes()
    torch.set_num_threads(1)
    print(
        f"text: {corpus or 'generated talk'}; {seeds} seeds; mean (smallest .. largest), per cent", flush=True
    )
    results: list[Result] = []
    for part in (masked, classifier, soft_prompt):
        for result in part(corpus, range(seeds), sizes):
            print(result, flush=True)
            results.append(result)
    met = all(min(result.margins) >= MARGIN for result in results)
    write_json("objectives", {"corpus": str(corpus or ""), "results": results, "met": met}, out)
    return met


def masked(corpus: Path | None, seeds: Iterable[int], sizes: Sizes) -> list[Result]:
    """Hidden words and sentence pairs, learned together by a small BERT."""
    started = time.perf_counter()
    train, held_out, vocabulary, rows = _documents(corpus)
    frequent = most_frequent_token(train)
    room = _ROOM if corpus else _SHORT_ROOM
    judged = rows.source(held_out, room, seed=1000)
    batches = [judged.batch(32) for _ in range(16)]
    reports: list[MaskedReport] = []
    for seed in seeds:
        model = _masked_model(vocabulary, seed)
        optimizers = make_optimizers(model, _Rates())  # type: ignore[arg-type]
        stage = Stage("masked", {}, steps=sizes.masked_steps, seq_len=64, rows=32, micro_rows=32, end=0.05)
        learner = LossModule(model.train(), masked_loss, FLOAT32)
        train_stage(Run(learner, optimizers, warmup=20), stage, rows.source(train, room, seed))
        reports.append(measure(model.eval(), batches, frequent))
        _tell("masked", len(reports), started)
    words = _result("masked LM", "most frequent token", reports, "word_accuracy", "unigram_accuracy", started)
    pairs = _result(
        "next sentence", "more frequent answer", reports, "next_accuracy", "majority_accuracy", started
    )
    return [words, pairs]


def classifier(corpus: Path | None, seeds: Iterable[int], sizes: Sizes) -> list[Result]:
    """What a message is about, by a head on the starter model, all of it trained."""
    started = time.perf_counter()
    parts = _labelled(corpus)
    judged = _some(parts, 3 * sizes.judged)
    found = []
    for seed in seeds:
        tuning = Tuning(steps=sizes.classifier_steps, learning_rate=1e-3, seed=seed)
        made = fresh_classifier(STARTER, parts.labels, tuning)
        tune(made, parts.train, tuning, MetricsWriter())
        found.append(made.accuracy(judged.held_out))
        _tell("classifier", len(found), started)
    name = f"classifier, {len(parts.labels)} labels"
    return [
        Result(
            name,
            "most frequent label",
            tuple(found),
            (majority_accuracy(judged),) * len(found),
            len(judged.held_out),
            time.perf_counter() - started,
        )
    ]


def soft_prompt(corpus: Path | None, seeds: Iterable[int], sizes: Sizes) -> list[Result]:
    """What a message is about, asked of the frozen starter model: with trained vectors and without."""
    started = time.perf_counter()
    parts = _labelled(corpus, _PROMPT_LABELS if corpus else ())
    judged = _some(parts, sizes.judged)
    reader, task = load_reader(STARTER), make_task(parts.labels)
    zero_shot = PromptClassifier(reader, task).accuracy(judged.held_out)
    found = []
    for seed in seeds:
        plan = SoftPlan(vectors=8, steps=sizes.prompt_steps, seed=seed)
        prompt = train_soft_prompt(reader, task, parts.train, plan, MetricsWriter())
        asked = PromptClassifier(reader, task, soft=prompt, calibrated=False)
        found.append(asked.accuracy(judged.held_out))
        _tell("soft prompt", len(found), started)
    name = f"soft prompt, {len(parts.labels)} labels"
    baselines = (max(zero_shot, majority_accuracy(judged)),) * len(found)
    return [
        Result(
            name,
            "zero-shot or majority",
            tuple(found),
            baselines,
            len(judged.held_out),
            time.perf_counter() - started,
        )
    ]


@dataclass(frozen=True, slots=True)
class _Rates:
    """What :func:`make_optimizers` reads of a recipe."""

    learning_rate: float = 2e-3
    matrix_learning_rate: float = 5e-3
    weight_decay: float = 0.01


def _documents(corpus: Path | None) -> tuple[list[Document], list[Document], int, PairRows]:
    """Read dialogues, learn their word pieces, and part them by hash."""
    records = list(_dialogues(corpus))
    texts = [split_sentences(record) for record in records]
    shown = (text for record, some in zip(records, texts, strict=True) if not _held(record) for text in some)
    tokenizer = train_word_pieces(shown, 3000)
    train: list[Document] = []
    held_out: list[Document] = []
    for record, some in zip(records, texts, strict=True):
        if encoded := encode_sentences(tokenizer, some):
            (held_out if _held(record) else train).append(encoded)
    return train, held_out, tokenizer.get_vocab_size(), PairRows(tokenizer)


def _dialogues(corpus: Path | None) -> Iterable[Record]:
    if corpus is None:
        for language in ("en", "zh"):
            yield from islice(generate(language, 0, None), _GRAMMAR_DIALOGUES)
        return
    for name, count in _DIALOGUES.items():
        yield from islice(read_records(corpus / f"{name}.jsonl.xz"), count)


def _held(record: Record) -> bool:
    return is_development(record, share=0.1)


def _masked_model(vocabulary: int, seed: int) -> MaskedLM:
    config = BertConfig(vocabulary, 128, 2, 4, 256, 64, dropout=0.0, attention_dropout=0.0)
    model = MaskedLM(config)
    initialise_bert(model, seed)
    return model


def _labelled(corpus: Path | None, only: Sequence[str] = ()) -> Split:
    examples = topics(corpus) if corpus else intents(4000, seed=0)
    return split([example for example in examples if not only or example.label in only])


def _some(parts: Split, most: int) -> Split:
    """Take every n-th held-out text, so that about ``most`` are left."""
    step = max(1, len(parts.held_out) // most)
    return Split(parts.train, parts.held_out[::step], parts.labels)


def _result(
    name: str, baseline: str, reports: Sequence[MaskedReport], found: str, trivial: str, started: float
) -> Result:
    judged = reports[0].words if found == "word_accuracy" else reports[0].pairs
    accuracies, baselines = (tuple(getattr(r, field) for r in reports) for field in (found, trivial))
    return Result(name, baseline, accuracies, baselines, judged, time.perf_counter() - started)


def _tell(name: str, done: int, started: float) -> None:
    """Say on stderr how far it is; a seed takes as long as the one before."""
    each = (time.perf_counter() - started) / done
    print(f"{name}: {done} seeds done, about {each:.0f} s for each further", file=sys.stderr, flush=True)


def _spread(values: Sequence[float]) -> str:
    low, mean, high = min(values), statistics.fmean(values), max(values)
    return f"{100 * mean:5.1f} ({100 * low:.1f} .. {100 * high:.1f})"


def main(argv: Sequence[str] | None = None) -> int:
    """Run from the command line; exit code 1 when a baseline was not beaten."""
    shared = ROOT.parent / "shared" / "corpus"
    parser = argparse.ArgumentParser(prog="bench.objectives", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=shared if shared.is_dir() else None)
    parser.add_argument("--grammar", action="store_true", help="use generated dialogues, not a corpus")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(argv)
    met = run(None if options.grammar else options.corpus, options.seeds, out=options.out)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
