"""Which keys move points is decided for each scope."""

from __future__ import annotations

from connector.access import auth


def test_a_new_scope_moves_points_until_somebody_says_that_it_does_not() -> None:
    """Whom the operator keeps from points makes none of these keys."""
    assert auth.STILL < auth.SCOPES and auth.MOVES_POINTS == auth.SCOPES - auth.STILL
    moving = {
        auth.WRITE_MEMBERS,
        auth.REDEEM,
        auth.WRITE_EVENTS,
        auth.BACKFILL_EVENTS,
        auth.MINT_TOKENS,
        auth.REPAIR_BOOKS,
        auth.WRITE_HISTORY,
        auth.WRITE_PROGRAMME,
        auth.WRITE_CONNECTIONS,
        auth.IMPORT,
        auth.WRITE_KEYS,
    }
    assert moving == auth.MOVES_POINTS
