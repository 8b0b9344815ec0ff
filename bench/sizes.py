"""How much each benchmark does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Counts of things, so that two runs do the same work however fast the machine is."""

    rounds: int
    members: int
    process_orders: int
    naive_orders: int
    past_orders: int
    requests: int
    group_rows: int
    engine_orders: int
    worker_orders: int
    hot_orders: int
    read_members: int
    read_requests: int
    latency_seconds: int
    memory_orders: int
    redemptions: int
    past_redemptions: tuple[int, ...]
    plugin_orders: int
    told_orders: int
    cron_orders: int
    console_members: int
    pages_each: int
    """How many pages of each shop Lighthouse looks at, at most."""
    connections: int = 64


FULL = Sizes(
    rounds=5,
    members=20_000,
    process_orders=10_000,
    naive_orders=600,
    past_orders=10_000,
    requests=8_000,
    group_rows=12_000,
    engine_orders=20_000,
    worker_orders=4_000,
    hot_orders=1_500,
    read_members=300,
    read_requests=1_500,
    latency_seconds=15,
    memory_orders=20_000,
    redemptions=60,
    past_redemptions=(0, 400, 1_600, 6_400),
    plugin_orders=1_000,
    told_orders=50,
    cron_orders=30,
    console_members=100_000,
    pages_each=10,
)
SMOKE = Sizes(
    rounds=1,
    members=40,
    process_orders=60,
    naive_orders=5,
    past_orders=130,
    requests=120,
    group_rows=200,
    engine_orders=100,
    worker_orders=60,
    hot_orders=40,
    read_members=10,
    read_requests=40,
    latency_seconds=2,
    memory_orders=400,
    redemptions=3,
    past_redemptions=(0, 5),
    plugin_orders=20,
    told_orders=3,
    cron_orders=0,
    console_members=30,
    pages_each=1,
    connections=8,
)
