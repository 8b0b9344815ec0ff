"""A member's timeline: everything that happened, in one order, each line with the way to why."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from connector import clock
from connector.console.members import Head, LineShown, OrderShown, part_page
from connector.console.words import saying
from connector.ingest.merge import ORDER_DECODER
from connector.routes.console import Visit
from connector.routes.members import member_id_of
from connector.snapshot.document import state_text
from connector.snapshot.explained import earns_nothing, explained
from connector.storage.facts import knowledge_bytes
from connector.storage.ledger_rows import badge_change_of, redemption_of
from connector.storage.programmes import load_programmes
from connector.storage.session import Row, Session
from connector.storage.shards import source_shard
from connector.storage.timeline import KINDS, Happening, places_of, text_of_places, timeline_of
from loyalty_engine.explain import words_of
from loyalty_engine.explain.sentences import what_of
from loyalty_engine.programme import Programme
from loyalty_engine.texts import Words

LINES = 30
ORDER = re.compile(r"[a-z]{1,20}:[0-9]{1,9}:order:[^\x00-\x20\x7f]{1,100}")


@dataclass(frozen=True, slots=True)
class Teller:
    """What lines are told with. spoken: words with the names that the programme had, by version; orders: those that
    lines are about, by source; page: of the member, below the base.
    """

    say: Callable[..., str]
    spoken: Mapping[int, Words]
    now: Words
    orders: Mapping[str, OrderShown]
    page: str

    def words(self, row: Row) -> Words:
        """As the programme was called when this was decided."""
        return self.spoken.get(row["programme_version"], self.now)


async def timeline(visit: Visit, head: Head) -> str:
    """One page of it, of all kinds or of one."""
    member_id, kind = member_id_of(visit.path("id")), visit.query("kind")
    kind = kind if kind in KINDS else ""
    places = places_of(visit.query("after"))
    found = await timeline_of(visit.session, member_id, kind, places, LINES)
    teller = await _teller(visit, found.lines, f"/console/members/{uuid.UUID(member_id)}")
    return part_page(
        visit.frame("members"),
        teller.now,
        head,
        lines=[await _told(visit.session, member_id, line, teller) for line in found.lines],
        kind=kind,
        kinds=list(KINDS),
        older=text_of_places(found.places) if found.places else "",
        is_first=not places,
    )


async def _teller(visit: Visit, lines: Iterable[Happening], page: str) -> Teller:
    rulebook = (await load_programmes(visit.session))[visit.programme.programme_number].rulebook
    now: Programme = rulebook.in_force(clock.utc_now())
    spoken = {one.version: words_of(one, visit.language) for one in rulebook.versions}
    sources = [line.row["source_ref"] for line in lines if line.road in ("source", "nothing")]
    orders = {one.source: one for one in await orders_of(visit.session, sources)}
    return Teller(saying(visit.language), spoken, words_of(now, visit.language), orders, page)


async def orders_of(session: Session, sources: Iterable[str]) -> list[OrderShown]:
    """Those among these sources, each once, as they come."""
    named = [one for one in dict.fromkeys(sources) if ORDER.fullmatch(one)]
    keys = [(shard, one) for one in named if (shard := source_shard(one)) is not None]
    facts = await knowledge_bytes(session, keys) if keys else {}
    found = []
    for source in named:
        known = ORDER_DECODER.decode(facts[source]).effective() if source in facts else None
        if known is not None:
            found.append(OrderShown(source, known))
    return found


async def _told(session: Session, member_id: str, line: Happening, teller: Teller) -> LineShown:
    if line.road == "entry":
        told = await explained(session, member_id, line.row, teller.words(line.row))
        why = _source_page(line.row["source_ref"]) or f"{teller.page}?before={line.row['n'] + 1}"
        return LineShown(line.road, line.at, told.why, why, points=told.points)
    return _TELLERS[line.road](line, teller)


def _source(line: Happening, teller: Teller) -> LineShown:
    source = line.row["source_ref"]
    return LineShown(line.road, line.at, _named(source, teller), _source_page(source) or teller.page)


def _nothing(line: Happening, teller: Teller) -> LineShown:
    told, source = earns_nothing(line.row, teller.now), line.row["source_ref"]
    text = teller.say("timeline.nothing", what=_named(source, teller))
    return LineShown(line.road, line.at, text, _source_page(source) or teller.page, " ".join(told.sentences))


def _tier(line: Happening, teller: Teller) -> LineShown:
    name = teller.words(line.row).name("tier", line.row["tier"])
    text, note = teller.say("timeline.tier", name=name), teller.say(f"tier.{line.row['cause']}")
    return LineShown(line.road, line.at, text, f"{teller.page}?part=standing", note)


def _badge(line: Happening, teller: Teller) -> LineShown:
    step = badge_change_of(line.row)
    name = teller.words(line.row).name("badge", step.badge)
    note = " · ".join(one for one in (step.level, "" if step.actor == "system" else teller.say("badge.by-hand")) if one)
    text = teller.say(f"timeline.badge-{step.state.value}", name=name)
    return LineShown(line.road, line.at, text, f"{teller.page}?part=standing", note)


def _level(line: Happening, teller: Teller) -> LineShown:
    name = teller.words(line.row).name("level", line.row["level"]) if line.row["level"] else "–"
    return LineShown(line.road, line.at, teller.say("timeline.level", name=name), f"{teller.page}?part=standing", "")


def _redemption(line: Happening, teller: Teller) -> LineShown:
    one = redemption_of(line.row)
    text = teller.say("timeline.reward", name=teller.words(line.row).name("reward", one.reward_id))
    why = f"{teller.page}/redemptions/{one.redemption_id}"
    return LineShown(line.road, line.at, text, why, state_text(teller.now, one))


def _joined(line: Happening, teller: Teller) -> LineShown:
    return LineShown(line.road, line.at, teller.say("timeline.joined"), f"{teller.page}?part=person")


_TELLERS: Mapping[str, Callable[[Happening, Teller], LineShown]] = {
    "source": _source,
    "nothing": _nothing,
    "tier": _tier,
    "badge": _badge,
    "level": _level,
    "redemption": _redemption,
    "joined": _joined,
}


def _named(source: str, teller: Teller) -> str:
    """An order with what it cost, as far as it is known; anything else by its kind."""
    if source in teller.orders:
        one = teller.orders[source]
        total = teller.now.money(one.order.total_minor, one.order.currency)
        return teller.say("timeline.order", name=one.name, total=total)
    if ORDER.fullmatch(source):
        return teller.say("order.title", name=source.rpartition(":")[2])
    parts = source.split(":")
    kind = parts[3] if parts[0] == "event" and len(parts) > 4 else parts[1] if len(parts) > 2 else ""
    return teller.say("timeline.activity", what=what_of({"activity": kind}, teller.now))


def _source_page(source: str) -> str:
    """Where a source itself says why; empty where it has no page."""
    return f"/console/orders/{quote(source, safe='')}" if ORDER.fullmatch(source) else ""
