"""Badges and community levels: each row against the numbers that stand in it, and the last ones against the counters.

What was right at its moment is told by the row: the numbers that caused it meet the rule of its version, or no longer
do. What is held now is worked out again from the kept counter rows, unless a look at the member is due or work waits.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta

from connector.storage.session import Row
from connector.verify.document import Document
from connector.verify.due import Case
from connector.verify.load import MemberRows
from connector.verify.looks import is_looked_at
from connector.verify.measures import (
    COUNTED,
    NOT_FEWER_IN_SMALL_COMMUNITIES,
    Counted,
    Sight,
    measure,
    month_number,
    rests_on_votes,
)
from connector.verify.paths import MERGE
from connector.verify.report import Findings
from connector.verify.rules import Books, Rules, local_day
from connector.verify.standing_rules import RANKS, BadgeText, LevelText, Rule

SYSTEM = "system"
FULL = 1_000
"""Thousandths of what levels ask of a large community."""
DAY = timedelta(days=1)
THINGS = frozenset({"product", "review", "photo", "question"})
"""Counters whose key is a product."""
OF_ANYTHING = frozenset({"spend", "tier_points", "category", "product"})
MANY_OF_ONE = OF_ANYTHING | {"donation"}
"""Counters of which one source may have more than 1."""
Numbers = Mapping[str, int]


def check_standing(rows: MemberRows, books: Books, cases: Mapping[str, Case], now_us: int, findings: Findings) -> None:
    """Every automatic row, and what is held now."""
    for n, change in enumerate(rows.badges):
        _check_badge_row(rows, books, change, rows.badges[:n], findings)
        _check_possible(rows, cases, change, findings)
    for n, change in enumerate(rows.levels):
        _check_level_row(rows, books, change, rows.levels[n - 1] if n else None, findings)
        _check_possible(rows, cases, change, findings)
    rules = books.in_force(now_us, now_us)
    if rules is None or not is_looked_at(rows, rules, now_us):
        return
    document = rules.document
    sight = _sight(rows, document, now_us)
    _check_level_now(rows, document, sight, findings)
    _check_badges_now(rows, document, sight, findings)


def _differs(
    rows: MemberRows, change: Row | None, expected: str | None, found: str | None, what: str, to: Findings
) -> None:
    to.differs("standing", rows.place(n=change["n"] if change else None), expected, found, what=what)


def _numbers(change: Row) -> Numbers | None:
    """The numbers that caused a row; None for what is none."""
    try:
        found = json.loads(change["numbers_text"] or "{}", parse_float=str)
    except ValueError:
        return None
    return found if isinstance(found, dict) and all(type(number) is int for number in found.values()) else None


def _meets(rule: Rule, numbers: Numbers) -> bool:
    return all(asked.holds(numbers[asked.measure]) for asked in rule)


def _names(rule: Rule) -> set[str]:
    return {asked.measure for asked in rule}


def _is_by_numbers(change: Row) -> bool:
    """Not what a person said, nor what a merge brought of that or took back: ``paths`` holds those to their parcels."""
    return bool(change["actor"] == SYSTEM and not change["reason"].startswith(MERGE))


def _check_possible(rows: MemberRows, cases: Mapping[str, Case], change: Row, findings: Findings) -> None:
    """No number in a row is more than what had been decided by then can have come to."""
    numbers = _numbers(change) or {}
    if not _is_by_numbers(change) or not any(numbers.values()):
        return
    known = Counter(
        _kind(cases.get(ref)) for ref, it in rows.contexts.items() if it["decided_at_us"] <= change["at_us"]
    )
    for name, number in numbers.items():
        way, counters = COUNTED.get(name, (None, ()))
        kinds = {counter.split(".")[0] for counter in counters}
        if way is None or number <= 0:
            continue
        most = known.total() if kinds & OF_ANYTHING else sum(known[kind] for kind in {*kinds, ""})
        if number > most and (most == 0 or kinds.isdisjoint(MANY_OF_ONE)):
            _differs(rows, change, f"at most {most}", str(number), f"{name} in row {change['n']}", findings)


def _kind(case: Case | None) -> str:
    """What a source counts as; empty where nobody knows any more."""
    if case is None:
        return ""
    return "orders" if case.order else case.activity.kind if case.activity else ""


# --- rows of badges ---


def _check_badge_row(rows: MemberRows, books: Books, change: Row, before: Collection[Row], findings: Findings) -> None:
    rules, what = books.versions.get(change["programme_version"]), f"badge {change['badge']}"
    if rules is None:
        findings.differs("version-missing", rows.place(n=change["n"]), None, change["programme_version"])
        return
    if not _is_by_numbers(change):
        return
    badge, numbers = rules.document.badges.get(change["badge"]), _numbers(change)
    if badge is None or not badge.levels:
        _differs(rows, change, "a badge given by numbers", change["badge"], what, findings)
        return
    if not _fits_key(badge, change, rules, books):
        _differs(rows, change, f"per {badge.per}", change["award_key"], f"{what}, award key,", findings)
    rule = badge.rule_of(change["level"])
    if change["badge_state"] == "awarded":
        if rule is None or numbers is None or _names(rule) != numbers.keys() or not _meets(rule, numbers):
            _differs(rows, change, _text(rule), change["numbers_text"], what, findings)
        return
    if badge.keeps:
        _differs(rows, change, "kept", "revoked", what, findings)
    if _level_of(before, change) != change["level"]:
        _differs(rows, change, _level_of(before, change), change["level"], f"{what}, revoked level,", findings)
    is_told = numbers is not None and _names(rule or ()) == numbers.keys()
    # Without any row that counts, a badge of a season or a product is lost however its rule compares.
    is_gone = numbers is not None and not any(numbers[name] for name in numbers.keys() & COUNTED.keys())
    if not is_told or (rule and _meets(rule, numbers or {}) and not is_gone):
        _differs(rows, change, f"not {_text(rule)}", change["numbers_text"], what, findings)


def _fits_key(badge: BadgeText, change: Row, rules: Rules, books: Books) -> bool:
    """Whether an award key is one of the badge's, and of a time that had begun."""
    key, today = change["award_key"], local_day(books.zone, change["at_us"])
    if badge.per == "year":
        return len(key) == 4 and key.isdecimal() and int(key) <= today.year
    if badge.per == "month":
        return len(key) == 7 and "0001-01" <= key <= f"{today:%Y-%m}"
    return bool(key) == (badge.per not in ("once",))


