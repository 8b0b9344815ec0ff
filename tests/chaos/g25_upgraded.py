"""G25: a database of every released schema is upgraded, and killed on the way: old or new, never something between.

Kills are spread over all statements of the longest upgrade, and the last one comes after its commit.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.storage.migrate import migrate
from connector.verify import verify
from tests.builders import KEYS, opened
from tests.chaos.goal import Findings, Goal, Trial
from tests.second_connection import run_apart
from tests.storage.catalogue import Catalogue, catalogue
from tests.storage.schema_snapshots import Snapshot, bring_back, snapshots, sums

ROOT = Path(__file__).resolve().parents[2]
State = tuple[Catalogue, list[tuple[Any, ...]]]


async def run(trial: Trial) -> Findings:
    findings = Findings()
    every = snapshots(trial.kind)
    with trial.prepared() as url:
        new = _state(url)
    for snapshot in every:
        trial.progress(f"upgrading {snapshot.schema}")
        with trial.databases.empty(trial.kind) as url:
            await asyncio.to_thread(bring_back, snapshot, url)
            await migrate(url)
            await _must_be_whole(snapshot, url, new, findings)
    statements, killed = await _killed(trial, every[0], new, findings)
    findings.figure |= {"schemas": [one.schema for one in every], "statements": statements}
    findings.figure |= {f"killed, found {state}": times for state, times in killed.items()}
    return findings


async def _killed(trial: Trial, oldest: Snapshot, new: State, findings: Findings) -> tuple[int, dict[str, int]]:
    with trial.databases.empty(trial.kind) as url:
        await asyncio.to_thread(bring_back, oldest, url)
        statements = int((await asyncio.to_thread(_upgrade, url, 0)).stdout)
    with trial.databases.empty(trial.kind) as url:
        await asyncio.to_thread(bring_back, oldest, url)
        old, found = _state(url), {"old": 0, "new": 0}
        kills = trial.size["kills"]
        for turn in range(kills):
            last = 1 + turn * statements // (kills - 1)
            ended = await asyncio.to_thread(_upgrade, url, last)
            findings.expect(f"end of the process that was to die after statement {last}", ended.returncode, -9)
            state = _state(url)
            findings.must(state in (old, new), f"after statement {last} the schema is neither the old nor the new one")
            found["old" if state == old else "new"] += 1
            findings.expect(f"sums after statement {last}", sums(url), oldest.sums)
            trial.progress(f"killed after statement {last} of {statements}")
        findings.must(found["old"] == kills - 1 and found["new"] == 1, f"only the last kill comes too late: {found}")
        await migrate(url)
        await _must_be_whole(oldest, url, new, findings)
    return statements, found


def _upgrade(url: str, last: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.chaos.upgrade_killed", url, str(last)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _state(url: str) -> State:
    return catalogue(url), run_apart(url, "SELECT app, name FROM tortoise_migrations ORDER BY name")


async def _must_be_whole(snapshot: Snapshot, url: str, new: State, findings: Findings) -> None:
    findings.expect(f"schema after {snapshot.schema}", _state(url) == new, True)
    findings.expect(f"sums after {snapshot.schema}", sums(url), snapshot.sums)
    async with opened(url) as database:
        report = await verify(database, KEYS, now=lambda: datetime.fromisoformat(snapshot.now))
    findings.must(report.ok, report.as_text())


GOAL = Goal(
    "G25",
    "upgrade from every snapshot x 2 databases: sums equal; kill during migration x 20: old or new, never mixed",
    run,
    small={"kills": 3},
    full={"kills": 20},
)
