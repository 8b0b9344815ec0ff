"""Which mails a programme sends: changed by people, shown with made-up members, and sent to somebody for a look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from connector.crypto import Keys
from connector.delivering.letters import Letter, Links, Part, Written, one_line, write
from connector.delivering.mail import Mail, Mailer
from connector.delivering.shop_pages import page_of
from connector.people.actors import Actor
from connector.storage.atomic import atomic
from connector.storage.audit import Act, ProgrammeDeed, note_programme_deeds
from connector.storage.connections import load_connections
from connector.storage.database import Database
from connector.storage.mail_settings import EXPIRY, KINDS, MailSettings, arms_by_mail, save_settings
from connector.storage.pace import Pace, count_one
from connector.storage.programmes import ProgrammeBooks, load_programmes
from connector.storage.session import Session
from loyalty_engine.errors import Refused
from loyalty_engine.explain.names import words_of
from loyalty_engine.explain.notices import notice_text
from loyalty_engine.programme.model import Programme
from loyalty_engine.texts import TAGS

SAMPLES = Pace(at_once=5, every=timedelta(minutes=10))
"""Of one programme: enough to look at each, and no way to fill a stranger's mailbox."""
FIRST_NAME = "Mia"
_OF_KIND = {"referral": "referral-paid"}


async def change_mails(
    database: Database, programme_number: int, settings: MailSettings, actor: Actor, now: datetime
) -> MailSettings:
    """From now on these hold. Raises Refused ``expiry-mail-needed`` where they would keep points from ever ending, or
    ``mail-kind-unknown``.
    """
    unknown = sorted(set(settings.switches) - set(KINDS))
    if unknown:
        raise Refused("mail-kind-unknown", {"kind": unknown[0]})
    differing = {kind: is_on for kind, is_on in settings.switches.items() if is_on != KINDS[kind]}
    settings = msgspec.structs.replace(settings, switches=differing, sender_name=one_line(settings.sender_name))

    async def body(session: Session) -> MailSettings:
        books = (await load_programmes(session, lock=True))[programme_number]
        if not settings.sends(EXPIRY) and arms_by_mail(books.rulebook.in_force(now)):
            raise Refused("expiry-mail-needed")
        if settings != books.mails:
            await save_settings(session, programme_number, settings)
            details = {"before": msgspec.to_builtins(books.mails), "after": msgspec.to_builtins(settings)}
            await note_programme_deeds(session, [ProgrammeDeed(programme_number, Act.MAILS, actor, now, details)])
        return settings

    return await atomic(database, body)


async def sample_links(session: Session, programme_number: int, public_url: str) -> Links:
    """Of a mail to look at: a page of choices that is nobody's, and the page of the programme's first shop."""
    known = sorted((await load_connections(session)).items())
    pages = [page_of(one) for _, one in known if one.programme_number == programme_number]
    return Links(f"{public_url}/mails/sample", next(filter(None, pages), ""))


def sample(books: ProgrammeBooks, kind: str, language: str, now: datetime, links: Links) -> Written:
    """What a mail of a kind looks like, with made-up numbers and the programme's own names. Raises Refused
    ``mail-kind-unknown``.
    """
    if kind not in KINDS:
        raise Refused("mail-kind-unknown", {"kind": kind})
    programme = books.rulebook.in_force(now)
    words = words_of(programme, language)
    told = notice_text(_OF_KIND.get(kind, kind), _made_up(programme, now), words, programme.base_currency)
    part = Part(told.title, (told.text,))
    return write(Letter(words, programme.name, books.mails.accent, [part], first_name=FIRST_NAME, links=links))


def _made_up(programme: Programme, now: datetime) -> Mapping[str, Any]:
    """Enough for the words of every kind."""
    soon = (now + timedelta(days=30)).isoformat()
    tier = programme.tiers[min(1, len(programme.tiers) - 1)].tier_id if programme.tiers else "Gold"
    return {
        "programme": programme.name,
        "points": 120,
        "order": "1042",
        "matures_at": (now + timedelta(days=14)).isoformat(),
        "ends_at": soon,
        "expires_at": soon,
        "reward": programme.rewards[0].reward_id if programme.rewards else "",
        "tier": tier,
        "metric": "orders",
        "day": soon,
        "value": 3,
        "threshold": 5,
        "missing": 2,
        "badge": programme.badges[0].badge_id if programme.badges else "first_order",
        "date": soon[:10],
    }


@dataclass(frozen=True, slots=True)
class Sample:
    """A mail that somebody asks for, to look at it. to: their address."""

    kind: str
    language: str
    to: str


async def send_sample(
    database: Database, mailer: Mailer, keys: Keys, programme_number: int, asked: Sample, public_url: str, now: datetime
) -> bool:
    """Send it. public_url: of the pages that it links to. Returns whether it is on its way; else it lies in the folder
    from which nobody sends. Raises Refused ``too-many-samples`` or ``mail-kind-unknown``, and as ``Mailer.send``.
    """

    async def body(session: Session) -> tuple[ProgrammeBooks, Links, int]:
        books = (await load_programmes(session))[programme_number]
        links = await sample_links(session, programme_number, public_url)
        return books, links, await count_one(session, f"{programme_number}:mail-sample", SAMPLES, now)

    books, links, seconds = await atomic(database, body)
    if seconds:
        raise Refused("too-many-samples", {"seconds": seconds})
    written = sample(books, asked.kind, asked.language, now, links)
    # Whom it goes to is nobody's business who reads file names or ids.
    key = f"sample:{programme_number}:{asked.kind}:{now.isoformat()}:{keys.hash_address(programme_number, asked.to)}"
    await mailer.send(
        Mail(
            asked.to,
            written.subject,
            written.text,
            TAGS[asked.language],
            key,
            now,
            written.html,
            one_line(books.mails.sender_name),
        )
    )
    return mailer.delivers
