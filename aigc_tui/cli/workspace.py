"""What a command works with: the user's home, opened piece by piece as the command asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from aigc_tui.cli.groups import GlobalOptions, options_of

if TYPE_CHECKING:
    from aigc_tui.config import Paths, Settings
    from aigc_tui.engine.models import ModelCatalogue
    from aigc_tui.engine.protocol import ModelSpec, Sampling
    from aigc_tui.locale import Language
    from aigc_tui.personas import PersonaLibrary
    from aigc_tui.store import Store

P = ParamSpec("P")
R = TypeVar("R")


class Workspace:
    """The home folder, opened piece by piece as a command needs it."""

    def __init__(self, options: GlobalOptions) -> None:
        self.options = options

    @cached_property
    def paths(self) -> Paths:
        from aigc_tui.config import Paths

        return Paths.find(self.options.home)

    @cached_property
    def settings(self) -> Settings:
        from aigc_tui.config import load_settings

        return load_settings(self.paths)

    @cached_property
    def language(self) -> Language:
        import os

        from aigc_tui.config import load_or_default
        from aigc_tui.locale import language_for

        # A mistake elsewhere in the settings must not keep `doctor` from naming it.
        return self.options.language or language_for(load_or_default(self.paths)[0], os.environ)

    @cached_property
    def t(self) -> Callable[..., str]:
        from aigc_tui.locale import Catalogue

        return Catalogue.load(self.language).text

    @cached_property
    def personas(self) -> PersonaLibrary:
        from aigc_tui.personas import PersonaLibrary

        return PersonaLibrary(self.paths)

    @cached_property
    def models(self) -> ModelCatalogue:
        from aigc_tui.engine.models import ModelCatalogue

        return ModelCatalogue(self.paths, self.settings)

    @cached_property
    def default_model(self) -> str:
        """The model where none is named: the user's choice, or else the best that is here."""
        return self.models.default(self.language)

    def sampling(self, model: ModelSpec) -> Sampling:
        """How a model is sampled where no persona speaks: the user's settings, its makers, our defaults."""
        from aigc_tui.personas import sampling_for

        return sampling_for(None, self.settings, self.models.defaults(model))

    def model_name(self, said: str) -> str:
        """Complete a model name: a folder becomes its whole path, `owner/name` the model pulled as that."""
        known = {spec.name for spec in self.models.specs()}
        pulled = said.replace("/", "--")
        if said in known or pulled in known:
            return said if said in known else pulled
        return str(Path(said).resolve()) if Path(said).is_dir() else said

    def local_model(self, name: str) -> Path:
        """Find the folder of a local model; the configuration is checked before anything is loaded."""
        from aigc_tui.cli.errors import CommandError
        from aigc_tui.inference.source import inspect_source

        spec = self.models.resolve(self.model_name(name or self.default_model))
        if spec.kind != "local":
            raise CommandError("{name} is on a server; this needs a local model", name=spec.name)
        # The same gate as in front of a reply: a configuration that names code never reaches transformers.
        inspect_source(Path(spec.path))
        return Path(spec.path)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open the store for one command."""
        from aigc_tui.store import Store

        self.paths.make(self.paths.home)
        with Store.open(self.paths.store, backups=self.paths.backups) as store:
            yield store


def pass_workspace(command: Callable[Concatenate[Workspace, P], R]) -> Callable[P, R]:
    """Give a command its workspace as the first argument."""

    @wraps(command)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return command(Workspace(options_of(click.get_current_context())), *args, **kwargs)

    return call


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON value.")(command)
