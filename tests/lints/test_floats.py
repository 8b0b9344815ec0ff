"""No float near money or points."""

from __future__ import annotations

import pytest

from scripts.lints import floats
from tests.lints.snippets import lines_found

STRICT_PATHS = [
    "loyalty_engine/money.py",
    "loyalty_engine/earning/awards.py",
    "connector/shopify/normalise.py",
    "connector/woocommerce/normalise_refunds.py",
    "connector/storage/ledger.py",
    "connector/ingest/pipeline.py",
    "connector/verify_chain.py",
]
FLOATS = [
    "x = 1\nrate = 0.05",
    "x = 1\nrate = 1e3",
    "x = 1\nworth = float(text)",
    "x = 1\ndef award(amount: float) -> int: ...",
    "x = 1\nshare = part / whole",
    "x = 1\nshare /= whole",
    "import math\nroot = math.sqrt(two)",
    "from statistics import mean\nmean(points)",
    "import json\njson.loads(body)",
    "from pathlib import Path\nshare = part / whole",
]
WHOLE = [
    "share = part // whole",
    "from fractions import Fraction\nshare = Fraction(part, whole)",
    "import math\nparts = math.gcd(part, whole)",
    "if isinstance(value, float):\n    raise ValueError(value)",
    "if isinstance(value, (float, bool)):\n    raise ValueError(value)",
    "import json\njson.loads(body, parse_float=Decimal)",
    "points = 5_000",
    "from pathlib import Path\nqueries = Path(__file__).parent / 'queries' / name",
    "from pathlib import Path\nqueries = FOLDER / f'{name}.sql'",
]


@pytest.mark.parametrize("text", FLOATS)
@pytest.mark.parametrize("path", STRICT_PATHS)
def test_a_float_where_amounts_are_worked_out_is_found(path: str, text: str) -> None:
    assert 2 in lines_found(floats.check, path, text)


@pytest.mark.parametrize("text", WHOLE)
@pytest.mark.parametrize("path", STRICT_PATHS)
def test_whole_numbers_pass(path: str, text: str) -> None:
    assert lines_found(floats.check, path, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "def push(points: float) -> None: ...",
        "amount_minor: float = 3",
        "self.balance: float | None = None",
        "def lot_price() -> float: ...",
        "points = float(row['points'])",
    ],
)
def test_elsewhere_an_amount_is_still_no_float(text: str) -> None:
    assert lines_found(floats.check, "connector/delivering/outbox.py", text) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "pause_seconds: float = 0.5",
        "total_seconds: float = 0.5",
        "ratio = float(measured) / 2",
        "import json\njson.loads(body)",
    ],
)
def test_elsewhere_seconds_and_ratios_may_be_floats(text: str) -> None:
    assert lines_found(floats.check, "connector/delivering/outbox.py", text) == []


def test_no_column_holds_a_float() -> None:
    assert lines_found(floats.check, "connector/storage/models.py", "rate = fields.FloatField()") == [1]
