"""`aigc-tui quiz make`: a quiz from a lesson, by rules, or worded by a model where it can."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aigc_tui.cli.errors import BadValue, CommandError, check_target
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json, say
from aigc_tui.cli.quiz import Bench, open_bench_with_model
from aigc_tui.cli.terminal import Narrator
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.message import Message
from aigc_tui.quiz.records import Quiz

if TYPE_CHECKING:
    from aigc_tui.engine.protocol import ModelSpec
    from aigc_tui.quiz.records import Quiz, QuizRequest

TYPES = ("mc", "cloze", "tf", "short", "match", "order")


def types_option(context: click.Context, parameter: click.Parameter, said: str | None) -> tuple[str, ...]:
    """Read `--types mc,cloze`."""
    wanted = tuple(part.strip() for part in (said or ",".join(TYPES)).split(",") if part.strip())
    strange = [part for part in wanted if part not in TYPES]
    if strange or not wanted:
        given = strange[0] if strange else ""
        raise BadValue("'{value}' is not a question type; use {types}", value=given, types=",".join(TYPES))
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
    help="Number of items; 0: as many as the lesson supports.",
)
@click.option("--types", metavar="T,T", callback=types_option, help=f"Question types: {','.join(TYPES)}.")
@click.option(
    "--section", "sections", metavar="TITLE", multiple=True, help="Only this section; may be repeated."
)
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    help="A different seed makes a different quiz.",
)
@click.option("-m", "--model", metavar="MODEL", help="Let this model reword the stems; default: rules only.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="F",
    help="Write the quiz to this file.",
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
    """Make a quiz from a lesson and print its id.

    Every item quotes its source sentence. A quiz is never padded: what could not be made is reported. The
    same lesson, options and seed make the same quiz.
    """
    from aigc_tui.quiz.codec import quiz_to_json
    from aigc_tui.quiz.records import ItemType, QuizRequest

    if output is not None:
        check_target(output, force=force)
    request = QuizRequest(count, tuple(ItemType(each) for each in types), seed, sections)
    with open_bench_with_model(workspace, model) as (bench, spec, runner):
        quiz = runner.run(run(bench, bench.lesson(source).id, request, spec))
    value = quiz_to_json(quiz)
    if output is not None:
        from aigc_tui.files import write_text

        write_text(output, json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    if as_json:
        emit_json(value)
    else:
        data(quiz.id)


async def run(bench: Bench, lesson: str, request: QuizRequest, spec: ModelSpec | None) -> Quiz:
    """Make a quiz, with progress on stderr. Ctrl-c ends it and keeps the items made so far."""
    from aigc_tui.quiz.generation.yields import Yield, stage_text, yield_text
    from aigc_tui.quiz.planning.records import Finished, GenerationStep

    t, narrator = bench.workspace.t, Narrator(bench.workspace.t, plain=bench.workspace.settings.plain)
    so_far = Yield(request)
    quiz: Quiz | None = None
    notes: list[str] = []
    try:
        async with aclosing(bench.quiz.workshop.make(lesson, request, spec)) as events:
            async for event in events:
                so_far.take(event)
                match event:
                    case GenerationStep():
                        narrator.step(stage_text(event.stage, t), event.done, event.total)
                    case Finished():
                        quiz, notes = (
                            event.quiz,
                            [Message(each.key, dict(each.values)).text(t) for each in event.notes],
                        )
    except asyncio.CancelledError:
        if quiz is None:
            quiz = bench.quiz.workshop.keep_stopped(lesson, so_far)
            if quiz is None:
                raise
            notes = [t("quiz.stopped_kept", count=len(quiz.items))]
    finally:
        narrator.quiet()
    assert quiz is not None
    say("\n".join([yield_text(quiz.requested, len(quiz.items), quiz.rejected, t), *notes]))
    if not quiz.items:
        bench.store.quizzes.purge(quiz.id)
        raise CommandError(
            "no reliable item could be made; the lesson may be too short or hold no sentence to ask about"
        )
    return quiz
