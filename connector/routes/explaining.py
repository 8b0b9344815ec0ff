"""``/v1/entries/{id}/explain``: a sentence for the shopper, the calculation for support, and what did not fire."""

from __future__ import annotations

from msgspec import Struct

from connector.access.auth import READ_MEMBERS
from connector.routes.access import NeedsKey
from connector.routes.errors import Problem
from connector.routes.members import member_id_of
from connector.routes.operations import Call, Operation
from connector.snapshot.explained import Explained, WhyNot, earns_nothing, explained
from connector.storage.members import find_member, load_entries, load_reasons
from connector.storage.programmes import load_programmes
from loyalty_engine.explain.names import words_of
from loyalty_engine.texts import Words, language_of


class InLanguage(Struct, forbid_unknown_fields=True):
    """language: a tag such as ``de`` or ``zh-TW``; what we do not speak becomes English."""

    language: str = "en"


class WhyNots(Struct):
    """Newest first, at most 50."""

    language: str
    sources: list[WhyNot]


async def _words(call: Call, version: int | None = None) -> Words:
    programme = (await load_programmes(call.session))[call.key_scope.programme_number]
    versions = programme.rulebook.versions
    chosen = next((one for one in versions if one.version == version), versions[-1])
    return words_of(chosen, language_of(call.query.language))


async def explain(call: Call) -> Explained:
    """One entry by ``<member id>.<n>``."""
    text, _, number = call.path("id").rpartition(".")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise _no_such_entry()
    member_id = member_id_of(text)
    rows = await load_entries(call.session, call.key_scope, member_id, int(number) + 1, 1)
    if not rows or rows[0]["n"] != int(number):
        raise _no_such_entry()
    words = await _words(call, rows[0]["programme_version"])
    return await explained(call.session, member_id, rows[0], words)


async def explain_nothing(call: Call) -> WhyNots:
    """Sources of a member that earn nothing, and why."""
    member_id = member_id_of(call.path("id"))
    if await find_member(call.session, call.key_scope, member_id) is None:
        raise Problem(404, "No such member", "There is no such member in your programme.")
    words = await _words(call)
    rows = await load_reasons(call.session, call.key_scope, member_id)
    return WhyNots(words.language, [earns_nothing(row, words) for row in rows])


def _no_such_entry() -> Problem:
    return Problem(404, "No such entry", "There is no such entry in your programme.")


OPERATIONS = (
    Operation(
        "GET",
        "/v1/entries/{id}/explain",
        NeedsKey(READ_MEMBERS),
        "Why an entry moved its points: a sentence, the calculation, and the rules that did not fire.",
        explain,
        Explained,
        query=InLanguage,
        tag="explaining",
        problems={404: "There is no such entry in your programme."},
    ),
    Operation(
        "GET",
        "/v1/members/{id}/why-not",
        NeedsKey(READ_MEMBERS),
        "Why orders and activities of a member earn nothing.",
        explain_nothing,
        WhyNots,
        query=InLanguage,
        tag="explaining",
        problems={404: "There is no such member in your programme."},
    ),
)
