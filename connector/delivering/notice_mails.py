"""What is known of a notice that is to be told, and the mail that tells it: of one, or of several at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.delivering.announcing import CHANGED, changed_version
from connector.delivering.letters import Letter, Links, Part, one_line, write
from connector.delivering.mail import Mail
from connector.storage.mail_settings import EXPIRY, arms_by_mail, mail_kind
from connector.storage.notices import DueNotice
from connector.storage.people import Person
from connector.storage.programmes import ProgrammeBooks
from loyalty_engine.expiry import LotEnd, Reminder
from loyalty_engine.explain.changes import changed_rules, known_before
from loyalty_engine.explain.names import words_of
from loyalty_engine.explain.notices import notice_text
from loyalty_engine.programme.model import Programme, ShownBy
from loyalty_engine.texts import DEFAULT, TAGS, Words


@dataclass(frozen=True, slots=True)
class Known:
    """All that is needed to tell one notice. reminder: of points that end, as it stands now; None: nothing ends then
    any more. unwarned: ends of it that no notice was given of yet. stores: the ends that each store shows, by lot.
    mailed: when the member was written to within the last day, oldest first. language: in which. about, shop: pages of
    the store that it is about, and of the member's own; empty where there is none.
    """

    notice: DueNotice
    books: ProgrammeBooks
    person: Person
    reminder: Reminder | None
    unwarned: tuple[LotEnd, ...] = ()
    stores: Sequence[Mapping[int, LotEnd]] = ()
    mailed: Sequence[datetime] = ()
    language: str = DEFAULT
    about: str = ""
    shop: str = ""

    def are_shown(self, now: datetime) -> bool:
        """Whether stores show all these ends, with no fewer points, and the programme lets that count."""
        if self.books.rulebook.in_force(now).expiry.shown_by is not ShownBy.STORE or not self.stores:
            return False
        return all(_shows(store.get(end.lot_n), end) for store in self.stores for end in self.unwarned)

    def is_mailed(self, now: datetime) -> bool:
        """Whether a mail tells it: the programme sends such mails, and the member wants them."""
        kind = mail_kind(self.notice.kind)
        if kind is None or not self.person.wants(kind):
            return False
        is_needed = kind == EXPIRY and arms_by_mail(self.books.rulebook.in_force(now))
        return is_needed or self.books.mails.sends(kind)


def _shows(shown: LotEnd | None, end: LotEnd) -> bool:
    return shown is not None and shown.nominal_at == end.nominal_at and shown.points >= end.points


def mail_of(told: Sequence[Known], now: datetime, choose: str) -> Mail:
    """One mail to one member about all of this, oldest first. choose: the page where they choose their mails. It leads
    to the store that the newest of it is about which is about one.
    """
    told = sorted(told, key=lambda known: known.notice.at)
    shop = next((known.about for known in reversed(told) if known.about), told[-1].shop)
    books, person = told[0].books, told[0].person
    programme, language = books.rulebook.in_force(now), told[0].language
    words = words_of(programme, language)
    written = write(
        Letter(
            words,
            programme.name,
            books.mails.accent,
            [_part(known, programme, words) for known in told],
            first_name=person.first_name,
            links=Links(choose, shop),
        )
    )
    key = "|".join([told[0].notice.member_id, *(f"{known.notice.kind}:{known.notice.key}" for known in told)])
    sender = one_line(books.mails.sender_name)
    return Mail(person.email, written.subject, written.text, TAGS[language], key, now, written.html, sender, choose)


def _part(known: Known, programme: Programme, words: Words) -> Part:
    inputs = {**known.notice.inputs, "programme": programme.name}
    if known.reminder is not None:
        inputs |= {"points": known.reminder.points, "ends_at": known.reminder.ends_at.isoformat()}
    told = notice_text(known.notice.kind, inputs, words, programme.base_currency)
    return Part(told.title, (told.text, *_changes(known, words.language)))


def _changes(known: Known, language: str) -> list[str]:
    """What a change of rules changes, a paragraph for each section of their page."""
    version = changed_version(known.books, known.notice) if known.notice.kind == CHANGED else None
    if version is None:
        return []
    sections = changed_rules(known_before(known.books.rulebook, version), version, language)
    return ["\n".join([section.title, *section.sentences]) for section in sections]
