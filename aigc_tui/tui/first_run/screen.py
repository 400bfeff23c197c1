"""The welcome: a language, an honest word on the model, a persona. Shown once.

Why it exists: the shipped model is small. Who knows that before the first answer, and how to get a bigger
one, judges the program by what it is; and nobody should need the settings to be understood at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from aigc_tui.text import clean, one_line
from aigc_tui.tui.bindings import bindings
from aigc_tui.tui.first_run.facts import model_facts
from aigc_tui.tui.footer import KeyFooter
from aigc_tui.tui.help.lines import wrapped
from aigc_tui.tui.plain import plain, plain_line
from aigc_tui.tui.shell import Shell

if TYPE_CHECKING:
    from aigc_tui.personas import Persona

STEPS = 3
ABOUT_CELLS = 60
LANGUAGES = (("en", "English"), ("zh", "中文"))
"""Each language in its own name: whoever needs the other one can read it."""


class FirstRunScreen(Screen[None]):
    """Three steps; what was chosen is saved at each, and the last one marks the welcome as seen.

    Args:
        shell: The application; its services are open.
    """

    CSS_PATH = "first_run.tcss"
    BINDINGS = bindings("welcome")

    step: reactive[int] = reactive(1, recompose=True, init=False)

    def __init__(self, shell: Shell) -> None:
        super().__init__(id="first-run")
        self._shell = shell

    def compose(self) -> ComposeResult:
        """The step's question in a box."""
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
        yield Static(plain(self._shell.t("first_run.language")))
        yield OptionList(*(Option(plain(name), id=code) for code, name in LANGUAGES), id="language")

    def _model(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static(plain(model_facts(self._shell, ABOUT_CELLS + 3)))
        label = plain_line(self._shell.t("first_run.go_on"))
        yield Button(label, id="go-on", variant="primary", compact=True)

    def _persona(self) -> ComposeResult:
        yield Static(plain(self._shell.t("first_run.persona")))
        yield OptionList(*self._people(), id="persona")

    def _people(self) -> list[Option]:
        services = self._shell.services
        assert services is not None
        return [Option(self._person(persona), id=persona.id) for persona in services.personas.all()]

    def _person(self, persona: Persona) -> Content:
        language = self._shell.language
        name = plain_line(f"{persona.avatar} {persona.text('name', language)}", 60, "bold")
        about = wrapped(one_line(persona.text("description", language)), ABOUT_CELLS)
        return Content.assemble(name, plain("".join(f"\n   {line}" for line in about), "$text-muted"))

    def on_mount(self) -> None:
        """The first question waits for its answer."""
        self._settle()

    def watch_step(self) -> None:
        """The next question has the focus when it is there."""
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """Focus what answers the question, pointing at what is in force."""
        for options in self.query(OptionList):
            current = self._shell.language if options.id == "language" else self._shell.settings.persona
            ids = [option.id for option in options.options]
            options.highlighted = ids.index(current) if current in ids else 0
        self.query("OptionList, Button").first().focus()

    @on(OptionList.OptionSelected, "#language")
    def _take_language(self, event: OptionList.OptionSelected) -> None:
        if self._save("language", event.option_id):
            self.step = 2

    @on(Button.Pressed, "#go-on")
    def _go_on(self) -> None:
        self.step = 3

    @on(OptionList.OptionSelected, "#persona")
    def _take_persona(self, event: OptionList.OptionSelected) -> None:
        if self._save("persona", event.option_id) and self._save("first_run_done", True):
            self.dismiss()

    def _save(self, key: str, value: object) -> bool:
        problem = self._shell.change(key, value)
        if problem:
            self.notify(clean(problem), severity="error", markup=False)
        return not problem

    def action_back(self) -> None:
        """One step back."""
        self.step = max(1, self.step - 1)

    def retranslate(self) -> None:
        """The step's texts in the language that is on now."""
        self.refresh(recompose=True)
        self.call_after_refresh(self._settle)
