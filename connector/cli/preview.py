"""What ``belong programme diff``, ``check`` and ``publish`` say of an edit: who would move, who would earn a badge."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from connector import clock
from connector.cli.operator_view import reading
from connector.config import load_settings
from connector.errors import Permanent
from connector.programmes.previewing import (
    COLUMNS,
    BadgeEffect,
    Effect,
    Line,
    TierEffect,
    edit_of,
    effect_of,
    member_count,
)
from connector.storage.database import Database
from connector.storage.programmes import load_programmes
from loyalty_engine.badge_preview import BadgeMove
from loyalty_engine.programme.fields import moment_of
from loyalty_engine.texts.formats import percent_text
from loyalty_engine.tier_preview import TierMove

EXPORT = click.option(
    "--moves",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every member who would move, and every badge, to this CSV.",
)


def preview(document: Mapping[str, Any], number: int, begins: str | None, file: Path | None) -> Effect:
    """Look at every member under the document, with a progress bar, and print what was found."""

    async def look(database: Database) -> Effect:
        session = database.reading()
        books = (await load_programmes(session)).get(number)
        if books is None:
            raise Permanent(f"There is no programme {number}.")
        moment = moment_of(begins, "from", ZoneInfo(books.timezone)) if begins else None
        edit = await edit_of(session, number, document, moment, clock.utc_now())
        if not edit.moves_anybody:
            return Effect(edit)
        with ExitStack() as stack:
            take = _writer(stack, file)
            length = await member_count(database, number)
            bar = stack.enter_context(click.progressbar(length=length, label=f"{length} members", file=sys.stderr))
            return await effect_of(database, edit, bar.update, take)

    found = reading(load_settings(), look)
    for line in _text(found):
        click.echo(line)
    if file is not None and found.edit.moves_anybody:
        click.echo(f"Every move is in {file}.")
    return found


def _writer(stack: ExitStack, file: Path | None) -> Any:
    if file is None:
        return lambda _: None
    opened = stack.enter_context(file.open("w", encoding="utf-8", newline=""))
    writer = csv.writer(opened, lineterminator="\n")
    writer.writerow(COLUMNS)

    def take(lines: Sequence[Line]) -> None:
        writer.writerows(lines)

    return take


def _text(found: Effect) -> list[str]:
    if not found.edit.moves_anybody:
        return ["Nobody changes tier or badges for it."]
    lines = [
        f"Looked at {found.members} members, as they would be on {found.edit.new.effective_from:%Y-%m-%d %H:%M} UTC."
    ]
    if found.edit.edits_tiers:
        lines += _tier_lines(found.tiers, [tier.tier_id for tier in (*found.edit.new.tiers, *found.edit.old.tiers)])
    for name, badge in found.badges.items():
        lines += _badge_lines(name, badge, found.edit.unearnable.get(name))
    return lines


def _tier_lines(tiers: TierEffect, names: Sequence[str]) -> list[str]:
    counts = ", ".join(
        f"{name} {tiers.before.get(name, 0)} -> {tiers.after.get(name, 0)}" for name in dict.fromkeys(names)
    )
    lines = [f"Tiers on that day: {counts}."] if counts else []
    lines.append(f"Moving up at once: {tiers.up}.")
    lines += _moves(tiers.first_up, tiers.up)
    lines.append(f"Moving down, each on the day given and not before: {tiers.down}.")
    lines += _moves(tiers.first_down, tiers.down)
    if tiers.locked:
        lines.append(f"Left out, for their tier is set by hand: {tiers.locked}.")
    return lines


def _moves(shown: Sequence[TierMove], total: int) -> list[str]:
    lines = [f"  {move.member_id}  {move.tier_from} -> {move.tier_to}  {move.day}" for move in shown]
    return lines + ([f"  and {total - len(shown)} more"] if total > len(shown) else [])


def _badge_lines(name: str, badge: BadgeEffect, unearnable: str | None) -> list[str]:
    holders, before = sum(badge.after.values()), sum(badge.before.values())
    by_level = ", ".join(f"{level} {count}" for level, count in badge.after.items())
    share = percent_text(badge.share, "en")
    lines = [
        f"Badge {name}: held by {before} -> {holders} members, {share} of all{f' ({by_level})' if by_level else ''}."
    ]
    if unearnable:
        lines.append(f"  {unearnable}")
    lines.append(f"  Awards that come: {badge.earned}; that go: {badge.lost}.")
    if badge.waiting:
        lines.append(f"  Waiting for a person, for their votes are mutual: {badge.waiting}.")
    lines += [f"  {_badge_move(move)}" for move in badge.first]
    more = badge.earned + badge.lost - len(badge.first)
    return lines + ([f"  and {more} more"] if more > 0 else [])


def _badge_move(move: BadgeMove) -> str:
    key = f" ({move.award_key})" if move.award_key else ""
    return f"{move.member_id}  {move.level_from or 'nothing'} -> {move.level_to or 'nothing'}{key}"
