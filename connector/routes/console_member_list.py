"""The console's pages of many members: the list with its filters, its file, and finding somebody."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from urllib.parse import urlencode

import msgspec
from starlette.responses import RedirectResponse, Response, StreamingResponse

from connector import clock
from connector.access.console import Role
from connector.console.member_list import FILTERS, MemberList, MemberRow, Search, lines, members_page
from connector.console.members import PersonShown
from connector.ingest.merge import ORDER_DECODER
from connector.people.segments import Segment, bounds_of
from connector.platforms import Connection
from connector.routes.console import ConsolePage, Visit, base_of
from connector.routes.console_audit import note_file
from connector.storage.connections import load_connections
from connector.storage.facts import Customer, knowledge_bytes, load_identities
from connector.storage.guests import owners_of
from connector.storage.known_customers import members_at
from connector.storage.member_lists import END, Listed, Page, Place, Wanted, customers_of_members, newest_members
from connector.storage.members import find_member
from connector.storage.people import Person, load_people
from connector.storage.programmes import load_programmes
from connector.storage.saved_segments import list_saved
from connector.storage.session import Session
from connector.storage.shards import object_shard
from loyalty_engine.explain import words_of
from loyalty_engine.programme.model import Programme

ROWS = 50
ROWS_OF_FILE = 1_000
FOUND_MAX = 20
STATUSES = ("active", "left", "blocked")
_ID = re.compile(r"[^\x00-\x20\x7f]{1,100}")
_MEMBER = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_PLACE = re.compile(r"([0-9]{1,19})\.([0-9a-f]{32})")
_WHOLE = re.compile(r"-?[0-9]{1,12}")


async def show(visit: Visit) -> str:
    """The newest members, or those that the filters leave; or what was found."""
    text = visit.query("find")
    if text and "@" not in text:
        return await _list(visit, await _search(visit, text, await ids_of(visit, text)))
    ids = {match.replace("-", "") for match in _MEMBER.findall(visit.query("found"))}
    return await _list(visit, await _search(visit, "", ids) if ids else None)


async def find(visit: Visit) -> str | Response:
    """Who it is. By a form: addresses lie in histories and logs, and nobody's mail address belongs there. What was
    found has an address of its own, by its id, so that people come back to it from a member's page.
    """
    text = visit.form.get("find", "").strip()[:254]
    search = await _search(visit, text, await ids_of(visit, text))
    query = {"find": text}
    if "@" in text:
        query = {"found": ",".join(person.id for person, _ in search.members)}
    if not search.found or not all(query.values()):
        return await _list(visit, search)
    return RedirectResponse(f"{base_of(visit.service)}/console/members?{urlencode(query)}", 303)


async def _search(visit: Visit, text: str, members: set[str]) -> Search:
    ids = sorted(members)[:FOUND_MAX]
    people = await _people(visit, visit.session, ids)
    found = []
    for member_id in ids:
        shown = await find_member(visit.session, visit.programme, member_id)
        if shown is not None:
            found.append((people[member_id], shown["points"]))
    may_join = await joinable(visit, text) if visit.allows(Role.SUPPORT) else []
    return Search(text, found, await _orders(visit, text.removeprefix("#")), may_join)


async def _list(visit: Visit, search: Search | None) -> str:
    programme = await programme_of(visit)
    asked = filters_of(visit.asked)
    segment, wrong = segment_of(asked)
    place = place_of(visit.query("after"))
    made = await _page(visit, visit.session, programme, segment, place) if not wrong else Page([], None, None)
    shown = MemberList(
        await _rows(visit, visit.session, made.members),
        asked,
        wrong,
        [tier.tier_id for tier in programme.tiers],
        f"{made.next_place[0]}.{made.next_place[1]}" if made.next_place else "",
        made.reached,
        place == END,
        await list_saved(visit.session, visit.programme.programme_number),
    )
    frame, words = visit.frame("members"), words_of(programme, visit.language)
    names, may_export = visit.allows(Role.SUPPORT), visit.allows(Role.MANAGER)
    return members_page(frame, words, shown, search, names=names, may_export=may_export)


async def file(visit: Visit) -> Response:
    """The members whom the filters leave, as CSV, page by page."""
    programme = await programme_of(visit)
    asked = filters_of(visit.asked)
    segment, wrong = segment_of(asked)
    await note_file(visit, "members", {name: text for name, text in asked.items() if text and name not in wrong})

    async def parts() -> AsyncIterator[str]:
        place: Place | None = None if wrong else END
        yield lines([], visit.zone, with_names=True)
        while place is not None:
            session = visit.service.database.reading()
            made = await _page(visit, session, programme, segment, place, ROWS_OF_FILE)
            yield lines(await _rows(visit, session, made.members), visit.zone, with_names=False)
            place = made.next_place

    headers = {"Content-Disposition": 'attachment; filename="members.csv"'}
    return StreamingResponse(parts(), headers=headers, media_type="text/csv; charset=utf-8")


async def programme_of(visit: Visit) -> Programme:
    """The visitor's programme as it is in force."""
    books = (await load_programmes(visit.session))[visit.programme.programme_number]
    return books.rulebook.in_force(clock.utc_now())


