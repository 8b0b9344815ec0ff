"""``belong shopify-app``: the merchant's own app, its secret, and the folder that is deployed with Shopify's CLI."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from connector.commands.local_control import run_command
from connector.config import load_settings
from connector.programmes.files import template
from connector.shopify.app_folder import write_folder
from loyalty_engine.programme import canonical_json

DEFAULT_TEMPLATE = "circle"
_ID = click.argument("client_id")
_SECRET = click.option(
    "--client-secret",
    envvar="BELONG_SHOPIFY_CLIENT_SECRET",
    prompt="Client secret of your app",
    hide_input=True,
    help="Better asked for, or in the environment, than typed here.",
)
_TO = click.option("--to", "folder", type=click.Path(path_type=Path), help="Write the app's folder here, to deploy it.")


@click.group("shopify-app")
def shopify_app() -> None:
    """Your Shopify app: made in the developer dashboard, deployed with Shopify's CLI from a folder written here."""


@shopify_app.command("add")
@_ID
@_SECRET
@click.option("--programme", type=click.IntRange(1, 2**31 - 1), help="Shops that open the app join this programme.")
@click.option("--template", "named", help="Each shop gets a programme of its own, from a template; default: circle.")
@click.option("--api-url", help="Only for a simulated shop on this machine.")
@_TO
def add(
    client_id: str,
    client_secret: str,
    programme: int | None,
    named: str | None,
    api_url: str | None,
    folder: Path | None,
) -> None:
    """Let shops join by the app CLIENT_ID. Again: another programme for those that join from now on."""
    if programme is not None and named is not None:
        raise click.UsageError("Shops join one programme, or get one of their own: name one of the two.")
    document = None if programme is not None else canonical_json(template(named or DEFAULT_TEMPLATE))
    params = {
        "client_id": client_id,
        "client_secret": client_secret,
        "programme": programme,
        "document": document,
        "admin_url": api_url,
    }
    _say(run_command(load_settings(), "add-shopify-app", params))
    _write(client_id, folder)


@shopify_app.command("show")
@_ID
@_TO
def show(client_id: str, folder: Path | None) -> None:
    """What is known of an app, and which shops have it."""
    _say(run_command(load_settings(), "show-shopify-app", {"client_id": client_id}))
    _write(client_id, folder)


@shopify_app.command("rotate")
@_ID
@_SECRET
def rotate(client_id: str, client_secret: str) -> None:
    """Take over a new client secret. The one before counts beside it until the next change."""
    _say(run_command(load_settings(), "rotate-shopify-app", {"client_id": client_id, "client_secret": client_secret}))


def _say(told: dict[str, Any]) -> None:
    joins = f"shops join programme {told['programme']}" if told["programme"] else "each shop gets its own programme"
    click.echo(f"Shopify app {told['client_id']}: {joins}; secrets that count: {told['secrets']}.")
    for shop in told["shops"]:
        click.echo(f"  {shop['shop']}: {'has left' if shop['left'] else shop['scopes']}")


def _write(client_id: str, folder: Path | None) -> None:
    if folder is None:
        return
    written = write_folder(folder, client_id, load_settings().public_url)
    click.echo(f"Wrote {written}. Deploy it: cd {folder} && npx @shopify/cli@4.8.2 app deploy")
    click.echo("Then open the app in the shop's admin, under Apps.")
