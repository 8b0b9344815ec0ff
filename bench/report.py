"""Results for people."""

from __future__ import annotations

from collections.abc import Sequence

from bench.measure import Figure, Row

HEADINGS = (
    "bench",
    "case",
    "per second",
    "floor",
    "its rate",
    "ratio",
    "min..max",
    "CPU us",
    "CPU ratio",
    "must",
    "moonshot",
)


def table(rows: Sequence[Row]) -> str:
    """One line per row."""
    lines = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    text = "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
    loads = [row.load for row in rows if row.load is not None]
    return f"{text}\nload average while measuring: {min(loads)}..{max(loads)}" if loads else text


def figures_text(figures: Sequence[Figure]) -> str:
    """One line per figure."""
    return "\n".join(
        f"{one.bench}  {one.case}  {one.value:.3g} {one.unit}"
        + ("" if one.must is None else f"  (must: at most {one.must:g})")
        + "".join(f"  {name} {value:.3g}" for name, value in one.extra.items())
        for one in figures
    )


def steps_text(rows: Sequence[Row]) -> str:
    """Microseconds per order and step, of the rows that know."""
    parts = []
    for row in rows:
        if row.steps:
            parts.append(f"\n{row.case}, microseconds per order:")
            parts += [f"  {us:7.1f}  {name}" for name, us in row.steps.items()]
    return "\n".join(parts)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.bench,
        row.case,
        f"{row.value:,.0f}",
        row.floor,
        f"{row.floor_value:,.0f}",
        f"{row.ratio:.2f}",
        f"{row.ratio_min:.2f}..{row.ratio_max:.2f}",
        f"{row.cpu_us:.0f}",
        f"{row.cpu_ratio:.2f}",
        "" if row.must is None else f"{row.must:g}",
        "" if row.moonshot is None else f"{row.moonshot:g}",
    )
