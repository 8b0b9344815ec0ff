"""One member, two stores: a shopper who is signed in at one store proves the address of their account at another.

A link goes to the address; whoever opens it must also know the code that the first store's page shows. So neither the
address alone nor the session alone joins anything: nobody gets a stranger's points by asking, and a stranger who opens
a mail that was not meant for them gives nothing away. What is asked is answered the same whether or not anybody has the
address. Only digests of tokens are kept; codes are worked out from them.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.crypto import Keys, same
from connector.delivering.mail import Mail, Mailer
from connector.errors import ConnectorError
from connector.ingest.pipeline import Pipeline
from connector.people.actors import SHOPPER
from connector.people.guests import claim
from connector.people.languages import language_spoken
from connector.people.merging import merge, unmerge
from connector.people.outlooks import Outlook, preview
from connector.platforms import Connection
from connector.storage.atomic import atomic
from connector.storage.connections import load_connections
from connector.storage.guests import claimable_since, waiting_guests
from connector.storage.links import (
    LinkRequest,
    count_of_member,
    count_to_address,
    count_try,
    customers_with_address,
    find_request,
    member_of_customer,
    save_request,
    take_request,
    used_requests,
)
from connector.storage.merges import Merge, merged_into, standing_merge
from connector.storage.pace import one_at_a_time
from connector.storage.people import load_people
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from connector.storage.shards import SHARDS, member_shard
from loyalty_engine.errors import Refused
from loyalty_engine.explain.names import words_of
from loyalty_engine.texts import TAGS, Words

log = logging.getLogger(__name__)

LIFE = timedelta(minutes=30)
PER_MEMBER = 5
"""Links that a member may ask for in a day."""
PER_ADDRESS = 3
"""Mails that an address gets in an hour, whoever asks."""
BY_ADDRESS = "address"
CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for what: a member, signed in at ``asked_in``, names an address at ``connection_number``."""

    programme_number: int
    member_id: str
    asked_in: int
    connection_number: int
    address: str


@dataclass(frozen=True, slots=True)
class Asked:
    """code: to show on the page where it was asked. mail: to be sent, None if nobody is to get one."""

    code: str
    expires_at: datetime
    mail: Mail | None


async def ask(pipeline: Pipeline, asking: Asking, public_url: str) -> Asked:
    """Note a request. Raises Refused ``store-unknown`` or ``too-many-links``, which say nothing about the address."""
    keys, now = pipeline.keys, pipeline.now()
    token = f"{member_shard(asking.member_id):02x}{secrets.token_urlsafe(32)}"
    digest = _digest(token)
    hashed = keys.hash_address(asking.programme_number, asking.address)

    async def body(session: Session) -> Mail | None:
        connections = await load_connections(session)
        _refuse_foreign(asking, connections.get(asking.connection_number))
        sent = await _mails_to(session, asking, hashed, now)
        customer, linked, to = await _whose(session, keys, asking, hashed)
        one = LinkRequest(
            digest,
            asking.programme_number,
            asking.member_id,
            asking.asked_in,
            asking.connection_number,
            customer,
            linked,
            hashed,
            now,
            now + LIFE,
        )
        await save_request(session, one)
        if not linked or sent >= PER_ADDRESS:
            return None
        stores = (store_name(connections[asking.asked_in]), store_name(connections[asking.connection_number]))
        return await _mail(session, pipeline, one, stores, (to, f"{public_url}/link/{token}"))

    mail = await atomic(pipeline.database, body)
    return Asked(code_of(keys, digest), now + LIFE, mail)


