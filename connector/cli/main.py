"""``belong``: the operator's commands. Each says in words what it did or what to do; secrets are asked for, never
shown.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import asyncpg
import click
from click.core import ParameterSource
from tortoise.exceptions import BaseORMException

from connector.cli import operator_view, pairing
from connector.cli.audit import audit_command
from connector.cli.backfill import backfill_command
from connector.cli.backups import backup_command, restore_command
from connector.cli.books_report import books_report
from connector.cli.bulk import BULK
from connector.cli.community import community
from connector.cli.credits import credit
from connector.cli.data import export_command, import_export_command, import_group
from connector.cli.dead_letters import dead_letters
from connector.cli.jobs import jobs_command
from connector.cli.keys import keys
from connector.cli.mails import mails
from connector.cli.member import member
from connector.cli.moving import move_command
from connector.cli.people import first_address, people
from connector.cli.perks import perk
from connector.cli.plugin import plugin
from connector.cli.programme import programme
from connector.cli.shopify_app import shopify_app
from connector.cli.simulate import simulate_command
from connector.cli.webhooks import webhooks
from connector.commands.local_control import run_command
from connector.config import load_settings
from connector.errors import ConnectorError, Permanent
from connector.log_lines import set_up_logging
from connector.programmes.files import fitted, template
from connector.redaction import Redactor
from connector.running import event_loop
from connector.running.service import Service
from loyalty_engine.errors import LoyaltyError
from loyalty_engine.programme import canonical_json
from loyalty_engine.programme.resolve import ShopFacts, resolve
from loyalty_engine.programme.unwritten import ALLOW_NEGATIVE
from loyalty_engine.texts import TAGS, language_of

ROLES = ("web", "worker", "scheduler")
LONG_RUNNING = ("serve", "demo")
PROGRAMME_NUMBER = click.IntRange(1, 2**31 - 1)


def main() -> None:
    """Entry point: what goes wrong outside of us ends in one sentence and exit code 2, not in a traceback."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort as stop:
        _end_unanswered(stop)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (ConnectorError, LoyaltyError) as error:
        _end(str(error))
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        sys.stdout = None
        sys.exit(141)
    except (BaseORMException, asyncpg.PostgresError, asyncpg.InterfaceError, sqlite3.Error, ConnectionError) as error:
        _end(f"The database cannot be used: {error}")
    except OSError as error:
        _end(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}.")


def _end_unanswered(stop: click.exceptions.Abort) -> NoReturn:
    """A question was not answered with yes. Click tells why only by what it was doing then."""
    if isinstance(stop.__context__, KeyboardInterrupt):
        sys.exit(130)
    if isinstance(stop.__context__, EOFError):
        click.echo()
        _end("The command asked, and there is nobody to answer. Give the answer as an option: --help names them.")
    _end("That was no yes: nothing was changed.")


def _end(sentence: str) -> NoReturn:
    click.echo(f"belong: {Redactor().redact(' '.join(sentence.split()))}", err=True)
    sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--verbose", is_flag=True, help="Say more in the log.")
@click.pass_context
def cli(context: click.Context, verbose: bool) -> None:
    """Loyalty for Shopify and WooCommerce, on your own server. Settings come from BELONG_* variables."""
    # A command says itself what went wrong; the log is for what runs unattended.
    usual = logging.WARNING if context.invoked_subcommand in LONG_RUNNING else logging.CRITICAL
    set_up_logging(logging.INFO if verbose else usual)


@cli.command()
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="Only these (PostgreSQL); default: all.")
def serve(roles: Sequence[str]) -> None:
    """Run the service: receive webhooks, do the work, keep the schedule."""
    from connector.running.serve import serve as run
    from connector.storage.database import old_sqlite

    def ready(service: Service, url: str) -> None:
        warning = old_sqlite() if service.database.dialect == "sqlite" else None
        if warning:
            click.echo(warning, err=True)
        shops = f" Shops reach it as {service.settings.public_url}." if "web" in (roles or ROLES) else ""
        click.echo(f"Belong listens on {url} ({', '.join(roles or ROLES)}).{shops}")

    # What is no terminal is kept: a journal, a container's log. There the address is asked for by name.
    greet = first_address if sys.stdout.isatty() else None
    event_loop.run(run(load_settings(), roles or ROLES, ready, greet))


