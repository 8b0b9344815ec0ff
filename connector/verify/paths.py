"""A member's path through the tiers, and badges: each row goes on from the one before, and says what caused it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from connector.storage.session import Row
from connector.verify.load import MemberRows
from connector.verify.looks import is_looked_at
from connector.verify.report import Findings
from connector.verify.rules import Books, Rules, local_day

MERGE, BACK = "merge:", ":back"
"""How the reason begins of what came with a merge, and how it ends where that was undone."""
BY_NUMBER = {"reached": 1, "lost": -1}
"""Causes that a number explains, and on which side of its threshold it lies."""


def check_paths(rows: MemberRows, books: Books, now_us: int, findings: Findings) -> None:
    """Tiers and badges, and what merges brought of them."""
    _check_numbering(rows, rows.tiers, "tier", findings)
    _check_numbering(rows, rows.badges, "badge", findings)
    _check_tiers(rows, books, findings)
    _check_reached(rows, books, now_us, findings)
    _check_badges(rows, findings)
    _check_merged(rows, findings)


def _check_merged(rows: MemberRows, findings: Findings) -> None:
    """Whatever names a merge as its reason names one whose parcel this member has opened."""
    opened = {row["merge_id"] for row in rows.parcels}
    for change in (*rows.tiers, *rows.badges, *rows.levels):
        merge = change["reason"].removesuffix(BACK).removeprefix(MERGE)
        if change["reason"].startswith(MERGE) and merge not in opened:
            findings.differs("path", rows.place(n=change["n"]), "a merge", merge, what="reason")


def _check_numbering(rows: MemberRows, changes: Sequence[Row], what: str, findings: Findings) -> None:
    at = 0
    for n, change in enumerate(changes, 1):
        if change["n"] != n:
            findings.differs("path", rows.place(n=change["n"]), n, change["n"], what=f"{what} n")
        if change["at_us"] < at:
            findings.differs("path", rows.place(n=change["n"]), at, change["at_us"], what=f"{what} at")
        at = change["at_us"]


def _check_tiers(rows: MemberRows, books: Books, findings: Findings) -> None:
    for change in rows.tiers:
        rules = books.versions.get(change["programme_version"])
        place = rows.place(n=change["n"])
        if rules is None:
            findings.differs("version-missing", place, None, change["programme_version"])
        elif change["tier"] not in rules.document.tiers:
            findings.differs("path", place, "a tier", change["tier"], what="tier")
        elif change["cause"] == "reached":
            least = rules.document.ways[change["tier"]].get(change["metric"])
            if least != change["threshold"]:
                findings.differs("path", place, least, change["threshold"], what="threshold")
        if (change["cause"] == "joined") != (change["n"] == 1 and not change["metric"]):
            findings.differs("path", place, "joined", change["cause"], what="cause")
        if change["cause"] == "joined" and (change["value"] or change["threshold"]):
            findings.differs("path", place, 0, change["value"] or change["threshold"], what="value")
        side = BY_NUMBER.get(change["cause"], 0)
        is_above = change["value"] >= change["threshold"]
        if (side > 0 and not is_above) or (side < 0 and is_above and change["threshold"]):
            findings.differs("path", place, change["threshold"], change["value"], what=change["metric"])


def _check_reached(rows: MemberRows, books: Books, now_us: int, findings: Findings) -> None:
    """A tier whose threshold is met now was reached with the last look: the last change is not below it, unless set by
    hand.
    """
    rules = books.in_force(now_us, now_us)
    if rules is None or not rules.document.tiers or not rows.counters or not is_looked_at(rows, rules, now_us):
        return
    order = rules.document.tiers
    last = rows.tiers[-1] if rows.tiers else None
    if last is None:
        findings.differs("path", rows.place(n=1), "a tier", None, what="tier")
        return
    totals = _totals(rows, rules, books.zone, now_us)
    met = [tier for tier in order if any(totals[m] >= least for m, least in rules.document.ways[tier].items())]
    best = met[-1] if met else order[0]
    if last["cause"] != "locked" and last["tier"] in order and order.index(last["tier"]) < order.index(best):
        findings.differs("path", rows.place(n=last["n"]), best, last["tier"], what="tier")


def _totals(rows: MemberRows, rules: Rules, zone: str, now_us: int) -> dict[str, int]:
    """Sums of counters in the policy's window, today included."""
    today, policy = local_day(zone, now_us), rules.document.tiers_policy
    window = policy.get("window", "rolling")
    first = {"lifetime": date.min, "calendar_year": date(today.year, 1, 1)}.get(window)
    if first is None:
        # A day inside by any reading: at the edge of the window the months' lengths decide.
        first = today - timedelta(days=28 * int(policy.get("window_months", 12)))
    totals = {"spend": 0, "orders": 0, "tier_points": 0}
    for (_, counter, _), row in rows.counters.items():
        if counter in totals and first.isoformat() <= row["day"] <= today.isoformat():
            totals[counter] += row["value"]
    return totals


def _check_badges(rows: MemberRows, findings: Findings) -> None:
    """A badge is revoked only where it was awarded; that it was taken by hand goes along with a merge."""
    held: set[tuple[str, str]] = set()
    for change in rows.badges:
        key = (change["badge"], change["award_key"])
        if change["badge_state"] == "revoked" and key not in held and not change["reason"].startswith(MERGE):
            findings.differs("path", rows.place(n=change["n"]), "awarded", "revoked", what=change["badge"])
        held = held | {key} if change["badge_state"] == "awarded" else held - {key}
