"""The recipe: a YAML file that says everything about a run, read into typed records.

One file holds tokenizer, model shape, data mix and schedule, so that a run can be repeated from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

from aigc_tui.message import AppError, message, reason_of

_T = TypeVar("_T")

SCHEDULES = ("linear", "cosine", "wsd")
PRECISIONS = ("auto", "bf16", "float32")
CAUSAL_LM, MASKED_LM = OBJECTIVES = ("causal-lm", "masked-lm")


class RecipeError(AppError, ValueError):
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
        end: Learning rate factor at its end.
        schedule: The way from peak to end: ``linear``, ``cosine``, or ``wsd`` (stay, then fall).
        decay_share: Part of the stage in which ``wsd`` falls.
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
    schedule: str = "linear"
    decay_share: float = 0.2
    assistant_only: bool = False
    isolate: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole run; see data/models/starter/recipe.yaml for an annotated one.

    Args:
        corpus: Folder of the corpus files.
        work: Folder for token files, checkpoints and metrics.
        out: Folder for the finished model.
        tokenizer: Vocabulary settings; its folder must have been made by ``tokenizer_job``. With ``init``
            it is that model's own.
        model: Shape, by the names of ModelConfig, without vocabulary and special ids; not with ``init``.
        sources: Source name -> corpus file, or ``grammar:NAME`` for generated dialogues, or ``task:NAME``
            for a family of tasks/registry.py.
        stages: In order.
        limits: Source name -> most bytes of text to take from it.
        objective: ``causal-lm`` (the next token) or ``masked-lm`` (BERT: hidden words, sentence pairs).
        next_sentence: Of ``masked-lm``: whether it also learns to tell which sentence follows.
        init: Model folder to start from instead of fresh weights (continued training).
        learning_rate: Peak for AdamW (embeddings, norms).
        matrix_learning_rate: Peak for Muon (hidden matrices); 0 gives those to AdamW as well.
        weight_decay: For matrices.
        warmup_steps: Linear warm-up at the very start; 0 means one hundredth of the run.
        seed: Of weights, order of data and dropout of nothing else.
        threads: CPU threads for torch.
        compile: Whether to run torch.compile where a compiler is there (twice as fast on CPU).
        device: ``auto`` (a GPU if there is one), ``cpu``, ``cuda`` ...
        precision: Of matrix products: ``bf16``, ``float32``, or ``auto`` for bf16 where hardware has it.
        clip: Longest gradient; 0 for no limit.
        ema_decay: Share of the old in a running mean of the weights, e.g. 0.999; 0 for none.
        export_ema: Whether the finished model is that mean.
        shard: Whether several processes share weights and optimizer state (FSDP) and not only rows.
        probe_steps: Steps taken back again before the run, to measure speed and memory; 0 for none.
        save_minutes: Minutes between checkpoints.
        save_steps: Steps between checkpoints; 0 to go by minutes alone.
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
    objective: str = CAUSAL_LM
    next_sentence: bool = True
    init: Path | None = None
    learning_rate: float = 3e-3
    matrix_learning_rate: float = 0.02
    weight_decay: float = 0.1
    warmup_steps: int = 0
    seed: int = 1
    threads: int = 2
    compile: bool = True
    device: str = "auto"
    precision: str = "auto"
    clip: float = 1.0
    ema_decay: float = 0.0
    export_ema: bool = False
    shard: bool = False
    probe_steps: int = 3
    save_minutes: float = 5.0
    save_steps: int = 0
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
    _fill_from_init(raw)
    for key in ("corpus", "work", "out", "tokenizer", "model", "sources", "stages"):
        if key not in raw:
            raise RecipeError("{where}: key {key!r} is missing", where=where, key=key)
    for key in ("corpus", "work", "out", "personas", "init"):
        if raw.get(key) is not None:
            raw[key] = home / str(raw[key])
    raw["tokenizer"] = _tokenizer(raw["tokenizer"], home, where)
    if not isinstance(raw["stages"], list):
        raise RecipeError("{where}: stages must be a list", where=where)
    raw["stages"] = tuple(
        _make(Stage, stage, f"{where}: stage {n}") for n, stage in enumerate(raw["stages"], 1)
    )
    raw["prompts"] = tuple(raw.get("prompts", ()))
    raw.setdefault("limits", {})
    recipe = _make(Recipe, raw, where)
    check_recipe(recipe, where)
    return recipe


def _fill_from_init(raw: dict[str, Any]) -> None:
    if raw.get("init") is not None:
        raw.setdefault("model", {})
        raw.setdefault("tokenizer", {"folder": raw["init"], "vocab_size": 0, "sources": {}})


def _tokenizer(raw: object, home: Path, where: str) -> TokenizerRecipe:
    if not isinstance(raw, Mapping):
        raise RecipeError("{where}: tokenizer: must be a mapping of keys to values", where=where)
    return _make(TokenizerRecipe, {**raw, "folder": home / str(raw.get("folder", ""))}, f"{where}: tokenizer")


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(
            "cannot read recipe {path}: {problem}", path=path, problem=reason_of(error)
        ) from None
    except UnicodeDecodeError:
        problem = message("it is not text in UTF-8")
        raise RecipeError("cannot read recipe {path}: {problem}", path=path, problem=problem) from None
    except (RecursionError, yaml.YAMLError) as error:
        raise RecipeError("cannot read recipe {path}: {problem}", path=path, problem=error) from None
    if not isinstance(raw, dict):
        raise RecipeError("{name}: a recipe is a mapping of keys to values", name=path.name)
    return raw


def _make(kind: type[_T], raw: object, where: str) -> _T:
    if not isinstance(raw, Mapping):
        raise RecipeError("{where}: must be a mapping of keys to values", where=where)
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(raw) - known):
        raise RecipeError(
            "{where}: unknown key {unknown!r}; known are {known}",
            where=where,
            unknown=unknown[0],
            known=tuple(sorted(known)),
        )
    for one in fields(kind):  # type: ignore[arg-type]
        if one.name in raw and not _fits(raw[one.name], one.default):
            raise RecipeError(
                "{where}: {name} cannot be {raw!r}, it is like {default!r}",
                where=where,
                name=one.name,
                raw=raw[one.name],
                default=one.default,
            )
    try:
        return kind(**raw)
    except TypeError as error:
        raise RecipeError("{where}: {problem}", where=where, problem=error) from None


def _fits(value: object, default: object) -> bool:
    """Whether a value is of its default's kind; a whole number will do for any number."""
    match default:
        case bool() | str():
            return isinstance(value, type(default))
        case int():
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        case float():
            return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        case _:
            return True


