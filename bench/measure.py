"""Rounds: every case once in each, divided by the floor of the same round; of those ratios the median."""

from __future__ import annotations

import gc
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from bench.cpu import load_average


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one case. cpu_us: CPU microseconds per unit, of our processes and of the database server."""

    units: int
    seconds: float
    cpu_us: float
    extra: Mapping[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return self.units / self.seconds


@dataclass(frozen=True, slots=True)
class Case:
    """Something to run. It makes its own fresh state, checks its own result, and ends by itself."""

    name: str
    run: Callable[[], Sample]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A case against its floor. must, moonshot: the ratios asked for; None where nothing was asked."""

    case: str
    floor: str
    must: float | None = None
    moonshot: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result. value: units per second. ratio, cpu_ratio: the case against its floor, more is better."""

    bench: str
    case: str
    value: float
    unit: str
    floor: str
    ratio: float
    floor_value: float
    ratio_min: float
    ratio_max: float
    cpu_us: float
    floor_cpu_us: float
    cpu_ratio: float
    must: float | None
    moonshot: float | None
    rounds: int
    min: float
    max: float
    load: float | None
    extra: dict[str, float]
    steps: dict[str, float] | None = None
    """Where the case's time went: microseconds per unit, by step."""

    def as_dict(self) -> dict[str, object]:
        known = asdict(self)
        extra = known.pop("extra")
        if self.steps:
            known["steps"] = {name: _rounded(value) for name, value in self.steps.items()}
        return {name: _rounded(value) for name, value in (known | extra).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the result that no floor explains: seconds, megabytes or a count. must, moonshot: at most so much."""

    bench: str
    case: str
    value: float
    unit: str
    must: float | None
    moonshot: float | None
    load: float | None
    extra: dict[str, float]

    def as_dict(self) -> dict[str, object]:
        known = asdict(self)
        extra = known.pop("extra")
        return {name: _rounded(value) for name, value in (known | extra).items() if value is not None}


class WrongResult(Exception):
    """A case did not do what it says: a fast wrong run must not win."""


def expect(what: str, found: object, wanted: object) -> None:
    """Raise WrongResult unless both are equal."""
    if found != wanted:
        raise WrongResult(f"{what}: found {found}, expected {wanted}")


def interleaved(cases: Sequence[Case], rounds: int) -> dict[str, list[Sample]]:
    """Every case once per round; every second round backwards, so that nobody always runs after the same neighbour."""
    samples: dict[str, list[Sample]] = {case.name: [] for case in cases}
    for number in range(rounds):
        for case in cases if number % 2 == 0 else reversed(cases):
            gc.collect()
            sample = case.run()
            samples[case.name].append(sample)
            progress(f"round {number + 1}/{rounds}  {case.name:<40} {sample.rate:>9,.0f}/s  {sample.cpu_us:>7.1f} us")
    return samples


def rows(
    bench: str, unit: str, comparisons: Sequence[Comparison], samples: Mapping[str, Sequence[Sample]]
) -> list[Row]:
    """One row per comparison."""
    return [_row(bench, unit, comparison, samples) for comparison in comparisons]


def progress(text: str) -> None:
    """Tell whoever waits; results alone go to standard output."""
    print(text, file=sys.stderr, flush=True)


def _row(bench: str, unit: str, asked: Comparison, samples: Mapping[str, Sequence[Sample]]) -> Row:
    ours, floors = samples[asked.case], samples[asked.floor]
    ratios = [one.rate / floor.rate for one, floor in zip(ours, floors, strict=True)]
    cpu_ratios = [floor.cpu_us / one.cpu_us for one, floor in zip(ours, floors, strict=True) if one.cpu_us]
    rates = [one.rate for one in ours]
    return Row(
        bench=bench,
        case=asked.case,
        value=statistics.median(rates),
        unit=unit,
        floor=asked.floor,
        ratio=statistics.median(ratios),
        floor_value=statistics.median(floor.rate for floor in floors),
        ratio_min=min(ratios),
        ratio_max=max(ratios),
        cpu_us=statistics.median(one.cpu_us for one in ours),
        floor_cpu_us=statistics.median(floor.cpu_us for floor in floors),
        cpu_ratio=statistics.median(cpu_ratios) if cpu_ratios else 0.0,
        must=asked.must,
        moonshot=asked.moonshot,
        rounds=len(ours),
        min=min(rates),
        max=max(rates),
        load=load_average(),
        extra={name: statistics.median(one.extra[name] for one in ours) for name in ours[0].extra},
    )


def _rounded(value: object) -> object:
    if not isinstance(value, float):
        return value
    return round(value, 1) if abs(value) >= 100 else float(f"{value:.3g}")