async def ask_claim(pipeline: Pipeline, asking: Asking, public_url: str) -> Asked:
    """The same for what the shopper ordered as a guest under an address, in any store of the programme. Raises Refused
    ``too-many-links``. The answer does not say whether anything was ordered; where nothing waits, no mail goes out.
    """
    keys, now = pipeline.keys, pipeline.now()
    address = asking.address.strip().casefold()
    token = f"{member_shard(asking.member_id):02x}{secrets.token_urlsafe(32)}"
    one = LinkRequest(
        _digest(token),
        asking.programme_number,
        asking.member_id,
        asking.asked_in,
        asking.asked_in,
        "",
        asking.member_id,
        keys.hash_address(asking.programme_number, address),
        now,
        now + LIFE,
    )

    async def body(session: Session) -> Mail | None:
        sent = await _mails_to(session, asking, one.address_hash, now)
        await save_request(session, one)
        programmes = await load_programmes(session)
        since = claimable_since(programmes, now)[one.programme_number]
        # Never to an address that folds to what was typed and is another: it would prove the wrong mailbox.
        if not address.isascii() or sent >= PER_ADDRESS:
            return None
        if not await waiting_guests(session, (one.programme_number, one.address_hash), since):
            return None
        store = store_name((await load_connections(session))[asking.asked_in])
        person = (await load_people(session, keys, [asking.member_id])).get(asking.member_id)
        language = await language_spoken(session, asking.member_id, person)
        words = words_of(programmes[one.programme_number].rulebook.in_force(now), language)
        url = f"{public_url}/link/{token}"
        text = words.text("claim.mail", store=store, minutes=LIFE // timedelta(minutes=1), url=url)
        subject = words.text("claim.subject", store=store)
        return Mail(address, subject, text, TAGS[language], f"link:{one.digest.hex()}", now)

    mail = await atomic(pipeline.database, body)
    return Asked(code_of(keys, one.digest), one.expires_at, mail)


async def _mails_to(session: Session, asking: Asking, hashed: str, now: datetime) -> int:
    """How many mails the address has had in an hour. Raises Refused ``too-many-links`` if the member asked too often.

    Requests of one member, and to one address, are counted one after the other, or those at once would not see one
    another; everywhere the member is locked before the address, so that nobody waits in a ring.
    """
    await one_at_a_time(session, f"{asking.programme_number}:link-of:{asking.member_id}", now)
    await one_at_a_time(session, f"{asking.programme_number}:link-to:{hashed}", now)
    if await count_of_member(session, asking.member_id, now - timedelta(days=1)) >= PER_MEMBER:
        raise Refused("too-many-links", {"limit": PER_MEMBER})
    return await count_to_address(session, asking.programme_number, hashed, now - timedelta(hours=1))


def _refuse_foreign(asking: Asking, connection: Connection | None) -> None:
    if connection is None or connection.programme_number != asking.programme_number:
        raise Refused("store-unknown", {"store": asking.connection_number})


async def _whose(session: Session, keys: Keys, asking: Asking, hashed: str) -> tuple[str, str, str]:
    """(customer, member, address to write to) of the one other member who has the address there; else empty."""
    found = await customers_with_address(session, asking.programme_number, asking.connection_number, hashed)
    owners = {member_id for _, member_id in found}
    if len(owners) != 1 or owners == {asking.member_id}:
        return "", "", ""
    customer, member_id = found[0]
    person = (await load_people(session, keys, [member_id])).get(member_id)
    # Never to what was typed: two addresses may fold to one, and only the store's own is proven to be the customer's.
    if person is None or keys.hash_address(asking.programme_number, person.email) != hashed:
        return "", "", ""
    return customer, member_id, person.email


async def _mail(
    session: Session, pipeline: Pipeline, one: LinkRequest, stores: tuple[str, str], to: tuple[str, str]
) -> Mail:
    people = await load_people(session, pipeline.keys, [one.linked_member_id])
    language = await language_spoken(session, one.linked_member_id, people[one.linked_member_id])
    programme = (await load_programmes(session))[one.programme_number].rulebook.in_force(one.created_at)
    words = words_of(programme, language)
    address, url = to
    text = words.text("link.mail", asking=stores[0], asked=stores[1], minutes=LIFE // timedelta(minutes=1), url=url)
    subject = words.text("link.subject", programme=programme.name)
    return Mail(address, subject, text, TAGS[language], f"link:{one.digest.hex()}", one.created_at)


async def send(mailer: Mailer, mail: Mail) -> None:
    """Send it. A failure is logged: the shopper asks again, and the answer they had told nothing either way."""
    try:
        await mailer.send(mail)
    except ConnectorError as error:
        log.warning("a link could not be mailed", extra={"why": error.detail})


def store_name(connection: Connection) -> str:
    """What people call a store: its address."""
    return connection.shop.partition("://")[2] or connection.shop


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def code_of(keys: Keys, digest: bytes) -> str:
    """The code that belongs to a token, ``BCDF-GHJK``: worked out, kept nowhere."""
    number = int.from_bytes(hmac.digest(keys.link_key, digest, "sha256"), "big")
    letters = []
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(CODE_LETTERS))
        letters.append(CODE_LETTERS[place])
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


@dataclass(frozen=True, slots=True)
class Pending:
    """A link that works: what was asked, the stores' names, and what would become of both members. outlook: None where
    orders of a guest are to be claimed, and then ``orders`` is how many.
    """

    request: LinkRequest
    asking: str
    asked: str
    outlook: Outlook | None
    words: Words
    orders: int = 0


async def look(pipeline: Pipeline, token: str) -> Pending:
    """What a link is about. Raises Refused ``link-over``, or as ``merging.preview``."""
    session = pipeline.database.reading()
    one = await _open_request(pipeline, session, token)
    connections = await load_connections(session)
    if one.is_claim:
        return await _look_at_claim(pipeline, session, one, store_name(connections[one.asked_in]))
    outlook = await preview(pipeline, one.programme_number, one.linked_member_id, one.member_id, "address")
    person = (await load_people(session, pipeline.keys, [one.linked_member_id])).get(one.linked_member_id)
    stores = (store_name(connections[one.asked_in]), store_name(connections[one.connection_number]))
    programme = (await load_programmes(session))[one.programme_number].rulebook.in_force(one.created_at)
    language = await language_spoken(session, one.linked_member_id, person)
    return Pending(one, *stores, outlook, words_of(programme, language))


async def _look_at_claim(pipeline: Pipeline, session: Session, one: LinkRequest, store: str) -> Pending:
    person = (await load_people(session, pipeline.keys, [one.member_id])).get(one.member_id)
    programmes = await load_programmes(session)
    since = claimable_since(programmes, pipeline.now())[one.programme_number]
    orders = await waiting_guests(session, (one.programme_number, one.address_hash), since)
    programme = programmes[one.programme_number].rulebook.in_force(one.created_at)
    language = await language_spoken(session, one.member_id, person)
    return Pending(one, store, store, None, words_of(programme, language), orders)


async def _open_request(pipeline: Pipeline, session: Session, token: str) -> LinkRequest:
    shard = _shard_of(token)
    one = await find_request(session, shard, _digest(token)) if shard is not None else None
    if one is None or not one.is_open(pipeline.now()):
        raise Refused("link-over")
    if one.is_claim:
        return one
    if await member_of_customer(session, one.connection_number, one.customer_ref) != one.linked_member_id:
        # The account is another member's by now, or was deleted.
        raise Refused("link-over")
    return one


def _shard_of(token: str) -> int | None:
    try:
        shard = int(token[:2], 16)
    except ValueError:
        return None
    return shard if 0 <= shard < SHARDS and len(token) == 45 and token.isascii() else None


async def confirm(pipeline: Pipeline, token: str, code: str) -> int:
    """Join the two members, or claim what was ordered under the address: then, how many orders. Raises Refused
    ``link-over``, ``wrong-code``, or as ``merging.merge`` or ``guests.claim``.
    """

    async def body(session: Session) -> LinkRequest | None:
        one = await _open_request(pipeline, session, token)
        if not await count_try(session, one):
            raise Refused("link-over")
        given = "".join(letter for letter in code.upper() if letter.isalnum())
        if not same(given.encode(), code_of(pipeline.keys, one.digest).replace("-", "").encode()):
            # Returned, not raised: the try must stay counted.
            return None
        if not await take_request(session, one, pipeline.now()):
            raise Refused("link-over")
        return one

    one = await atomic(pipeline.database, body)
    if one is None:
        raise Refused("wrong-code")
    if one.is_claim:
        return await claim(pipeline, one.programme_number, one.member_id, one.address_hash, "mail", SHOPPER)
    await merge(pipeline, one.programme_number, one.linked_member_id, one.member_id, BY_ADDRESS, SHOPPER)
    return 0


@dataclass(frozen=True, slots=True)
class Link:
    """One account that was linked."""

    member_id: str
    connection_number: int
    linked_at: datetime


async def links_of(pipeline: Pipeline, programme_number: int, member_id: str) -> list[Link]:
    """Accounts that were linked to a member and still are, also to one who was merged into them since."""
    session = pipeline.database.reading()
    links = {}
    for whole in [member_id, *await merged_into(session, member_id)]:
        for one in await used_requests(session, whole):
            last = await standing_merge(session, programme_number, one.linked_member_id)
            if one.is_claim or last is None or not one.used_at:
                continue
            if (last.survivor_id, last.cause) == (whole, BY_ADDRESS):
                links[one.linked_member_id] = Link(one.linked_member_id, one.connection_number, one.used_at)
    return list(links.values())


async def unlink(pipeline: Pipeline, programme_number: int, member_id: str, linked_member_id: str) -> Merge:
    """Undo a link; never so that what was spent is there again. Raises Refused ``not-linked``, or as
    ``merging.unmerge``: ``merged-points-spent`` where only support can part the accounts, who sees what is owed then;
    ``merged-on`` where another link, or a merge, must be undone first.
    """
    if linked_member_id not in {link.member_id for link in await links_of(pipeline, programme_number, member_id)}:
        raise Refused("not-linked", {"member": linked_member_id})
    return await unmerge(pipeline, programme_number, linked_member_id, SHOPPER, may_owe=False)
