"""What the operator reads on the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import click

from connector import clock
from connector.access.auth import list_api_keys
from connector.config import Settings
from connector.crypto import load_keys
from connector.delivering.endpoints import state_of
from connector.errors import Permanent
from connector.ingest.arrivals import pipe_states
from connector.ingest.backfill_runs import sentences
from connector.platforms import Connection
from connector.programmes.books import liability
from connector.programmes.books_file import books_as_csv
from connector.running.firings import job_states
from connector.running.metrics import depths
from connector.running.scheduler import JOBS, hook_url
from connector.shopify.client import SCOPES
from connector.shopify.subscriptions import TOPICS
from connector.storage.atomic import consistent_read
from connector.storage.backfills import OPEN, RunState, last_run
from connector.storage.books import load_closings
from connector.storage.connections import blocked_connections, load_connections
from connector.storage.database import Database, close_database, open_database
from connector.storage.dead_letters import Range, count_dead_letters, list_dead_letters
from connector.storage.endpoints import load_endpoints
from connector.storage.findings import count_held
from connector.storage.models import ApiKey
from connector.storage.moves import warning_of
from connector.storage.programmes import load_programmes
from connector.storage.rests import Rest, load_rests
from connector.storage.session import Session
from connector.storage.waiting import waiting_activities
from connector.verify import verify as run_verify
from connector.woocommerce.plugin import COLLECT, PUSH, REACH
from loyalty_engine.books import Closing, Liability
from loyalty_engine.money import decimal_from_minor

T = TypeVar("T")


def reading(settings: Settings, look: Callable[[Database], Awaitable[T]]) -> T:
    """Look at the database without ever writing to it: a service may be running."""

    async def run() -> T:
        database = await open_database(settings.database_url, read_only=True)
        try:
            await _warn(database)
            return await look(database)
        finally:
            await close_database(database)

    return asyncio.run(run())


async def _warn(database: Database) -> None:
    """Somebody may be reading a database that was left."""
    warning = await warning_of(database.reading())
    if warning is not None:
        click.echo(warning, err=True)


def connected_shopify(shop: str, result: Mapping[str, Any]) -> None:
    """After ``belong connect shopify``."""
    _connected(shop, result)
    if result["webhooks"]:
        return
    click.echo(
        "\nPaste this into the app's shopify.app.toml and deploy it, or cure the problem and run the check again:\n"
    )
    click.echo('[webhooks]\napi_version = "2026-10"')
    for topic in TOPICS:
        click.echo(f'\n[[webhooks.subscriptions]]\ntopics = ["{topic}"]\nuri = "{result["hook_url"]}/{topic}"')
    click.echo(f'\n[access_scopes]\nscopes = "{",".join(SCOPES)}"')


def connected_woocommerce(shop: str, result: Mapping[str, Any]) -> None:
    """After ``belong connect woocommerce``."""
    _connected(shop, result)
    if not result["webhooks"] and result["problem"]:
        click.echo(
            "\nThe shop's webhooks could not be made yet. They are made as soon as the shop answers; nothing to paste."
        )


def _connected(shop: str, result: Mapping[str, Any]) -> None:
    click.echo(f"{shop} is connected to programme {result['programme']}.")
    click.echo(f"Connection id: {result['connection']}")
    click.echo(f"Webhooks go to: {result['hook_url']}/<topic>")
    tried_shop(result)


def tried_shop(result: Mapping[str, Any]) -> None:
    """How the first call to the shop went."""
    if result["problem"]:
        click.echo(f"The shop does not answer as it should: {result['problem']}")
        return
    click.echo(f"The shop answers as {result['shop_says']}.")
    for line in result["webhooks"]:
        click.echo(f"  {line}")


def api_keys(settings: Settings) -> None:
    """``belong keys list``."""

    async def look(database: Database) -> None:
        for key in await list_api_keys(database.reading()):
            owner = key.owner or "nobody"
            used = f"last used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
            of = f"programme {key.programme_number}  {_key_state(key)}"
            click.echo(f"{key.prefix}  {of}  {key.scopes}  {key.name}  of {owner}  {used}")

    reading(settings, look)


def _key_state(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    if key.expires_at is None:
        return "valid"
    word = "ended" if key.expires_at <= clock.utc_now() else "valid until"
    return f"{word} {key.expires_at:%Y-%m-%d %H:%M}"


def status(settings: Settings) -> None:
    """``belong status``."""

    async def look(database: Database) -> None:
        session = database.reading()
        for (what, state), count in (await depths(session)).items():
            click.echo(f"{what:10} {state:9} {count}")
        problems, rests = await blocked_connections(session), await load_rests(session)
        pipes = {state.connection.number: state.sentences for state in await pipe_states(session, clock.utc_now())}
        for number, connection in (await load_connections(session)).items():
            url = hook_url(settings.public_url, connection.platform, connection.public_id)
            click.echo(f"\nconnection {number}: {connection.shop} (programme {connection.programme_number})")
            click.echo(f"  {_way(connection) or f'{url}/<topic>'}")
            _trouble(problems.get(number), rests.get(number))
            for sentence in pipes.get(number, []):
                click.echo(f"  needs you: {sentence}")
            await _backfill(session, number)
            held, held_since = await count_held(session, number)
            if held_since is not None:
                click.echo(
                    f"  {held} differences would take points or codes at once, held since "
                    f"{held_since:%Y-%m-%d %H:%M} UTC: look at them with belong reconcile --report, let them go with "
                    "belong reconcile --fix"
                )
        for number, count in sorted((await waiting_activities(session)).items()):
            click.echo(f"\nprogramme {number}: {count} activities of people whom no shop has named as customers yet")
        for endpoint in await load_endpoints(session):
            for sentence in state_of(endpoint):
                click.echo(f"\nendpoint {endpoint.public_id} ({endpoint.url}) needs you: {sentence}")
        await _jobs(session)
        await _set_aside(database)

    reading(settings, look)


def _trouble(problem: tuple[str, datetime] | None, rest: Rest | None) -> None:
    """What the merchant must cure, and a shop that does not answer."""
    if problem is not None:
        sentence, since = problem
        click.echo(f"  needs you since {since:%Y-%m-%d %H:%M} UTC: {sentence}")
    if rest is not None:
        click.echo(
            f"  has not answered since {rest.since:%Y-%m-%d %H:%M} UTC: {rest.why} Asked again at "
            f"{rest.until:%H:%M:%S} UTC; what it is to be told waits"
        )


def _way(connection: Connection) -> str:
    """How a shop with our plugin and we hear of each other; empty for one without."""
    if connection.disconnected_at is not None:
        return f"disconnected since {connection.disconnected_at:%Y-%m-%d %H:%M} UTC"
    ways = {PUSH: "paired; we call it", COLLECT: "paired; we cannot call it, so it fetches what it shows"}
    return ways.get(connection.settings.get(REACH, ""), "")


async def _backfill(session: Session, number: int) -> None:
    run = await last_run(session, number)
    if run is not None and run.state in OPEN:
        needs = "needs you: " if run.state is RunState.FAILED else ""
        click.echo(f"  {needs}{' '.join(sentences(run))} (belong backfill {number} --status)")


async def _jobs(session: Session) -> None:
    troubled = [state for state in await job_states(session, JOBS, clock.utc_now()) if state.needs_attention]
    if troubled:
        click.echo("\nScheduled jobs that need you (see belong jobs):")
    for state in troubled:
        last = f"last run {state.last.started_at:%Y-%m-%d %H:%M} UTC" if state.last else "it never ran"
        why = f"{state.result}: {state.outcome}" if state.result not in (None, "ok") else "no run for two intervals"
        click.echo(f"  {state.name}: {last}; {why}{', and late' if state.late and state.result != 'ok' else ''}")


async def _set_aside(database: Database) -> None:
    session = database.reading()
    counts = await count_dead_letters(session)
    if any(counts.values()):
        told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        click.echo(f"\nSet aside: {told} (belong dead-letters shows each; belong replay tries all again)")
    for kind in counts:
        for one in await list_dead_letters(session, Range(kind), 20):
            click.echo(f"  {one.letter_id}  {one.about}: {one.reason}")
    for title, sql in (
        (
            "Store credit that a store refused; the points are back",
            "SELECT 'redemption ' || redemption_id AS what, reason FROM store_credit "
            "WHERE state = 3 AND reason LIKE 'store-refused:%' ORDER BY next_at_us DESC",
        ),
        (
            "Deliveries that were taken, but for a part",
            "SELECT topic || ' ' || object_id AS what, reason FROM delivery WHERE state = 1 AND reason IS NOT NULL",
        ),
    ):
        rows = await session.rows(f"{sql} LIMIT 20")
        if rows:
            click.echo(f"\n{title} (at most 20 shown):")
        for row in rows:
            click.echo(f"  {row['what']}: {row['reason']}")


def books(settings: Settings, programme: int, days: int, as_csv: bool) -> None:
    """``belong books``. Raises Permanent if there is no such programme."""
    now = clock.utc_now()

    async def read(session: Session) -> tuple[list[Closing], Liability]:
        if programme not in await load_programmes(session):
            raise Permanent(f"There is no programme {programme}.")
        closings = await load_closings(session, programme, date.min, date.max, days)
        return closings[::-1], await liability(session, programme, now)

    closings, owed = reading(settings, lambda database: consistent_read(database, read))
    click.echo(books_as_csv(closings) if as_csv else books_as_text(closings, owed), nl=not as_csv)


def books_as_text(closings: Sequence[Closing], owed: Liability) -> str:
    """For people: a line for each day, then what is owed now."""
    columns = ("opening", "credits", "debits", "adjusted", "closing", "matured")
    lines = [f"{'day':10}" + "".join(f"{name:>14}" for name in columns)] if closings else ["No day is closed yet."]
    for day in closings:
        credits = day.earned + day.bonus + day.reinstated + day.transferred_in
        debits = day.redeemed + day.expired + day.clawed_back + day.transferred_out
        numbers = (day.opening, credits, -debits, day.adjusted, day.closing, day.matured)
        lines.append(f"{day.book_date}" + "".join(f"{number:14,}" for number in numbers))
    value = f"{decimal_from_minor(owed.value_minor, owed.currency)} {owed.currency}"
    lines.append(f"\nOwed to members now: {owed.points:,} points, worth at most {value}.")
    for age in owed.ages:
        days = (
            f"{age.youngest_days} to {age.oldest_days}" if age.oldest_days is not None else f"from {age.youngest_days}"
        )
        lines.append(f"  {days:>10} days old: {age.pending:,} pending, {age.available:,} available, {age.held:,} held")
    lines.append(f"Members owe {owed.owed:,} points; {owed.ended:,} have ended and wait to be written off.")
    return "\n".join(lines)


def verify(settings: Settings, as_json: bool) -> bool:
    """``belong verify``. Returns whether everything agrees."""
    keys = load_keys(settings.key_file)

    async def look(database: Database) -> bool:
        report = await run_verify(database, keys)
        click.echo(report.as_json() if as_json else report.as_text())
        return report.ok

    return reading(settings, look)
