"""The console's pages of members and their orders: who somebody is, every number, and why."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from starlette.responses import RedirectResponse, Response

from connector import clock
from connector.access.console import Role
from connector.console.deed_log import place_of, shown_log, text_of_place
from connector.console.members import EntryShown, Head, MailsShown, PersonShown, member_page, part_page
from connector.console.orders import order_page
from connector.ingest.merge import ORDER_DECODER
from connector.people.referrals import told
from connector.platforms import Connection
from connector.routes.console import ConsolePage, Visit, base_of
from connector.routes.console_audit import known_of
from connector.routes.console_timeline import ORDER, orders_of, timeline
from connector.routes.errors import Problem
from connector.routes.members import MAX_N, member_id_of
from connector.snapshot import load_shown
from connector.snapshot.document import document, state_text
from connector.snapshot.explained import WhyNot, earns_nothing, explained
from connector.snapshot.loading import Shown
from connector.storage.connections import load_connections
from connector.storage.deed_log import Asked, page_of_log
from connector.storage.facts import Customer, find_fact, load_identities
from connector.storage.instants import instant
from connector.storage.mail_settings import KINDS
from connector.storage.members import find_member, load_entries, load_entries_of, load_reasons
from connector.storage.merges import customers_of, load_merges, merged_into
from connector.storage.notices import list_notices
from connector.storage.people import NO_MAILS, Person, load_people
from connector.storage.programmes import load_programmes
from connector.storage.redemptions import list_redemptions
from connector.storage.referrals import referrals_of
from connector.storage.reviews import badges_of, tiers_of
from connector.storage.session import Row
from connector.storage.shards import member_shard
from connector.storage.vouchers import VoucherKey, find_vouchers
from loyalty_engine.codes import folded_code, voucher_code
from loyalty_engine.explain import words_of
from loyalty_engine.explain.notices import measure_name, measured, notice_text
from loyalty_engine.member import RedemptionState
from loyalty_engine.rewards import HAD_AT_ONCE
from loyalty_engine.texts import Words
from loyalty_engine.texts.formats import month_names

ENTRIES = 20
REDEMPTIONS = 50
STEPS = 50
DEEDS = 50
NOTICES = 20
TYPED = ("points", "reason", "month", "day", "status", "tier", "badge", "other", "going")
"""Fields of a member's forms that keep what stood in them."""
OPEN = (RedemptionState.HELD, RedemptionState.REQUESTED, RedemptionState.ISSUED)
"""Redemptions that may be called off."""
_ID = re.compile(r"[^\x00-\x20\x7f]{1,100}")


async def customer(visit: Visit) -> Response:
    """The member that a customer of the visitor's own shop is; of no shop: of the only one where there is such."""
    number, ref = visit.programme.programme_number, visit.path("customer")
    wanted = [Customer(number, each.number, ref) for each in await _own_stores(visit)]
    found = set((await load_identities(visit.session, wanted)).values()) if _ID.fullmatch(ref) else set()
    if len(found) != 1:
        raise Problem(404, "No such member", "")
    (member_id,) = found
    return RedirectResponse(f"{base_of(visit.service)}/console/members/{uuid.UUID(member_id)}", 303)


async def member(visit: Visit) -> str:
    """Everything about one member, part by part."""
    return await shown_part(visit, visit.query("part"))


async def shown_part(visit: Visit, part: str, refused: str = "") -> str:
    """One part of a member's pages. refused: why the form that was sent did nothing."""
    chosen = PARTS.get(part)
    head = await head_of(visit, part if chosen else "overview", refused)
    return await (chosen or _overview)(visit, head)


