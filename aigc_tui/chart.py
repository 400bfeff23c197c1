"""Line charts out of braille dots: points in, lines of text out, so that a loss curve fits a terminal.

A braille character is a grid of 2 x 4 dots (Unicode block U+2800, each dot one bit), which gives a chart
of 40 x 8 characters the resolution of 80 x 32.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aigc_tui.text import shorten, width

Point = tuple[float, float]

_BLANK = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot, by row and column within a character (Unicode 15, section 21.1)."""
_LABEL = 8
"""Cells for the numbers beside the axis."""

_LARGEST = 1e300


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in order of x: joined by a line of dots, or each drawn as ``mark``."""

    points: Sequence[Point]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class _Frame:
    """What part of the plane is shown, on how many dots."""

    left: float
    right: float
    low: float
    high: float
    columns: int
    rows: int

    def dot(self, point: Point) -> tuple[int, int]:
        """Column and row of a point's dot, from the upper left."""
        x = (point[0] - self.left) / ((self.right - self.left) or 1.0)
        y = (point[1] - self.low) / ((self.high - self.low) or 1.0)
        return round(x * (self.columns - 1)), round((1 - y) * (self.rows - 1))


def chart(title: str, curves: Sequence[Curve], cells: int, lines: int) -> list[str]:
    """Draw curves into one frame.

    Args:
        title: First line.
        curves: They share both axes; points that are not finite, or hardly, are left out.
        cells: Width of the whole chart in terminal cells.
        lines: Height of the plot alone; the title and the x axis add two.

    Returns:
        ``lines + 2`` lines without line ends, or the title alone if there is nothing to draw.
    """
    curves = [Curve([p for p in curve.points if _drawable(p)], curve.mark) for curve in curves]
    points = [point for curve in curves for point in curve.points]
    room = cells - _LABEL - 2
    if not points or room < 2 or lines < 1:
        return [shorten(title, cells)]
    frame = _frame(points, room, lines)
    grid = [[_BLANK] * room for _ in range(lines)]
    for curve in curves:
        if not curve.mark:
            _draw(grid, frame, curve.points)
    drawn = [[chr(cell) if cell != _BLANK else " " for cell in row] for row in grid]
    for curve in curves:
        for column, row in map(frame.dot, curve.points if curve.mark else ()):
            drawn[row // 4][column // 2] = curve.mark
    return [shorten(line, cells) for line in (title, *_with_axes(drawn, frame))]


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """Average neighbours until at most ``most`` points are left; noise of single steps goes with it."""
    size = max(1, math.ceil(len(points) / max(1, most)))
    groups = [points[i : i + size] for i in range(0, len(points), size)]
    return [(group[-1][0], math.fsum(y for _, y in group) / len(group)) for group in groups]


def _drawable(point: Point) -> bool:
    """Whether distances to a point can be computed without overflow."""
    return all(abs(value) < _LARGEST for value in point)


def _frame(points: Sequence[Point], room: int, lines: int) -> _Frame:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return _Frame(min(xs), max(xs), min(ys), max(ys), 2 * room, 4 * lines)


def _draw(grid: list[list[int]], frame: _Frame, points: Sequence[Point]) -> None:
    dots = [frame.dot(point) for point in points]
    for begin, end in zip(dots, dots[1:] or dots, strict=False):
        for column, row in _line(begin, end):
            grid[row // 4][column // 2] |= _DOTS[row % 4][column % 2]


def _line(begin: tuple[int, int], end: tuple[int, int]) -> Iterable[tuple[int, int]]:
    """All dots from one to the other."""
    steps = max(abs(end[0] - begin[0]), abs(end[1] - begin[1]), 1)
    for step in range(steps + 1):
        share = step / steps
        yield round(begin[0] + share * (end[0] - begin[0])), round(begin[1] + share * (end[1] - begin[1]))


def _with_axes(drawn: Sequence[Sequence[str]], frame: _Frame) -> list[str]:
    """Put the highest and the lowest value to the left, the first and the last x below."""
    labels = [""] * len(drawn)
    labels[-1], labels[0] = _number(frame.low), _number(frame.high)
    plot = [f"{label:>{_LABEL}} |{''.join(row)}".rstrip() for label, row in zip(labels, drawn, strict=True)]
    first, last = _number(frame.left), _number(frame.right)
    gap = frame.columns // 2 - width(first) - width(last)
    return [*plot, f"{'':>{_LABEL}} +{first}{'-' * gap}{last}" if gap > 0 else f"{'':>{_LABEL}} +{last}"]


def _number(value: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if letter == 'k' else size):.4g}{letter}"
    return f"{value:.4g}"