def filters_of(given: Mapping[str, str]) -> dict[str, str]:
    """What was asked for, of an address or a form."""
    return {name: given.get(name, "").strip()[:100] for name in FILTERS}


def segment_of(asked: Mapping[str, str]) -> tuple[Segment, list[str]]:
    """The segment that filters mean, and the filters that cannot be read."""
    wrong: list[str] = []
    if asked["status"] not in ("", "any", *STATUSES):
        wrong.append("status")
    chosen = {"any": list(STATUSES), "": []}.get(asked["status"], [asked["status"]])
    segment = Segment(
        tiers=[asked["tier"]] if asked["tier"] else [],
        statuses=chosen,
        tags=[asked["tag"]] if asked["tag"] else [],
        balance_from=_number(asked, "balance_from", wrong),
        balance_to=_number(asked, "balance_to", wrong),
        joined_from=_day(asked, "joined_from", wrong),
        joined_to=_day(asked, "joined_to", wrong),
        active_from=_day(asked, "active_from", wrong),
        active_to=_day(asked, "active_to", wrong),
    )
    is_all = msgspec.structs.replace(segment, statuses=[]) == Segment()
    return msgspec.structs.replace(segment, everyone=is_all), wrong


def asked_of(segment: Segment) -> dict[str, str] | None:
    """The filters that mean a segment; None if none do."""
    statuses = "any" if sorted(segment.statuses) == sorted(STATUSES) else "".join(segment.statuses[:1])
    asked = {"tier": "".join(segment.tiers[:1]), "tag": "".join(segment.tags[:1]), "status": statuses}
    for name in FILTERS[len(asked) :]:
        value = getattr(segment, name)
        asked[name] = "" if value is None else str(value)
    found, _ = segment_of(asked)
    return {name: text for name, text in asked.items() if text} if found.text() == segment.text() else None


def _number(asked: Mapping[str, str], name: str, wrong: list[str]) -> int | None:
    text = asked[name]
    if text and not _WHOLE.fullmatch(text):
        wrong.append(name)
    return int(text) if _WHOLE.fullmatch(text) else None


def _day(asked: Mapping[str, str], name: str, wrong: list[str]) -> date | None:
    try:
        text = asked[name]
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = date.min
    if day is not None and not 1970 <= day.year <= 9000:
        wrong.append(name)
        return None
    return day


def place_of(text: str) -> Place:
    """Where a page begins; an unreadable one is the first."""
    found = _PLACE.fullmatch(text)
    return (min(int(found[1]), END[0]), found[2]) if found else END


