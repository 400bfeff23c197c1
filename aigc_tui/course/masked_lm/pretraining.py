"""The masked language-modelling objective of a recipe: word pieces, sentence pairs, measurements, export.

`python -m aigc_tui.course.masked_lm RECIPE` trains it by the same loop as every other model.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from aigc_tui.course.masked_lm.bert import BertConfig, MaskedLM, initialise_bert
from aigc_tui.course.masked_lm.checkpoint import load_masked_lm, save_bert
from aigc_tui.course.masked_lm.data import (
    CLS,
    MASK,
    PAD,
    SEP,
    Document,
    Pair,
    encode_sentences,
    load_word_pieces,
    save_word_pieces,
    split_sentences,
    train_word_pieces,
)
from aigc_tui.course.masked_lm.objective import (
    MaskedBatch,
    PairRows,
    masked_loss,
    measure,
    most_frequent_token,
)
from aigc_tui.inference.tokens import special_id
from aigc_tui.training.causal_lm import copy_tokenizer
from aigc_tui.training.data_loader import EpochLoader
from aigc_tui.training.prepare import split_records
from aigc_tui.training.recipe import Recipe, RecipeError, Stage
from aigc_tui.training.tokenizer_job import sample_texts
from aigc_tui.training.trainer import HeldOut, StageData
from aigc_tui.transformer.config import ModelConfigError
from aigc_tui.transformer.weights import CheckpointError

_SPECIAL_TOKENS = 3
_HELD_OUT_DOCUMENTS = 400


class MaskedObjective:
    """Hidden words, and with ``next_sentence`` whether B follows A (Devlin et al., arXiv:1810.04805)."""

    fixed_shapes = False  # rows are padded to the longest of their batch

    def __init__(self, recipe: Recipe) -> None:
        """Load the tokenizer.

        Raises:
            CorpusError: It is missing, or is not BERT's.
        """
        self.recipe, self.tokenizer = recipe, load_word_pieces(recipe.tokenizer.folder)
        self._rows = PairRows(self.tokenizer)

    @staticmethod
    def make_tokenizer(recipe: Recipe) -> int:
        """Train the WordPiece tokenizer that the recipe describes; returns the size of its vocabulary."""
        tokenizer = train_word_pieces(sample_texts(recipe), recipe.tokenizer.vocab_size)
        save_word_pieces(tokenizer, recipe.tokenizer.folder, int(recipe.model["max_positions"]))
        return int(tokenizer.get_vocab_size())

    def model(self) -> MaskedLM:
        """Make the model with fresh weights, or with those of the BERT folder that the recipe starts from.

        Raises:
            RecipeError: Its shape is impossible, or the folder holds no BERT that fits the tokenizer.
        """
        recipe, size = self.recipe, self.tokenizer.get_vocab_size()
        try:
            if recipe.init is None:
                config = BertConfig(vocab_size=size, pad_id=special_id(self.tokenizer, PAD), **recipe.model)
                model = MaskedLM(config, recipe.next_sentence)
                initialise_bert(model, recipe.seed)
            else:
                model = load_masked_lm(recipe.init)
        except (TypeError, ModelConfigError) as error:
            raise RecipeError("model: {problem}", problem=error) from None
        except CheckpointError as error:
            raise RecipeError("init: {problem}", problem=error) from None
        if size > model.config.vocab_size:
            raise RecipeError(
                "init: the tokenizer has {tokens} tokens, the model knows {known}",
                tokens=size,
                known=model.config.vocab_size,
            )
        longest = max(stage.seq_len for stage in recipe.stages)
        if longest > model.config.max_positions:
            raise RecipeError(
                "seq_len: {length} is more than the model's max_positions, {most}",
                length=longest,
                most=model.config.max_positions,
            )
        return model.train()

    def loss(self, model: nn.Module, *tensors: Tensor | None) -> Tensor:
        assert isinstance(model, MaskedLM)
        return masked_loss(model, *(tensor for tensor in tensors if tensor is not None))

    def stage_data(self, stage: Stage) -> StageData:
        room = stage.seq_len - _SPECIAL_TOKENS
        train = {name: self._documents(name, held_out=False) for name, share in stage.mix.items() if share}
        return StageData(
            MixedPairs(stage, train, room, self._rows, self.recipe.seed),
            {name: _hash(documents) for name, documents in train.items()},
            self._held_out(train, room),
        )

    def samples(self, model: nn.Module) -> Iterator[tuple[str, str]]:
        assert isinstance(model, MaskedLM)
        return ((prompt, filled(model, self.tokenizer, prompt)) for prompt in self.recipe.prompts)

    def export(self, model: nn.Module, folder: Path) -> None:
        assert isinstance(model, MaskedLM)
        save_bert(model, folder)
        copy_tokenizer(self.recipe.tokenizer.folder, folder)

    def _documents(self, name: str, held_out: bool) -> list[Document]:
        records = split_records(name, self.recipe, held_out)
        texts = map(split_sentences, records)
        made = (encode_sentences(self.tokenizer, text) for text in texts)
        found: list[Document] = [document for document in made if len(document) > 1]
        if not held_out and len(found) < 2:
            raise RecipeError(
                "source {name}: sentence pairs need two texts of at least two sentences, it has {count}",
                name=name,
                count=len(found),
            )
        return found[: _HELD_OUT_DOCUMENTS if held_out else None]

    def _held_out(self, train: Mapping[str, list[Document]], room: int) -> HeldOut:
        rows, batches = self.recipe.eval_rows, dict[str, MaskedBatch]()
        for name in train:
            documents = self._documents(name, held_out=True)
            if len(documents) > 1 and rows:
                batches[name] = self._rows.source(documents, room, self.recipe.seed).batch(rows)

        frequent = {name: most_frequent_token(train[name]) for name in batches}

        @torch.no_grad()
        def measured(
            loss: Callable[..., Tensor], model: nn.Module | None, device: torch.device
        ) -> dict[str, float]:
            found: dict[str, float] = {}
            for name, batch in batches.items():
                moved = MaskedBatch(*(tensor.to(device) for tensor in batch.tensors))
                found[name] = round(float(loss(*moved.tensors)) / batch.counted, 4)
                if isinstance(model, MaskedLM):
                    report = measure(model, [moved], frequent[name])
                    found[f"{name}.accuracy"] = round(report.word_accuracy, 4)
                    found[f"{name}.unigram_accuracy"] = round(report.unigram_accuracy, 4)
                    if self.recipe.next_sentence:
                        found[f"{name}.next_accuracy"] = round(report.next_accuracy, 4)
            return found

        return measured


class MixedPairs:
    """Draws pairs from several sources in given shares, with new masks each time; resumes exactly."""

    def __init__(
        self, stage: Stage, documents: Mapping[str, list[Document]], room: int, rows: PairRows, seed: int
    ) -> None:
        """Start at the first row.

        Args:
            stage: Its ``mix`` gives the shares.
            documents: By source.
            room: Most tokens of a pair, special tokens not counted.
            rows: Makes batches of pairs.
            seed: The same seed gives the same rows.
        """
        self._names, self._rows = sorted(documents), rows
        shares = np.array([float(stage.mix[name]) for name in self._names])
        self._shares = shares / shares.sum()
        self._random = np.random.default_rng([seed, len(stage.name), stage.seq_len])
        self._sources: dict[str, EpochLoader[Pair, MaskedBatch]] = {
            name: rows.source(documents[name], room, seed) for name in self._names
        }

    def batch(self, rows: int, mine: slice = slice(None)) -> MaskedBatch:
        picked = self._random.choice(len(self._names), size=rows, p=self._shares)
        pairs = [pair for at in picked for pair in self._sources[self._names[at]].draw(1)]
        masks = Random(int(self._random.integers(2**62)))
        return self._rows.collate(pairs[mine], masks)

    def state(self) -> dict[str, Any]:
        sources = {name: source.state() for name, source in self._sources.items()}
        return {"random": self._random.bit_generator.state, "sources": sources}

    def restore(self, state: dict[str, Any]) -> None:
        self._random.bit_generator.state = state["random"]
        for name, source in state["sources"].items():
            if name in self._sources:
                self._sources[name].restore(source)


@torch.no_grad()
def filled(model: MaskedLM, tokenizer: Tokenizer, text: str) -> str:
    """Replace every ``[MASK]`` of a text by the model's likeliest token."""
    pieces = [tokenizer.encode(piece, add_special_tokens=False).ids for piece in text.split(MASK)]
    mask = special_id(tokenizer, MASK)
    joined = [pieces[0], *([mask, *piece] for piece in pieces[1:])]
    cls, sep = special_id(tokenizer, CLS), special_id(tokenizer, SEP)
    ids = torch.tensor([[cls, *itertools.chain(*joined), sep]])[:, : model.config.max_positions]
    device = model.head.bias.device
    said = model(ids.to(device)).words.argmax(dim=-1).cpu()
    return str(tokenizer.decode(torch.where(ids == mask, said, ids)[0].tolist()))


def _hash(documents: Iterable[Document]) -> str:
    found = hashlib.sha256()
    for document in documents:
        for sentence in document:
            found.update(np.array(sentence.ids, np.int64).tobytes())
        found.update(b"\0")
    return found.hexdigest()
