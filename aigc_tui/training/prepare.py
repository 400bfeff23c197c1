"""Make token files from sources, once: training and held-out part of each, kept until something changes."""

from __future__ import annotations

import hashlib
import itertools
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from aigc_tui.training.corpus import Record, is_development, read_records, record_key
from aigc_tui.training.grammar.dialogues import LANGUAGES, fingerprint, generate
from aigc_tui.training.packing import TokenFile, is_current, open_token_file, write_token_file
from aigc_tui.training.recipe import Recipe, RecipeError
from aigc_tui.training.rendering import Rendered, Renderer

_HELD_OUT_RECORDS = 400
_FILE_SHARE = 0.01
_GENERATED_SHARE = 0.05  # made on demand and by the same rules, so more of it costs little
_GRAMMAR = "grammar:"


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
        print(f"tokenising {name}", file=sys.stderr, flush=True)
        renderer = Renderer(tokenizer)
        held = itertools.islice(_part(name, recipe, held_out=True), _HELD_OUT_RECORDS)
        write_token_file(folder / "held_out", _rendered(renderer, held), key)
        write_token_file(folder / "train", _rendered(renderer, _part(name, recipe, held_out=False)), key)
    return Prepared(open_token_file(folder / "train"), open_token_file(folder / "held_out"))


def source_records(name: str, recipe: Recipe) -> Iterator[Record]:
    """Stream the records of a source of the recipe."""
    given = recipe.sources[name]
    if not given.startswith(_GRAMMAR):
        return read_records(recipe.corpus / given)
    language = given.removeprefix(_GRAMMAR)
    if language not in LANGUAGES or not recipe.limits.get(name):
        raise RecipeError(f"source {name!r} needs grammar:en or grammar:zh, and a limit of bytes")
    return generate(language, recipe.seed, recipe.personas)


def _part(name: str, recipe: Recipe, held_out: bool) -> Iterator[Record]:
    """Stream the held-out or the training records of a source, of as many bytes as the recipe allows."""
    share = _GENERATED_SHARE if recipe.sources[name].startswith(_GRAMMAR) else _FILE_SHARE
    records = _limited(source_records(name, recipe), recipe.limits.get(name, 0))
    return (record for record in records if is_development(record, share) == held_out)


def _rendered(renderer: Renderer, records: Iterable[Record]) -> Iterator[Rendered]:
    return (renderer.render(record) for record in records)


def _limited(records: Iterable[Record], limit: int) -> Iterator[Record]:
    """Stop after ``limit`` bytes of text; 0 means never."""
    used = 0
    for record in records:
        if limit and used >= limit:
            return
        used += len(record_key(record).encode("utf-8", "replace"))
        yield record


def _key(name: str, recipe: Recipe) -> str:
    """Name everything that the token file depends on."""
    path = recipe.corpus / recipe.sources[name]
    made = recipe.sources[name].startswith(_GRAMMAR)
    vocabulary = (recipe.tokenizer.folder / "tokenizer.json").read_bytes()
    state = fingerprint(recipe.personas) if made else str(_size(path))
    parts = [
        str(path),
        state,
        str(recipe.limits.get(name, 0)),
        hashlib.sha256(vocabulary).hexdigest(),
    ]
    return "|".join(parts)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1
