"""Whether the last look at a member still holds: what they are worked out to have now is asked of no one else."""

from __future__ import annotations

from connector.verify.load import MemberRows
from connector.verify.rules import Rules


def is_looked_at(rows: MemberRows, rules: Rules, now_us: int) -> bool:
    """Whether a member takes part, nothing of theirs waits, and no review is due since these rules began.

    A version that begins moves nobody by itself. Its members are marked to be reviewed, some at a time, and until the
    review of one has run they have what they had.
    """
    due = rows.balance["next_review_at_us"] if rows.balance else None
    is_active = rows.member is not None and rows.member["status"] == "active"
    is_marked = rules.has_marked(rows.shard, rows.member_id)
    return is_active and is_marked and not rows.work and due is not None and due > now_us
