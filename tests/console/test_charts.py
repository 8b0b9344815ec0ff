"""Charts: what is drawn is where its number is, and every number can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.console.charts import BOTTOM, HEIGHT, LEFT, TOP, Series, bar_chart, line_chart


def whole(value: float) -> str:
    return f"{value:g}"


VALUES = st.lists(st.integers(-(10**12), 10**12) | st.none(), min_size=1, max_size=40)


@given(VALUES)
def test_nothing_leaves_the_drawing(values: list[int | None]) -> None:
    labels = [str(n) for n in range(len(values))]
    for draw in (line_chart, bar_chart):
        chart = draw("t", labels, [Series("a", values), Series("b", values)], whole)
        marks = [mark for one in chart.drawn for mark in (*one.dots, *one.bars)]
        assert len(marks) == 2 * sum(value is not None for value in values)
        for mark in marks:
            assert LEFT - 1 <= mark.x and mark.x + mark.width <= chart.right + 1
            assert TOP - 1 <= mark.y and mark.y + mark.height <= HEIGHT - BOTTOM + 1
        assert 2 <= len(chart.ticks) <= 12


def test_a_line_is_broken_where_nothing_is_known() -> None:
    chart = line_chart("t", list("abcd"), [Series("a", [1, None, 3, 4])], whole)
    assert chart.drawn[0].path.count("M") == 2 and chart.drawn[0].path.count("L") == 1
    assert [cells for _, cells in chart.rows] == [["1"], ["–"], ["3"], ["4"]]


def test_ticks_are_round_and_small_counts_have_no_halves() -> None:
    chart = line_chart("t", ["a", "b"], [Series("a", [0, 2])], whole)
    assert [tick.text for tick in chart.ticks] == ["0", "1", "2"]
    chart = line_chart("t", ["a", "b"], [Series("a", [0, 9])], whole)
    assert [tick.text for tick in chart.ticks] == ["0", "5", "10"]
    chart = line_chart("t", ["a", "b"], [Series("a", [0, 9700])], whole)
    assert [tick.text for tick in chart.ticks] == ["0", "2500", "5000", "7500", "10000"]


def test_bars_stand_on_zero_whatever_their_sign() -> None:
    chart = bar_chart("t", ["a", "b"], [Series("a", [-5, 5])], whole)
    down, up = chart.drawn[0].bars
    assert down.y == up.y + up.height == chart.baseline


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="one value for each label"):
        line_chart("t", ["a"], [Series("a", [1, 2])], whole)
    with pytest.raises(ValueError, match="at most"):
        bar_chart("t", ["a"], [Series(str(n), [1]) for n in range(5)], whole)


def test_without_labels_there_is_nothing_to_draw() -> None:
    assert line_chart("t", [], [Series("a", [])], whole).is_empty


def test_labels_of_a_line_stay_within_it_and_apart() -> None:
    for count, anchors in ((1, ["middle"]), (2, ["left", "right"]), (91, ["left", "middle", "right"])):
        chart = line_chart("t", [str(n) for n in range(count)], [Series("a", [1] * count)], whole)
        assert [label.anchor for label in chart.labels] == anchors
    assert [label.text for label in chart.labels] == ["0", "45", "90"]
