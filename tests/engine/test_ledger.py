"""Entries: sign and kind, and the chain that shows every change made afterwards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

import pytest

from loyalty_engine.errors import LedgerError
from loyalty_engine.ledger import (
    CREDITS,
    DEBITS,
    GENESIS,
    POSTED_KINDS,
    EntryDraft,
    EntryKind,
    NewEntry,
    check_sign,
    counts_for_lifetime,
    explanation_digest,
    seal_entry,
)
from tests.engine.builders import DAY, MICROSECOND, PAID, SALT

DRAFT = EntryDraft(EntryKind.EARN, 12, "shopify:12:order:5123", 1, 3, {"due": 12, "order": "№ 5", "actor": "system"})


def seal(draft: EntryDraft = DRAFT, n: int = 1, previous: bytes = GENESIS, **changes: Any) -> NewEntry:
    place: dict[str, Any] = {
        "member_id": "anna",
        "n": n,
        "previous": previous,
        "book_date": PAID.date(),
        "recorded_at": PAID,
        "salt": SALT,
    }
    return seal_entry(draft, **(place | changes))


@pytest.mark.parametrize("kind", list(EntryKind))
@pytest.mark.parametrize("points", [-1, 0, 1])
def test_the_sign_follows_the_kind_and_no_entry_moves_nothing(kind: EntryKind, points: int) -> None:
    either = {EntryKind.ADJUST, EntryKind.TRANSFER}
    fits = points != 0 and (kind in either or (points > 0) == (kind in CREDITS))
    if fits:
        check_sign(kind, points)
        assert seal(replace(DRAFT, kind=kind, points=points)).points == points
        return
    with pytest.raises(LedgerError, match=f"^{kind} cannot move {points} points$"):
        check_sign(kind, points)
    with pytest.raises(LedgerError):
        seal(replace(DRAFT, kind=kind, points=points))


def test_every_kind_is_a_credit_or_a_debit_or_may_be_either() -> None:
    assert {"earn", "bonus", "reinstate"} == CREDITS
    assert {"redeem", "clawback", "expire"} == DEBITS
    assert set(EntryKind) - CREDITS - DEBITS == {EntryKind.ADJUST, EntryKind.TRANSFER}


def test_spending_counts_neither_as_posted_nor_against_what_was_ever_earned() -> None:
    assert {"earn", "bonus", "clawback", "transfer"} == POSTED_KINDS
    order = [kind.value for kind in EntryKind if counts_for_lifetime(kind, "shopify:12:order:5123")]
    assert order == ["earn", "bonus", "clawback", "transfer"]
    for ref in ("redemption:1", "lot:1", "adjust:1", "writeoff:shopify:12:order:5123"):
        assert not [kind for kind in EntryKind if counts_for_lifetime(kind, ref)]


def test_an_entry_is_chained_as_it_is_written_down() -> None:
    """Spelt out once more, with nothing of the engine: whoever checks a ledger later can do the same."""
    entry = seal(n=2, previous=b"\x07" * 32)
    text = '{"actor":"system","due":12,"order":"№ 5"}'
    digest = hashlib.sha256(SALT + text.encode()).digest()
    line = b'["anna",2,"earn",12,"shopify:12:order:5123",1,3,"2026-03-01","2026-03-01T09:30:00+00:00"]'
    assert (entry.explanation, entry.digest) == (text, digest)
    assert entry.entry_hash == hashlib.sha256(b"\x07" * 32 + line + digest).digest()


@pytest.mark.parametrize(
    "change",
    [
        {"member_id": "ben"},
        {"n": 2},
        {"previous": bytes([1]) + bytes(31)},
        {"book_date": PAID.date() + DAY},
        {"recorded_at": PAID + MICROSECOND},
        {"salt": bytes(16)},
        {"draft": replace(DRAFT, kind=EntryKind.BONUS)},
        {"draft": replace(DRAFT, points=13)},
        {"draft": replace(DRAFT, source_ref="shopify:12:order:5124")},
        {"draft": replace(DRAFT, source_n=2)},
        {"draft": replace(DRAFT, programme_version=4)},
        {"draft": replace(DRAFT, explanation={"due": 13})},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_field_of_an_entry_is_in_its_hash(change: dict[str, Any]) -> None:
    assert seal(**change).entry_hash != seal().entry_hash


def test_texts_cannot_slide_from_one_field_into_the_next() -> None:
    one = seal(replace(DRAFT, source_ref='a",1,1,"b'), member_id="m")
    other = seal(replace(DRAFT, source_ref="b"), member_id='m",1,"earn",12,"a')
    assert one.entry_hash != other.entry_hash


def test_the_order_in_which_an_explanation_is_put_together_does_not_matter() -> None:
    turned = dict(reversed(list(DRAFT.explanation.items())))
    assert seal(replace(DRAFT, explanation=turned)) == seal()


def test_the_same_explanation_has_another_digest_under_another_salt() -> None:
    """Otherwise an erased text could be found again by trying texts."""
    assert explanation_digest(SALT, "{}") != explanation_digest(bytes(16), "{}")


@dataclass(frozen=True)
class Tampering:
    name: str
    change: Callable[[list[NewEntry]], list[NewEntry]]


def edited(**changes: Any) -> Callable[[list[NewEntry]], list[NewEntry]]:
    return lambda entries: [entries[0], replace(entries[1], **changes), entries[2]]


@pytest.mark.parametrize(
    "tampering",
    [
        Tampering("an entry removed", lambda entries: [entries[0], entries[2]]),
        Tampering("two entries swapped", lambda entries: [entries[1], entries[0], entries[2]]),
        Tampering("points raised", edited(points=13)),
        Tampering("kind changed", edited(kind=EntryKind.BONUS)),
        Tampering("source changed", edited(source_ref="shopify:12:order:9")),
        Tampering("version changed", edited(programme_version=1)),
        Tampering("moved to another day", edited(book_date=PAID.date() - DAY)),
        Tampering("dated back", edited(recorded_at=PAID - timedelta(seconds=1))),
        Tampering("explanation changed", edited(explanation='{"due":13}')),
        Tampering("digest changed", edited(digest=bytes(32))),
    ],
    ids=lambda tampering: tampering.name,
)
def test_a_chain_tells_what_was_done_to_it(tampering: Tampering) -> None:
    entries: list[NewEntry] = []
    for n in (1, 2, 3):
        draft = replace(DRAFT, source_n=n)
        entries.append(seal(draft, n, entries[-1].entry_hash if entries else GENESIS))
    assert is_whole(entries)
    assert not is_whole(tampering.change(entries))


def is_whole(entries: list[NewEntry]) -> bool:
    """Seal every entry again from its own fields and compare."""
    previous = GENESIS
    for n, entry in enumerate(entries, start=1):
        draft = EntryDraft(
            entry.kind,
            entry.points,
            entry.source_ref,
            entry.source_n,
            entry.programme_version,
            json.loads(entry.explanation),
        )
        again = seal_entry(draft, entry.member_id, n, previous, entry.book_date, entry.recorded_at, entry.salt)
        if any(getattr(again, field.name) != getattr(entry, field.name) for field in fields(NewEntry)):
            return False
        previous = entry.entry_hash
    return True


def test_an_explanation_is_written_as_the_standard_encoder_writes_it() -> None:
    told = {"z": [{"b": None, "a": True}, 1, []], "a": 'ünï \u2028 "quoted" \\ \n', "n": -7, "m": {}}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert seal(replace(DRAFT, explanation=told)).explanation == text


def test_what_is_no_json_is_refused_and_nothing_is_sealed() -> None:
    with pytest.raises(TypeError):
        seal(replace(DRAFT, explanation={"at": PAID}))
