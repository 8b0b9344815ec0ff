"""Files, functions and names."""

from __future__ import annotations

import pytest

from scripts.lints import sizes
from scripts.lints.source import Source
from tests.lints.snippets import lines_found


def function(name: str, lines: int) -> str:
    return f"def {name}() -> None:\n" + "    pass\n" * (lines - 1)


def test_a_file_may_have_400_lines_and_no_more() -> None:
    assert lines_found(sizes.check, "connector/running/app.py", "x = 1\n" * 400) == []
    assert lines_found(sizes.check, "connector/running/app.py", "x = 1\n" * 401) == [1]
    assert lines_found(sizes.check, "plugins/woocommerce/belong.php", "\n" * 401) == [1]


def test_recorded_payloads_and_locks_may_be_longer() -> None:
    assert lines_found(sizes.check, "tests/payloads/order.py", "x = 1\n" * 401) == []
    assert lines_found(sizes.check, "requirements/run.txt", "x\n" * 401) == []


def test_one_long_function_in_a_hundred_is_borne() -> None:
    short = [Source(f"connector/m{i}.py", function("f", 60)) for i in range(99)]
    long = Source("connector/long.py", function("g", 61))
    assert list(sizes.check([*short, long])) == []
    assert [finding.path for finding in sizes.check([*short[1:], long])] == ["connector/long.py"]


@pytest.mark.parametrize(
    "path", ["connector/utils.py", "connector/helpers/x.py", "plugins/shopify/Common.js", "tests/misc.py"]
)
def test_a_name_that_says_nothing_is_found(path: str) -> None:
    assert lines_found(sizes.check, path, "x = 1\n") == [1]


def test_a_name_that_says_something_passes() -> None:
    assert lines_found(sizes.check, "connector/commons_import.py", "x = 1\n") == []
