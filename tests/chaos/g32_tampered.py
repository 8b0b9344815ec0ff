"""G32: one row of the books is changed, taken away or doubled past Belong, at random; ``belong verify`` says so.

The world has every turn a member can take. What verify cannot see stands in docs/verify.md, table by table and column
by column; every other table and column of the schema is drawn from. Each edit is taken back before the next. Where an
edit leaves something that cannot be read at all, verify ends with an error: that is seen, and counted by itself.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from connector.storage.session import Row
from tests.builders import Shopfront
from tests.chaos.goal import Findings, Goal, Trial
from tests.storage.catalogue import catalogue
from tests.storage.test_verify_every_table import exchange, lively, others, rows_of, unseen
from tests.storage.verify_world import checked

DELETE_PERCENT, COPY_PERCENT = 15, 5


async def run(trial: Trial) -> Findings:
    findings, drawn, chance = Findings(), Counter[str](), trial.chance
    async with lively(trial.databases) as (url, front):
        findings.must((await checked(front)).ok, "the books did not agree to begin with")
        columns = _drawn_from(url)
        rows = {table: await rows_of(front, table) for table in columns}
        edits = refused = stopped = 0
        while edits < trial.size["edits"]:
            table = chance.choice([name for name in columns if rows[name]])
            old, new, what = _edit(chance, rows[table], columns[table])
            if new is not None and new in rows[table]:
                continue
            if not await exchange(front, table, old, new):
                refused += 1
                continue
            seen = await _is_seen(front)
            findings.must(await exchange(front, table, new, old), f"{table}: an edit could not be taken back")
            edits, stopped = edits + 1, stopped + (seen is None)
            drawn[what] += 1
            findings.must(seen is not False, f"not seen: {table}, {what}: {old!r:.200} -> {new!r:.200}")
            if edits % 500 == 0:
                trial.progress(f"{edits} edits")
        findings.must((await checked(front)).ok, "the books do not agree any more, though every edit was taken back")
    findings.figure |= {"edits": edits, "seen": edits - findings.count, "of these by an error": stopped}
    findings.figure |= {"refused by the database": refused}
    findings.figure |= {
        "tables": len(columns),
        **{f"{kind} rows": count for kind, count in sorted(_kinds(drawn).items())},
    }
    return findings


async def _is_seen(front: Shopfront) -> bool | None:
    """Whether verify reports a difference; None if it could not read something and ended with an error."""
    try:
        return not (await checked(front)).ok
    except Exception:
        return None


def _drawn_from(url: str) -> dict[str, list[str]]:
    """Columns whose edit must be seen, by table, and ``rows`` where a deleted row must be missed."""
    listed = unseen()
    found: dict[str, list[str]] = {}
    for table, column in sorted(catalogue(url).columns):
        if not listed.get(table, set()) & {"all", column}:
            found.setdefault(table, []).append(column)
    # Of what a shop said, what changes no points, no counter and no owner is not noticed, says the page.
    found["source_fact"].remove("fact")
    for table, names in found.items():
        if "rows" not in listed.get(table, set()):
            names.append("rows")
    return found


def _edit(chance: random.Random, rows: list[Row], columns: list[str]) -> tuple[Row | None, Row | None, str]:
    row, drawn = chance.choice(rows), chance.randrange(100)
    if "rows" in columns and drawn < DELETE_PERCENT:
        return row, None, "deleted"
    if drawn < DELETE_PERCENT + COPY_PERCENT and len(rows) > 1:
        # What stands in another row of the same table, column by column: a value that fits.
        column = chance.choice([name for name in columns if name != "rows"])
        return row, {**row, column: chance.choice(rows)[column]}, f"changed {column}"
    column = chance.choice([name for name in columns if name != "rows"])
    return row, {**row, column: _other(chance, row[column])}, f"changed {column}"


def _other(chance: random.Random, value: Any) -> Any:
    if isinstance(value, int):
        return value + chance.choice((-1, 1)) * chance.randrange(1, 10 ** chance.randrange(1, 12))
    if isinstance(value, bytes) and value:
        place = chance.randrange(len(value))
        return value[:place] + bytes([value[place] ^ (1 << chance.randrange(8))]) + value[place + 1 :]
    if isinstance(value, str) and value and chance.randrange(2):
        place = chance.randrange(len(value))
        return value[:place] + chance.choice("0123456789abcdef") + value[place + 1 :]
    return chance.choice(list(others(value)))


def _kinds(drawn: Counter[str]) -> Counter[str]:
    found = Counter[str]()
    for what, count in drawn.items():
        found[what.partition(" ")[0]] += count
    return found


GOAL = Goal(
    "G32",
    "hash chain / sum audit detects any single-row tamper in 10 000 random edits",
    run,
    small={"edits": 40},
    full={"edits": 10_000},
    kinds=("sqlite",),
)
