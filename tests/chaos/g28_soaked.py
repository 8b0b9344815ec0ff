"""G28: a soak, shortened: minutes of webhooks to a real process, virtual weeks of jobs; nothing grows but the books.

First ``belong serve`` as a process takes webhooks at a steady rate, and its memory, its open files and its write-ahead
log are looked at from outside. Then days go by in this process, with orders and every job, and the tasks of its event
loop, its files and the tables that are pruned are looked at.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median

from connector.storage.instants import micros
from tests.chaos.books import check_books
from tests.chaos.g21_overload import keep_few_pages
from tests.chaos.goal import Findings, Goal, Trial
from tests.chaos.installation import NOBODY, install, order_body
from tests.chaos.processes import Running, running, until_ready
from tests.chaos.tables import RECEIVED, number, until_idle
from tests.chaos.wire import Wire, request
from tests.chaos.years import Years, years

RATE = 20
"""Webhooks a second."""
WAL_BYTES = 64 * 2**20
LEAST_SECONDS = 60
SETTLE_SECONDS = 60
MEMORY_BYTES = 2**20
"""So much more at the end than in the middle."""
Sample = tuple[int, int, int]
"""(resident bytes, open files, bytes of the write-ahead log)"""


async def run(trial: Trial) -> Findings:
    findings = Findings()
    await _minutes(trial, findings)
    await _weeks(trial, findings)
    return findings


async def _minutes(trial: Trial, findings: Findings) -> None:
    samples: list[Sample] = []
    with trial.prepared() as url:
        made = await install(url, trial.folder / "home", shop_url=NOBODY)
        async with running(made.environment, before=(keep_few_pages,)) as service:
            await until_ready(service.url)
            wire, began, sent = Wire(service.port), time.monotonic(), 0
            while time.monotonic() - began < trial.size["seconds"]:
                sent += 1
                body = order_body("woocommerce", sent, 1 + sent % 500, 1000 + sent % 900)
                headers = made.signed("woocommerce", body)
                answer = await wire.ask(request("POST", made.hook("woocommerce"), headers, body))
                findings.must(answer.status == 200, f"a webhook was answered {answer.status}")
                if sent % RATE == 0:
                    samples.append(_sample(service, url))
                await asyncio.sleep(max(0.0, began + sent / RATE - time.monotonic()))
            wire.close()
            samples.append(_sample(service, url))
            left = await until_idle(url, SETTLE_SECONDS, of=RECEIVED)
            findings.expect("waiting after the webhooks", left, {})
            findings.expect("exit code", await asyncio.to_thread(service.stop), 0)
        findings.expect("orders in the ledger", number(url, "SELECT count(*) FROM entry WHERE kind = 'earn'"), sent)
        await made.check_books(findings)
    _judge(samples, trial.size["seconds"], findings)
    findings.figure |= {"webhooks": sent}


def _judge(samples: Sequence[Sample], seconds: int, findings: Findings) -> None:
    """The middle against the end: what is there at first is being loaded."""
    fifth = max(1, len(samples) // 5)
    middle, end = samples[len(samples) // 2 :][:fifth], samples[-fifth:]
    more = median(one[0] for one in end) - median(one[0] for one in middle)
    slope = more / 2**20 * 3600 / (seconds * 0.4)
    files = max(one[1] for one in end) - max(one[1] for one in middle)
    wal = max(one[2] for one in samples)
    # Seconds after its start a process still loads what it needs: that says nothing of a leak.
    findings.must(
        more <= MEMORY_BYTES or seconds < LEAST_SECONDS, f"{more / 2**20:.1f} MB more at the end than in the middle"
    )
    findings.must(files <= 2, f"{files} more open files at the end than in the middle")
    findings.must(wal < WAL_BYTES, f"the write-ahead log grew to {wal} bytes")
    findings.figure |= {
        "MB at the end": round(median(one[0] for one in end) / 2**20, 1),
        "MB more than in the middle": round(more / 2**20, 2),
        "MB an hour": round(slope, 1),
        "open files": end[-1][1],
        "largest WAL MB": round(wal / 2**20, 1),
    }


def _sample(service: Running, url: str) -> Sample:
    process = Path("/proc") / str(service.process.pid)
    pages = int((process / "statm").read_text().split()[1])
    wal = Path(url.partition("://")[2] + "-wal")
    size = wal.stat().st_size if url.startswith("sqlite:") and wal.exists() else 0
    return pages * os.sysconf("SC_PAGE_SIZE"), len(list((process / "fd").iterdir())), size


async def _weeks(trial: Trial, findings: Findings) -> None:
    with trial.prepared() as url:
        async with years(url, trial.folder, trial.chance, zones=("Europe/Berlin",)) as made:
            await _day(made)
            tasks, files = len(asyncio.all_tasks()), _open_files()
            for day in range(trial.size["days"]):
                await _day(made)
                if day % 20 == 19:
                    trial.progress(f"{day + 1} days")
            findings.must(len(asyncio.all_tasks()) <= tasks, f"{len(asyncio.all_tasks())} tasks instead of {tasks}")
            findings.must(_open_files() <= files + 2, f"{_open_files()} open files instead of {files}")
            old = {
                "deliveries": "SELECT count(*) FROM delivery "
                f"WHERE received_at_us < {micros(made.now() - timedelta(days=91))}",
                "payloads": "SELECT count(*) FROM delivery d JOIN delivery_body b ON b.shard = d.shard AND b.id = d.id "
                f"WHERE d.received_at_us < {micros(made.now() - timedelta(days=31))}",
                "firings": f"SELECT count(*) FROM job_run WHERE slot < '{made.now() - timedelta(days=31):%Y-%m-%d}'",
            }
            for what, sql in old.items():
                findings.expect(f"old {what}", number(url, sql), 0)
            await check_books(made.service.database, findings, now=made.now)
            findings.figure |= {"virtual days": trial.size["days"], "tasks": tasks}
            findings.figure |= {"firings kept": await _firings(made)}


async def _day(made: Years) -> None:
    [circle] = made.circles
    for customer in (1, 2):
        await made.buy(circle, customer)
    await made.work()
    made.now.forward(hours=24)
    await made.jobs(processes=1)
    await made.work()


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def _firings(made: Years) -> int:
    [row] = await made.rows("SELECT count(*) AS number FROM job_run")
    return int(row["number"])


GOAL = Goal(
    "G28",
    "soak 2 h / 1 virtual year: RSS slope < 1 MB/h, fds and tasks flat, WAL < 64 MB, tables pruned",
    run,
    small={"seconds": 5, "days": 4},
    full={"seconds": 600, "days": 120},
    smaller_because="ten minutes and four months instead of two hours and a year; so short a time cannot show a slope "
    "of 1 MB an hour, so what must hold is: at the end no more than 1 MB above the middle",
)
