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
    from aigc_tui.locale import Language
    from aigc_tui.personas import PersonaLibrary
    from aigc_tui.store import Store

P = ParamSpec("P")
R = TypeVar("R")


class Workspace:
    """The home folder of this run.

    Args:
        options: What `--home` and `--language` said.
    """

    def __init__(self, options: GlobalOptions) -> None:
        self.options = options

    @cached_property
    def paths(self) -> Paths:
        """Where everything is."""
        from aigc_tui.config import Paths

        return Paths.find(self.options.home)

    @cached_property
    def settings(self) -> Settings:
        """The user's settings.

        Raises:
            ConfigError: The settings file is wrong; the message names the line.
        """
        from aigc_tui.config import load_settings

        return load_settings(self.paths)

    @cached_property
    def language(self) -> Language:
        """The language of narration: `en` or `zh`."""
        import os

        from aigc_tui.locale import language_for

        return self.options.language or language_for(self.settings, os.environ)

    @cached_property
    def t(self) -> Callable[..., str]:
        """Look up a text of the user's language."""
        from aigc_tui.locale import Catalogue

        return Catalogue.load(self.language).text

    @cached_property
    def personas(self) -> PersonaLibrary:
        """The shipped personas and the user's."""
        from aigc_tui.personas import PersonaLibrary

        return PersonaLibrary(self.paths)

    @cached_property
    def models(self) -> ModelCatalogue:
        """The models that can be named."""
        from aigc_tui.engine.models import ModelCatalogue

        return ModelCatalogue(self.paths, self.settings)

    def model_name(self, said: str) -> str:
        """Complete a model's name: a folder becomes its whole path, `owner/name` the model pulled as that.

        Args:
            said: What stood on the command line.
        """
        known = {spec.name for spec in self.models.specs()}
        pulled = said.replace("/", "--")
        if said in known or pulled in known:
            return said if said in known else pulled
        return str(Path(said).resolve()) if Path(said).is_dir() else said

    def local_model(self, name: str) -> Path:
        """Find the files of a model of this machine, looked into before anything loads them.

        Raises:
            CommandError: The model is on a server.
            ModelError: There is no such model, or it cannot be run.
        """
        from aigc_tui.cli.errors import CommandError
        from aigc_tui.inference.source import inspect_source

        spec = self.models.resolve(self.model_name(name or self.settings.model))
        if spec.kind != "local":
            raise CommandError("{name} is on a server; this needs a local model", name=spec.name)
        # The same gate as in front of a reply: a configuration that names code never reaches transformers.
        inspect_source(Path(spec.path))
        return Path(spec.path)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open the store for one command.

        Raises:
            StoreError: It cannot be opened; the message says why and what to do.
        """
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
