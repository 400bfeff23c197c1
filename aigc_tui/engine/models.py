"""The models that a person can choose from: the shipped starter, added and pulled folders, named servers.

Read from small JSON files and the headers of weight files, without loading a model or importing torch.
"""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aigc_tui.config import ConfigError, ModelEntry, Paths, Settings, save_setting, shipped
from aigc_tui.config.sampling import BY_NAME, OFFERED
from aigc_tui.engine.protocol import ModelSpec, Sampling
from aigc_tui.engine.transfer import lock_of, only_one
from aigc_tui.files import sync_folder
from aigc_tui.inference.memory import available_bytes
from aigc_tui.inference.source import (
    MissingModelError,
    ModelError,
    ModelSource,
    inspect_source,
    read_json,
    template_source,
)
from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.engine.catalogue import CatalogueModel

STARTER = "starter"
LOCAL, OPENAI = "local", "openai"
RECORD = "pulled.json"
"""The file in a model's folder that says where it came from."""

_SUGGESTED = tuple(name for name in OFFERED if name not in ("max_tokens", "seed"))
"""The sampling parameters that makers of models may recommend; the length and seed are not theirs to say."""
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
    quantisation: str = ""
    """How its weights are packed, e.g. `int4`; empty: they are plain."""
    problem: str = ""
    """One line: why it cannot be used; empty: it can."""
    sampling: Sampling = field(default_factory=Sampling)
    """How its makers want it sampled (generation_config.json), over our defaults."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What the removal of a model took away."""

    name: str
    folder: Path | None
    """The folder that was deleted; None: none was ours."""
    forgotten: bool
    """Whether an entry of the settings was taken out."""
    freed_bytes: int


class ModelCatalogue:
    """Finds models by name.

    Args:
        paths: Where added and pulled models are.
        settings: The models that the user named.
    """

    def __init__(self, paths: Paths, settings: Settings) -> None:
        self._paths = paths
        self._settings = settings
        self._listed: Mapping[str, CatalogueModel] | None = None

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
        raise self._missing(name)

    def default(self, language: str) -> str:
        """Name the model of new conversations: the user's choice, or else the best that is here.

        The best is a model of the catalogue that can converse and fits into the free memory: of those that
        speak the language, or of all if none does, the one with the most parameters. What the user made or
        added without the catalogue's knowledge is used only when it is chosen. Without any: the starter.

        Args:
            language: The language of the interface.
        """
        if "model" in self._settings.given or self._settings.model != STARTER:
            return self._settings.model
        free = available_bytes()
        ranked = [
            (language in known.languages, known.parameters, spec.name)
            for spec in self.specs()
            if spec.kind == LOCAL
            and spec.name != STARTER
            and (known := self._known(Path(spec.path))) is not None
            and (free is None or known.memory <= free)
            and _answers(Path(spec.path))
        ]
        return max(ranked)[-1] if ranked else STARTER

    def _missing(self, name: str) -> MissingModelError:
        known = tuple(one_line(spec.name, 60) for spec in self.specs())
        return MissingModelError(
            "there is no model {name!r}; known: {known}", name=one_line(name, 120), known=known
        )

    def defaults(self, spec: ModelSpec) -> Mapping[str, float]:
        """Tell how its makers want a model sampled: only what they recommend, by parameter.

        The folder's generation_config.json speaks first, then the catalogue's entry of the very file that the
        model was made of. A server's model has no recommendation.
        """
        if spec.kind != LOCAL:
            return {}
        folder = Path(spec.path)
        known = self._known(folder)
        return {**(_sensible(known.sampling) if known else {}), **recommended(folder)}

    def _known(self, folder: Path) -> CatalogueModel | None:
        """Find the catalogue's entry of the very file that a folder was made of."""
        sha256 = str(provenance(folder).get("sha256", ""))
        if not sha256:
            return None
        if self._listed is None:
            # Imported here, with its parsers of downloads; and read once: a reply should not wait for YAML.
            from aigc_tui.engine.catalogue import load_catalogue

            try:
                self._listed = {one.sha256: one for one in load_catalogue(self._paths)}
            except ConfigError:
                # A broken catalogue of the user's is told by the commands that use it; a chat goes on.
                self._listed = {}
        return self._listed.get(sha256)

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
        folder, chosen = self.check_addition(folder, name)
        described = describe(folder, chosen)
        try:
            self._copy(folder, chosen) if copy else self._note(ModelEntry(chosen, path=str(folder)))
        except (OSError, ConfigError) as error:
            raise ModelError("cannot add {name}: {reason}", name=chosen, reason=error) from error
        return described

    def check_addition(self, folder: Path, name: str = "") -> tuple[Path, str]:
        """Find the whole path and the name under which a folder can be added.

        Raises:
            ModelError: The folder is broken, or the name is none or taken.
        """
        folder = folder.expanduser().resolve()
        chosen = check_name(name or folder.name)
        if any(spec.name == chosen for spec in self.specs()):
            raise ModelError(
                "there is a model named {name!r} already; give another name with --name", name=chosen
            )
        describe(folder, chosen)
        return folder, chosen

    def remove(self, name: str) -> Removed:
        """Remove a model: its folder if it lies under the home, its entry in the settings if it has one.

        A folder elsewhere is the user's own and is only forgotten. If the model was the chosen one, none is
        chosen any more.

        Raises:
            ModelError: It is the starter, there is no such model, or its folder cannot be removed.
            DownloadError: It is being pulled or changed by another process.
        """
        if name == STARTER:
            raise ModelError("the starter model belongs to the program and cannot be removed")
        entries = [entry for entry in self._settings.models if entry.name != name]
        forgotten = len(entries) < len(self._settings.models)
        folder = self._own_folder(name)
        if folder is None and not forgotten:
            raise self._missing(name)
        freed = 0 if folder is None else self._delete(folder)
        try:
            if forgotten:
                self._settings = save_setting(self._paths, "models", tuple(entries))
            if self._settings.model == name:
                self._settings = save_setting(self._paths, "model", None)
        except ConfigError as error:
            raise ModelError("cannot remove {name}: {reason}", name=name, reason=error) from error
        return Removed(name, folder, forgotten, freed)

    def _own_folder(self, name: str) -> Path | None:
        """Find what lies in our models folder under a name, or under the name of an unfinished download."""
        entry = next((e for e in self._settings.models if e.name == name and e.kind == LOCAL), None)
        for path in self._folders():
            if one_line(path.name, 120) == name if entry is None else path == Path(entry.path):
                return path
        plain = name == one_line(name, 120) and os.sep not in name and not name.startswith(".")
        unfinished = self._paths.models / name if entry is None and plain and name else None
        return unfinished if unfinished is not None and _unfinished(unfinished) else None

    def _delete(self, folder: Path) -> int:
        try:
            with only_one(lock_of(folder), folder.name):
                freed = 0
                gone = folder.with_name(f".{folder.name}.removed")
                shutil.rmtree(gone, ignore_errors=True)
                if folder.is_symlink():
                    folder.unlink()
                elif folder.exists():
                    # At once, so that nobody loads half a model.
                    folder.rename(gone)
                for path in (gone, *_unfinished(folder)):
                    if path.exists():
                        freed += sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
                        shutil.rmtree(path)
                return freed
        except OSError as error:
            raise ModelError("cannot remove {name}: {reason}", name=folder.name, reason=error) from error

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