async def head_of(visit: Visit, part: str, refused: str = "", member_id: str = "") -> Head:
    """What all parts show, of the member of the path or another one. Raises Problem 404 for who is no member of this
    programme.
    """
    member_id = member_id or member_id_of(visit.path("id"))
    found = await find_member(visit.session, visit.programme, member_id)
    if found is None:
        raise Problem(404, "No such member", "")
    people = await load_people(visit.session, visit.service.keys, [member_id])
    person = await person_shown(visit, member_id, people.get(member_id, Person()))
    support = visit.allows(Role.SUPPORT)
    survivor = str(uuid.UUID(found["merged_into"])) if found["merged_into"] else None
    sent = "/".join(visit.request.scope["path"].split("/")[4:]) if visit.form else ""
    return Head(person, found["status"], survivor, part, support, support, refused, sent, typed_of(visit.form))


def typed_of(form: Mapping[str, str]) -> dict[str, str]:
    """What stood in the form, to stand there again."""
    return {name: form.get(name, "")[:500] for name in TYPED}


async def standing_of(visit: Visit, now: datetime) -> Shown:
    """Everything of the member as snapshots say it, in the reader's language."""
    member_id = member_id_of(visit.path("id"))
    key = (member_shard(member_id), member_id)
    shown = (await load_shown(visit.session, visit.service.keys, [key], visit.service.outbox.holders, now))[member_id]
    return replace(shown, words=words_of(shown.programme, visit.language))


async def _overview(visit: Visit, head: Head) -> str:
    """The numbers, with the ledger below."""
    member_id, before = member_id_of(visit.path("id")), _before(visit)
    session, now = visit.session, clock.utc_now()
    shown = await standing_of(visit, now)
    rows = await load_entries(session, visit.programme, member_id, before, ENTRIES)
    last = rows[-1]["n"] if len(rows) == ENTRIES else 1
    nothing = [earns_nothing(row, shown.words) for row in await load_reasons(session, visit.programme, member_id)]
    return member_page(
        visit.frame("members"),
        shown.words,
        head,
        document(shown, (0, 0), now),
        sorted(shown.member.lots, key=lambda lot: (lot.expires_at or datetime.max.replace(tzinfo=now.tzinfo), lot.n)),
        await entries_shown(visit, member_id, rows),
        await orders_of(session, [*(row["source_ref"] for row in rows), *(one.source for one in nothing)]),
        nothing if before == MAX_N else [],
        older=last if last > 1 else None,
        is_first=before == MAX_N,
        now=now,
    )


async def _rewards(visit: Visit, head: Head) -> str:
    """What they had for points, and what may still be called off."""
    words, keys = await _words(visit, None), visit.service.keys
    found = await list_redemptions(
        visit.session, visit.programme.programme_number, member_id_of(visit.path("id")), REDEMPTIONS
    )
    shown = []
    for one in found:
        has_code = one.state is RedemptionState.ISSUED and one.kind not in HAD_AT_ONCE
        code = voucher_code(keys.voucher_key, one.redemption_id) if has_code else ""
        shown.append({"it": one, "state": state_text(words, one), "code": code, "is_open": one.state in OPEN})
    return part_page(visit.frame("members"), words, head, redemptions=shown)


async def _standing(visit: Visit, head: Head) -> str:
    """Tiers and badges: where they stand, what comes next, and how it came so."""
    now = clock.utc_now()
    shown = await standing_of(visit, now)
    member_id = member_id_of(visit.path("id"))
    path = (await tiers_of(visit.session, member_id))[-STEPS:]
    moves = (await badges_of(visit.session, member_id))[-STEPS:]
    return part_page(
        visit.frame("members"),
        shown.words,
        head,
        it=document(shown, (0, 0), now),
        path=path[::-1],
        measure_name=lambda metric: measure_name(metric, shown.words),
        measured=lambda metric, value: measured(metric, value, shown.words, shown.programme.base_currency),
        moves=moves[::-1],
        tiers=[tier.tier_id for tier in shown.programme.tiers],
        badges=[badge.badge_id for badge in shown.programme.badges],
    )


