"""The application: everything that all panes share, and the order in which things are opened and closed.

The chat screen is painted before store, engine or personas are imported; a thread opens those and the
application hands them to its screens. It also owns language, theme, keys, settings and quitting.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from rich.text import Text
from textual import on
from textual.app import App
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from aigc_tui import crash
from aigc_tui.config import ConfigError, Paths, Settings, load_or_default, save_setting
from aigc_tui.locale import Catalogue, Language, language_for
from aigc_tui.message import error_text
from aigc_tui.text import clean
from aigc_tui.tui import STARTED, themes
from aigc_tui.tui.chat.screen import ChatScreen
from aigc_tui.tui.keys import action_of, bindings, key_name, keys_of
from aigc_tui.tui.pane import Pane
from aigc_tui.tui.panes import CHAT, PANES
from aigc_tui.tui.services import Services, open_services
from aigc_tui.tui.widgets.text import plain

if TYPE_CHECKING:
    from aigc_tui.engine.catalogue import CatalogueModel
    from aigc_tui.tui.models.pulls import Pull, Pulls

TUTOR = "tutor"
"""The persona that is asked about a question."""
ARRIVAL_SECONDS = 30
"""How long the notice of a new model stays; its key works after that, too."""
LOOK_SECONDS = 0.5
"""How often the chat's status line is told how far a download is."""
CLOSE_SECONDS = 0.2
"""How long leaving waits for running replies to be written down, and as long again for the engine."""

Opener = Callable[[Paths, Settings, str], Services]


@runtime_checkable
class Retranslates(Protocol):
    """A screen that can word itself anew when the language changes."""

    def retranslate(self) -> None:
        """Show every text in the language that is on now."""
        ...