@cli.group()
def connect() -> None:
    """Connect a shop: makes programme, connection and secrets, and says what to paste where."""


def _programme_options(command: Callable[..., Any]) -> Callable[..., Any]:
    @click.option("--programme", type=PROGRAMME_NUMBER, help="Join an existing programme instead of making one.")
    @click.option("--name", default="Circle", show_default=True, help="Name of a new programme.")
    @click.option("--template", help="Begin with one of: belong programme templates.")
    @click.option("--currency", default="EUR", show_default=True, help="Base currency of a new programme.")
    @click.option("--rate", default="1", show_default=True, help="Points for one unit of the base currency.")
    @click.option("--timezone", default="UTC", show_default=True, help="IANA name; decides which day an entry is on.")
    @click.option("--pending-days", default=14, show_default=True, help="Days until points can be spent.")
    @click.option(
        "--back-pay-days", default=0, show_default=True, help="Orders paid this long before the shop joined still earn."
    )
    @click.option("--api-url", help="Only for a simulated shop on this machine.")
    @wraps(command)
    def wrapped(**given: Any) -> Any:
        _refuse_rules_for_existing(given["programme"])
        if given["template"] is not None and _is_written("rate"):
            raise click.UsageError("The template has its own rates: leave out --rate.")
        return command(**given)

    return wrapped


def _refuse_rules_for_existing(programme: int | None) -> None:
    """Rules that would be ignored without a word are refused."""
    for name in ("name", "template", "currency", "rate", "timezone", "pending_days", "back_pay_days"):
        if programme is not None and _is_written(name):
            raise click.UsageError(
                f"Programme {programme} has its own rules: leave out --{name.replace('_', '-')}, and change them with "
                "belong programme publish."
            )


def _document(given: dict[str, Any]) -> dict[str, Any]:
    """The document of a new programme: a template that the options complete, or one point for so much."""
    if given["template"] is None:
        earn = {"per_unit": given["rate"], "allow_negative": ALLOW_NEGATIVE}
        document: dict[str, Any] = {"schema": 2, "programme": {}, "points": {"earn": earn}}
    else:
        document = template(given["template"])
    general = document["programme"]
    general |= {"name": given["name"], "back_pay_days": given["back_pay_days"]}
    if given["template"] is None or _is_written("pending_days"):
        document["points"]["earn"]["pending_days"] = given["pending_days"]
    shop = ShopFacts(given["timezone"], given["currency"])
    found = resolve(document, shop) if given["template"] is None else fitted(document, shop)
    for warning in found.warnings:
        click.echo(f"{warning.path}: {warning.sentence}", err=True)
    return found.document


def _is_written(option: str) -> bool:
    return click.get_current_context().get_parameter_source(option) is ParameterSource.COMMANDLINE


def _connect(platform: str, shop: str, secrets: dict[str, str], given: dict[str, Any]) -> dict[str, Any]:
    params = {
        "platform": platform,
        "shop": shop,
        "secrets": secrets,
        "api_url": given["api_url"],
        "programme": given["programme"],
        "document": canonical_json(_document(given)),
    }
    return run_command(load_settings(), "connect", params)


