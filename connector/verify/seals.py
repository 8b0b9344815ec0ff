"""A member's seal: the exclusive or of the fingerprints of their rows. A row changed, gone or added turns it.

The format is in docs/verify.md; this is code of its own, not the one that seals.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from connector.storage.session import Row
from connector.verify.load import MemberRows
from connector.verify.report import Findings

HELD: Mapping[str, tuple[str, ...]] = {
    "member": ("programme_number", "enrolled_at_us", "created_at_us", "status", "status_at_us", "merged_into"),
    "tier_change": (
        *("n", "programme_number", "tier", "cause", "at_us", "programme_version", "metric", "value", "threshold"),
        *("keep_until", "actor", "reason"),
    ),
    "badge_change": (
        *("n", "programme_number", "badge", "award_key", "level", "badge_state", "at_us", "programme_version"),
        *("reason", "numbers_text", "actor"),
    ),
    "level_change": (
        *("n", "programme_number", "level", "at_us", "programme_version", "reason", "numbers_text", "actor"),
    ),
    "redemption": (
        *("programme_number", "redemption_id", "reward_id", "kind", "redemption_state", "points"),
        *("programme_version", "value_minor", "currency", "percent_bp", "cap_minor", "product_id"),
        *("minimum_order_minor", "connection_number", "order_ref", "place", "late", "reason", "created_at_us"),
        *("updated_at_us", "lapses_at_us", "expires_at_us"),
    ),
    "merge": (
        *("n", "programme_number", "survivor_id", "merge_id", "state", "cause", "actor", "at_us", "undone_at_us"),
    ),
    "parcel": ("merge_id", "programme_number", "at_us"),
    "adjust_request": (
        *("request_id", "programme_number", "points", "actor", "person", "through", "second_actor"),
        *("second_person", "second_through", "state", "created_at_us", "decided_at_us"),
    ),
    "referral": (
        *("friend_id", "programme_number", "code", "referral_state", "score", "reasons", "order_ref"),
        *("registered_at_us", "decided_at_us", "actor"),
    ),
    "referred_by": ("programme_number", "referrer_id"),
    "audit": ("audit_id", "programme_number", "act", "person", "through", "at_us", "numbers_text"),
    "erasure": ("programme_number", "erased_at_us", "actor"),
}
"""What a fingerprint holds of each table's rows besides the member, in this order."""


def row_fingerprint(table: str, row: Row) -> int:
    """The first 63 bits of the SHA-256 of a row as compact JSON."""
    line = msgspec.json.encode([table, row["member_id"], *(row[name] for name in HELD[table])])
    return int.from_bytes(hashlib.sha256(line).digest()[:8], "big") // 2


def check_seal(rows: MemberRows, findings: Findings) -> None:
    """The stored number against the rows that there are."""
    expected = 0
    for table, found in rows.sealed().items():
        for row in found:
            expected ^= row_fingerprint(table, row)
    stored = rows.seal["row_seal"] if rows.seal else 0
    if stored != expected:
        findings.differs("seal", rows.place(), expected, stored)
