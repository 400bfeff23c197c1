"""The models that a person can choose from: the shipped starter, added and pulled folders, named servers.

Read from small JSON files and the headers of weight files, without loading a model or importing torch.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aigc_tui.config import ConfigError, ModelEntry, Paths, Settings, save_setting, shipped
from aigc_tui.config.sampling import BY_NAME
from aigc_tui.engine.protocol import ModelSpec, Sampling
from aigc_tui.files import sync_folder
from aigc_tui.inference.source import (
    MissingModelError,
    ModelError,
    ModelSource,
    inspect_source,
    read_json,
    template_source,
)
from aigc_tui.text import one_line

STARTER = "starter"
LOCAL, OPENAI = "local", "openai"

_SUGGESTED = ("temperature", "top_k", "top_p", "min_p", "typical_p", "repetition_penalty")
"""The sampling parameters that makers of models recommend."""
_LEAST_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a menu shows of a model. Numbers are 0 where nobody says (a server's model, a broken folder)."""

    name: str
    kind: str
    path: str
    architecture: str = ""
    parameters: int = 0
    context: int = 0
    size_bytes: int = 0
    problem: str = ""
    """One line: why it cannot be used; empty: it can."""
    sampling: Sampling = field(default_factory=Sampling)
    """How its makers want it sampled (generation_config.json), over our defaults."""


