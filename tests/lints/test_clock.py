"""Only connector/clock.py reads the clock."""

from __future__ import annotations

import pytest

from scripts.lints import clock
from tests.lints.snippets import lines_found

READS_A_MOMENT = [
    "import datetime\ndatetime.datetime.now()",
    "import datetime as dt\ndt.datetime.utcnow()",
    "from datetime import datetime\ndatetime.now(UTC)",
    "from datetime import datetime\ndatetime.today()",
    "from datetime import date as day\nday.today()",
    "import time\ntime.time()",
    "from time import time_ns\ntime_ns()",
    "from datetime import datetime\ndefault_factory = datetime.now",
]
READS_A_DURATION = [
    "import time\ntime.monotonic()",
    "from time import perf_counter\nperf_counter()",
    "import asyncio\nasyncio.get_running_loop().time()",
]
READS_IN_A_TEXT = [
    'sql = "x"\nsql = "UPDATE inbox SET done_at = now()"',
    'sql = "x"\nsql = "DEFAULT CURRENT_TIMESTAMP"',
    "sql = 1\nsql = \"SELECT datetime('now')\"",
    "x = 1\nfields.DatetimeField(auto_now_add=True)",
]
HARMLESS = [
    "from datetime import datetime\ndatetime.fromisoformat(text)",
    "from datetime import datetime\ndatetime(2026, 1, 1, tzinfo=UTC).time()",
    "from connector import clock\nclock.utc_now()",
    "def due(now):\n    return now() < later",
    '"""now() is what nobody calls."""',
    "fields.DatetimeField(auto_now_add=False)",
    "import time\ntime.sleep(1)",
]


@pytest.mark.parametrize("text", READS_A_MOMENT)
@pytest.mark.parametrize(
    "path", ["connector/ingest/inbox.py", "loyalty_engine/lots.py", "tests/builders.py", "bench/x.py"]
)
def test_a_moment_may_be_read_nowhere_else(path: str, text: str) -> None:
    assert lines_found(clock.check, path, text) == [2]


@pytest.mark.parametrize("text", READS_A_DURATION)
def test_a_duration_may_be_measured_only_where_nothing_is_decided(text: str) -> None:
    assert lines_found(clock.check, "connector/delivering/outbox.py", text) == [2]
    assert lines_found(clock.check, "loyalty_engine/lots.py", text) == [2]
    for path in ("bench/ingest.py", "scripts/test.py", "tests/connector/test_inbox.py"):
        assert lines_found(clock.check, path, text) == []


@pytest.mark.parametrize("text", READS_IN_A_TEXT)
def test_the_database_may_not_read_it_for_us(text: str) -> None:
    assert lines_found(clock.check, "connector/storage/inbox.py", text) == [2]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_reads_no_clock_passes(text: str) -> None:
    assert lines_found(clock.check, "connector/ingest/inbox.py", text) == []


def test_the_clock_itself_may_read_it() -> None:
    assert lines_found(clock.check, "connector/clock.py", READS_A_MOMENT[0]) == []