async def _page(
    visit: Visit, session: Session, programme: Programme, segment: Segment, place: Place, in_file: int = 0
) -> Page:
    first = programme.tiers[0].tier_id if programme.tiers else ""
    number = visit.programme.programme_number
    wanted = Wanted(number, bounds_of(segment, programme.timezone), first, segment.tiers, segment.tags)
    platforms = {each.number: each.platform for each in (await _stores(visit, session)).values()}
    return await newest_members(session, wanted, platforms, place, in_file or ROWS, in_file)


async def _stores(visit: Visit, session: Session) -> dict[int, Connection]:
    number = visit.programme.programme_number
    return {key: one for key, one in (await load_connections(session)).items() if one.programme_number == number}


async def _rows(visit: Visit, session: Session, listed: Sequence[Listed]) -> list[MemberRow]:
    people = await _people(visit, session, [one.member_id for one in listed])
    return [MemberRow(people[one.member_id], one) for one in listed]


async def _people(visit: Visit, session: Session, members: Sequence[str]) -> dict[str, PersonShown]:
    """Who they are, for whoever may see it, with the customers of stores that they are."""
    names = visit.allows(Role.SUPPORT)
    people = await load_people(session, visit.service.keys, members) if names else {}
    stores = await _stores(visit, session)
    customers: dict[str, list[tuple[str, str]]] = {member: [] for member in members}
    for row in await customers_of_members(session, members):
        if row["connection_number"] in stores:
            customers[row["member_id"]].append((stores[row["connection_number"]].shop, row["customer_ref"]))
    found = {}
    for member in members:
        person = people.get(member, Person())
        found[member] = PersonShown(str(uuid.UUID(member)), person.first_name, person.email, customers[member])
    return found


async def ids_of(visit: Visit, text: str) -> set[str]:
    """Whom an address, a customer's number or an id means."""
    number = visit.programme.programme_number
    if "@" in text:
        hashed = visit.service.keys.hash_address(number, text)
        proven = set((await owners_of(visit.session, [(number, hashed)])).values())
        return proven | await members_at(visit.session, number, hashed)
    try:
        return {uuid.UUID(text).hex}
    except ValueError:
        pass
    if not _ID.fullmatch(text):
        return set()
    customers = [Customer(number, one, text) for one in await _stores(visit, visit.session)]
    return set((await load_identities(visit.session, customers)).values())


async def _orders(visit: Visit, text: str) -> list[tuple[str, str]]:
    """(source, name) of orders with this id in any store of the programme."""
    if not _ID.fullmatch(text):
        return []
    stores = (await _stores(visit, visit.session)).values()
    keys = [(object_shard(one.number, "order", text), f"{one.platform}:{one.number}:order:{text}") for one in stores]
    found = []
    for source, fact in (await knowledge_bytes(visit.session, keys)).items():
        known = ORDER_DECODER.decode(fact).effective()
        if known is not None:
            found.append((source, known.order_name or known.order_id))
    return sorted(found)


async def joinable(visit: Visit, text: str, *, members_too: bool = False) -> list[tuple[str, str]]:
    """(shop, id of its connection) of every store of the programme that told of a customer with this number who is no
    member. members_too: also of those who are.
    """
    if not _ID.fullmatch(text):
        return []
    number, stores = visit.programme.programme_number, await _stores(visit, visit.session)
    known = await load_identities(visit.session, [Customer(number, one, text) for one in stores])
    sources = {f"{one.platform}:{one.number}:customer:{text}": one for one in stores.values()}
    keys = [(object_shard(one.number, "customer", text), source) for source, one in sources.items()]
    told = await knowledge_bytes(visit.session, keys)
    found = [one for source, one in sources.items() if source in told]
    return [(one.shop, one.public_id) for one in found if members_too or (one.number, text) not in known]


PAGES = (
    ConsolePage("GET", "/console/members", Role.READ_ONLY, show),
    ConsolePage("POST", "/console/members", Role.READ_ONLY, find),
    ConsolePage("GET", "/console/members.csv", Role.MANAGER, file, acts=True),
)
"""Before the pages of one member."""
