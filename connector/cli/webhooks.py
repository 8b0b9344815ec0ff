"""``belong webhooks``: who is told what happens."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from connector.cli.operator_view import reading
from connector.commands.local_control import run_command
from connector.config import load_settings
from connector.delivering.endpoints import OVERLAP, state_of
from connector.storage.database import Database
from connector.storage.endpoints import Endpoint, find_endpoint, load_endpoints
from connector.storage.happenings import TOPICS
from connector.storage.messages import MessageState, Wanted, count_messages, list_messages
from connector.storage.session import Session

NUMBER = click.IntRange(1, 2**31 - 1)
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
_EVENTS = click.option(
    "--event", "events", multiple=True, type=click.Choice(TOPICS), metavar="EVENT", help="Only these; default: all."
)


@click.group()
def webhooks() -> None:
    """Endpoints that are told what happens in a programme (docs/webhooks.md)."""


@webhooks.command()
@click.argument("url")
@click.option("--programme", type=NUMBER, default=1, show_default=True)
@_EVENTS
@click.option("--about", default="", help="A note for yourself.")
def add(url: str, programme: int, events: tuple[str, ...], about: str) -> None:
    """Register URL and show its secret, once. URL shopify-flow:NUMBER is the workflows of a connected Shopify shop."""
    params = {"programme": programme, "url": url, "events": list(events), "about": about}
    result = run_command(load_settings(), "add-webhook", params)
    click.echo(f"Endpoint {result['endpoint']} hears of: {', '.join(result['events'])}")
    click.echo(f"Its secret, shown now and never again: {result['secret']}")


@webhooks.command("list")
@click.option("--programme", type=NUMBER, help="Of one programme; else of all.")
def list_endpoints(programme: int | None) -> None:
    """Show every endpoint, how it is, and how many messages wait for it."""

    async def look(database: Database) -> None:
        session = database.reading()
        found = await load_endpoints(session, programme)
        for endpoint in found:
            click.echo(f"{endpoint.public_id}  programme {endpoint.programme_number}  {endpoint.url}")
            await _show(session, endpoint)
        if not found:
            click.echo("Nobody is told.")

    reading(load_settings(), look)


async def _show(session: Session, endpoint: Endpoint) -> None:
    counts = await count_messages(session, endpoint.number)
    told = ", ".join(f"{count} {_word(state)}" for state, count in counts.states.items())
    of = f" (of the newest {counts.of_newest:,}, and all that are due)" if counts.of_newest else ""
    if endpoint.about:
        click.echo(f"  {endpoint.about}")
    for sentence in state_of(endpoint):
        click.echo(f"  {sentence}")
    click.echo(f"  hears of: {', '.join(sorted(endpoint.topics))}")
    click.echo(f"  messages: {told or 'none'}{of}")


def _word(state: MessageState) -> str:
    return state.name.lower().replace("_", " ")


@webhooks.command()
@click.argument("endpoint")
@_EVENTS
def change(endpoint: str, events: tuple[str, ...]) -> None:
    """Have ENDPOINT hear of other events."""
    result = run_command(load_settings(), "change-webhook", {"endpoint": endpoint, "events": list(events)})
    click.echo(f"It hears of: {', '.join(result['events'])}")


@webhooks.command()
@click.argument("endpoint")
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, 720),
    default=int(OVERLAP.total_seconds()) // 3600,
    show_default=True,
    help="How long the old secret signs beside the new one.",
)
def rotate(endpoint: str, overlap_hours: int) -> None:
    """Give ENDPOINT a new secret and show it, once."""
    params = {"endpoint": endpoint, "hours": overlap_hours}
    secret = run_command(load_settings(), "rotate-webhook", params)["secret"]
    click.echo(f"Its new secret, shown now and never again: {secret}")
    click.echo(f"What signed until now signs for {overlap_hours} hours more.")


@webhooks.command()
@click.argument("endpoint")
def enable(endpoint: str) -> None:
    """Tell ENDPOINT again, first what has waited."""
    run_command(load_settings(), "enable-webhook", {"endpoint": endpoint})
    click.echo("It is told again.")


@webhooks.command()
@click.argument("endpoint")
def disable(endpoint: str) -> None:
    """Tell ENDPOINT nothing for now; what happens waits for it up to 30 days."""
    run_command(load_settings(), "disable-webhook", {"endpoint": endpoint})
    click.echo("It is told nothing more.")


@webhooks.command()
@click.argument("endpoint")
def remove(endpoint: str) -> None:
    """Forget ENDPOINT, its secrets and what waited for it."""
    result = run_command(load_settings(), "remove-webhook", {"endpoint": endpoint})
    click.echo(f"{result['url']} is forgotten.")


@webhooks.command()
@click.argument("endpoint")
def test(endpoint: str) -> None:
    """Send ENDPOINT an event that says nothing, and show what it answers."""
    result = run_command(load_settings(), "test-webhook", {"endpoint": endpoint})
    if result["problem"]:
        raise click.ClickException(f"It did not take it: {result['problem']}")
    click.echo(f"It took it: HTTP {result['status']}.")


@webhooks.command()
@click.argument("endpoint")
@click.option("--message", help="Only this one.")
@click.option("--since", type=MOMENT, help="That happened from then on, in UTC.")
@click.option("--until", type=MOMENT, help="That happened before then, in UTC.")
@click.option("--only-missed", is_flag=True, help="Leave out what it has taken.")
def replay(
    endpoint: str, message: str | None, since: datetime | None, until: datetime | None, only_missed: bool
) -> None:
    """Send ENDPOINT again what it was told or missed, with the same ids: one message, or those of a time."""
    if (message is None) is (since is None) or (message is not None and until is not None):
        raise click.UsageError("Name one --message, or a time from --since on.")
    params = {
        "endpoint": endpoint,
        "message": message,
        "since": None if since is None else since.replace(tzinfo=UTC).isoformat(),
        "until": None if until is None else until.replace(tzinfo=UTC).isoformat(),
        "only_missed": only_missed,
    }
    click.echo(f"{run_command(load_settings(), 'replay-webhook', params)['messages']} in line again.")


@webhooks.command()
@click.argument("endpoint")
@click.option("--limit", type=click.IntRange(1, 500), default=20, show_default=True)
@click.option("--before", default="", help="Further back: the last id that was shown.")
def messages(endpoint: str, limit: int, before: str) -> None:
    """Show what ENDPOINT was told, newest first, and how it answered."""

    async def look(database: Database) -> None:
        session = database.reading()
        found = await find_endpoint(session, endpoint)
        if found is None:
            raise click.ClickException(f"There is no endpoint {endpoint}.")
        for one in await list_messages(session, Wanted(found.number), before, limit):
            said = one.reason or ("" if one.http_status is None else f"HTTP {one.http_status}")
            tries = f" after {one.attempts} attempts" if one.attempts else ""
            click.echo(
                f"{one.message_id}  {one.at:%Y-%m-%d %H:%M:%S}  {one.topic}  {_word(one.state)}{tries}  {said}".rstrip()
            )

    reading(load_settings(), look)
