"""What a verification found: classes of differences with the invariants they break, and the report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

Scalar = str | int | None

MAX_LISTED = 500
"""Differences, and matters that need attention, that a report lists; all of them are counted."""
OF_EACH = 50
"""Differences of one programme that are listed all the same, however many another one has."""


@dataclass(frozen=True, slots=True)
class Class:
    """A kind of difference. invariants: numbers in docs/verify.md; sentence: what happened, to be filled in."""

    invariants: tuple[int, ...]
    sentence: str


CLASSES: Mapping[str, Class] = {
    "shard-wrong": Class((1,), "{what} lies in shard {found} and belongs into shard {expected}."),
    "member-missing": Class((1,), "{what} exists for member {member}, whom nobody knows."),
    "balance-missing": Class((1,), "Member {member} has no balance."),
    "programme-wrong": Class(
        (10,), "{what} of member {member} is in programme {found}, the member in programme {expected}."
    ),
    "programme-missing": Class((10,), "Member {member} is in programme {found}, which does not exist."),
    "entry-number": Class(
        (1,), "The entries of member {member} should go on with number {expected}, but number {found} follows."
    ),
    "source-number": Class((1,), "Entry {n} should be number {expected} of its source, but is number {found}."),
    "kind-unknown": Class((1,), "Entry {n} is of kind {found}, for which this version of Belong has no rule."),
    "kind-and-sign": Class((1,), "Entry {n} moves {found} points, which its kind ({expected}) cannot."),
    "entry-changed": Class(
        (9,),
        "Entry {n} does not carry the fingerprint of its content: it, or the entry before it, was changed or removed.",
    ),
    "book-date": Class((9,), "Entry {n} is booked on {found}, but belongs on {expected}."),
    "entry-version": Class(
        (6,), "Entry {n} names version {found} of the programme; its source was decided under version {expected}."
    ),
    "explanation-changed": Class((9,), "The explanation of entry {n} is not the one that was written with it."),
    "explanation-without-entry": Class((9,), "There is an explanation for entry {n}, which does not exist."),
    "explanation-disagrees": Class(
        (7,), "Entry {n} is explained with {what} {found}, where the books give {expected}."
    ),
    "context-missing": Class((6,), "Entry {n} has no record of the terms its source was decided under."),
    "context-changed": Class((6,), "The terms recorded for {source} were changed after they were written."),
    "context-wrong": Class(
        (6,), "The terms recorded for {source} say {what} {found}, where the rules give {expected}."
    ),
    "version-missing": Class(
        (6,), "{source} was decided under version {found} of the programme, which does not exist."
    ),
    "lot-missing": Class((1,), "The lot of entry {n} ({expected} points) is missing."),
    "lot-unexpected": Class((1,), "There is a lot {n} ({found} points) that no entry opened."),
    "lot-differs": Class((1, 3), "Lot {n} has {what} {found}, where its entry and its source's terms give {expected}."),
    "lot-bounds": Class((2,), "Lot {n} holds {found} points, outside 0 to {expected}."),
    "lot-remaining": Class((1, 2), "Lot {n} has {found} points left, where the entries leave {expected}."),
    "consumption": Class((1, 2), "Debit {n} took {found} points from {what}, where the entries give {expected}."),
    "sum": Class((2,), "The lots of member {member} less what is owed make {found} points, the entries {expected}."),
    "balance": Class((1,), "The balance of member {member} says {what} {found}, where the entries give {expected}."),
    "due": Class((1, 4, 5, 6), "{source} is worth {expected} points to member {member}, but {found} are posted."),
    "counter": Class((1,), "{source} counts as {what} {found}, where its content gives {expected}."),
    "grant": Class((4,), "Under {what} {found} were granted, where {expected} is the most."),
    "order-of-use": Class((3,), "Entry {n} left {found} points in {what}, which comes before one that it took from."),
    "move": Class((1, 2), "By {what} {expected} points of {source} left, and {found} arrived."),
    "redemption": Class((1, 2), "{source} took {found} points, where its state gives {expected}."),
    "credit": Class((2,), "The store credit of {source} is {what} {found}, where its redemption gives {expected}."),
    "reward": Class((6,), "{source} has {what} {found}, where its version of the programme gives {expected}."),
    "booking": Class((2,), "{what} has {found} points set aside, where its state gives {expected}."),
    "path": Class((1,), "Change {n} of member {member} has {what} {found}, where {expected} follows."),
    "standing": Class((1,), "Member {member} has {found} for {what}, where {expected} follows from the counters."),
    "seal": Class(
        (1, 6),
        "The seal of member {member} does not fit: a row of theirs was changed, taken away or added past Belong.",
    ),
    "closing": Class((9,), "The books of {what} say {found}, where the entries give {expected}."),
    "closing-missing": Class((9,), "The books of {what} are shut, and nothing says how they closed."),
    "root": Class((9,), "The root of {what} is not that of its entries, its numbers and the day before."),
    "not-decided": Class((4,), "{source} qualifies for member {member}, but was never decided and is not waiting."),
    "fact-missing": Class((1,), "{source} is in the books of member {member}, but nothing is known of it."),
    "fact-unreadable": Class((1,), "What is known of {source} cannot be read: {found}."),
    "fact-differs": Class((1, 10), "{source} is filed with {what} {found}, where its content gives {expected}."),
    "identity-without-member": Class((1,), "{what} points to member {member}, who does not exist."),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where what is stored is not what follows from entries and facts. code: a key of ``CLASSES``.

    n: the number of an entry or lot. expected, found: as stored; bytes as hexadecimal text. programme: whose it is;
    None where that cannot be told.
    """

    code: str
    shard: int
    member_id: str | None
    source_ref: str | None
    n: int | None
    expected: Scalar
    found: Scalar
    sentence: str
    programme: int | None = None

    @property
    def invariants(self) -> tuple[int, ...]:
        """Which invariants it breaks."""
        return CLASSES[self.code].invariants


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the books: as in Difference. programme: need not be told where there is a member."""

    shard: int
    member_id: str | None
    source_ref: str | None = None
    n: int | None = None
    programme: int | None = None


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that waits for a person and is no fault of the books. subject: what it is about."""

    code: str
    subject: str
    sentence: str


