"""The welcome: language, what to expect of the model, persona. Shown once.

Facts about the model are read from its own files, since the shipped model will be replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Button, OptionList
from textual.widgets.option_list import Option

from aigc_tui.config import ConfigError
from aigc_tui.engine.catalogue import CatalogueModel, load_catalogue, size_words
from aigc_tui.engine.models import STARTER
from aigc_tui.inference.memory import available_bytes
from aigc_tui.text import clean, one_line
from aigc_tui.tui.chat.choices import parameter_count
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.help.screen import wrapped
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.pane import Pane
from aigc_tui.tui.shell import Shell
from aigc_tui.tui.widgets.text import WrappedText, plain, plain_line

if TYPE_CHECKING:
    from aigc_tui.personas import Persona


def model_facts(shell: Shell) -> str:
    """A few honest lines: which model answers, how big it is, what to expect.

    Args:
        shell: The application; its services are open.
    """
    assert shell.services is not None
    t, name = shell.t, shell.settings.model
    info = next((model for model in shell.services.models.list() if model.name == name), None)
    if info is not None and info.kind != "local":
        facts = [t("first_run.model_server", name=name)]
    elif info is None or not info.parameters:
        facts = [t("first_run.model_missing", name=name)]
    else:
        size, context = parameter_count(info.parameters, shell.language), f"{info.context:,}"
        facts = [t("first_run.model_size", name=name, size=size, context=context)]
        facts += [t("first_run.limits")] if info.name == STARTER else []
    return "\n\n".join(facts)


def offers(shell: Shell) -> Sequence[CatalogueModel]:
    """What a new user is offered, and what is tried instead if no source of it can be reached.

    Nothing is asked of the network here: it is used only after the user agreed.

    Returns:
        Nothing if a real model is here or chosen, if none fits into memory, or if the catalogue is broken.
    """
    assert shell.services is not None
    here = {info.name for info in shell.services.models.list() if info.kind == "local"}
    if shell.settings.model != STARTER or here != {STARTER}:
        return ()
    try:
        known = {one.id: one for one in load_catalogue(shell.paths)}
    except ConfigError:
        return ()
    free = available_bytes()
    found = [known[name] for name in OFFERED if name in known]
    return [one for one in found if free is None or one.memory <= free]


OFFERED = ("qwen2.5-0.5b-instruct", "qwen2.5-coder-0.5b-instruct")
"""The first is had from the hub only; the package index has the second."""
STEPS = 3
ABOUT_CELLS = 60
MOST_ROWS, FRAME_ROWS = 17, 8
"""The most rows of what is scrolled, and what border, question, button and footer take."""
FRAME_CELLS = 12
"""What border, padding, indent and scrollbar take from the width of the box."""
LANGUAGES = (("en", "English"), ("zh", "中文"))
"""Each language in its own name: whoever needs the other one can read it."""


class FirstRunScreen(Pane[str]):
    """Three steps; what was chosen is saved at each, and the last one marks the welcome as seen.

    Dismissed with the persona that was chosen. A choice that cannot be saved is told, and holds nobody up.

    Args:
        shell: The application; its services are open.
    """

    CSS_PATH = "first_run.tcss"
    BINDINGS = bindings("welcome")

    step: reactive[int] = reactive(1, recompose=True, init=False)

    def __init__(self, shell: Shell) -> None:
        super().__init__(id="first-run")
        self._shell = shell
        self._wrapped_for = 0
        self._offers: Sequence[CatalogueModel] = ()

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = plain_line(self._shell.t("first_run.title"))
            box.border_subtitle = plain(f"{self.step} / {STEPS}")
            if self.step == 1:
                yield from self._language()
            elif self.step == 2:
                yield from self._model()
            else:
                yield from self._persona()
        yield KeyFooter()

    def _language(self) -> ComposeResult:
        yield WrappedText(self._shell.t("first_run.language"))
        yield OptionList(*(Option(plain(name), id=code) for code, name in LANGUAGES), id="language")

    def _model(self) -> ComposeResult:
        t = self._shell.t
        self._offers = () if self._shell.pulls.running else offers(self._shell)
        with VerticalScroll(can_focus=False):
            yield WrappedText("\n\n".join([model_facts(self._shell), *self._question()]))
        with Horizontal(id="answers"):
            if self._offers:
                yield Button(plain_line(t("first_run.get")), id="get", variant="primary", compact=True)
                yield Button(plain_line(t("first_run.skip")), id="go-on", compact=True)
            else:
                yield Button(plain_line(t("first_run.go_on")), id="go-on", variant="primary", compact=True)

    def _question(self) -> Iterator[str]:
        """Offer a real model, or say where they are."""
        t = self._shell.t
        if running := self._shell.pulls.running:
            yield t("first_run.arriving", name=running.entry.name)
        elif self._offers:
            first, *others = self._offers
            yield t("first_run.offer", name=first.name, size=size_words(first.size))
            if others:
                yield t("first_run.instead", name=others[0].name)
        else:
            yield t("first_run.get_bigger")

    def _persona(self) -> ComposeResult:
        yield WrappedText(self._shell.t("first_run.persona"))
        yield OptionList(*self._people(), id="persona")

    def _people(self) -> list[Option]:
        services = self._shell.services
        assert services is not None
        return [Option(self._person(persona), id=persona.id) for persona in services.personas.all()]

    def _person(self, persona: Persona) -> Content:
        language, self._wrapped_for = self._shell.language, self._about_cells
        name = plain_line(f"{persona.avatar} {persona.text('name', language)}", 60, "bold")
        about = wrapped(one_line(persona.text("description", language)), self._about_cells)
        return Content.assemble(name, plain("".join(f"\n   {line}" for line in about), "$text-muted"))

    @property
    def _about_cells(self) -> int:
        return max(10, min(ABOUT_CELLS, self.app.size.width * 9 // 10 - FRAME_CELLS))

    def on_resize(self) -> None:
        """Keep everything in sight; wrap the descriptions anew where the width is another one now."""
        self._keep_in_sight()
        if self.step == STEPS and self._about_cells != self._wrapped_for:
            self.retranslate()

    def _keep_in_sight(self) -> None:
        """What is scrolled is no higher than the question and the button leave free."""
        for scrolled in self.query("VerticalScroll, OptionList"):
            scrolled.styles.max_height = max(2, min(MOST_ROWS, self.app.size.height - FRAME_ROWS))

    def on_key(self, event: events.Key) -> None:
        """The arrow keys scroll what there is to read and go from button to button."""
        if self.step == 2 and event.key in ("up", "down"):
            read = self.query_one(VerticalScroll)
            read.scroll_relative(y=1 if event.key == "down" else -1, animate=False)
        elif self.step == 2 and event.key in ("left", "right"):
            self.query_one("#go-on" if event.key == "right" else "#answers Button").focus()

    def on_mount(self) -> None:
        self._settle()

    def watch_step(self) -> None:
        self.refresh_bindings()
        self.call_after_refresh(self._settle)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.step > 1 if action == "back" else super().check_action(action, parameters)

    def _settle(self) -> None:
        """Focus what answers the question, pointing at what is in force."""
        self._keep_in_sight()
        for options in self.query(OptionList):
            current = self._shell.language if options.id == "language" else self._shell.settings.persona
            ids = [option.id for option in options.options]
            options.highlighted = ids.index(current) if current in ids else 0
        self.query("OptionList, Button").first().focus()

    @on(OptionList.OptionSelected, "#language")
    def _take_language(self, event: OptionList.OptionSelected) -> None:
        self._save("language", event.option_id)
        self.step = 2

    @on(Button.Pressed, "#get")
    def _get(self) -> None:
        """The user agreed: the model comes in the background, and the welcome goes on."""
        first, *others = self._offers
        self._shell.pull(first, others)
        self.step = 3

    @on(Button.Pressed, "#go-on")
    def _go_on(self) -> None:
        self.step = 3

    @on(OptionList.OptionSelected, "#persona")
    def _take_persona(self, event: OptionList.OptionSelected) -> None:
        if self._save("persona", event.option_id):
            self._save("first_run_done", True)
        self.dismiss(event.option_id)

    def _save(self, key: str, value: object) -> bool:
        problem = self._shell.change(key, value)
        if problem:
            self.app.notify(clean(problem), severity="error", markup=False)
        return not problem

    def action_back(self) -> None:
        self.step = max(1, self.step - 1)

    def retranslate(self) -> None:
        self.refresh(recompose=True)
        self.call_after_refresh(self._settle)
