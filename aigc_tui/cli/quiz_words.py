"""The maker's fixed English words as keys of the catalogues: stages, and reasons for turning away.

Why it exists: what `making` tells is a record, the same in every language; a person reads their own.
"""

from __future__ import annotations

from aigc_tui.cli.workspace import Workspace
from aigc_tui.quiz.generation.reasons import REASONS, UNFILLED
from aigc_tui.quiz.records import Quiz

_STAGES = {
    "analyse": "quiz.stage_analyse",
    "plan": "quiz.stage_plan",
    "make": "quiz.stage_make",
    "calibrate": "quiz_cli.stage_calibrate",
    "propose": "quiz.stage_propose",
    "check": "quiz.stage_check",
}


def stage_words(workspace: Workspace, stage: str) -> str:
    """A stage of the making in the user's language."""
    return workspace.t(_STAGES.get(stage, stage))


def reason_words(workspace: Workspace, reason: str) -> str:
    """A reason in the user's language: a phrase of the maker's, or what a check demands."""
    if reason in REASONS:
        return workspace.t(REASONS[reason])
    words = demand(workspace, reason)
    return reason if words == reason else workspace.t("quiz_cli.reason_check", demand=words)


def demand(workspace: Workspace, check: str) -> str:
    """What a check demands, in the user's language; its name, if nothing tells."""
    from aigc_tui.quiz.checks.quiz import label_of

    return workspace.t(label_of(check))


def yield_lines(workspace: Workspace, quiz: Quiz) -> str:
    """What was asked, made and turned away, in one line or two."""
    t = workspace.t
    made, missing = len(quiz.items), max(0, quiz.requested - len(quiz.items))
    line = t("quiz_cli.yield", asked=quiz.requested, made=made)
    if missing:
        line += t("quiz_cli.missing", missing=missing)
    counted = {each.reason: each.count for each in quiz.rejected}
    short = counted.pop(UNFILLED, 0)
    if short and missing:
        line += t("quiz_cli.colon") + reason_words(workspace, UNFILLED)
    if counted:
        told = [f"{reason_words(workspace, reason)} × {count}" for reason, count in counted.items()]
        line += "\n" + t("quiz_cli.turned_away", count=sum(counted.values()))
        line += t("quiz_cli.colon") + t("quiz_cli.semicolon").join(told)
    return line
