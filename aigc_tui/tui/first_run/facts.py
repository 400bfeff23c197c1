"""What the welcome says about the model in use, taken from its own files.

Why it exists: the shipped model will be replaced by better ones; its size must never be a number in a text.
"""

from __future__ import annotations

from aigc_tui.tui.chat.choices import millions
from aigc_tui.tui.shell import Shell

SMALL = 200_000_000
"""Below this many parameters a model's limits need saying."""


def model_facts(shell: Shell) -> str:
    """A few honest lines: which model answers, how big it is, what to expect, how to get a bigger one.

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
        size, context = millions(info.parameters), f"{info.context:,}"
        facts = [t("first_run.model_size", name=name, size=size, context=context)]
        facts += [t("first_run.limits")] if info.parameters < SMALL else []
    return "\n\n".join([*facts, t("first_run.get_bigger")])