def _level_of(changes: Collection[Row], of: Row) -> str | None:
    """The level of a badge and key that is held after these rows."""
    held = None
    for change in changes:
        if (change["badge"], change["award_key"]) == (of["badge"], of["award_key"]):
            held = change["level"] if change["badge_state"] == "awarded" else None
    return held


def _text(rule: Rule | None) -> str | None:
    return None if rule is None else " and ".join(f"{each.measure} {each.sign} {each.least}" for each in rule)


# --- rows of levels ---


def _check_level_row(rows: MemberRows, books: Books, change: Row, before: Row | None, findings: Findings) -> None:
    rules, what = books.versions.get(change["programme_version"]), f"level {change['level']}"
    if rules is None:
        findings.differs("version-missing", rows.place(n=change["n"]), None, change["programme_version"])
        return
    if not _is_by_numbers(change):
        return
    ladder, numbers = rules.document.ladder, _numbers(change)
    places = {level.name: place for place, level in enumerate(ladder)}
    place = places.get(change["level"])
    if place is None or ladder[place].is_appointed or numbers is None:
        _differs(rows, change, "a level given by numbers", change["level"], what, findings)
        return
    has = places.get(before["level"]) if before else None
    reason = ("joined" if place == 0 else "reached") if has is None else ("reached" if place > has else "lost")
    if change["reason"] != reason or place == has:
        _differs(rows, change, reason, change["reason"], f"{what}, reason,", findings)
    scale = numbers.get("scale", FULL)
    rule = _scaled(ladder[place].rule, scale) if place else ()
    told = {*_names(rule), *(_names(ladder[has].rule) if reason == "lost" and has is not None else ())}
    if told != numbers.keys() - {"scale"}:
        _differs(rows, change, ", ".join(sorted(told)), change["numbers_text"], what, findings)
    elif place and not ladder[place].grace and not _meets(rule, numbers):
        _differs(rows, change, _text(rule), change["numbers_text"], what, findings)
    elif reason == "lost" and before is not None and has is not None and _is_by_numbers(before):
        # Of two neighbours the upper one does not hold any more; in between another one may have stood in the way.
        is_next = not any(not level.is_appointed for level in ladder[place + 1 : has])
        is_told = not place or ladder[place].window == ladder[has].window
        if is_next and is_told and not rules.document.levels_scale and _meets(ladder[has].rule, numbers):
            _differs(rows, change, f"not {_text(ladder[has].rule)}", change["numbers_text"], what, findings)