def check_name(name: str) -> str:
    """Return what a model may be called.

    Raises:
        ModelError: It is no name for a folder, or reads as an option.
    """
    chosen = one_line(name, 120)
    if not chosen or chosen.startswith((".", "-")) or "/" in chosen or os.sep in chosen:
        raise ModelError("{name!r} cannot be a model's name; give another with --name", name=chosen)
    return chosen


def _unfinished(folder: Path) -> list[Path]:
    return sorted(folder.parent.glob(f".{glob.escape(folder.name)}.*.partial"))


def provenance(folder: Path) -> dict[str, Any]:
    """Read where a pulled or added model came from; what nobody noted is left out.

    Returns:
        Some of `source`, `revision`, `file`, `size`, `sha256`, `known_by`, `licence`, `licence_note`,
        `languages`.
    """
    file = folder / RECORD
    try:
        raw = read_json(file) if file.is_file() else {}
    except ModelError:
        return {}
    if "repo" in raw:
        raw = {**raw, "source": raw["repo"]}
    found: dict[str, Any] = {}
    for key in ("source", "revision", "file", "size", "sha256", "known_by", "licence", "licence_note"):
        value = raw.get(key)
        if isinstance(value, str) and value:
            found[key] = one_line(value, 400)
        elif isinstance(value, int) and not isinstance(value, bool):
            found[key] = value
    languages = raw.get("languages")
    if isinstance(languages, list):
        found["languages"] = [one_line(str(code), 20) for code in languages[:200]]
    return found


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


def _answers(folder: Path) -> bool:
    try:
        describe(folder)
        return converses(folder)
    except ModelError:
        return False


def with_default(paths: Paths, settings: Settings, language: str) -> Settings:
    """Put the model of new conversations into settings whose user chose none; `ModelCatalogue.default`."""
    return replace(settings, model=ModelCatalogue(paths, settings).default(language))


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
        quantisation=found.quantisation,
        sampling=suggested_sampling(found.path),
    )


def suggested_sampling(folder: Path) -> Sampling:
    """What the makers of a model recommend, over our defaults."""
    values: dict[str, Any] = dict(recommended(folder))
    return Sampling(**values)


def recommended(folder: Path) -> dict[str, float]:
    """Read the sampling of `generation_config.json`; what is missing or makes no sense is left out."""
    file = folder / "generation_config.json"
    try:
        return _sensible(read_json(file) if file.is_file() else {})
    except ModelError:
        return {}


def _sensible(raw: Mapping[str, Any]) -> dict[str, float]:
    values: dict[str, float] = {}
    for name in _SUGGESTED:
        parameter, value = BY_NAME[name], raw.get(name)
        least, most = parameter.range
        if name in ("top_p", "typical_p"):
            # A share of nothing would leave no token.
            least = _LEAST_SHARE
        if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
            values[name] = int(value) if parameter.whole else float(value)
    return values


def needs_identity(folder: Path | None) -> bool:
    """Tell whether a model has to be told who it is.

    Not the starter: it was trained on the personas' own prompts, word for word, and knows no company.

    Args:
        folder: The model's; None: it is on a server.
    """
    return folder != shipped("data") / "models" / STARTER


def _spec(entry: ModelEntry) -> ModelSpec:
    return ModelSpec(
        name=one_line(entry.name, 120),
        kind=entry.kind,
        path=entry.path,
        base_url=entry.base_url,
        model=entry.model,
        key_env=entry.key_env,
    )
