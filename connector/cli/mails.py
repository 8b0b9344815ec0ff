"""``belong mails``: which mails a programme sends, and what they look like."""

from __future__ import annotations

from pathlib import Path

import click

from connector.commands.local_control import run_command
from connector.config import load_settings
from connector.storage.mail_settings import KINDS, PER_DAY_MAX
from loyalty_engine.texts import TAGS

NUMBER = click.IntRange(1, 2**31 - 1)
_PROGRAMME = click.option("--programme", type=NUMBER, default=1, show_default=True)
_KIND = click.argument("kind", type=click.Choice(list(KINDS)))
_LANGUAGE = click.option("--language", type=click.Choice(list(TAGS.values())), default="en", show_default=True)


@click.group()
def mails() -> None:
    """Mails to members: which go out, what each looks like, and one to look at."""


@mails.command()
@_PROGRAMME
def show(programme: int) -> None:
    """Which mails go out, from whom and how many a day."""
    _say(run_command(load_settings(), "show-mails", {"programme": programme}))


@mails.command(name="set")
@_PROGRAMME
@click.option("--on", "on", multiple=True, type=click.Choice(list(KINDS)), help="A kind to send, as often as needed.")
@click.option("--off", "off", multiple=True, type=click.Choice(list(KINDS)), help="A kind not to send.")
@click.option("--sender-name", help="Beside the operator's address; empty: the name that is set there.")
@click.option("--accent", help="A colour of the shop, such as #14532d.")
@click.option("--per-day", type=click.IntRange(1, PER_DAY_MAX), help="How many a member gets within a day at most.")
def change(
    programme: int,
    on: tuple[str, ...],
    off: tuple[str, ...],
    sender_name: str | None,
    accent: str | None,
    per_day: int | None,
) -> None:
    """Change what is named; it holds at once."""
    params = {
        "programme": programme,
        "switches": {**dict.fromkeys(on, True), **dict.fromkeys(off, False)},
        "sender_name": sender_name,
        "accent": accent,
        "per_day": per_day,
    }
    _say(run_command(load_settings(), "change-mails", params))


def _say(found: dict[str, object]) -> None:
    kinds = found["kinds"]
    assert isinstance(kinds, dict)
    for kind, is_on in kinds.items():
        click.echo(f"{'on ' if is_on else 'off'}  {kind}")
    click.echo(f"From {found['sender_name'] or 'the name in BELONG_MAIL_FROM'}, in {found['accent']}.")
    click.echo(f"At most {found['per_day']} within a day.")
    if not found["sends"]:
        click.echo("No mail server is set: mail stays in the outbox folder.")


@mails.command()
@_KIND
@_PROGRAMME
@_LANGUAGE
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the markup into this file.")
def preview(kind: str, programme: int, language: str, html: Path | None) -> None:
    """What a mail of a KIND looks like, with made-up numbers."""
    params = {"programme": programme, "kind": kind, "language": language}
    found = run_command(load_settings(), "preview-mail", params)
    click.echo(f"{found['subject']}\n\n{found['text']}")
    if html is not None:
        html.write_text(found["html"], encoding="utf-8")


@mails.command()
@_KIND
@click.argument("to")
@_PROGRAMME
@_LANGUAGE
def test(kind: str, to: str, programme: int, language: str) -> None:
    """Send a mail of a KIND, with made-up numbers, TO an address."""
    params = {"programme": programme, "kind": kind, "language": language, "to": to}
    found = run_command(load_settings(), "test-mail", params)
    click.echo("The mail server has it." if found["sent"] else f"No server is set: it lies in {found['folder']}.")