@connect.command("shopify")
@click.argument("shop")
@click.option(
    "--client-id", envvar="BELONG_SHOPIFY_CLIENT_ID", prompt="Client id of your app", help="From the app's settings."
)
@click.option(
    "--client-secret",
    envvar="BELONG_SHOPIFY_CLIENT_SECRET",
    prompt="Client secret of your app",
    hide_input=True,
    help="Better asked for, or in the environment, than typed here.",
)
@click.option(
    "--access-token", envvar="BELONG_SHOPIFY_ACCESS_TOKEN", default="", help="If you have one; else it is fetched."
)
@click.option(
    "--refresh-token", envvar="BELONG_SHOPIFY_REFRESH_TOKEN", default="", help="If the app's tokens end after an hour."
)
@_programme_options
def connect_shopify(
    shop: str, client_id: str, client_secret: str, access_token: str, refresh_token: str, **given: Any
) -> None:
    """SHOP is NAME.myshopify.com. Make a custom app for it in the Shopify developer dashboard first."""
    tokens = {"access_token": access_token, "refresh_token": refresh_token}
    secrets = {"client_id": client_id, "client_secret": client_secret, **tokens}
    operator_view.connected_shopify(shop, _connect("shopify", shop, secrets, given))


@connect.command("woocommerce")
@click.argument("url", required=False)
@click.option("--pair", is_flag=True, help="Print a code for our plugin in the shop, which says the rest itself.")
@click.option("--wait", is_flag=True, help="With --pair: stay until the shop is connected.")
@click.option("--consumer-key", envvar="BELONG_WOOCOMMERCE_KEY", help="Read/write (ck_...); asked for.")
@click.option(
    "--consumer-secret",
    envvar="BELONG_WOOCOMMERCE_SECRET",
    help="cs_...; better asked for, or in the environment, than typed here.",
)
@_programme_options
def connect_woocommerce(
    url: str | None, pair: bool, wait: bool, consumer_key: str | None, consumer_secret: str | None, **given: Any
) -> None:
    """With our plugin in the shop: --pair. Without it URL is the shop's address, https://shop.example; make the key in
    WooCommerce > Settings > Advanced > REST API.
    """
    if pair:
        if url is not None or given["api_url"] is not None:
            raise click.UsageError("With --pair the shop says its address itself: leave it out.")
        _pair(given, wait)
        return
    if url is None or wait:
        raise click.UsageError("Name the shop's address, or use --pair with our plugin.")
    key = consumer_key or click.prompt("Consumer key (ck_...)")
    secret = consumer_secret or click.prompt("Consumer secret (cs_...)", hide_input=True)
    secrets = {"consumer_key": key, "consumer_secret": secret}
    operator_view.connected_woocommerce(url, _connect("woocommerce", url, secrets, given))


def _pair(given: dict[str, Any], wait: bool) -> None:
    settings = load_settings()
    params = {"programme": given["programme"], "document": canonical_json(_document(given))}
    made = run_command(settings, "offer-pairing", params)
    pairing.print_code(made)
    if wait:
        pairing.wait(settings, made["pairing"])


@cli.command()
@click.argument("connection")
@click.argument(
    "name",
    type=click.Choice(
        ["client_secret", "access_token", "refresh_token", "client_id", "consumer_key", "consumer_secret"]
    ),
)
@click.option("--value", prompt=True, hide_input=True, envvar="BELONG_SECRET", help="Better asked for than typed here.")
def secret(connection: str, name: str, value: str) -> None:
    """Give CONNECTION (its number or id) a new secret; what was signed with the old one is still accepted."""
    result = run_command(load_settings(), "add-secrets", {"connection": connection, "secrets": {name: value}})
    operator_view.tried_shop(result)


@cli.command()
@click.argument("connection")
@click.argument("name")
@click.argument("value")
def setting(connection: str, name: str, value: str) -> None:
    """Set NAME of CONNECTION (its number or id) to VALUE; "" takes it back. docs/operations.md lists the names."""
    params = {"connection": connection, "name": name, "value": value}
    operator_view.tried_shop(run_command(load_settings(), "change-setting", params))


cli.add_command(audit_command)
cli.add_command(keys)
cli.add_command(people)
cli.add_command(programme)
cli.add_command(simulate_command)
cli.add_command(backup_command)
cli.add_command(restore_command)
cli.add_command(move_command)
cli.add_command(export_command)
cli.add_command(import_export_command)
cli.add_command(import_group)
cli.add_command(member)
for bulk_command in BULK:
    member.add_command(bulk_command)
