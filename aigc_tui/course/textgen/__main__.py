"""The child process of `jobs`: one request, and answers as they come.

Each handler takes the fields of a request by name, and JSON goes out.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import torch

from aigc_tui.course.textgen import texts as reading
from aigc_tui.course.textgen.generate import (
    GenerateError,
    Style,
    Written,
    generate_each,
    generate_samples,
    generate_to_file,
)
from aigc_tui.course.textgen.interactive import InteractiveText
from aigc_tui.course.textgen.model import Shape, TextModel, check_place, load, new, reset, save
from aigc_tui.course.textgen.synthesize import STOPS, synthesize, synthesize_to_file
from aigc_tui.course.textgen.texts import Texts, TextsError
from aigc_tui.course.textgen.vectors import project, similarity, text_vectors, tsne
from aigc_tui.message import AppError
from aigc_tui.process.child import caller
from aigc_tui.process.messages import is_ours
from aigc_tui.training.hardware import use_threads_for

if TYPE_CHECKING:
    from aigc_tui.course.textgen.fit import Event, History

Tell = Callable[[dict[str, Any]], None]


def read_texts(
    path: str, layout: str = "lines", delimiter: str = ",", header: bool = False, labels: bool = False
) -> Texts:
    """Read texts in one of the layouts ``lines``, ``csv`` and ``large``."""
    match layout:
        case "csv":
            return reading.read_table(Path(path), delimiter, header, labels)
        case "large":
            return reading.read_large(Path(path))
        case "lines" if not labels:
            return reading.read_lines(Path(path), header)
        case _:
            raise TextsError("labels stand in the second column of a table: use the layout csv")


def _train(
    tell: Tell,
    out: str,
    texts: Mapping[str, Any],
    options: Mapping[str, Any],
    base: str | None = None,
    level: str = "char",
    shape: Mapping[str, int] | None = None,
    max_words: int = 10_000,
    replace: bool = False,
) -> None:
    from aigc_tui.course.textgen.fit import Options, train  # brings torch's compiler: only who trains waits

    folder = Path(out)
    check_place(folder, replace)
    wanted = Options(**options)
    found = read_texts(**texts)
    made = load(Path(base)) if base else new(found, level, Shape(**shape or {}), max_words, wanted.seed)
    made.model.to(_device())
    use_threads_for(made.model)
    stop = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    caller().when_gone(stop.set)

    def keep(now: TextModel, epoch: int) -> None:
        save(now, folder.with_name(f"{folder.name}-epoch-{epoch}"), replace_old=True)

    history = train(made, found, wanted, lambda event: tell(_event(event)), keep, stop.is_set)
    save(made, folder, replace)
    tell({"done": _history(history, out), "count": len(found.samples)})


def _event(event: Event) -> dict[str, Any]:
    from aigc_tui.course.textgen.fit import Epoch, Samples

    match event:
        case Epoch():
            return {"epoch": asdict(event)}
        case Samples(number, sheet):
            return {"samples": number, "sheet": _sheet(sheet)}
        case _:
            return {"step": event.done, "total": event.total}


def _history(history: History, out: str) -> dict[str, Any]:
    epochs = [asdict(epoch) for epoch in history.epochs]
    return {"folder": out, "epochs": epochs, "kept": history.kept, "stopped": history.stopped}


def _sheet(sheet: dict[float, list[Written]]) -> list[dict[str, Any]]:
    return [{"temperature": t, "texts": [w.text for w in written]} for t, written in sheet.items()]


def _generate(
    tell: Tell,
    model: str,
    n: int,
    prefix: str = "",
    label: str = "",
    style: Mapping[str, Any] | None = None,
    out: str | None = None,
) -> None:
    made, how = _load(model), _style(style)
    if out is not None:
        generate_to_file(
            made, Path(out), n, prefix, label, how, lambda done: tell({"done": done, "total": n})
        )
        return
    for written in generate_each(made, n, prefix, label, how):
        tell({"written": asdict(written)})


def _samples(
    tell: Tell, model: str, n: int, temperatures: Sequence[float], prefix: str, style: Mapping[str, Any]
) -> None:
    how = _style(style)
    tell({"sheet": _sheet(generate_samples(_load(model), n, temperatures, prefix, how, how.seed))})


def _synthesize(
    tell: Tell,
    models: Sequence[str],
    n: int,
    prefix: str = "",
    style: Mapping[str, Any] | None = None,
    stops: Sequence[str] = STOPS,
    shuffle: bool = False,
    out: str | None = None,
) -> None:
    made, how = [_load(model) for model in models], _style(style)
    if out is not None:
        synthesize_to_file(made, Path(out), n, prefix, how, tuple(stops))
        return
    for written in synthesize(made, n, prefix, how, tuple(stops), shuffle):
        tell({"written": asdict(written)})


def _vectors(
    tell: Tell, model: str, texts: Mapping[str, Any], dimensions: int = 2, method: str = "pca"
) -> None:
    found = [sample.text for sample in read_texts(**texts).samples]
    vectors = text_vectors(_load(model), found)
    if dimensions:
        vectors = tsne(vectors, dimensions) if method == "tsne" else project(vectors, dimensions)
    for text, vector in zip(found, vectors.tolist(), strict=True):
        tell({"text": text, "vector": [round(value, 6) for value in vector]})


def _similarity(tell: Tell, model: str, text: str, texts: Mapping[str, Any]) -> None:
    found = [sample.text for sample in read_texts(**texts).samples]
    for one in similarity(_load(model), text, found):
        tell({"text": one.text, "cosine": round(one.cosine, 6)})


def _reset(tell: Tell, model: str, out: str, seed: int = 0, replace: bool = False) -> None:
    save(reset(load(Path(model)), seed), Path(out), replace)
    tell({"folder": out})


def _interactive(
    tell: Tell, model: str, prefix: str = "", label: str = "", top: int = 3, temperature: float = 1.0
) -> None:
    """Answer picks until nobody asks any more: ``{"pick": 2}``, ``{"back": 1}``, ``{"own": "text"}``."""
    session = InteractiveText(_load(model), prefix, label, top, temperature)
    tell(_state(session))
    for asked in caller().requests():
        going, problem = True, ""
        try:
            if "pick" in asked:
                going = session.pick(int(asked["pick"]))
            elif "own" in asked:
                session.own(str(asked["own"]))
            elif not session.back():
                problem = "start"
        except GenerateError:
            problem = "number"
        tell({**_state(session), "ended": not going, "problem": problem})
        if not going:
            return


def _state(session: InteractiveText) -> dict[str, Any]:
    choices = [asdict(choice) for choice in session.choices()]
    return {"text": session.text, "choices": choices, "ended": False, "problem": ""}


def _load(model: str) -> TextModel:
    made = load(Path(model), _device())
    use_threads_for(made.model)
    return made


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _style(values: Mapping[str, Any] | None) -> Style:
    """Make a style of plain values; lists become tuples."""
    plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in (values or {}).items()}
    return Style(**plain)


HANDLERS: Mapping[str | None, Callable[..., None]] = MappingProxyType(
    {
        "train": _train,
        "generate": _generate,
        "samples": _samples,
        "synthesize": _synthesize,
        "vectors": _vectors,
        "similarity": _similarity,
        "reset": _reset,
        "interactive": _interactive,
    }
)


def main() -> int:
    """Serve the request; returns the exit code."""
    parent = caller()
    request = parent.request() or {}
    handler = HANDLERS.get(request.pop("do", None))
    if handler is None:
        return parent.fail(AppError("there is no such work"))
    try:
        handler(parent.answer, **request)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if not isinstance(error, OSError) and not is_ours(error):
            raise
        return parent.fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
