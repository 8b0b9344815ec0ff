"""``belong member``: what is kept about a person, erasing it, claims, and what support does to a member by hand."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import click

from connector.commands.local_control import run_command
from connector.config import load_settings

NUMBER = click.IntRange(1, 2**31 - 1)
PROGRAMME = click.option("--programme", type=NUMBER, default=1, show_default=True)
REASON = click.option("--reason", required=True, help="Why; it is kept with your user name.")
_STATUSES = {"active": "takes part again", "blocked": "is blocked", "left": "has left"}


@click.group()
def member() -> None:
    """One person: data, claims, points by hand, status; and who did what to them."""


@member.command("export")
@click.argument("member_id")
@REASON
@PROGRAMME
def export_person(member_id: str, reason: str, programme: int) -> None:
    """Print everything that is kept about the person behind MEMBER_ID, as JSON."""
    params = {"programme": programme, "member": member_id, "reason": reason}
    click.echo(json.dumps(run_command(load_settings(), "export-member", params), indent=2, ensure_ascii=False))


@member.command("erase")
@click.argument("member_ids", nargs=-1, required=True)
@REASON
@PROGRAMME
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(member_ids: Sequence[str], reason: str, programme: int, yes: bool) -> None:
    """Erase the persons behind MEMBER_IDS for ever. Their ledgers keep the numbers. Once more erases what was left."""
    if not yes:
        click.confirm(f"Erase {len(member_ids)} for ever?", abort=True)
    for member_id in member_ids:
        params = {"programme": programme, "member": member_id, "reason": reason}
        result = run_command(load_settings(), "erase-member", params)
        click.echo(f"{member_id} is erased: {len(result['members'])} memberships, {result['customers']} customers.")


@member.command("erased")
@PROGRAMME
def erased(programme: int) -> None:
    """List who was erased, to be erased again after an older copy of the database was restored."""
    for member_id in run_command(load_settings(), "erased-members", {"programme": programme})["members"]:
        click.echo(member_id)


@member.command("claim")
@click.argument("member_id")
@click.argument("address")
@PROGRAMME
@click.option("--undo", is_flag=True, help="Take the claim back: what it earned is clawed back.")
def claim(member_id: str, address: str, programme: int, undo: bool) -> None:
    """What was ordered under ADDRESS without an account is MEMBER_ID's: you know that the address is theirs."""
    params = {"programme": programme, "member": member_id, "address": address}
    result = run_command(load_settings(), "withdraw-claim" if undo else "claim-address", params)
    done = "are nobody's again" if undo else "were claimed"
    click.echo(f"{result['orders']} orders {done}.")


@member.command("status")
@click.argument("member_id")
@click.argument("status", type=click.Choice(sorted(_STATUSES)))
@REASON
@PROGRAMME
def status(member_id: str, status: str, reason: str, programme: int) -> None:
    """Block a member, unblock, or let them leave. Nobody loses points by it."""
    params = {"programme": programme, "member": member_id, "status": status, "reason": reason}
    run_command(load_settings(), "member-status", params)
    click.echo(f"{member_id} {_STATUSES[status]}.")


@member.command("audit")
@click.argument("member_id")
@PROGRAMME
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def audit(member_id: str, programme: int, as_json: bool) -> None:
    """What was done to a member by hand: when, what, who, through what, and why."""
    result = run_command(load_settings(), "member-audit", {"programme": programme, "member": member_id})
    if as_json:
        click.echo(json.dumps(result, indent=2, ensure_ascii=False))
        return
    for one in result["acts"]:
        who = one["person"] or "nobody known"
        called = f" ({one['actor']})" if one["actor"] not in ("", one["person"]) else ""
        why = f": {one['reason']}" if one["reason"] else ""
        click.echo(f"{one['at'][:19]}  {one['act']:14} {who}{called}, {one['through']}{why}")


@member.command("adjust")
@click.argument("member_id")
@click.argument("points", type=int)
@REASON
@PROGRAMME
@click.option("--key", help="Your own name for it: the same again changes nothing.")
def adjust(member_id: str, points: int, reason: str, programme: int, key: str | None) -> None:
    """Give POINTS, or take them (-- before a negative number). Above the programme's limit somebody else must agree."""
    params = {"programme": programme, "member": member_id, "points": points, "reason": reason}
    result = run_command(load_settings(), "adjust-member", {**params, "key": key or uuid.uuid4().hex})
    if result["state"] == "waiting":
        click.echo(f"Nothing moved yet: somebody else must agree, with  belong member answer {result['request']}")
    else:
        click.echo("Done.")


