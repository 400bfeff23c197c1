"""What the welcome says about the model in use, taken from its own files.

Why it exists: the shipped model will be replaced by better ones; its size must never be a number in a text.
"""

from __future__ import annotations

from aigc_tui.tui.settings.lists import millions
from aigc_tui.tui.shell import Shell


def model_facts(shell: Shell) -> str:
    """A few honest lines: which model answers, how big it is, what to expect, how to get a bigger one."""
    assert shell.services is not None
    t, name = shell.t, shell.settings.model
    info = next((model for model in shell.services.models.list() if model.name == name), None)
    lines = [t("first_run.get_bigger")]
    if info is None:
        return "\n\n".join([t("first_run.model_missing", name=name), *lines])
    if info.parameters:
        size = t("first_run.model_size", name=name, size=millions(info.parameters), context=info.context)
        return "\n\n".join([size, t("first_run.limits"), *lines])
    return "\n\n".join([t("first_run.model_server", name=name), *lines])