async def _person(visit: Visit, head: Head) -> str:
    """Who they are: customers of stores, choices, merges, and whom they brought."""
    member_id, number = member_id_of(visit.path("id")), visit.programme.programme_number
    people = await load_people(visit.session, visit.service.keys, [member_id])
    found = await find_member(visit.session, visit.programme, member_id)
    went = await load_merges(visit.session, number, member_id)
    stores = await load_connections(visit.session)
    customers = await customers_of(visit.session, member_id)
    return part_page(
        visit.frame("members"),
        await _words(visit, None),
        head,
        may_export=visit.allows(Role.MANAGER),
        joined=instant(found["created_at_us"]) if found else clock.utc_now(),
        enrolled=instant(found["enrolled_at_us"]) if found else clock.utc_now(),
        choices=people.get(member_id, Person()),
        months=[(f"{at:02d}", name) for at, name in enumerate(month_names(visit.language), 1)],
        mails=await _mails(visit, people.get(member_id, Person())),
        stores=[(stores[one].shop, ref, customer_address(stores[one], ref)) for one, ref in customers],
        came=[str(uuid.UUID(one)) for one in await merged_into(visit.session, member_id)],
        went=[str(uuid.UUID(one.survivor_id)) for one in went],
        referrals=[
            {**told(one), "friend": str(uuid.UUID(one.friend_id))}
            for one in await referrals_of(visit.session, number, member_id)
        ],
    )


async def _mails(visit: Visit, person: Person) -> MailsShown:
    """What they get of what the programme sends."""
    settings = (await load_programmes(visit.session))[visit.programme.programme_number].mails
    sent = [kind for kind in KINDS if settings.sends(kind)]
    stopped = sent if NO_MAILS in person.no_mails else [kind for kind in sent if kind in person.no_mails]
    return MailsShown(bool(person.email and person.accepts_mail), sent, stopped)


def customer_address(store: Connection, customer: str) -> str:
    """Where the shop itself shows its customer, for people of the shop; empty where that is not known."""
    if not customer.isascii() or not customer.isdigit():
        return ""
    if store.platform == "shopify":
        return f"https://{store.shop}/admin/customers/{customer}"
    return f"{store.shop}/wp-admin/user-edit.php?user_id={customer}" if store.platform == "woocommerce" else ""


async def _audit(visit: Visit, head: Head) -> str:
    """What was done to them by hand, and what they were told."""
    words, member_id = await _words(visit, None), member_id_of(visit.path("id"))
    before, asked = place_of(visit.query("before")), Asked(member_id=member_id)
    made = await page_of_log(visit.session, visit.programme.programme_number, asked, before, DEEDS)
    notices = []
    for one, state in await list_notices(visit.session, member_id, NOTICES) if before is None else []:
        notices.append((notice_text(one.kind, one.inputs, words).title, state.name.lower(), one.at))
    told, next_before = shown_log(made.rows, words, await known_of(visit, made.rows)), text_of_place(made.next_place)
    return part_page(visit.frame("members"), words, head, deeds=told, notices=notices, next_before=next_before)


PARTS: Mapping[str, Callable[[Visit, Head], Awaitable[str]]] = {
    "timeline": timeline,
    "rewards": _rewards,
    "standing": _standing,
    "person": _person,
    "audit": _audit,
}
"""Beside the overview; each has a template of its own."""


async def order(visit: Visit) -> str:
    """One order: what is known of it, what it moved, and why, or why not. Named by its id in the visitor's own shop, or
    by its source.
    """
    source = await source_of(visit)
    row = await find_fact(visit.session, visit.programme.programme_number, source)
    known = ORDER_DECODER.decode(bytes(row["fact"])).effective() if row is not None else None
    if row is None or known is None:
        raise Problem(404, "No such order", "")
    person, entries, nothing = None, [], []
    words = await _words(visit, None)
    if row["member_id"] is not None:
        member_id = str(row["member_id"])
        people = await load_people(visit.session, visit.service.keys, [member_id])
        person = await person_shown(visit, member_id, people.get(member_id, Person()))
        rows = await load_entries_of(visit.session, visit.programme, member_id, source)
        entries = await entries_shown(visit, member_id, rows)
        reasons = await load_reasons(visit.session, visit.programme, member_id)
        nothing = [earns_nothing(one, words) for one in reasons if one["source_ref"] == source]
    stores = await load_connections(visit.session)
    return order_page(
        visit.frame("members"),
        words,
        known,
        stores[row["connection_number"]].shop,
        person,
        entries,
        [*nothing, *await _flags(visit, row["connection_number"], known.codes, source, words)],
        names=visit.allows(Role.SUPPORT),
    )


