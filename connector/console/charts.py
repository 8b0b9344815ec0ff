"""Charts as SVG without script: points, lines and words are worked out here, the template only writes them down.

Whoever cannot see a chart, or wants the numbers, opens the table below it: every chart has one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

LINE_WIDTH, BAR_WIDTH, HEIGHT = 480, 720, 220
LEFT, RIGHT, TOP, BOTTOM = 96, 12, 12, 28
TICKS = 4
SERIES_MAX = 4
"""As many as the style sheet has colours and strokes for."""
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one set of bars. values: one for each label; None: nothing is known there."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a place of the drawing: a bar, a tick, a label. text: what is read there, or when pointed at.
    anchor: which part of the text stands at x: ``left``, ``middle`` or ``right``.
    """

    x: float
    y: float
    width: float = 0
    height: float = 0
    text: str = ""
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One series, drawn. path: of a line. bars: of bars. number: which colour and stroke, from 1."""

    name: str
    number: int
    path: str = ""
    bars: Sequence[Mark] = ()
    dots: Sequence[Mark] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the template writes. title: its name for whoever hears it. rows: of the table, a label and its cells."""

    title: str
    drawn: Sequence[Drawn]
    ticks: Sequence[Mark]
    labels: Sequence[Mark]
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    baseline: float
    width: int
    height: int = HEIGHT
    left: int = LEFT

    @property
    def right(self) -> int:
        """Where the drawing ends."""
        return self.width - RIGHT

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.rows


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    step: float

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def line_chart(title: str, labels: Sequence[str], series: Sequence[Series], number: Callable[[float], str]) -> Chart:
    """Values over something that goes on, such as days. labels: from left to right. number: how a value is written."""
    return _chart(title, labels, series, number, _lines, LINE_WIDTH)


def bar_chart(title: str, labels: Sequence[str], series: Sequence[Series], number: Callable[[float], str]) -> Chart:
    """Values of things beside each other; several series stand side by side at each label."""
    return _chart(title, labels, series, number, _bars, BAR_WIDTH)


def _chart(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    number: Callable[[float], str],
    draw: Callable[[Sequence[str], Sequence[Series], _Scale, Callable[[float], str]], list[Drawn]],
    width: int,
) -> Chart:
    if len(series) > SERIES_MAX:
        raise ValueError(f"a chart has at most {SERIES_MAX} series")
    if any(len(one.values) != len(labels) for one in series):
        raise ValueError("every series needs one value for each label")
    scale = _scale([value for one in series for value in one.values if value is not None])
    ticks = [
        Mark(LEFT - 8, scale.y(scale.low + n * scale.step), text=number(scale.low + n * scale.step))
        for n in range(round((scale.high - scale.low) / scale.step) + 1)
    ]
    rows = [
        (label, ["–" if (value := one.values[n]) is None else number(value) for one in series])
        for n, label in enumerate(labels)
    ]
    shown = _ends(labels) if draw is _lines else _below_bars(labels)
    drawn = draw(labels, series, scale, number)
    return Chart(title, drawn, ticks, shown, [one.name for one in series], rows, scale.y(max(scale.low, 0)), width)


def _scale(values: Sequence[float]) -> _Scale:
    """Round numbers around all values, and zero."""
    low, high = min([0.0, *values]), max([0.0, *values])
    if low == high:
        high = 1.0
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    # Points and money come in whole numbers: a half of one would be read as a mistake.
    is_whole = all(float(value).is_integer() for value in values)
    steps = [step for step in (power * one for one in STEPS) if not is_whole or (step >= 1 and step.is_integer())]
    step = next((step for step in steps if step >= rough * 0.999), 1.0)
    return _Scale(math.floor(low / step) * step, math.ceil(high / step) * step, step)


def _x(n: int, count: int) -> float:
    room = LINE_WIDTH - LEFT - RIGHT
    return round(LEFT + (room / 2 if count == 1 else room * n / (count - 1)), 1)


def _lines(
    labels: Sequence[str], series: Sequence[Series], scale: _Scale, number: Callable[[float], str]
) -> list[Drawn]:
    drawn = []
    for at, one in enumerate(series, 1):
        path, dots, is_drawing = [], [], False
        for n, value in enumerate(one.values):
            if value is None:
                is_drawing = False
                continue
            x, y = _x(n, len(labels)), scale.y(value)
            path.append(f"{'L' if is_drawing else 'M'}{x} {y}")
            is_drawing = True
            dots.append(Mark(x, y, text=f"{labels[n]}: {one.name} {number(value)}"))
        drawn.append(Drawn(one.name, at, " ".join(path), dots=dots))
    return drawn


def _bars(
    labels: Sequence[str], series: Sequence[Series], scale: _Scale, number: Callable[[float], str]
) -> list[Drawn]:
    room = (BAR_WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    width = min(room * 0.8 / max(len(series), 1), 48)
    zero = scale.y(max(scale.low, 0))
    drawn = []
    for at, one in enumerate(series, 1):
        bars = []
        for n, value in enumerate(one.values):
            if value is None:
                continue
            x = LEFT + room * (n + 0.5) + width * (at - 1 - len(series) / 2)
            y = scale.y(value)
            text = f"{labels[n]}: {one.name} {number(value)}"
            bars.append(Mark(round(x, 1), min(y, zero), round(width, 1), round(abs(zero - y), 1), text))
        drawn.append(Drawn(one.name, at, bars=bars))
    return drawn


def _ends(labels: Sequence[str]) -> list[Mark]:
    """The first, the middle and the last label of a line: as many as fit beside each other, however long."""
    last = len(labels) - 1
    anchors = {0: "left", last: "right"} if last > 0 else {0: "middle"}
    if last > 1:
        anchors[last // 2] = "middle"
    return [Mark(_x(n, len(labels)), HEIGHT - 8, text=labels[n], anchor=anchors[n]) for n in sorted(anchors) if labels]


def _below_bars(labels: Sequence[str]) -> list[Mark]:
    room = (BAR_WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    return [Mark(round(LEFT + room * (n + 0.5), 1), HEIGHT - 8, text=label) for n, label in enumerate(labels)]
