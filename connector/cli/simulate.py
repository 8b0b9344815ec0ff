"""``belong simulate``: what another programme would have given, cost and changed, on this shop's own history."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from connector import clock
from connector.config import load_settings
from connector.errors import Permanent
from connector.programmes.shop_facts import facts_of_histories
from connector.programmes.simulation import (
    Chunk,
    OrdersFile,
    Question,
    file_histories,
    own_histories,
    read_orders,
    simulate,
)
from connector.running import event_loop
from connector.storage.database import close_database, open_database
from connector.storage.histories import count_histories
from connector.storage.programmes import load_programmes
from loyalty_engine.programme import Programme, Rulebook, parse_programme, read_document
from loyalty_engine.programme.resolve import resolve
from loyalty_engine.simulate import Habit

Histories = Callable[[], AsyncIterator[Chunk]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The options. file: CSV of orders in place of the books; columns: its customer, date and amount."""

    document: Path
    number: int
    habit: Habit
    file: Path | None
    columns: tuple[str, str, str]
    currency: str
    timezone: str
    until: datetime
    processes: int


@click.command("simulate")
@click.option(
    "--programme", "document", required=True, type=click.Path(exists=True, path_type=Path), help="TOML or JSON."
)
@click.option("--number", default=1, show_default=True, help="Whose history: the number of a programme.")
@click.option(
    "--habit",
    type=click.Choice([habit.value for habit in Habit]),
    default=Habit.SOON.value,
    show_default=True,
    help="How shoppers redeem: soon is the most that the history allows.",
)
@click.option(
    "--orders", "file", type=click.Path(exists=True, path_type=Path), help="A CSV of orders instead of the books."
)
@click.option("--columns", default="customer_id,date,amount", show_default=True, help="Of the CSV.")
@click.option("--currency", default="EUR", show_default=True, help="Of the CSV.")
@click.option("--timezone", default="UTC", show_default=True, help="Of the CSV's days.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day; default: today, or the CSV's last day.")
@click.option("--processes", default=0, help="How many work at once; default: one for each core.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def simulate_command(as_json: bool, **given: Any) -> None:
    """Replay a shop's own history under another programme: cost, winners and losers, liability. Writes nothing."""
    columns = tuple(name.strip() for name in given.pop("columns").split(","))
    if len(columns) != 3:
        raise click.UsageError("Name three columns: customer,date,amount.")
    until = given.pop("until")
    moment = until.replace(hour=23, minute=59, tzinfo=UTC) if until else clock.utc_now()
    habit = Habit(given.pop("habit"))
    asked = Asked(columns=(columns[0], columns[1], columns[2]), until=moment, habit=habit, **given)
    report = event_loop.run(_run(asked))
    click.echo(json.dumps(report, indent=2, ensure_ascii=False) if as_json else _text(report))


async def _run(asked: Asked) -> dict[str, Any]:
    if asked.file is not None:
        orders = read_orders(OrdersFile(asked.file, asked.currency, ZoneInfo(asked.timezone), asked.columns))
        asked = replace(asked, until=min(asked.until, orders.last))
        about = _About(lambda: file_histories(orders), len(orders.lines), asked.timezone, asked.currency)
        return await _answer(asked, about, None)
    database = await open_database(load_settings().database_url, read_only=True)
    try:
        session = database.reading()
        books = (await load_programmes(session)).get(asked.number)
        if books is None:
            raise Permanent(f"There is no programme {asked.number}.")
        newest = books.rulebook.versions[-1]
        members = await count_histories(session, asked.number)
        about = _About(lambda: own_histories(session, asked.number), members, newest.timezone, newest.base_currency)
        return await _answer(asked, about, books.rulebook)
    finally:
        await close_database(database)


@dataclass(frozen=True, slots=True)
class _About:
    """Whose histories they are. members: how many, for the progress."""

    histories: Histories
    members: int
    timezone: str
    currency: str


async def _answer(asked: Asked, about: _About, old: Rulebook | None) -> dict[str, Any]:
    facts = await facts_of_histories(about.histories(), about.timezone, about.currency, asked.until)
    new = _candidate(asked.document, facts, datetime(1990, 1, 1, tzinfo=UTC))
    question = Question(Rulebook((new,)), old, asked.until, asked.habit)
    label = f"{about.members} members"
    with click.progressbar(length=about.members, label=label, file=sys.stderr) as bar:
        answer = await simulate(question, about.histories(), bar.update, asked.processes)
    return answer.document()


def _candidate(path: Path, facts: Any, since: datetime) -> Programme:
    """In force for the whole history."""
    document = read_document(path.read_text(encoding="utf-8"), "json" if path.suffix == ".json" else "toml")
    resolved = resolve(document, facts)
    for warning in resolved.warnings:
        click.echo(f"{warning.path}: {warning.sentence}", err=True)
    return parse_programme(resolved.document, 1, since)


# --- for people ---


def _text(report: dict[str, Any]) -> str:
    if "before" not in report:
        return "\n".join(_totals_lines(report))
    lines = ["As it is", *_indented(_totals_lines(report["before"]))]
    lines += ["With the other programme", *_indented(_totals_lines(report["after"])), "Who wins and who loses"]
    currency = report["before"]["currency"]
    for tier, found in report["by_tier"].items():
        lines.append(
            f"  {tier:12} {found['winners']} win {found['gained']} {currency}, {found['losers']} lose {found['lost']} "
            f"{currency}, {found['same']} stay the same"
        )
    lines += [f"  {one['members']} move from {one['from']} to {one['to']}" for one in report["tier_changes"]]
    return "\n".join(lines)


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _totals_lines(totals: dict[str, Any]) -> list[str]:
    points, currency = totals["points"], totals["currency"]
    lines = [
        f"{totals['members']} members, {totals['orders']} orders, {totals['revenue']} {currency} of goods",
        f"{totals['activities']} activities replayed; not replayed: "
        + ", ".join(name.replace("_", " ") for name in totals["not_replayed"]),
        f"rewards cost {totals['reward_cost']} {currency} = {totals['reward_cost_percent']} % of that",
        f"{points['earned']} points earned: {points['redeemed_percent']} % redeemed, {points['expired_percent']} % "
        f"expired, {points['outstanding_percent']} % outstanding",
        f"{totals['redeemers']} members redeem ({totals['redeemers_percent']} %), {totals['redemptions']} times",
        f"outstanding points are worth {totals['liability']} {currency} = {totals['liability_percent']} %",
    ]
    for name in ("tiers", "badges"):
        if totals[name]:
            lines.append(f"{name}: " + ", ".join(f"{key} {count}" for key, count in totals[name].items()))
    lines.append("outstanding at the end of each month:")
    curve = totals["liability_curve"]
    highest = max((month["points"] for month in curve), default=0)
    for month in curve:
        bar = "#" * (40 * max(0, month["points"]) // highest) if highest > 0 else ""
        lines.append(f"  {month['month']} {month['value']:>12} {currency}  {bar}")
    return lines
