"""Which mails a member wants: chosen on a page that every mail links to, without signing in.

The link says whose mails it is about and is signed for that; it opens nothing else, and it has no end: whoever finds an
old mail can still stop them. What is stopped stays true for everything: points that would end are then told in the
shop, and end only after that (ADR 11, 33).
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from connector.crypto import Keys, same
from connector.ingest.pipeline import Pipeline
from connector.people.actors import SHOPPER
from connector.people.languages import language_spoken
from connector.storage.atomic import atomic, consistent_read
from connector.storage.audit import Act, Deed, note_deeds
from connector.storage.mail_settings import KINDS
from connector.storage.merges import forwarded, is_kept
from connector.storage.people import NO_MAILS, Person, choose_mails, load_people
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from loyalty_engine.errors import Refused
from loyalty_engine.explain.names import words_of
from loyalty_engine.texts import Words

_TOKEN = re.compile(r"([1-9][0-9]{0,9})-([0-9a-f]{32})-([A-Za-z0-9_-]{22})")
_MAC_BYTES = 16


@dataclass(frozen=True, slots=True)
class Choices:
    """What a member gets of what the programme sends. programme: its name. agrees: whether they said that they want
    mails at all.
    """

    words: Words
    programme: str
    kinds: tuple[str, ...]
    stopped: frozenset[str]
    agrees: bool

    def gets(self, kind: str) -> bool:
        """Whether mails of a kind reach them."""
        return self.agrees and not {kind, NO_MAILS} & self.stopped


def choice_token(keys: Keys, programme_number: int, member_id: str) -> str:
    """What a mail to a member links to; the same in each."""
    return f"{programme_number}-{member_id}-{_mac(keys, programme_number, member_id)}"


def _mac(keys: Keys, programme_number: int, member_id: str) -> str:
    digest = hmac.digest(keys.mail_key, f"{programme_number}:{member_id}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:_MAC_BYTES]).rstrip(b"=").decode()


def _whose(keys: Keys, token: str) -> tuple[int, str]:
    """Raises Refused ``mail-link-unknown``."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise Refused("mail-link-unknown")
    number, member_id = int(found[1]), found[2]
    if not same(_mac(keys, number, member_id).encode(), found[3].encode()):
        raise Refused("mail-link-unknown")
    return number, member_id


async def look_at_choices(pipeline: Pipeline, token: str) -> Choices:
    """What is chosen now; it changes nothing. Raises Refused ``mail-link-unknown``."""
    number, member_id = _whose(pipeline.keys, token)
    return await consistent_read(pipeline.database, lambda session: _choices(pipeline, session, number, member_id))


async def _choices(pipeline: Pipeline, session: Session, number: int, member_id: str) -> Choices:
    books = (await load_programmes(session)).get(number)
    if books is None:
        raise Refused("mail-link-unknown")
    member_id = await forwarded(session, member_id)
    person = (await load_people(session, pipeline.keys, [member_id])).get(member_id, Person())
    programme = books.rulebook.in_force(pipeline.now())
    kinds = tuple(kind for kind in KINDS if books.mails.sends(kind))
    words = words_of(programme, await language_spoken(session, member_id, person))
    return Choices(words, programme.name, kinds, frozenset(person.no_mails), bool(person.accepts_mail))


async def choose(pipeline: Pipeline, token: str, wanted: Collection[str]) -> Choices:
    """From now on they get these kinds and nothing else; none: no mail at all. Once more changes nothing. Raises
    Refused ``mail-link-unknown``.
    """
    number, member_id = _whose(pipeline.keys, token)

    async def body(session: Session) -> Choices:
        before = await _choices(pipeline, session, number, member_id)
        asked = [kind for kind in KINDS if kind in wanted]
        hidden = [kind for kind in KINDS if kind not in before.kinds and kind in before.stopped]
        stopped = (
            [NO_MAILS] if not asked else [k for k in KINDS if k in hidden or (k in before.kinds and k not in asked)]
        )
        await _keep(pipeline, session, number, member_id, stopped, agrees=bool(asked))
        return await _choices(pipeline, session, number, member_id)

    return await atomic(pipeline.database, body)


async def _keep(
    pipeline: Pipeline, session: Session, number: int, member_id: str, stopped: Sequence[str], *, agrees: bool
) -> None:
    ours, now = await forwarded(session, member_id), pipeline.now()
    if not await is_kept(session, ours):
        # Whoever was erased is written to no more, and leaves no choice behind.
        return
    if await choose_mails(session, pipeline.keys, number, ours, stopped, now, agrees=agrees):
        details = {"stopped": stopped} | ({"agrees": True} if agrees else {})
        await note_deeds(session, [Deed(ours, number, Act.MAILS, SHOPPER, "", now, details)])


async def takes_mails(pipeline: Pipeline, session: Session, member_id: str) -> bool:
    """Whether a member agreed to mails and has not stopped them all since."""
    person = (await load_people(session, pipeline.keys, [member_id])).get(member_id, Person())
    return bool(person.accepts_mail) and NO_MAILS not in person.no_mails


async def answer(pipeline: Pipeline, programme_number: int, member_id: str, takes: bool) -> None:
    """A member says in the shop whether they take mails; kinds that they stopped by themselves stay so. Once more
    changes nothing.
    """

    async def body(session: Session) -> None:
        person = (await load_people(session, pipeline.keys, [member_id])).get(member_id, Person())
        kinds = [kind for kind in person.no_mails if kind != NO_MAILS]
        await _keep(pipeline, session, programme_number, member_id, kinds if takes else [NO_MAILS], agrees=takes)

    await atomic(pipeline.database, body)
