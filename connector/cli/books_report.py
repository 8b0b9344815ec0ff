"""``belong reconcile --report``: do the books match the shops?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from connector.cli.operator_view import reading
from connector.config import Settings
from connector.ingest.agreement import Agreement, Verdict, agreement_of
from connector.storage.connections import load_connections
from connector.storage.database import Database
from connector.storage.findings import Finding, list_findings
from loyalty_engine.money import decimal_from_minor

SHOWN = 50
_WORDS = {
    Verdict.MATCH: "The books match the shop.",
    Verdict.REPAIRING: "Differences are being repaired.",
    Verdict.DIFFER: "The books differ from the shop, and a person must look.",
    Verdict.UNKNOWN: "Nobody knows: the last 90 days were never read to the end. Run belong reconcile --full",
}


def books_report(settings: Settings) -> bool:
    """Print the state of every shop with the numbers of orders that differed. Returns whether all match."""

    async def look(database: Database) -> bool:
        session, agrees = database.reading(), True
        for number, connection in (await load_connections(session)).items():
            found = await agreement_of(session, connection)
            agrees &= found.verdict is Verdict.MATCH
            _show(found, await list_findings(session, number, None, None, SHOWN, 0))
        return agrees

    return reading(settings, look)


def _show(found: Agreement, differences: list[Finding]) -> None:
    click.echo(f"{found.connection.shop} ({found.connection.public_id})\n  {_WORDS[found.verdict]}")
    if found.window is not None:
        click.echo(
            f"  Last read whole {found.window.ended_at:%Y-%m-%d %H:%M} UTC: {found.window.read} orders shown, "
            f"{found.window.known} known."
        )
        if found.window.problem:
            click.echo(f"  It broke off: {found.window.problem}")
    if found.held:
        click.echo(f"  {found.held} orders would take points at once and are held until somebody lets them go.")
    if found.waiting or found.unreadable:
        click.echo(f"  {found.waiting} orders are on their way, {found.unreadable} payloads were set aside.")
    for one in differences:
        by = f" by {one.who.name}: {one.why}" if one.who else ""
        click.echo(f"  {one.at:%Y-%m-%d %H:%M}  {one.name} ({one.object_id})  {one.difference}  {one.done}{by}")
        click.echo(f"      books: {_said(one.ours)}; shop: {_said(one.theirs)}")


def _said(order: Mapping[str, Any] | None) -> str:
    if order is None:
        return "nothing"
    currency = order["currency"]
    total, back = (decimal_from_minor(order[name], currency) for name in ("total_minor", "refunded_minor"))
    return f"{order['shop_status']}, {total} {currency}, {back} given back"
