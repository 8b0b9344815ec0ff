"""Ten customers of CDNOW, lived through in a real database: the ledger says what the what-if of the same file says."""

from __future__ import annotations

import gzip
from pathlib import Path

from bench.cdnow import CURRENCY, SAMPLE, ZONE, live_through
from bench.million import replay, write_orders
from connector.programmes.simulation import OrdersFile, OrdersRead, read_orders


def few(folder: Path, customers: int) -> OrdersRead:
    path = folder / "orders.csv"
    with gzip.open(SAMPLE, "rt", encoding="utf-8") as lines:
        kept = [line for number, line in enumerate(lines) if number == 0 or int(line.split(",")[0]) <= customers]
    path.write_text("".join(kept), encoding="utf-8")
    return read_orders(OrdersFile(path, CURRENCY, ZONE, ("customer_id", "date", "amount_usd")))


async def test_the_ledger_and_the_what_if_agree_in_every_number(database_url: str, tmp_path: Path) -> None:
    """Some redeem, order again twice and let the rest end: what was spent keeps an end that nobody counts from now."""
    found = await live_through(database_url, few(tmp_path, 10))
    assert found["verify"] == {"ok": True, "differences": {}, "entries": found["explained"]}
    simulated = found["simulate"]
    assert {name: found[name] for name in simulated} == simulated
    assert found["members"] == 10
    assert float(found["redeemed_percent"]) > 20
    assert float(found["expired_percent"]) > 5
    assert found["badges"]["first_order"] == 10


def test_a_long_replay_runs_as_its_user_runs_it(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    write_orders(path, SAMPLE, 300)
    found = replay(path, 1)
    assert found["orders"] == 300
    assert found["megabytes"] > 20