@dataclass(slots=True)
class Counts:
    """How much was looked at. sources: pairs of member and source; points: sum of all entries, signed."""

    members: int = 0
    entries: int = 0
    lots: int = 0
    sources: int = 0
    points: int = 0

    def add(self, other: Counts) -> None:
        """Add another part's counts."""
        self.members += other.members
        self.entries += other.entries
        self.lots += other.lots
        self.sources += other.sources
        self.points += other.points


@dataclass(slots=True)
class Findings:
    """What one part of the books showed.

    erased: entries without explanation. waiting: sources that are to be decided.
    """

    counts: Counts = field(default_factory=Counts)
    differences: list[Difference] = field(default_factory=list)
    attention: list[Attention] = field(default_factory=list)
    erased: int = 0
    waiting: int = 0

    def differs(
        self,
        code: str,
        place: Place,
        expected: Scalar | bytes,
        found: Scalar | bytes,
        *,
        what: str = "",
    ) -> None:
        """Note a difference. what: the row or field it is about, in words."""
        shown_expected, shown_found = _shown(expected), _shown(found)
        sentence = CLASSES[code].sentence.format(
            what=what,
            member=place.member_id or "nobody",
            source=place.source_ref or "A source",
            n=place.n,
            expected="nothing" if shown_expected is None else shown_expected,
            found="nothing" if shown_found is None else shown_found,
        )
        self.differences.append(
            Difference(
                code,
                place.shard,
                place.member_id,
                place.source_ref,
                place.n,
                shown_expected,
                shown_found,
                sentence,
                place.programme,
            )
        )


def _shown(value: Scalar | bytes) -> Scalar:
    return value.hex() if isinstance(value, bytes) else value


