"""A shop proves a code, both sides agree on keys, and the shop confirms: only then there is a connection.

Every answer can get lost, so each step can be asked for again and is answered alike. Nothing here logs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from tortoise.exceptions import IntegrityError

from connector.access import pairing_proofs
from connector.access.pairing_proofs import KEY_BYTES, REST_KEY, PairKeys, agree, is_proof, open_rest_key, read_public
from connector.access.store_calls import read_head
from connector.errors import BadSignature
from connector.ingest.pipeline import Pipeline
from connector.pairing.places import displace, found_at
from connector.people.actors import PLUGIN
from connector.platforms import Connection, Credentials
from connector.shop_addresses import site_address
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.connections import (
    PLUGIN_TO_SERVICE,
    PLUGIN_TO_SHOP,
    add_secret,
    connection_of,
    create_connection,
    note_programme_told,
    retire_secrets,
    revive_connection,
)
from connector.storage.pairings import LIVES, Pairing, PairingState, confirm_pairing, load_pairing, prove_pairing
from connector.storage.push import release_wishes, wish_all
from connector.storage.removals import release_removals
from connector.storage.session import Session
from connector.store_settings import LANGUAGE
from connector.woocommerce.plugin import COLLECT, REACH, REST_URL
from loyalty_engine.texts import TAGS, language_of

CONFIRM = "confirm"
PLATFORM = "woocommerce"
ACTIVE = 2
"""Secrets of either direction that are good at a time: earlier ones until the shop uses the new ones."""


class NoPairing(Exception):
    """There is no such code: it never was, is over, or was used."""


class PairingTaken(Exception):
    """Another shop, or this one with another key, was faster."""


class ConnectedElsewhere(Exception):
    """The shop belongs to another programme. there: its connection."""

    def __init__(self, there: Connection) -> None:
        super().__init__()
        self.there = there


GivesWay = Callable[[Connection, Connection, Credentials], Awaitable[bool]]
"""Whether the address of a connection is that of another, with these secrets (``places``)."""


@dataclass(frozen=True, slots=True)
class Shop:
    """What a shop says of itself with its proof. public: its key in base64. settings: of the connection."""

    site: str
    rest_url: str
    public: str
    proof: str = field(repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proven:
    """What we answer. public: our key; proof: ours."""

    connection: str
    public: str
    programme_number: int
    proof: bytes = field(repr=False)


class _Kept(msgspec.Struct):
    """What is kept of a shop until it confirms."""

    shop: str
    settings: dict[str, str]


async def prove(pipeline: Pipeline, pairing_id: str, shop: Shop, now: datetime) -> Proven:
    """Raises NoPairing, BadSignature, PairingTaken; Unreadable, ConfigProblem or Permanent for what cannot be right."""
    database, keys = pipeline.database, pipeline.keys
    pairing = await load_pairing(database.reading(), keys, pairing_id, now)
    if pairing is None or pairing.state == PairingState.CONFIRMED:
        raise NoPairing
    code_key = pairing.secrets[:KEY_BYTES]
    right = pairing_proofs.shop_proof(code_key, pairing_id, shop.public, shop.site, shop.rest_url)
    if not is_proof(shop.proof, right):
        raise BadSignature("The proof is not made with this code.", reason="wrong-proof")
    if pairing.state == PairingState.PROVEN:
        return _answer(pairing, shop)
    read_public(shop.public)
    address = site_address(shop.site)
    service_public, agreed = agree(code_key, pairing_id, shop.public, X25519PrivateKey.generate())
    kept = msgspec.json.encode(_Kept(address, {**shop.settings, REST_URL: shop.rest_url})).decode()

    async def body(session: Session) -> Pairing | None:
        known = await found_at(session, PLATFORM, address)
        is_same = known is not None and known.programme_number == pairing.programme_number
        proven = replace(
            pairing,
            secrets=code_key + agreed.to_service + agreed.to_shop + agreed.hand_over,
            shop_public=shop.public,
            service_public=service_public,
            shop_text=kept,
            connection_public_id=known.public_id if known and is_same else pairing.connection_public_id,
        )
        if await prove_pairing(session, keys, proven):
            return proven
        return await load_pairing(session, keys, pairing_id, now)

    found = await atomic(database, body)
    if found is None or found.state == PairingState.CONFIRMED:
        raise NoPairing
    return _answer(found, shop)


def _answer(pairing: Pairing, shop: Shop) -> Proven:
    """The same whenever it is asked for again. Raises PairingTaken for another key than the first that came, or for
    other addresses: what was kept of the first call is what will be connected.
    """
    kept = msgspec.json.decode(pairing.shop_text, type=_Kept)
    first = (pairing.shop_public, kept.shop, kept.settings[REST_URL])
    if first != (shop.public, site_address(shop.site), shop.rest_url):
        raise PairingTaken
    connection = pairing.connection_public_id
    proof = pairing_proofs.service_proof(
        pairing.secrets[:KEY_BYTES], pairing.id, shop.public, pairing.service_public, connection
    )
    return Proven(connection, pairing.service_public, pairing.programme_number, proof)


async def confirm(
    pipeline: Pipeline,
    pairing_id: str,
    headers: Mapping[str, str],
    raw: bytes,
    rest_key: str | None,
    gives_way: GivesWay,
    now: datetime,
) -> Connection:
    """The connection, made now or before. raw: what is signed; a copy of the call changes nothing: its id is not kept.
    gives_way: asked where the address belongs to another programme.

    Raises NoPairing, BadSignature, PairingTaken, ConnectedElsewhere; Unreadable for a REST key that cannot be opened.
    """
    database, keys = pipeline.database, pipeline.keys
    pairing = await load_pairing(database.reading(), keys, pairing_id, now)
    if pairing is None or pairing.state == PairingState.OPEN:
        raise NoPairing
    head = read_head(headers, CONFIRM, now)
    is_done = pairing.state == PairingState.CONFIRMED
    to_service = pairing.secrets if is_done else pairing.secrets[KEY_BYTES : 2 * KEY_BYTES]
    head.check(raw, (to_service,))
    if not is_done:
        agreed = PairKeys(to_service, *(pairing.secrets[at * KEY_BYTES : (at + 1) * KEY_BYTES] for at in (2, 3)))
        secrets = {} if rest_key is None else open_rest_key(agreed.hand_over, rest_key)
        joining = _Joining(pipeline, pairing, agreed, secrets, now)
        try:
            await _join(pipeline, joining)
        except ConnectedElsewhere as elsewhere:
            if not await gives_way(elsewhere.there, joining.claim(), Credentials(to_shop=(agreed.to_shop,))):
                raise
            await _join(pipeline, replace(joining, displaces=elsewhere.there.number))
    connection = await connection_of(database.reading(), pairing.programme_number, pairing.connection_public_id)
    if connection is None:
        raise NoPairing
    return connection


async def _join(pipeline: Pipeline, joining: _Joining) -> None:
    try:
        await atomic(pipeline.database, joining.run)
    except IntegrityError:
        # Somebody connected the shop between our look and our commit; now there is one to look at.
        await atomic(pipeline.database, joining.run)


@dataclass(frozen=True, slots=True)
class _Joining:
    """One transaction: the code is used up, and the connection exists with its secrets. displaces: number of the
    connection that has the address and does not stand there.
    """

    pipeline: Pipeline
    pairing: Pairing
    agreed: PairKeys = field(repr=False)
    rest_key: Mapping[str, str] = field(repr=False)
    now: datetime
    displaces: int | None = None

    def claim(self) -> Connection:
        """The connection as it would be."""
        kept = msgspec.json.decode(self.pairing.shop_text, type=_Kept)
        pairing = self.pairing
        return Connection(
            0, pairing.connection_public_id, pairing.programme_number, PLATFORM, kept.shop, kept.shop, kept.settings
        )

    async def run(self, session: Session) -> None:
        """Nothing if it was done before."""
        pairing, keys, now = self.pairing, self.pipeline.keys, self.now
        used = replace(pairing, secrets=self.agreed.to_service)
        if not await confirm_pairing(session, keys, used, pairing.connection_public_id, now + LIVES):
            return
        kept = msgspec.json.decode(pairing.shop_text, type=_Kept)
        known = await found_at(session, PLATFORM, kept.shop)
        if known is not None and known.number == self.displaces:
            await displace(session, known, now)
            known = None
        connection = await self._connection(session, kept, known)
        for kind, secret in ((PLUGIN_TO_SERVICE, self.agreed.to_service), (PLUGIN_TO_SHOP, self.agreed.to_shop)):
            await add_secret(session, keys, connection, kind, secret, now)
            await retire_secrets(session, connection.number, kind, ACTIVE, now)
        await self._rest_key(session, connection, known)
        details = {"connection": connection.public_id, "pairing": pairing.id}
        deed = ProgrammeDeed(pairing.programme_number, Act.STORE_PAIR, PLUGIN, now, details)
        await note_programme_deeds(session, [deed])

    async def _rest_key(self, session: Session, connection: Connection, known: Connection | None) -> None:
        """A key is sent to where the shop's REST API is. Handed over anew, it takes the place of the one before; where
        none was, that one goes on only if the API is where it was, or in the shop.
        """
        places = {_origin(connection.shop), _origin(known.settings.get(REST_URL, "")) if known else ""}
        for name in REST_KEY:
            if self.rest_key:
                await add_secret(session, self.pipeline.keys, connection, name, self.rest_key[name], self.now)
                await retire_secrets(session, connection.number, name, 1, self.now)
            elif _origin(connection.settings[REST_URL]) not in places:
                await retire_secrets(session, connection.number, name, 0, self.now)

    async def _connection(self, session: Session, kept: _Kept, known: Connection | None) -> Connection:
        pairing, now = self.pairing, self.now
        # Until the shop was asked, nobody knows whether we can call it.
        settings = {**kept.settings, REACH: COLLECT}
        if known is None:
            if await connection_of(session, None, pairing.connection_public_id) is not None:
                # It was this shop's when the code was proven, and has moved to another address since.
                raise PairingTaken
            return await create_connection(
                session,
                pairing.programme_number,
                PLATFORM,
                kept.shop,
                kept.shop,
                settings,
                now,
                pairing.connection_public_id,
            )
        if known.programme_number != pairing.programme_number:
            raise ConnectedElsewhere(known)
        if known.public_id != pairing.connection_public_id:
            raise PairingTaken
        # What the merchant has set themselves stays.
        revived = await revive_connection(session, known, kept.shop, {**settings, **_by_hand(known), REACH: COLLECT})
        # What the plugin shows it keeps in a place of its own, which is empty at first.
        await wish_all(session, known.number, now)
        await release_wishes(session, known.number, now)
        await note_programme_told(session, known.number, "")
        await release_removals(session, known.number, now)
        return revived


def _origin(address: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(address.lower())
    return f"{parts.scheme}://{parts.netloc}"


def _by_hand(known: Connection) -> dict[str, str]:
    return {name: value for name, value in known.settings.items() if name not in (REST_URL, "currency", "timezone")}


def settings_of(currency: str, timezone: str, locale: str, paid_statuses: Sequence[str]) -> dict[str, Any]:
    """What a connection keeps of what its shop says of itself; what is empty is left out."""
    found = {
        "currency": currency,
        "timezone": timezone,
        LANGUAGE: _language(locale),
        "paid_statuses": ",".join(paid_statuses),
    }
    return {name: text for name, text in found.items() if text}


def _language(locale: str) -> str:
    """The language of ours that a shop's locale is in; empty where we have none for it."""
    found = language_of(locale)
    return found if TAGS[found][:2] == locale.lower().replace("_", "-").partition("-")[0] else ""