class AigcApp(App[int], inherit_bindings=False):
    """The program's interface.

    Args:
        paths: Where everything of the user's lives.
        opener: What opens store, engine and the rest; tests pass one with their engine.
        environ: The environment, for the language.
        language: What the command line asked for, in place of the setting; None: nothing.
    """

    # Textual loads the stylesheet of a screen when it is pushed, and the default screen never is.
    CSS_PATH: ClassVar = ["app.tcss", "sidebar.tcss", "chat/chat.tcss"]
    TITLE = "aigc-tui"
    ENABLE_COMMAND_PALETTE = False
    DEFAULT_MODE = CHAT
    BINDINGS = bindings("app")

    def __init__(
        self,
        paths: Paths,
        opener: Opener = open_services,
        environ: Mapping[str, str] | None = None,
        language: Language | None = None,
    ) -> None:
        super().__init__()
        self.paths = paths
        self.services: Services | None = None
        self.settings, self._settings_problem = load_or_default(paths)
        self.leaving = asyncio.Event()
        self.first_frame: float | None = None
        self._opener = opener
        self._environ = os.environ if environ is None else environ
        self._catalogue = Catalogue.load(language or language_for(self.settings, self._environ))
        self._pulls: Pulls | None = None
        self._arrived = ""
        self._pull_timer = Timer(self, 0)
        self.chat = ChatScreen()
        self.add_mode(CHAT, lambda: self.chat)
        for name, make in PANES.items():
            self.add_mode(name, make)
        self._set_up_look()

    # What screens ask of the application (tui/shell.py)

    @property
    def language(self) -> str:
        return self._catalogue.language

    def t(self, key: str, /, **values: object) -> str:
        return self._catalogue.text(key, **values)

    def theme_names(self) -> tuple[str, ...]:
        own = tuple(theme.name for theme in themes.OWN)
        return own + tuple(sorted(name for name in self.available_themes if name not in own))

    def own_keys(self) -> Mapping[str, str]:
        return self.settings.keys

    def change(self, key: str, value: object) -> str:
        try:
            saved = save_setting(self.paths, key, value)
        except (ConfigError, OSError) as error:
            return error_text(error, self.t)
        # Who chose no model keeps the one of this session, although less memory is free by now.
        kept = key != "model" and "model" not in saved.given
        self.settings = replace(saved, model=self.settings.model) if kept else self._with_model(saved)
        self._apply(key)
        return ""

    def _with_model(self, settings: Settings) -> Settings:
        """The settings with the best installed model in them, if the user chose none."""
        from aigc_tui.engine.models import with_default

        return with_default(self.paths, settings, self.language)

    # Start: frame first, everything else after it

    def get_default_screen(self) -> Screen[None]:
        """The chat screen is there from the start, instead of an empty screen that would be painted first."""
        return self.chat

    def on_mount(self) -> None:
        """Go on when the first frame is on the screen."""
        self.call_after_refresh(self._after_first_frame)

    def _after_first_frame(self) -> None:
        self.first_frame = perf_counter() - STARTED
        if not gc.isenabled():
            # What was loaded until now stays to the end: no collection needs to look at it again.
            gc.freeze()
            gc.enable()
        self._show_settings_problems()
        self.run_worker(self._open(), name="open", exit_on_error=False)

    async def _open(self) -> None:
        """Open store, engine and personas in a thread, and hand them to the chat screen."""
        try:
            self.settings = await asyncio.to_thread(self._with_model, self.settings)
            opening = asyncio.to_thread(self._opener, self.paths, self.settings, self.language)
            self.services = await opening
        except Exception as error:
            problem = crash.line(self.t, error, self.paths)
            self.problem(problem)
            self.chat.not_ready(problem)
            return
        # Who has a settings file with a mistake in it knows the program, and needs to see what is wrong.
        if self.settings.first_run_done or self._settings_problem is not None:
            self.chat.ready(self.services)
        else:
            self._welcome(self.services)

    def _welcome(self, services: Services) -> None:
        from aigc_tui.tui.first_run.screen import FirstRunScreen

        def begin(persona: str | None) -> None:
            self.run_worker(self._greet(services, persona), name="greet", exit_on_error=False)

        self.push_screen(FirstRunScreen(self), begin)

    async def _greet(self, services: Services, persona: str | None) -> None:
        """Begin with the persona that was chosen, also where its choice could not be saved."""
        try:
            if persona:
                await asyncio.to_thread(services.chat.start, persona)
        except Exception as error:  # its file may be gone since it was listed: the chat opens all the same
            self.problem(crash.line(self.t, error, self.paths))
        self.chat.ready(services)

    def problem(self, line: str) -> None:
        """Say at the top of the chat screen, until the program ends, what keeps it from working."""
        self.chat.mount(Static(plain(line), classes="problem"), before=0)

    def _show_settings_problems(self) -> None:
        if self._settings_problem is not None:
            self.problem(self.t("app.settings_broken", problem=error_text(self._settings_problem, self.t)))
        if self.own_keys():
            self._show_key_problems()

    def _show_key_problems(self) -> None:
        from aigc_tui.tui.keys import clashes, unknown

        for clash in clashes(self.own_keys()):
            first, second = self.t(clash.first.label), self.t(clash.second.label)
            self.warn(self.t("app.keys_clash", key=clash.key, first=first, second=second))
        for name in unknown(self.own_keys()):
            self.warn(self.t("app.keys_unknown", name=name))

    def warn(self, line: str) -> None:
        """Show a line that wants attention but stops nothing."""
        self.notify(clean(line), severity="warning", timeout=10, markup=False)

    # Language, theme, keys

    def get_css_variables(self) -> dict[str, str]:
        """The theme's variables, with muted text that is muted in styled content, too."""
        return themes.solid(super().get_css_variables())

    def _set_up_look(self) -> None:
        for theme in themes.OWN:
            self.register_theme(theme)
        self._set_theme(self.settings.theme)
        self.set_keymap(self.own_keys())

    def _set_theme(self, name: str) -> None:
        self.theme = name if name in self.available_themes else themes.DEFAULT

    def _apply(self, key: str) -> None:
        if key == "theme":
            self._set_theme(self.settings.theme)
        elif key == "language":
            self._set_language()
        elif key == "keys":
            self.set_keymap(self.own_keys())
        if self.services is not None:
            self.services.chat.settings = self.settings
        self.chat.settings_changed(key)

    def _set_language(self) -> None:
        """Change the language on every screen that is up."""
        self._catalogue = Catalogue.load(language_for(self.settings, self._environ))
        if self.services is not None:
            self.services.chat.language = self.language
        for screen in chain.from_iterable(self._screen_stacks.values()):
            if isinstance(screen, Retranslates):
                screen.retranslate()

    # Models

    @property
    def pulls(self) -> Pulls:
        if self._pulls is None:
            from aigc_tui.tui.models.pulls import Pulls

            self._pulls = Pulls(self.paths, self._pull_ended)
        return self._pulls

    def pull(self, entry: CatalogueModel, instead: Sequence[CatalogueModel] = ()) -> None:
        begun = self.pulls.begin(entry)
        self.run_worker(self.pulls.run(begun, self.settings, instead), group="pull", exit_on_error=False)
        self._pull_timer = self.set_interval(LOOK_SECONDS, self._show_pull)
        self._show_pull()

    def _show_pull(self) -> None:
        """Tell the chat's status line how far the new model is."""
        running = self.pulls.running
        if running is None:
            self._pull_timer.stop()
        self.chat.status.change(pull="" if running is None else running.brief(self.t))

    def _pull_ended(self, pull: Pull) -> None:
        if self.services is None:
            return  # It was stopped by leaving.
        self._show_pull()
        if pull.installed is None:
            assert pull.error is not None
            if not pull.was_stopped:
                line = crash.line(self.t, pull.error, self.paths)
                self.warn(self.t("models.failed", problem=line, key=self._models_key))
            return
        self._arrived = pull.installed.name
        if "model" not in self.settings.given:
            # Who never chose a model gets the best one in new chats; the starter is a stopgap.
            self.settings = self._with_model(load_or_default(self.paths)[0])
            self._apply("model")
        key = self._key_of("app.switch_model")
        words = self.t("models.arrived", name=pull.entry.name, key=key)
        self.notify(words, timeout=ARRIVAL_SECONDS, markup=False)
        self.refresh_bindings()

    @property
    def _models_key(self) -> str:
        return self._key_of("app.models")

    def _key_of(self, name: str) -> str:
        action = action_of(name)
        assert action is not None
        return key_name(keys_of(action, self.own_keys())[0])

    async def use_model(self, name: str) -> None:
        await self.chat.conversation.change_model(name)
        self._forget_arrival(name)

    def _forget_arrival(self, name: str) -> None:
        if self._arrived == name:
            self._arrived = ""
            self.refresh_bindings()

    def forget_model(self, name: str) -> str:
        self._forget_arrival(name)
        record = self.chat.conversation.record
        problem = self.change("model", None) if self.settings.model == name else ""
        if record is not None and record.model == name:
            self.chat.work(self.chat.conversation.change_model(self.settings.model))
        return problem

    async def action_switch_model(self) -> None:
        """Talk to the model that has arrived, from the chat."""
        name = self._arrived
        await self.action_pane(CHAT)
        self.chat.work(self.use_model(name))

    def action_models(self) -> None:
        from aigc_tui.tui.models.screen import ModelsScreen

        if self.chat.is_open and not self._shows(ModelsScreen):
            self.push_screen(ModelsScreen())

    # Panes

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the other panes once there is a store, and never the one that is on show."""
        if action == "switch_model":
            return bool(self._arrived)
        if action != "pane":
            return super().check_action(action, parameters)
        return self.chat.is_open and parameters != (self.current_mode,)

    async def action_pane(self, name: str) -> None:
        """Show a pane as it was left; the first time, it is made."""
        await self.switch_mode(name)

    @property
    def open_conversation(self) -> tuple[str, str]:
        record = self.chat.conversation.record
        if record is None or all(message.role != "user" for message in self.chat.transcript.messages):
            return "", ""
        return record.id, record.title or self.t("chat.untitled")

    @on(Pane.TakeQuiz)
    def _take_quiz(self, event: Pane.TakeQuiz) -> None:
        from aigc_tui.tui.practice.take import TakeScreen

        if event.replace:
            self.switch_screen(TakeScreen(event.quiz))
        else:
            self.push_screen(TakeScreen(event.quiz))

    @on(Pane.Practise)
    def _practise(self, event: Pane.Practise) -> None:
        from aigc_tui.tui.practice.screen import PracticeScreen

        self.push_screen(PracticeScreen(event.lesson, mistakes=event.mistakes))

    @on(Pane.AskTutor)
    async def _ask_tutor(self, event: Pane.AskTutor) -> None:
        from aigc_tui.tui.practice.feedback import question_about

        await self.action_pane(CHAT)
        self.chat.ask_tutor(TUTOR, question_about(event.item, self.t))

    # Actions

    async def action_palette(self) -> None:
        from aigc_tui.tui.palette import Palette, commands

        if isinstance(self.screen, Palette):
            return
        # In a thread: personas are read from files, conversations from the store.
        rows = await asyncio.to_thread(commands, self, self.screen, self.chat)
        runs = {command.choice.id: command.run for command in rows}

        def run(chosen: str | None) -> None:
            if chosen is not None:
                runs[chosen]()

        self.push_screen(Palette(self, rows), run)

    def action_help(self) -> None:
        from aigc_tui.tui.help.screen import HelpScreen

        if not self._shows(HelpScreen):
            self.push_screen(HelpScreen(self))

    def action_settings(self) -> None:
        from aigc_tui.tui.settings.screen import SettingsScreen

        if not self._shows(SettingsScreen):
            self.push_screen(SettingsScreen(self, str(self.paths.settings)))

    def _shows(self, kind: type[Screen[None]]) -> bool:
        """Whether a screen of a kind is open, be it under others: it is not opened twice."""
        return any(isinstance(screen, kind) for screen in self.screen_stack)

    def action_how_to_quit(self) -> None:
        """Ctrl+c copies; whoever meant to leave is told how."""
        action = action_of("app.quit")
        assert action is not None
        keys = self.own_keys().get(action.id, action.keys)
        self.notify(self.t("app.how_to_quit", key=keys), markup=False)

    # Leaving

    async def action_quit(self) -> None:
        """Leave, at once or after a question, as the user likes it."""
        if self.settings.confirm_quit:
            from aigc_tui.tui.widgets.dialogs import ConfirmDialog

            if not isinstance(self.screen, ConfirmDialog):
                question = ConfirmDialog(self.t("app.quit_question"), self.t("app.quit_yes"))
                self.push_screen(question, self._leave_if)
            return
        self.leave(0)

    def _leave_if(self, confirmed: bool | None) -> None:
        if confirmed:
            self.leave(0)

    def leave(self, code: int) -> None:
        """End the program with this exit code; words in flight are kept."""
        if not self.leaving.is_set():
            self.leaving.set()
            self.exit(code, return_code=code)

    async def on_unmount(self) -> None:
        """The last thing of every way out, crashes included."""
        await self.close_services()

    async def close_services(self) -> None:
        """Let running replies be written down, then close engine and store. Doing it twice does no harm."""
        services, self.services = self.services, None
        if self._pulls is not None:
            self._pulls.stop()
        if services is None:
            return
        waits = [asyncio.ensure_future(worker.wait()) for worker in list(self.workers)]
        self.workers.cancel_all()
        if waits:
            await asyncio.wait(waits, timeout=CLOSE_SECONDS)
        await asyncio.wait({asyncio.ensure_future(services.engine.close())}, timeout=CLOSE_SECONDS)
        services.store.close()

    def restore_terminal(self) -> None:
        """Give the terminal back although the widgets have not ended in time."""
        if self._driver is not None:
            self._driver.stop_application_mode()
            self._driver.close()

    def _watch_app_focus(self, focus: bool) -> None:
        """Restore or drop the widget's focus with the terminal's.

        Textual restyles every node of the screen here, for `:blur` rules that this program does not have; in
        a long transcript that took seconds (reference chat-tui 3.3).
        """
        if focus:
            last, self._last_focused_on_app_blur = self._last_focused_on_app_blur, None
            if last is not None and last.is_attached and last.screen is self.screen and self.focused is None:
                self.screen.set_focus(last, scroll_visible=False, from_app_focus=True)
        else:
            self._last_focused_on_app_blur = self.screen.focused
            self.screen.set_focus(None)

    def _fatal_error(self) -> None:
        """Write a crash to the log and say one line, instead of a traceback with the user's words in it."""
        if not self._exit_renderables:
            self._exit_renderables.append(
                Text(crash.line(self.t, self._exception or RuntimeError("unknown"), self.paths))
            )
        self._close_messages_no_wait()