class ModelCatalogue:
    """Finds models by name.

    Args:
        paths: Where added and pulled models are.
        settings: The models that the user named.
    """

    def __init__(self, paths: Paths, settings: Settings) -> None:
        self._paths = paths
        self._settings = settings

    def list(self) -> Sequence[ModelInfo]:
        """Describe every model, the starter first, then by name. A broken one is listed with its problem."""
        return [self._describe(spec) for spec in self.specs()]

    def specs(self) -> Sequence[ModelSpec]:
        """List every model without looking into it. A name of the settings hides a folder's."""
        found = {STARTER: ModelSpec(STARTER, path=str(shipped("data") / "models" / STARTER))}
        found |= {path.name: ModelSpec(one_line(path.name, 120), path=str(path)) for path in self._folders()}
        found |= {entry.name: _spec(entry) for entry in self._settings.models}
        return [found.pop(STARTER), *(found[name] for name in sorted(found))]

    def resolve(self, name: str) -> ModelSpec:
        """Find a model by its name, or take a path to a folder.

        Raises:
            ModelError: There is no such model.
        """
        for spec in self.specs():
            if spec.name == name:
                return spec
        path = Path(name).expanduser()
        if (os.sep in name or name in {".", ".."}) and path.is_dir():
            return ModelSpec(one_line(path.resolve().name, 120), path=str(path.resolve()))
        known = ", ".join(spec.name for spec in self.specs())
        raise MissingModelError(
            "there is no model {name!r}; known: {known}", name=one_line(name, 120), known=one_line(known, 250)
        )

    def defaults(self, spec: ModelSpec) -> Sampling:
        """How its makers want a model sampled, over our defaults; a server's model has none of its own."""
        return suggested_sampling(Path(spec.path)) if spec.kind == LOCAL else Sampling()

    def info(self, name: str) -> ModelInfo:
        """Describe one model.

        Raises:
            ModelError: There is no such model, or its folder is broken.
        """
        described = self._describe(self.resolve(name))
        if described.problem:
            raise ModelError("{problem}", problem=described.problem)
        return described

    def add(self, folder: Path, name: str = "", copy: bool = False) -> ModelInfo:
        """Make a folder known: by its path in the settings, or as a copy under the home.

        Args:
            folder: A Hugging Face model folder.
            name: What to call it; default: the folder's name.
            copy: Whether to copy it, so that the original may go.

        Raises:
            ModelError: The folder is broken, the name is taken, or it cannot be copied or noted.
        """
        folder = folder.expanduser().resolve()
        chosen = one_line(name or folder.name, 120)
        if not chosen or chosen.startswith((".", "-")) or "/" in chosen or os.sep in chosen:
            raise ModelError("{name!r} cannot be a model's name; give another with --name", name=chosen)
        if any(spec.name == chosen for spec in self.specs()):
            raise ModelError(
                "there is a model named {name!r} already; give another name with --name", name=chosen
            )
        described = describe(folder, chosen)
        try:
            self._copy(folder, chosen) if copy else self._note(ModelEntry(chosen, path=str(folder)))
        except (OSError, ConfigError) as error:
            raise ModelError("cannot add {name}: {reason}", name=chosen, reason=error) from error
        return described

    def _describe(self, spec: ModelSpec) -> ModelInfo:
        if spec.kind != LOCAL:
            return ModelInfo(spec.name, spec.kind, one_line(f"{spec.base_url} {spec.model}"))
        try:
            return describe(Path(spec.path), spec.name)
        except ModelError as error:
            return ModelInfo(spec.name, LOCAL, spec.path, problem=str(error))

    def _folders(self) -> Iterator[Path]:
        if self._paths.models.is_dir():
            for path in sorted(self._paths.models.iterdir()):
                if path.is_dir() and not path.name.startswith("."):
                    yield path

    def _note(self, entry: ModelEntry) -> None:
        self._settings = save_setting(self._paths, "models", (*self._settings.models, entry))

    def _copy(self, folder: Path, name: str) -> None:
        """Copy the files that a model needs, no others; the folder appears at once when it is whole."""
        target = self._paths.make(self._paths.models) / name
        partial = target.with_name(f".{name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        try:
            for file in model_files(folder):
                shutil.copyfile(file, partial / file.name)
            partial.rename(target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        sync_folder(target.parent)


def describe(folder: Path, name: str = "") -> ModelInfo:
    """Read what a menu shows of a model folder, without loading it.

    Raises:
        ModelError: The folder is no usable model; one line says why.
    """
    try:
        return _info(inspect_source(folder), name or one_line(folder.name, 120))
    except OSError as error:
        raise ModelError("cannot read {path}: {reason}", path=folder, reason=error.strerror) from error


def converses(folder: Path) -> bool:
    """Tell whether a model folder has a chat template, without which it can be measured but not talked to.

    Raises:
        ModelError: A file of it cannot be read.
    """
    return template_source(folder) is not None


def model_files(folder: Path) -> list[Path]:
    """List the files of a folder that belong to a safetensors model: weights, tokenizer, template, words."""
    suffixes = {".safetensors", ".json", ".jinja", ".model", ".txt", ".md"}
    names = {"LICENSE", "NOTICE"}
    return sorted(p for p in folder.iterdir() if p.is_file() and (p.suffix in suffixes or p.name in names))


def _info(found: ModelSource, name: str) -> ModelInfo:
    return ModelInfo(
        name=name,
        kind=LOCAL,
        path=str(found.path),
        architecture=found.architecture,
        parameters=found.parameters,
        context=found.context,
        size_bytes=found.size_bytes,
        sampling=suggested_sampling(found.path),
    )


def suggested_sampling(folder: Path) -> Sampling:
    """Read `generation_config.json`; what is missing or makes no sense keeps our default."""
    file = folder / "generation_config.json"
    try:
        raw = read_json(file) if file.is_file() else {}
    except ModelError:
        return Sampling()
    values: dict[str, Any] = {}
    for name in _SUGGESTED:
        parameter, value = BY_NAME[name], raw.get(name)
        least, most = parameter.range
        if name in ("top_p", "typical_p"):
            # A share of nothing would leave no token.
            least = _LEAST_SHARE
        if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
            values[name] = int(value) if parameter.whole else float(value)
    return Sampling(**values)


def _spec(entry: ModelEntry) -> ModelSpec:
    return ModelSpec(
        name=one_line(entry.name, 120),
        kind=entry.kind,
        path=entry.path,
        base_url=entry.base_url,
        model=entry.model,
        key_env=entry.key_env,
    )