def _scaled(rule: Rule, thousandths: int) -> Rule:
    """What a small community asks: of counts that must grow, its part, rounded up."""
    return tuple(
        replace(asked, least=max(1, -(-asked.least * thousandths // FULL)))
        if asked.sign in (">=", ">") and asked.least > 0 and asked.measure not in NOT_FEWER_IN_SMALL_COMMUNITIES
        else asked
        for asked in rule
    )


# --- what is held now ---


def _sight(rows: MemberRows, document: Document, now_us: int) -> Sight:
    zone = document.zone.key
    counted = [
        Counted(counter, key, ref, date.fromisoformat(row["day"]), row["value"])
        for (ref, counter, key), row in rows.counters.items()
    ]
    joined = local_day(zone, rows.member["enrolled_at_us"]) if rows.member else date.max
    places = {level.name: place for place, level in enumerate(document.ladder)}
    held = places.get(rows.levels[-1]["level"], 0) if rows.levels else 0
    return Sight(counted, local_day(zone, now_us), joined, held)


def _is_mutual(sight: Sight) -> bool:
    """Whether more than half of at least five helpful votes came from people whom the member voted for."""
    liked = {row.key for row in sight.rows if row.counter == "vote_given" and row.key}
    voters = [row.key for row in sight.rows if row.counter == "helpful_vote"]
    return len(voters) >= 5 and 2 * sum(voter in liked for voter in voters) > len(voters)


def _holds(rule: Rule, sight: Sight) -> bool:
    return all(asked.holds(measure(asked.measure, sight)) for asked in rule)


def _check_level_now(rows: MemberRows, document: Document, sight: Sight, findings: Findings) -> None:
    """The level of the last row is the highest that can be climbed to, unless a person appointed it."""
    ladder, last = document.ladder, rows.levels[-1] if rows.levels else None
    if not ladder or document.levels_scale or (_is_mutual(sight) and _any_votes(ladder)):
        return
    if last is not None and any(level.name == last["level"] and level.is_appointed for level in ladder):
        return
    best = ladder[0]
    for level in ladder[1:]:
        if level.is_appointed:
            continue
        if not _holds_with_grace(level, sight):
            break
        best = level
    if last is None or last["level"] != best.name:
        _differs(rows, last, best.name, last["level"] if last else None, "the community level", findings)


def _any_votes(ladder: Collection[LevelText]) -> bool:
    return any(rests_on_votes(asked.measure) for level in ladder for asked in level.rule)


def _holds_with_grace(level: LevelText, sight: Sight) -> bool:
    """Whether a level is met today or was on a day of its grace."""
    kinds = {row.counter for row in sight.rows}
    for asked in level.rule:
        if (
            asked.sign == ">="
            and asked.least
            and asked.measure in COUNTED
            and kinds.isdisjoint(COUNTED[asked.measure][1])
        ):
            return False
    return any(_holds(level.rule, _on(level, sight, sight.day - back * DAY)) for back in range(level.grace + 1))


def _on(level: LevelText, sight: Sight, day: date) -> Sight:
    first = day - level.window * DAY if level.window else date.min
    return Sight([row for row in sight.rows if first < row.day <= day], day, sight.joined)


def _check_badges_now(rows: MemberRows, document: Document, sight: Sight, findings: Findings) -> None:
    last = {(change["badge"], change["award_key"]): change for change in rows.badges}
    is_mutual = _is_mutual(sight)
    for name, badge in document.badges.items():
        if not badge.levels:
            continue
        parts = _parts(badge, sight)
        for key in sorted({*parts, *(key for of, key in last if of == name)}):
            part = parts.get(key)
            earned = None if part is None else _earned(badge, part)
            _check_badge_now(rows, (name, key), badge, earned, last.get((name, key)), is_mutual, findings)


def _earned(badge: BadgeText, part: Sight) -> str | None:
    """The highest level whose rule holds."""
    return next((level for level, rule in reversed(badge.levels) if _holds(rule, part)), None)


def _check_badge_now(
    rows: MemberRows,
    of: tuple[str, str],
    badge: BadgeText,
    earned: str | None,
    last: Row | None,
    is_mutual: bool,
    findings: Findings,
) -> None:
    held = last["level"] if last is not None and last["badge_state"] == "awarded" else None
    by_hand = last is not None and last["actor"] != SYSTEM
    above = held if held is not None else (last["level"] if last is not None and by_hand else None)
    what = f"badge {' '.join(of).strip()}"
    if earned is not None and (above is None or RANKS.index(earned) > RANKS.index(above)):
        rule = badge.rule_of(earned) or ()
        if not (is_mutual and any(rests_on_votes(asked.measure) for asked in rule)):
            _differs(rows, last, earned, held, what, findings)
    elif held is not None and held != earned and not badge.keeps and not by_hand:
        _differs(rows, last, earned, held, what, findings)


def _parts(badge: BadgeText, sight: Sight) -> dict[str, Sight]:
    """What counts for each award key: of its period or product, in the season, up to the last day of either."""
    counted, day = sight.rows, sight.day
    if badge.season is not None:
        first, after = badge.season
        if day < first:
            return {}
        counted = [row for row in counted if first <= row.day < after]
        day = min(day, after - DAY)
    if badge.per == "once":
        return {"": replace(sight, rows=counted, day=day)}
    if badge.per in ("month", "year"):
        return _by_period(badge.per, counted, day, sight)
    sources: dict[str, set[str]] = {}
    for row in counted:
        if row.counter in THINGS and row.key:
            sources.setdefault(row.key, set()).add(row.source_ref)
    return {
        key: replace(sight, rows=[row for row in counted if row.source_ref in refs], day=day)
        for key, refs in sources.items()
    }


def _by_period(per: str, counted: Collection[Counted], day: date, sight: Sight) -> dict[str, Sight]:
    days = {row.day for row in counted if row.day <= day} | {day}
    found = {}
    for key in {_key(per, each) for each in days}:
        rows = [row for row in counted if _key(per, row.day) == key]
        found[key] = replace(sight, rows=rows, day=min(day, _last_day(per, key)))
    return found


def _key(per: str, day: date) -> str:
    return f"{day.year:04}" if per == "year" else f"{day.year:04}-{day.month:02}"


def _last_day(per: str, key: str) -> date:
    if per == "year":
        return date(int(key), 12, 31)
    number = month_number(date(int(key[:4]), int(key[5:]), 1)) + 1
    return date(number // 12, number % 12 + 1, 1) - DAY
