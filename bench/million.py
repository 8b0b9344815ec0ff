"""``python -m bench.million``: ``belong simulate`` over a file of a million orders: how long, and how much memory.

The file repeats the customers of CDNOW under other names until it has as many orders as asked. The command runs as its
user runs it, in processes of its own, which are looked at twice a second: what they hold in all (each page they share
counted once) and what the largest one holds. Ends with an error if the command does, or if that is too much.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from bench.cdnow import DEFAULT, SAMPLE
from bench.cpu import load_average
from bench.measure import expect, progress

MUST_MEGABYTES = 500
LOOK_SECONDS = 0.5


def write_orders(path: Path, history: Path, count: int) -> None:
    """A file of ``count`` orders: the customers of ``history`` again and again, each time as others."""
    with gzip.open(history, "rt", encoding="utf-8") as lines:
        orders = [(row["customer_id"], row["date"], row["amount_usd"]) for row in csv.DictReader(lines)]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("customer_id,date,amount_usd\n")
        for number in range(count):
            customer, day, amount = orders[number % len(orders)]
            file.write(f"{number // len(orders)}-{customer},{day},{amount}\n")


def replay(path: Path, processes: int) -> dict[str, float]:
    """Run the command on a file; what it took and said."""
    command = [sys.executable, "-m", "connector.cli", "simulate", "--programme", str(DEFAULT), "--orders", str(path)]
    command += ["--columns", "customer_id,date,amount_usd", "--currency", "USD", "--timezone", "America/New_York"]
    command += ["--json", "--processes", str(processes)]
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as answer:
        child = psutil.Popen(command, stdout=answer)
        all_bytes = largest = 0
        cpu: dict[int, float] = {}
        while child.poll() is None:
            held = _held(child, cpu)
            all_bytes, largest = max(all_bytes, sum(held)), max([largest, *held])
            time.sleep(LOOK_SECONDS)
        if child.returncode:
            raise subprocess.CalledProcessError(child.returncode, command)
        seconds = time.monotonic() - began
        answer.seek(0)
        said = json.load(answer)
    return {
        "orders": said["orders"],
        "members": said["members"],
        "seconds": seconds,
        "orders_per_second": said["orders"] / seconds,
        "cpu_us_per_order": sum(cpu.values()) / said["orders"] * 1e6,
        "megabytes": all_bytes / 1e6,
        "megabytes_of_one": largest / 1e6,
        "load": load_average() or 0.0,
    }


def _held(child: psutil.Process, cpu: dict[int, float]) -> list[int]:
    """Bytes of the command and its processes, pages that they share divided among them. cpu: noted by process."""
    held = []
    for process in (child, *child.children(recursive=True)):
        try:
            held.append(process.memory_full_info().pss)
            times = process.cpu_times()
            cpu[process.pid] = times.user + times.system
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return held


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        write_orders(path, asked.history, asked.orders)
        progress(f"replaying {asked.orders} orders")
        found = replay(path, asked.processes)
    print(json.dumps({name: round(value, 1) for name, value in found.items()}))
    expect("orders replayed", int(found["orders"]), asked.orders)
    return 0 if found["megabytes"] <= MUST_MEGABYTES else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.million", description="A long replay in bounded memory.")
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--history", type=Path, default=SAMPLE, help="CSV.gz: customer_id, date, amount_usd")
    parser.add_argument("--processes", type=int, default=0, help="0: one for each core")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