@dataclass(slots=True)
class Report:
    """The result of a verification. ``differences`` and ``attention`` are capped, the counts beside them are not.

    programmes: how many differences each has; None: those of which nobody can tell whose they are.
    """

    counts: Counts = field(default_factory=Counts)
    differences: list[Difference] = field(default_factory=list)
    difference_counts: Counter[str] = field(default_factory=Counter)
    programmes: Counter[int | None] = field(default_factory=Counter)
    attention: list[Attention] = field(default_factory=list)
    attention_counts: Counter[str] = field(default_factory=Counter)
    erased: int = 0
    waiting: int = 0
    deliveries_waiting: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing differs. Matters that need attention do not count."""
        return not self.difference_counts

    def add(self, findings: Findings, members: Mapping[str, int] | None = None) -> None:
        """Take over what one part showed. members: programmes of the members whom it names."""
        self.counts.add(findings.counts)
        self.erased += findings.erased
        self.waiting += findings.waiting
        self.difference_counts.update(difference.code for difference in findings.differences)
        for one in findings.differences:
            programme = (members or {}).get(one.member_id or "", one.programme)
            self.programmes[programme] += 1
            if len(self.differences) < MAX_LISTED or self.programmes[programme] <= OF_EACH:
                self.differences.append(replace(one, programme=programme))
        self.attend(findings.attention)

    def attend(self, attention: list[Attention]) -> None:
        """Take over matters that need attention."""
        self.attention_counts.update(matter.code for matter in attention)
        self.attention += attention[: MAX_LISTED - len(self.attention)]

    def as_text(self) -> str:
        """For people: what was checked, what differs, what needs attention."""
        c = self.counts
        lines = [
            f"Checked {_many(c.members, 'member')}, {_many(c.entries, 'entry')}, {_many(c.lots, 'lot')} "
            f"and {_many(c.sources, 'source')}: {_many(c.points, 'point')} in all."
        ]
        lines += self._notes()
        lines += self._difference_lines()
        lines += self._attention_lines()
        return "\n".join(lines)

    def as_json(self) -> str:
        """One JSON document: ok, counts, difference_count, differences, attention_count, attention, erased, waiting."""
        document = {
            "ok": self.ok,
            "counts": asdict(self.counts),
            "difference_count": self.difference_counts.total(),
            "difference_counts": dict(sorted(self.difference_counts.items())),
            "difference_programmes": {str(number or ""): count for number, count in self.programmes.items()},
            "differences": [{**asdict(d), "invariants": list(d.invariants)} for d in self.differences],
            "attention_count": self.attention_counts.total(),
            "attention": [asdict(matter) for matter in self.attention],
            "erased": self.erased,
            "waiting": self.waiting,
            "deliveries_waiting": self.deliveries_waiting,
        }
        return json.dumps(document, ensure_ascii=False)

    def _notes(self) -> list[str]:
        notes = []
        if self.erased:
            notes.append(f"{_many(self.erased, 'explanation')} erased; the entries still hold together.")
        if self.waiting:
            notes.append(f"{_many(self.waiting, 'source')} waiting to be decided, not compared.")
        if self.deliveries_waiting:
            notes.append(f"{_many(self.deliveries_waiting, 'delivery')} waiting to be read.")
        return notes

    def _difference_lines(self) -> list[str]:
        if self.ok:
            return ["Everything agrees: each balance, lot and chain follows from entries and facts."]
        lines = [f"{_many(self.difference_counts.total(), 'difference')}:"]
        if len(self.programmes) > 1:
            named = sorted(self.programmes.items(), key=lambda each: each[0] or 0)
            lines += [f"  programme {number or 'unknown'}: {count:,}" for number, count in named]
        for code, count in sorted(self.difference_counts.items()):
            numbers = ", ".join(str(number) for number in CLASSES[code].invariants)
            lines.append(f"  {code} (invariant {numbers}): {count:,}")
            listed = [difference for difference in self.differences if difference.code == code]
            lines += [f"    shard {d.shard}, member {d.member_id or '-'}: {d.sentence}" for d in listed]
            lines += _and_more(count - len(listed))
        return lines

    def _attention_lines(self) -> list[str]:
        total = self.attention_counts.total()
        if not total:
            return []
        lines = [f"{_many(total, 'matter')} for your attention (not a difference):"]
        lines += [f"    {matter.subject}: {matter.sentence}" for matter in self.attention]
        return lines + _and_more(total - len(self.attention))


def _and_more(count: int) -> list[str]:
    return [f"    and {count:,} more"] if count > 0 else []


def _many(count: int, word: str) -> str:
    if count == 1:
        return f"1 {word}"
    return f"{count:,} {word[:-1]}ies" if word.endswith("y") else f"{count:,} {word}s"