@member.command("merge")
@click.argument("member_id")
@click.argument("survivor_id")
@PROGRAMME
@click.option("--reason", default="", help="Why; it is kept with your user name.")
@click.option("--dry-run", is_flag=True, help="Only show what it would give.")
def merge(member_id: str, survivor_id: str, programme: int, reason: str, dry_run: bool) -> None:
    """Everything of MEMBER_ID becomes SURVIVOR_ID's. It can be undone."""
    params = {"programme": programme, "member": member_id, "survivor": survivor_id, "dry_run": dry_run}
    result = run_command(load_settings(), "merge-members", {**params, "reason": reason})
    if dry_run:
        for name, text in (("going", "who goes"), ("staying", "survivor now"), ("merged", "survivor then")):
            _show_numbers(text, result[name])
        for source in result["once"]:
            click.echo(f"{source} counts once: both have had it")
        _show_standing(result)
    else:
        click.echo(f"{member_id} is {survivor_id} now, by merge {result['merge']}.")


@member.command("unmerge")
@click.argument("member_id")
@PROGRAMME
@click.option("--reason", default="", help="Why; it is kept with your user name.")
@click.option("--dry-run", is_flag=True, help="Only show what it would give, and what would be owed.")
def unmerge(member_id: str, programme: int, reason: str, dry_run: bool) -> None:
    """Undo the last merge of MEMBER_ID. What was redeemed since stays with the survivor."""
    params = {"programme": programme, "member": member_id, "dry_run": dry_run, "reason": reason}
    result = run_command(load_settings(), "unmerge-member", params)
    if not dry_run:
        click.echo(f"{member_id} is a member of their own again: merge {result['merge']} is undone.")
        return
    for name, text in (("staying", "survivor now"), ("parted", "survivor then"), ("restored", "who comes back")):
        _show_numbers(text, result[name])
    for each in result["sources"]:
        click.echo(f"{each['points']:+} of {each['source']} go back")
    for each in result["once"]:
        click.echo(f"{each['points']:+} of {each['source']} count again")
    for request in result["requests"]:
        click.echo(f"adjustment {request} goes back, and waits there")
    _show_standing(result)
    if result["owed"]:
        click.echo(f"{result['survivor']} would owe {result['owed']} more: it was spent")


def _show_numbers(what: str, numbers: Mapping[str, int]) -> None:
    owed = f", {numbers['deficit']} owed" if numbers["deficit"] else ""
    click.echo(f"{what:14} {numbers['points']:>10} points, {numbers['available']} to spend{owed}")


def _show_standing(result: Mapping[str, Any]) -> None:
    tiers = result["tiers"]
    if tiers["after"]:
        click.echo(
            f"tiers          {tiers['going']} and {tiers['staying']} before, {tiers['after']} at the survivor then"
        )
    for move in result["standing"]:
        name = " ".join(part for part in (move["subject"], move["level"], move["award_key"]) if part)
        click.echo(f"at the survivor: {name} ({move['state']})")


@member.command("waiting")
@PROGRAMME
def waiting(programme: int) -> None:
    """Adjustments that wait for a second person."""
    for one in run_command(load_settings(), "adjust-requests", {"programme": programme})["requests"]:
        click.echo(
            f"{one['request']}  {one['points']:+} for {one['member']}, asked by {one['person'] or one['actor']}, "
            f"until {one['ends_at'][:10]}: {one['reason']}"
        )


@member.command("answer")
@click.argument("request_id")
@click.option("--agree/--refuse", "agrees", required=True, default=None, help="As the second person.")
@click.option("--reason", default="", help="Why; kept with your user name.")
@PROGRAMME
def answer(request_id: str, agrees: bool, reason: str, programme: int) -> None:
    """Agree to an adjustment that another person asked for, or refuse it."""
    settings = load_settings()
    found = run_command(settings, "adjust-requests", {"programme": programme})["requests"]
    asked = next((one for one in found if one["request"] == request_id), None)
    if asked is None:
        raise click.ClickException(f"No adjustment {request_id} waits.")
    params = {"programme": programme, "member": asked["member"], "request": request_id, "agrees": agrees}
    run_command(settings, "answer-adjust", {**params, "reason": reason})
    click.echo(f"{asked['points']:+} points: {'done' if agrees else 'refused'}.")