cli.add_command(community)
cli.add_command(perk)
cli.add_command(mails)
cli.add_command(plugin)
cli.add_command(credit)
cli.add_command(jobs_command)
cli.add_command(dead_letters)
cli.add_command(backfill_command)
cli.add_command(webhooks)
cli.add_command(shopify_app)


@cli.command()
def status() -> None:
    """What waits, what was set aside and why, and which shop needs attention."""
    operator_view.status(load_settings())


@cli.command()
@click.option("--full", is_flag=True, help="Everything of the last 90 days, and what is gone.")
@click.option("--stores", is_flag=True, help="Instead of orders: codes and members' snapshots that stores have of us.")
@click.option("--report", is_flag=True, help="Read nothing: say whether books and shops agree, with order numbers.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="With --report: as a page.")
@click.option("--language", type=click.Choice(list(TAGS.values())), help="Of the page; without it English.")
@click.option("--fix", metavar="CONNECTION", help="Let go what the brake holds of this connection (its number or id).")
@click.option("--order", "orders", multiple=True, help="With --fix: only this order (the shop's id).")
@click.option("--reason", default="", help="With --fix: why the shop may be believed; kept with your user name.")
def reconcile(
    full: bool,
    stores: bool,
    report: bool,
    page: Path | None,
    language: str | None,
    fix: str | None,
    orders: Sequence[str],
    reason: str,
) -> None:
    """Read the shops now and repair what webhooks missed. Exit code 1 if a shop could not be read, or a report finds
    that books and shop differ.
    """
    if fix is not None:
        fixed = run_command(load_settings(), "fix-books", {"connection": fix, "orders": list(orders), "reason": reason})
        click.echo(
            f"{len(fixed['repaired'])} differences are being repaired: orders are asked for again and what the shop "
            "says of them holds, orphaned codes are withdrawn."
        )
        return
    if language is not None and page is None:
        raise Permanent("--language is that of a page: it goes with --html.")
    if report or page is not None:
        sys.exit(0 if books_report(load_settings(), page, language_of(language)) else 1)
    results = run_command(load_settings(), "reconcile", {"full": full, "stores": stores})
    click.echo(json.dumps(results, indent=2))
    sys.exit(1 if any("problem" in result for result in results.values()) else 0)


@cli.command()
def replay() -> None:
    """Try again everything that was set aside. Doing it twice changes nothing."""
    result = run_command(load_settings(), "replay", {})
    told = ", ".join(f"{count} {kind}" for kind, count in result.items() if count)
    click.echo(f"In line again: {told or 'nothing'}.")


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def verify(as_json: bool) -> None:
    """Recompute every balance, lot and chain from entries and facts, and report any difference (exit code 1)."""
    sys.exit(0 if operator_view.verify(load_settings(), as_json) else 1)


@cli.command()
@click.option("--programme", type=PROGRAMME_NUMBER, default=1, show_default=True)
@click.option("--days", type=click.IntRange(1, 36_600), default=31, show_default=True, help="The newest so many days.")
@click.option("--csv", "as_csv", is_flag=True, help="Closed days as CSV, every column.")
def books(programme: int, days: int, as_csv: bool) -> None:
    """Closed days of a programme's books, and what is owed to its members now."""
    operator_view.books(load_settings(), programme, days, as_csv)


@cli.command()
@click.option("--check", is_flag=True, help="Run in a temporary folder, verify everything, print a summary and exit.")
@click.option("--seed", default=7, show_default=True, help="Another seed is another world.")
@click.option("--no-browser", is_flag=True, help="Open no page: with a desktop, the console opens by itself.")
def demo(check: bool, seed: int, no_browser: bool) -> None:
    """Two simulated shops and their loyalty programme on this machine."""
    from connector.sandbox.demo import run_demo

    sys.exit(run_demo(check=check, seed=seed, opens=not no_browser))
