"""Make token files from sources, once: training and held-out part of each, kept until something changes."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from aigc_tui.corpora.grammar.dialogues import LANGUAGES, fingerprint, generate
from aigc_tui.corpora.records import Record, is_development, read_records, record_key
from aigc_tui.corpora.tasks.registry import TASKS, task_records
from aigc_tui.corpora.tasks.registry import fingerprint as task_fingerprint
from aigc_tui.inference.chat_template import Rendered, Renderer
from aigc_tui.inference.source import ModelError
from aigc_tui.message import message
from aigc_tui.process.child import caller
from aigc_tui.training.data_loader import TokenFile, is_current, open_token_file, write_token_file
from aigc_tui.training.recipe import Recipe, RecipeError

_HELD_OUT_RECORDS = 400
_FILE_SHARE = 0.01
_GENERATED_SHARE = 0.05  # made on demand and by the same rules, so more of it costs little
_GRAMMAR = "grammar:"
_TASK = "task:"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Token files of one source."""

    train: TokenFile
    held_out: TokenFile


def prepare_source(name: str, recipe: Recipe, tokenizer: Tokenizer) -> Prepared:
    """Return the token files of a source, making them if they are not there yet.

    Raises:
        CorpusError: The source cannot be read.
    """
    folder = recipe.work / "tokens" / name
    key = _key(name, recipe)
    if not is_current(folder / "train", key):
        caller().note(message("tokenising {name}", name=name))
        renderer = make_renderer(recipe)
        held = itertools.islice(split_records(name, recipe, held_out=True), _HELD_OUT_RECORDS)
        size, learnt = tokenizer.get_vocab_size(), split_records(name, recipe, held_out=False)
        write_token_file(folder / "held_out", _rendered(renderer, held), key, size)
        write_token_file(folder / "train", _rendered(renderer, learnt), key, size)
    return Prepared(open_token_file(folder / "train"), open_token_file(folder / "held_out"))


def make_renderer(recipe: Recipe) -> Renderer:
    """Make what renders a recipe's records: by the chat template beside its tokenizer, or our own.

    Raises:
        RecipeError: The tokenizer lacks tokens that the template needs, or one of both is damaged.
    """
    try:
        return Renderer.of_folder(recipe.tokenizer.folder)
    except ModelError as error:
        folder = recipe.tokenizer.folder
        raise RecipeError(
            "the tokenizer in {folder} cannot be trained with: {problem}", folder=folder, problem=error
        ) from None


def source_records(name: str, recipe: Recipe) -> Iterator[Record]:
    """Stream the records of a source of the recipe."""
    return (record for _, record in _keyed(name, recipe))


def _keyed(name: str, recipe: Recipe) -> Iterator[tuple[str, Record]]:
    """Stream the records of a source, each with the text whose hash decides whether it is held out."""
    given = recipe.sources[name]
    if given.startswith(_TASK):
        family = given.removeprefix(_TASK)
        if family not in TASKS:
            raise RecipeError(
                "source {name!r}: there is no task {family!r}; known are {known}",
                name=name,
                family=family,
                known=tuple(sorted(TASKS)),
            )
        if not TASKS[family].files and not recipe.limits.get(name):
            raise RecipeError("source {name!r} has no end of its own and needs a limit of bytes", name=name)
        return task_records(family, recipe.corpus, recipe.personas, recipe.seed)
    return ((record_key(record), record) for record in _plain_records(name, recipe))


def _plain_records(name: str, recipe: Recipe) -> Iterator[Record]:
    given = recipe.sources[name]
    if not given.startswith(_GRAMMAR):
        return read_records(recipe.corpus / given)
    language = given.removeprefix(_GRAMMAR)
    if language not in LANGUAGES or not recipe.limits.get(name):
        raise RecipeError("source {name!r} needs grammar:en or grammar:zh, and a limit of bytes", name=name)
    return generate(language, recipe.seed, recipe.personas)


def split_records(name: str, recipe: Recipe, held_out: bool) -> Iterator[Record]:
    """Stream the held-out or the training records of a source, of as many bytes as the recipe allows."""
    share = _GENERATED_SHARE if _is_made(name, recipe) else _FILE_SHARE
    keyed = _limited(_keyed(name, recipe), recipe.limits.get(name, 0))
    return (record for key, record in keyed if is_development(Record(text=key), share) == held_out)


def _is_made(name: str, recipe: Recipe) -> bool:
    given = recipe.sources[name]
    return given.startswith(_GRAMMAR) or (
        given.startswith(_TASK) and not TASKS[given.removeprefix(_TASK)].files
    )


def _rendered(renderer: Renderer, records: Iterable[Record]) -> Iterator[Rendered]:
    return (renderer.render(record) for record in records)


def _limited(keyed: Iterable[tuple[str, Record]], limit: int) -> Iterator[tuple[str, Record]]:
    """Stop after ``limit`` bytes of text; 0 means never."""
    used = 0
    for key, record in keyed:
        if limit and used >= limit:
            return
        used += len(record_key(record).encode("utf-8", "replace"))
        yield key, record


def _key(name: str, recipe: Recipe) -> str:
    given = recipe.sources[name]
    path = recipe.corpus / given
    vocabulary = (recipe.tokenizer.folder / "tokenizer.json").read_bytes()
    if given.startswith(_TASK):
        state = task_fingerprint(given.removeprefix(_TASK), recipe.corpus, recipe.personas)
    else:
        state = fingerprint(recipe.personas) if given.startswith(_GRAMMAR) else str(_size(path))
    parts = [
        str(path),
        state,
        str(recipe.limits.get(name, 0)),
        hashlib.sha256(vocabulary).hexdigest(),
    ]
    return "|".join(parts)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1
