"""Make what a recipe describes: tokenizer, model, model folder; and let the model speak, to read it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tokenizers import Tokenizer

from aigc_tui.corpora.records import Message
from aigc_tui.inference.chat_template import Renderer
from aigc_tui.inference.source import ModelError
from aigc_tui.inference.tokens import special_id
from aigc_tui.training.recipe import Recipe, RecipeError
from aigc_tui.training.sampling import continue_ids
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.checkpoint import CheckpointError, load_model, save_model
from aigc_tui.transformer.config import ConfigError, ModelConfig
from aigc_tui.transformer.tokenizer import END_OF_TEXT, PAD, TURN_END

_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
_OPTIONAL_FILES = ("chat_template.jinja", "vocab.json", "merges.txt")
_REPLY_LIMIT = 80


def load_tokenizer(recipe: Recipe) -> Tokenizer:
    """Load the tokenizer that ``tokenizer_job`` made for a recipe, or that of the model it starts from.

    Raises:
        RecipeError: It is not there, or cannot be used.
    """
    path = recipe.tokenizer.folder / "tokenizer.json"
    if not path.is_file():
        raise RecipeError(f"{path} is missing: run `aigc-tui model tokenizer` with this recipe first")
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception
        raise RecipeError(f"{path} is no tokenizer: {error}") from None


def make_model(recipe: Recipe, tokenizer: Tokenizer) -> CausalLM:
    """Make the model with fresh weights, or with those of the folder that the recipe starts from.

    Raises:
        RecipeError: Its shape is impossible, or the folder holds no model of ours that fits the tokenizer.
    """
    if recipe.init is None:
        model = CausalLM(model_config(recipe, tokenizer))
        initialise(model, recipe.seed)
        return model
    try:
        model = load_model(recipe.init)
    except CheckpointError as error:
        raise RecipeError(f"init: {error}") from None
    if tokenizer.get_vocab_size() > model.config.vocab_size:
        raise RecipeError(
            f"init: the tokenizer in {recipe.tokenizer.folder} has {tokenizer.get_vocab_size()} tokens, "
            f"the model in {recipe.init} knows {model.config.vocab_size}"
        )
    return model.train()


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
    except (TypeError, ConfigError) as error:
        raise RecipeError(f"model: {error}") from None


def padding(tokenizer: Tokenizer) -> int:
    """Return the id that fills rows: that for padding, or in tokenizers without one the end of text."""
    found = tokenizer.token_to_id(PAD)
    return special_id(tokenizer, END_OF_TEXT) if found is None else int(found)


def export(model: CausalLM, recipe: Recipe, folder: Path) -> None:
    """Write the model with its tokenizer as a Hugging Face folder."""
    save_model(model, folder)
    for name in (*_TOKENIZER_FILES, *_OPTIONAL_FILES):
        source = recipe.tokenizer.folder / name
        if source.exists() and source.resolve() != (folder / name).resolve():
            shutil.copyfile(source, folder / name)


def make_renderer(recipe: Recipe) -> Renderer:
    """Make what renders a recipe's records: by the chat template beside its tokenizer, or our own.

    Raises:
        RecipeError: The tokenizer lacks tokens that the template needs, or one of both is damaged.
    """
    try:
        return Renderer.of_folder(recipe.tokenizer.folder)
    except ModelError as error:
        folder = recipe.tokenizer.folder
        raise RecipeError(f"the tokenizer in {folder} cannot be trained with: {error}") from None


def reply(model: CausalLM, renderer: Renderer, tokenizer: Tokenizer, prompt: str) -> str:
    """Answer one user message without a system prompt, taking the likeliest token each time."""
    ids = renderer.template.encode([Message("user", prompt)])
    return str(tokenizer.decode(continue_ids(model, ids, renderer.end_ids, _REPLY_LIMIT)))