def check_recipe(recipe: Recipe, where: str) -> None:
    """Refuse what no single key can tell.

    Raises:
        RecipeError: Keys do not fit together.
    """
    _check_choice(where, "precision", recipe.precision, PRECISIONS)
    _check_choice(where, "objective", recipe.objective, OBJECTIVES)
    if recipe.export_ema and not recipe.ema_decay:
        raise RecipeError("{where}: export_ema needs ema_decay, e.g. 0.999", where=where)
    if not recipe.ema_decay < 1:
        raise RecipeError(
            "{where}: ema_decay must be below 1, not {ema_decay}", where=where, ema_decay=recipe.ema_decay
        )
    if recipe.init is not None and recipe.model:
        raise RecipeError("{where}: init brings its own shape; leave the key 'model' out", where=where)
    for source in recipe.tokenizer.sources:
        if source not in recipe.sources:
            raise RecipeError(
                "{where}: the tokenizer reads unknown source {source!r}", where=where, source=source
            )
    for stage in recipe.stages:
        _check_stage(stage, recipe, f"{where}: stage {stage.name!r}")


def _check_stage(stage: Stage, recipe: Recipe, where: str) -> None:
    if not stage.minutes and not stage.steps:
        raise RecipeError("{where} needs minutes or steps", where=where)
    if not (stage.rows and stage.micro_rows and stage.seq_len):
        raise RecipeError("{where}: rows, micro_rows and seq_len are at least 1", where=where)
    if stage.rows % stage.micro_rows:
        raise RecipeError("{where}: rows must be a multiple of micro_rows", where=where)
    _check_choice(where, "schedule", stage.schedule, SCHEDULES)
    if recipe.objective == MASKED_LM and (stage.assistant_only or stage.isolate):
        raise RecipeError("{where}: assistant_only and isolate are keys of causal-lm", where=where)
    if not 0 < stage.decay_share <= 1:
        raise RecipeError(
            "{where}: decay_share must be above 0 and at most 1, not {decay_share}",
            where=where,
            decay_share=stage.decay_share,
        )
    for source in stage.mix:
        if source not in recipe.sources:
            raise RecipeError("{where} mixes unknown source {source!r}", where=where, source=source)


def _check_choice(where: str, key: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise RecipeError(
            "{where}: {key} must be one of {known}, not {value!r}",
            where=where,
            key=key,
            known=tuple(known),
            value=value,
        )
