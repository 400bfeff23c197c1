"""Train a tokenizer from a recipe: ``python -m aigc_tui.training.tokenizer_job RECIPE.yaml``.

A process of its own, since the command line and the screen never import the tokenizer library.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from aigc_tui.corpora.records import CorpusError, Record, is_development
from aigc_tui.message import message
from aigc_tui.process.child import caller
from aigc_tui.training.prepare import source_records
from aigc_tui.training.recipe import Recipe, RecipeError, load_recipe
from aigc_tui.transformer.tokenizer import save_tokenizer, train_tokenizer


def sample_texts(recipe: Recipe) -> Iterator[str]:
    """Yield training texts until each source has given the bytes that the recipe wants of it."""
    for source, wanted in recipe.tokenizer.sources.items():
        left = wanted
        for record in source_records(source, recipe):
            if left <= 0:
                break
            if not is_development(record):
                for text in _texts(record):
                    left -= len(text.encode("utf-8", "replace"))
                    yield text


def make_tokenizer(recipe: Recipe) -> int:
    """Train the tokenizer of a recipe and save it; returns the size of its vocabulary.

    Raises:
        CorpusError: A source cannot be read.
    """
    tokenizer = train_tokenizer(sample_texts(recipe), recipe.tokenizer.vocab_size)
    save_tokenizer(tokenizer, recipe.tokenizer.folder, int(recipe.model["max_positions"]))
    return int(tokenizer.get_vocab_size())


def make_missing_tokenizer(recipe: Recipe, make: Callable[[Recipe], object]) -> None:
    """Train a tokenizer that is not there, if the recipe says from what: one command does it all."""
    if recipe.tokenizer.sources and not (recipe.tokenizer.folder / "tokenizer.json").is_file():
        caller().note(message("training the tokenizer"))
        make(recipe)


def _texts(record: Record) -> Iterator[str]:
    if record.text:
        yield record.text
    for turn in record.messages:
        yield turn.content


def main(arguments: list[str], make: Callable[[Recipe], int] = make_tokenizer) -> int:
    """Run; returns the exit code."""
    if len(arguments) != 1:
        print("usage: python -m aigc_tui.training.tokenizer_job RECIPE.yaml", file=sys.stderr)
        return 2
    try:
        recipe = load_recipe(Path(arguments[0]))
        size = make(recipe)
    except (RecipeError, CorpusError, OSError) as error:
        return caller().fail(error)
    caller().note(message("{size} tokens -> {folder}", size=size, folder=recipe.tokenizer.folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
