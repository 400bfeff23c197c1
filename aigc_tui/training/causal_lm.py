"""The causal language-modelling objective: a recipe's model, data, held-out loss, samples and export.

`trainer.Objective` names what an objective gives; the masked LM of `course/masked_lm` is the other one.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from aigc_tui.corpora.records import DialogueMessage
from aigc_tui.inference.chat_template import Renderer
from aigc_tui.inference.decode import DecodeSession
from aigc_tui.inference.sampling import Sampler
from aigc_tui.inference.tokens import byte_lengths, special_id
from aigc_tui.training.causal_loss import causal_loss
from aigc_tui.training.data_loader import (
    IGNORED,
    MixedLoader,
    TokenBatch,
    TokenFile,
    pack,
    read_row,
    to_batch,
)
from aigc_tui.training.prepare import Prepared, make_renderer, prepare_source
from aigc_tui.training.recipe import Recipe, RecipeError, Stage
from aigc_tui.training.step import micro_batches
from aigc_tui.training.tokenizer_job import make_tokenizer
from aigc_tui.training.train_state import hash_tokens
from aigc_tui.training.trainer import HeldOut, StageData
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.checkpoint import CheckpointError, load_model, save_model
from aigc_tui.transformer.config import ModelConfig, ModelConfigError
from aigc_tui.transformer.decoding import CachedModel, Limits, OwnModel
from aigc_tui.transformer.sampling import SamplingSettings
from aigc_tui.transformer.tokenizer import END_OF_TEXT, PAD, TURN_END

_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "vocab.json",
    "merges.txt",
)
_REPLY_LIMIT = 80
_HELD_OUT_ROWS = 4


class CausalObjective:
    """Predict the next token, over a mix of packed token files."""

    fixed_shapes = True

    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self.tokenizer = recipe, load_tokenizer(recipe)
        self._bytes_of_token = torch.tensor(byte_lengths(self.tokenizer))

    @staticmethod
    def make_tokenizer(recipe: Recipe) -> int:
        """Train the tokenizer that the recipe describes; returns the size of its vocabulary."""
        return make_tokenizer(recipe)

    def model(self) -> CausalLM:
        """Make the model with fresh weights, or with those of the folder that the recipe starts from.

        Raises:
            RecipeError: Its shape is impossible, or the folder holds no model that fits the tokenizer.
        """
        recipe, tokenizer = self.recipe, self.tokenizer
        if recipe.init is None:
            model = CausalLM(model_config(recipe, tokenizer))
            initialise(model, recipe.seed)
            return model
        try:
            model = load_model(recipe.init)
        except CheckpointError as error:
            raise RecipeError("init: {problem}", problem=error) from None
        if tokenizer.get_vocab_size() > model.config.vocab_size:
            raise RecipeError(
                "init: the tokenizer in {folder} has {tokens} tokens, the model in {init} knows {known}",
                folder=recipe.tokenizer.folder,
                tokens=tokenizer.get_vocab_size(),
                init=recipe.init,
                known=model.config.vocab_size,
            )
        return model.train()

    def loss(self, model: nn.Module, *tensors: Tensor | None) -> Tensor:
        tokens, targets, segments = tensors
        assert tokens is not None
        assert targets is not None
        return causal_loss(model, tokens, targets, segments)

    def stage_data(self, stage: Stage) -> StageData:
        prepared = {name: prepare_source(name, self.recipe, self.tokenizer) for name in stage.mix}
        train = {name: files.train for name, files in prepared.items()}
        return StageData(
            MixedLoader(stage, train, padding(self.tokenizer), self.recipe.seed),
            {name: hash_tokens(file) for name, file in train.items()},
            self._held_out(stage, prepared),
        )

    def samples(self, model: nn.Module) -> Iterator[tuple[str, str]]:
        assert isinstance(model, CausalLM)
        renderer = make_renderer(self.recipe)
        return ((prompt, reply(model, renderer, self.tokenizer, prompt)) for prompt in self.recipe.prompts)

    def export(self, model: nn.Module, folder: Path) -> None:
        assert isinstance(model, CausalLM)
        save_model(model, folder)
        copy_tokenizer(self.recipe.tokenizer.folder, folder)

    def _held_out(self, stage: Stage, prepared: Mapping[str, Prepared]) -> HeldOut:
        rows = {name: self._held_out_rows(files.held_out, stage) for name, files in prepared.items()}
        batches = {name: batch for name, batch in rows.items() if batch is not None}
        return lambda loss, _model, device: held_out_loss(batches, self._bytes_of_token, loss, device)

    def _held_out_rows(self, file: TokenFile, stage: Stage) -> TokenBatch | None:
        assistant, pad = stage.assistant_only, padding(self.tokenizer)
        rows = pack(file.starts, range(len(file.starts) - 1), stage.seq_len, whole=assistant)
        made = [
            read_row(file, spans, stage.seq_len, pad, assistant) for spans in rows[: self.recipe.eval_rows]
        ]
        return to_batch(made, stage.isolate) if made else None


def load_tokenizer(recipe: Recipe) -> Tokenizer:
    """Load the tokenizer of a recipe, or that of the model it starts from.

    Raises:
        RecipeError: It is not there, or cannot be used.
    """
    path = recipe.tokenizer.folder / "tokenizer.json"
    if not path.is_file():
        raise RecipeError(
            "{path} is missing: run `aigc-tui model tokenizer` with this recipe first", path=path
        )
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception
        raise RecipeError("{path} is no tokenizer: {problem}", path=path, problem=error) from None


def model_config(recipe: Recipe, tokenizer: Tokenizer) -> ModelConfig:
    """Fill the recipe's shape with the tokenizer's size and special ids.

    Raises:
        RecipeError: A size is missing, unknown or impossible.
    """
    end, turn_end, pad = (special_id(tokenizer, token) for token in (END_OF_TEXT, TURN_END, PAD))
    try:
        return ModelConfig(
            vocab_size=tokenizer.get_vocab_size(),
            bos_id=end,
            eos_ids=(turn_end, end),
            pad_id=pad,
            **recipe.model,
        )
    except (TypeError, ModelConfigError) as error:
        raise RecipeError("model: {problem}", problem=error) from None


def padding(tokenizer: Tokenizer) -> int:
    """Return the id that fills rows: that for padding, or in tokenizers without one the end of text."""
    found = tokenizer.token_to_id(PAD)
    return special_id(tokenizer, END_OF_TEXT) if found is None else int(found)


def copy_tokenizer(source: Path, folder: Path) -> None:
    """Put the tokenizer of one folder into another."""
    for name in _TOKENIZER_FILES:
        path = source / name
        if path.exists() and path.resolve() != (folder / name).resolve():
            shutil.copyfile(path, folder / name)


def reply(model: CausalLM, renderer: Renderer, tokenizer: Tokenizer, prompt: str) -> str:
    """Answer one user message without a system prompt, taking the likeliest token each time."""
    ids = renderer.template.encode([DialogueMessage("user", prompt)])
    greedy = Sampler(SamplingSettings(temperature=0.0), torch.Generator())
    limits = Limits(_REPLY_LIMIT, frozenset(renderer.end_ids))
    return str(tokenizer.decode(DecodeSession(CachedModel(OwnModel(model)), ids, greedy, limits).run()))


@torch.no_grad()
def held_out_loss(
    batches: Mapping[str, TokenBatch],
    bytes_of_token: Tensor,
    loss: Callable[..., Tensor],
    device: torch.device,
) -> dict[str, float]:
    """Measure text that the model does not learn from.

    Args:
        batches: Rows by source.
        bytes_of_token: Bytes of text that each token stands for (V,).
        loss: From a batch's tensors to its summed loss.
        device: Where the model is.

    Returns:
        Per source ``NAME`` in nats per token and ``NAME.bpb`` in bits per byte.
    """
    found: dict[str, float] = {}
    for name, batch in batches.items():
        counted = batch.targets[batch.targets != IGNORED]
        size = int(bytes_of_token[counted].sum())
        if not size:
            continue
        nats = 0.0
        for part in micro_batches(batch, _HELD_OUT_ROWS):
            nats += float(loss(*(None if t is None else t.to(device) for t in part)))
        found[name] = round(nats / len(counted), 4)
        found[f"{name}.bpb"] = round(nats / math.log(2) / size, 4)
    return found
