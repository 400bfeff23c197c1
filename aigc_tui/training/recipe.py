"""The recipe: a YAML file that says everything about a run, read into typed records.

One file holds tokenizer, model shape, data mix and schedule, so that a run can be repeated from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

_T = TypeVar("_T")


class RecipeError(ValueError):
    """The recipe is not usable; the message names file and key."""


@dataclass(frozen=True, slots=True)
class TokenizerRecipe:
    """What ``tokenizer_job`` needs: size of the vocabulary, and bytes to read of each source."""

    folder: Path
    vocab_size: int
    sources: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of a run with its own data mix.

    Args:
        name: Shown in metrics.
        minutes: Wall-clock length; 0 for no limit.
        steps: Length in optimizer steps; 0 for no limit. The earlier of both ends the stage.
        mix: Source name -> share of rows (any positive numbers; they are normalised).
        seq_len: Tokens of one row (T).
        rows: Rows in one optimizer step.
        micro_rows: Rows in one forward pass; ``rows`` is a multiple.
        peak: Learning rate factor at the start of the stage.
        end: Learning rate factor at its end; linear between.
        assistant_only: Whether loss counts assistant turns (and their end token) only.
        isolate: Whether packed documents are hidden from each other.
    """

    name: str
    mix: Mapping[str, float]
    minutes: float = 0.0
    steps: int = 0
    seq_len: int = 512
    rows: int = 16
    micro_rows: int = 16
    peak: float = 1.0
    end: float = 1.0
    assistant_only: bool = False
    isolate: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole run; see data/recipes/starter.yaml for an annotated one.

    Args:
        corpus: Folder of the corpus files.
        work: Folder for token files, checkpoints and metrics.
        out: Folder for the finished model.
        tokenizer: Vocabulary settings; its folder must have been made by ``tokenizer_job``.
        model: Shape, by the names of ModelConfig, without vocabulary and special ids.
        sources: Source name -> corpus file, or ``grammar:NAME`` for generated dialogues.
        stages: In order.
        limits: Source name -> most bytes of text to take from it.
        learning_rate: Peak for AdamW (embeddings, norms).
        matrix_learning_rate: Peak for Muon (hidden matrices); 0 gives those to AdamW as well.
        weight_decay: For matrices.
        warmup_steps: Linear warm-up at the very start; 0 means one hundredth of the run.
        seed: Of weights, order of data and dropout of nothing else.
        threads: CPU threads for torch.
        compile: Whether to run torch.compile (needs a C++ compiler; twice as fast on CPU).
        save_minutes: Minutes between checkpoints.
        log_steps: Steps between metrics rows.
        eval_steps: Steps between held-out measurements.
        eval_rows: Rows of each source in one held-out measurement.
        prompts: Openings that are continued at each held-out measurement, to read.
        personas: Folder of persona files whose system prompts the grammar uses.
    """

    corpus: Path
    work: Path
    out: Path
    tokenizer: TokenizerRecipe
    model: Mapping[str, Any]
    sources: Mapping[str, str]
    stages: tuple[Stage, ...]
    limits: Mapping[str, int]
    learning_rate: float = 3e-3
    matrix_learning_rate: float = 0.02
    weight_decay: float = 0.1
    warmup_steps: int = 0
    seed: int = 1
    threads: int = 2
    compile: bool = True
    save_minutes: float = 5.0
    log_steps: int = 10
    eval_steps: int = 250
    eval_rows: int = 8
    prompts: tuple[str, ...] = ()
    personas: Path | None = None


def load_recipe(path: Path) -> Recipe:
    """Read a recipe; relative paths in it are relative to its folder.

    Raises:
        RecipeError: It cannot be read, or a key is missing, unknown or of the wrong kind.
    """
    raw = _read(path)
    home = path.resolve().parent
    where = path.name
    for key in ("corpus", "work", "out", "tokenizer", "model", "sources", "stages"):
        if key not in raw:
            raise RecipeError(f"{where}: key {key!r} is missing")
    for key in ("corpus", "work", "out", "personas"):
        if raw.get(key) is not None:
            raw[key] = home / str(raw[key])
    tokenizer = dict(raw["tokenizer"])
    tokenizer["folder"] = home / str(tokenizer.get("folder", ""))
    raw["tokenizer"] = _make(TokenizerRecipe, tokenizer, f"{where}: tokenizer")
    raw["stages"] = tuple(
        _make(Stage, stage, f"{where}: stage {n}") for n, stage in enumerate(raw["stages"], 1)
    )
    raw["prompts"] = tuple(raw.get("prompts", ()))
    raw.setdefault("limits", {})
    recipe = _make(Recipe, raw, where)
    _check(recipe, where)
    return recipe


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        raise RecipeError(f"cannot read recipe {path}: {error}") from None
    if not isinstance(raw, dict):
        raise RecipeError(f"{path.name}: a recipe is a mapping of keys to values")
    return raw


def _make(kind: type[_T], raw: object, where: str) -> _T:
    if not isinstance(raw, Mapping):
        raise RecipeError(f"{where}: must be a mapping of keys to values")
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(raw) - known):
        raise RecipeError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")
    try:
        return kind(**raw)
    except TypeError as error:
        raise RecipeError(f"{where}: {error}") from None


def _check(recipe: Recipe, where: str) -> None:
    for source in recipe.tokenizer.sources:
        if source not in recipe.sources:
            raise RecipeError(f"{where}: the tokenizer reads unknown source {source!r}")
    for stage in recipe.stages:
        if not stage.minutes and not stage.steps:
            raise RecipeError(f"{where}: stage {stage.name!r} needs minutes or steps")
        if stage.rows % stage.micro_rows:
            raise RecipeError(f"{where}: stage {stage.name!r}: rows must be a multiple of micro_rows")
        for source in stage.mix:
            if source not in recipe.sources:
                raise RecipeError(f"{where}: stage {stage.name!r} mixes unknown source {source!r}")
