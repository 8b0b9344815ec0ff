"""``belong programme correct``: the preview page by page, then the correction batch by batch, with how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import click

from connector.commands.local_control import run_command
from connector.config import load_settings

MEMBERS_SHOWN = 50


@dataclass(slots=True)
class Previewed:
    """What a correction would change in all. members: points by member. unknown: orders and activities that can only
    stay as they are. redated: points that become available at another moment.
    """

    sources: int = 0
    unknown: int = 0
    redated: int = 0
    members: dict[str, int] = field(default_factory=dict)


def preview_effect(params: Mapping[str, Any]) -> Previewed:
    """Ask for the effect, some members at a time."""
    found, after = Previewed(), None
    while True:
        page = run_command(load_settings(), "preview-correction", {**params, "after": after})
        found.sources += page["sources"]
        found.unknown += page["unknown"]
        found.redated += page["redated"]
        found.members |= {one["member"]: one["points"] for one in page["differences"]}
        after = page["after"]
        if after is None:
            return found
        click.echo(f"  looked at {found.sources} orders and activities", err=True)


def tell_effect(found: Previewed) -> None:
    """Print a preview, the largest differences first."""
    points = sum(found.members.values())
    click.echo(
        f"{found.sources} orders and activities fall in the interval; {len(found.members)} members get another sum, "
        f"{points:+d} points in all."
    )
    if found.redated:
        click.echo(f"{found.redated} pending points become available at another time.")
    if found.unknown:
        click.echo(
            f"{found.unknown} of them cannot be worked out: the right version asks for what nobody asked of products, "
            "prices or customers when they were decided. They stay as they are; --apply needs --keep-unknown."
        )
    most = sorted(found.members.items(), key=lambda one: (-abs(one[1]), one[0]))
    for member, difference in most[:MEMBERS_SHOWN]:
        click.echo(f"  {member}  {difference:+d}")
    if len(most) > MEMBERS_SHOWN:
        click.echo(f"  and {len(most) - MEMBERS_SHOWN} more with smaller differences")


def finish(number: int) -> None:
    """Go on until everybody was looked at, and compare with the preview."""
    going = run_command(load_settings(), "correcting", {"programme": number})
    before = -1
    while going["done_at"] is None and going["sources"] != before:
        before = going["sources"]
        going = run_command(load_settings(), "go-on-correcting", {"programme": number})
        click.echo(f"  {going['sources']} of {going['expected']['sources']} orders and activities", err=True)
    if going["done_at"] is None:
        click.echo("It rests: the programme is paused, or nothing more could be done now. The service goes on with it.")
        return
    click.echo(f"Corrected: {going['points']:+d} points for {going['members']} members.")
    _compare(going)


def _compare(going: Mapping[str, Any]) -> None:
    expected = going["expected"]
    if going["left"]:
        click.echo(f"{going['left']} orders and activities could not be decided at once; belong status says more.")
    if any(going[name] != expected[name] for name in ("sources", "members", "points")):
        click.echo(
            f"The preview said {expected['points']:+d} points for {expected['members']} members and "
            f"{expected['sources']} orders and activities: others were decided in between."
        )
    else:
        click.echo("That is what the preview said.")
