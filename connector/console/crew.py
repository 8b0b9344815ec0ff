"""Pages of the people who sign in themselves: an owner's list of all, and one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.access.console import Role
from connector.console.door import LANGUAGES
from connector.console.pages import Frame, page
from connector.signing_in.inviting import Given
from connector.signing_in.passwords import LEAST
from connector.storage.console_people import ConsolePerson, Invitation
from connector.storage.console_sessions import OwnSession
from loyalty_engine.texts import language_of


def people_page(
    frame: Frame,
    language: str,
    people: Sequence[ConsolePerson],
    own: str,
    invitations: Sequence[Invitation],
    *,
    is_second_needed: bool,
    keys: Mapping[str, Sequence[str]],
    given: Given | None = None,
    problem: str = "",
) -> str:
    """own: the public id of whoever looks. keys: prefixes of good API keys, by the public id of their owner. given: an
    address that is shown this once.
    """
    roles = [role.value for role in Role]
    return page(
        "settings_people.html",
        language,
        frame=frame,
        people=people,
        own=own,
        invitations=invitations,
        is_second_needed=is_second_needed,
        keys=keys,
        given=given,
        problem=problem,
        roles=roles,
    )


def second_page(
    frame: Frame,
    language: str,
    person: ConsolePerson,
    *,
    is_needed: bool,
    left: int,
    secret: str = "",
    picture: str = "",
    codes: Sequence[str] = (),
    problem: str = "",
) -> str:
    """secret, picture: of an authenticator that is to be confirmed. codes: for a lost phone, shown this once; left: how
    many there are.
    """
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return page(
        "settings_second.html",
        language,
        frame=frame,
        person=person,
        is_needed=is_needed,
        left=left,
        secret=grouped,
        picture=picture,
        codes=codes,
        problem=problem,
    )


def me_page(
    frame: Frame,
    language: str,
    person: ConsolePerson | None,
    sessions: Sequence[OwnSession],
    digest: bytes,
    problems: dict[str, str] | None = None,
) -> str:
    """person: None for somebody whose shop answers for them. digest: of the session that asks."""
    return page(
        "settings_me.html",
        language,
        frame=frame,
        person=person,
        sessions=sessions,
        digest=digest,
        problems=problems or {},
        languages=list(LANGUAGES.items()),
        spoken=language_of(person.language) if person is not None else language,
        least=LEAST,
    )