async def _flags(visit: Visit, store: int, codes: Sequence[str], source: str, words: Words) -> list[WhyNot]:
    """What was noticed of rewards whose codes stand on an order, whosever they are: a second use, or a stranger's."""
    found = await find_vouchers(visit.session, [VoucherKey(store, folded_code(code)) for code in codes])
    flags = []
    for member_id in sorted({one.member_id for one in found.values()}):
        for reason in await load_reasons(visit.session, visit.programme, member_id):
            if reason["source_ref"] != source and json.loads(reason["body_text"]).get("order_ref") == source:
                flags.append(earns_nothing(reason, words))
    return flags


async def source_of(visit: Visit) -> str:
    """The order that the path names, by its source or by its id in the visitor's own shop. Raises Problem 404."""
    named = visit.path("order_ref")
    if ":" in named:
        refs = [named]
    else:
        refs = [f"{each.platform}:{each.number}:order:{named}" for each in await _own_stores(visit)]
    refs = [ref for ref in refs if ORDER.fullmatch(ref)]
    if len(refs) > 1:
        number = visit.programme.programme_number
        refs = [ref for ref in refs if await find_fact(visit.session, number, ref) is not None]
    if len(refs) != 1:
        raise Problem(404, "No such order", "")
    return refs[0]


async def _own_stores(visit: Visit) -> list[Connection]:
    """The visitor's shop; of somebody who came from none, every shop of the programme."""
    own, number = visit.scope.visitor.connection_number, visit.programme.programme_number
    stores = [one for one in (await load_connections(visit.session)).values() if one.programme_number == number]
    return [one for one in stores if own is None or one.number == own]


async def _words(visit: Visit, version: int | None) -> Words:
    """With the names that the programme had in that version; None: has now."""
    rulebook = (await load_programmes(visit.session))[visit.programme.programme_number].rulebook
    chosen = next((one for one in rulebook.versions if one.version == version), rulebook.in_force(clock.utc_now()))
    return words_of(chosen, visit.language)


async def words_now(visit: Visit) -> Words:
    """The reader's language, with the names that the programme has now."""
    return await _words(visit, None)


async def entries_shown(visit: Visit, member_id: str, rows: list[Row]) -> list[EntryShown]:
    spoken: dict[int, Words] = {}
    made = []
    for row in rows:
        version = row["programme_version"]
        if version not in spoken:
            spoken[version] = await _words(visit, version)
        told = await explained(visit.session, member_id, row, spoken[version])
        made.append(EntryShown(row["n"], instant(row["recorded_at_us"]), row["source_ref"], told))
    return made


async def person_shown(visit: Visit, member_id: str, person: Person) -> PersonShown:
    """Who somebody is, with the customers of stores that they are."""
    stores = await load_connections(visit.session)
    customers = [(stores[number].shop, ref) for number, ref in await customers_of(visit.session, member_id)]
    return PersonShown(str(uuid.UUID(member_id)), person.first_name, person.email, customers)


def _before(visit: Visit) -> int:
    text = visit.query("before")
    return min(int(text), MAX_N) if text.isascii() and text.isdigit() and 0 < len(text) < 11 and int(text) else MAX_N


PAGES = (
    ConsolePage("GET", "/console/members/{id}", Role.READ_ONLY, member),
    ConsolePage("GET", "/console/customers/{customer}", Role.READ_ONLY, customer),
)
