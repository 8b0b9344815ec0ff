"""``belong reconcile --report``: do the books match the shops?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from connector import clock
from connector.cli.operator_view import reading
from connector.config import Settings
from connector.console.books_match import ShopShown, books_page
from connector.errors import Permanent
from connector.ingest.agreement import Agreement, Verdict, agreement_of
from connector.storage.connections import load_connections
from connector.storage.database import Database
from connector.storage.findings import ORDER, Finding, list_findings
from loyalty_engine.money import decimal_from_minor

SHOWN = 50
SHOWN_ON_PAGE = 500
_WORDS = {
    Verdict.MATCH: "The books match the shop.",
    Verdict.REPAIRING: "Differences are being repaired.",
    Verdict.DIFFER: "The books differ from the shop, and a person must look.",
    Verdict.UNKNOWN: "Nobody knows: the last 90 days were never read to the end. Run belong reconcile --full",
}


def books_report(settings: Settings, page: Path | None = None, language: str = "en") -> bool:
    """Print the state of every shop with the numbers of orders that differed, or write it to a page. Returns whether
    all match, as they do where there is none.
    """

    async def look(database: Database) -> list[ShopShown]:
        session, most = database.reading(), SHOWN if page is None else SHOWN_ON_PAGE
        return [
            ShopShown(
                await agreement_of(session, connection), await list_findings(session, number, None, None, most, 0)
            )
            for number, connection in (await load_connections(session)).items()
        ]

    shops = reading(settings, look)
    if not shops:
        click.echo("No shop is connected, so there is nothing to compare. Connect one with: belong connect")
    if page is not None:
        try:
            page.write_text(books_page(shops, language, clock.utc_now(), SHOWN_ON_PAGE), encoding="utf-8")
        except OSError as error:
            raise Permanent(f"{page} cannot be written: {error.strerror}.") from error
        click.echo(f"Wrote {page}.")
    else:
        for shop in shops:
            _show(shop.agreement, shop.differences)
    return all(shop.agreement.verdict is Verdict.MATCH for shop in shops)


def _show(found: Agreement, differences: Sequence[Finding]) -> None:
    click.echo(f"{found.connection.shop} ({found.connection.public_id})\n  {_WORDS[found.verdict]}")
    if found.window is not None:
        click.echo(
            f"  Last read whole {found.window.ended_at:%Y-%m-%d %H:%M} UTC: {found.window.read} orders shown, "
            f"{found.window.known} known."
        )
        if found.window.problem:
            click.echo(f"  It broke off: {found.window.problem}")
    for what, run in (("Codes", found.vouchers), ("Snapshots", found.snapshots)):
        if run is not None:
            click.echo(
                f"  {what} read back {run.ended_at:%Y-%m-%d %H:%M} UTC: {run.read} shown, {run.known} known."
                + (f" It broke off: {run.problem}" if run.problem else "")
            )
    if found.held:
        click.echo(
            f"  {found.held} differences would take points or codes at once and wait for somebody to let them go."
        )
    if found.waiting or found.unreadable:
        click.echo(f"  {found.waiting} repairs are on their way, {found.unreadable} payloads were set aside.")
    for one in differences:
        by = f" by {one.who.name}: {one.why}" if one.who else f": {one.why}" if one.why else ""
        click.echo(f"  {one.at:%Y-%m-%d %H:%M}  {one.name} ({one.object_id})  {one.difference}  {one.done}{by}")
        said = _said if one.kind == ORDER else _said_of_store
        click.echo(f"      books: {said(one.ours)}; shop: {said(one.theirs)}")


def _said_of_store(side: Mapping[str, Any] | None) -> str:
    if side is None:
        return "nothing"
    if "version" in side:
        return f"version {'.'.join(map(str, side['version']))}"
    return ", ".join(f"{name} {value}" for name, value in side.items() if value is not None and name != "token")


def _said(order: Mapping[str, Any] | None) -> str:
    if order is None:
        return "nothing"
    currency = order["currency"]
    total, back = (decimal_from_minor(order[name], currency) for name in ("total_minor", "refunded_minor"))
    return f"{order['shop_status']}, {total} {currency}, {back} given back"
