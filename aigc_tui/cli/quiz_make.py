"""`aigc-tui quiz make`: a quiz from a lesson, by rules, or worded by a model where it can."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aigc_tui.cli.errors import CommandFailed
from aigc_tui.cli.groups import Command
from aigc_tui.cli.narrator import Narrator
from aigc_tui.cli.output import data, emit_json, say
from aigc_tui.cli.quiz_bench import Bench, open_bench
from aigc_tui.cli.quiz_words import stage_words, yield_lines
from aigc_tui.cli.target import check_target
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace

if TYPE_CHECKING:
    from aigc_tui.engine.protocol import ModelSpec
    from aigc_tui.quiz.records import Quiz, QuizRequest

TYPES = ("mc", "cloze", "tf", "short", "match", "order")


def types_option(context: click.Context, parameter: click.Parameter, said: str | None) -> tuple[str, ...]:
    """Read `--types mc,cloze`.

    Raises:
        click.BadParameter: One of them is no type.
    """
    wanted = tuple(part.strip() for part in (said or ",".join(TYPES)).split(",") if part.strip())
    strange = [part for part in wanted if part not in TYPES]
    if strange or not wanted:
        problem = f"{strange[0]!r} is no type" if strange else "it is empty"
        raise click.BadParameter(f"{problem}; there are {','.join(TYPES)}", context, parameter)
    return tuple(dict.fromkeys(wanted))


@click.command(cls=Command)
@click.argument("source", metavar="LESSON")
@click.option(
    "-n",
    "--count",
    metavar="N",
    type=click.IntRange(0, 1000),
    default=10,
    show_default=True,
    help="How many items; 0: as many as the lesson carries well.",
)
@click.option("--types", metavar="T,T", callback=types_option, help=f"Of these types: {','.join(TYPES)}.")
@click.option(
    "--section", "sections", metavar="TITLE", multiple=True, help="Only about this section; may be repeated."
)
@click.option("--seed", metavar="N", type=click.IntRange(0, 2**31 - 1), default=0, help="Vary it for others.")
@click.option("-m", "--model", metavar="MODEL", help="Let this model word what it can; default: rules only.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="F",
    help="Write the quiz there.",
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@json_option
@pass_workspace
def make(
    workspace: Workspace,
    /,
    source: str,
    count: int,
    types: tuple[str, ...],
    sections: tuple[str, ...],
    seed: int,
    model: str | None,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Make a quiz from a lesson, keep it, and print its id.

    Every item quotes the sentence that it stands on. What cannot be made is said, never padded. The same
    lesson, options and seed make the same quiz.
    """
    from aigc_tui.quiz.codec import quiz_to_json
    from aigc_tui.quiz.records import ItemType, QuizRequest

    if output is not None:
        check_target(output, force=force)
    request = QuizRequest(count, tuple(ItemType(each) for each in types), seed, sections)
    quiz = _make(workspace, source, request, model)
    value = quiz_to_json(quiz)
    if output is not None:
        from aigc_tui.files import write_text

        write_text(output, json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    if as_json:
        emit_json(value)
    else:
        data(quiz.id)


def _make(workspace: Workspace, source: str, request: QuizRequest, model: str | None) -> Quiz:
    """Open what is needed, run the maker, and say what it yielded.

    Raises:
        CommandFailed: Nothing at all could be made.
    """
    from aigc_tui.engine.switch import EngineSwitch

    engine = EngineSwitch(workspace.paths, workspace.settings) if model else None
    spec = workspace.models.resolve(workspace.model_name(model)) if model else None
    with open_bench(workspace, engine) as bench, asyncio.Runner() as runner:
        row = bench.lesson(source)
        try:
            return runner.run(run(bench, row.id, request, spec))
        finally:
            if engine is not None:
                runner.run(engine.close())


async def run(bench: Bench, lesson: str, request: QuizRequest, spec: ModelSpec | None) -> Quiz:
    """Follow the making to its end, with progress on stderr.

    Raises:
        CommandFailed: Nothing at all could be made; no quiz is kept then.
    """
    from aigc_tui.quiz.making.records import Finished, Step

    narrator = Narrator(bench.workspace.t, plain=bench.workspace.settings.plain)
    quiz: Quiz | None = None
    notes: list[str] = []
    try:
        async with aclosing(bench.quiz.make(lesson, request, spec)) as events:
            async for event in events:
                if isinstance(event, Step):
                    narrator.step(stage_words(bench.workspace, event.stage), event.done, event.total)
                if isinstance(event, Finished):
                    quiz = event.quiz
                    notes = [bench.workspace.t(each.key, **dict(each.values)) for each in event.notes]
    finally:
        narrator.quiet()
    assert quiz is not None
    say("\n".join([yield_lines(bench.workspace, quiz), *notes]))
    if not quiz.items:
        bench.store.quizzes.purge(quiz.id)
        raise CommandFailed(bench.workspace.t("quiz_cli.nothing_made"))
    return quiz
