"""Reference tables: few rows, read everywhere, the same on every node of a distributed database.

Everything that grows with shoppers or orders lives in sharded tables with composite keys, which Tortoise cannot
express; they are written in SQL (migrations, ADR 0002) and reached through the other modules of this package.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Instance(Model):
    """This installation. One row. ``epoch`` rises with every restore, so that stores know old snapshots from new."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    epoch = fields.IntField()
    key_check = fields.BinaryField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "instance"


class Programme(Model):
    """One merchant's programme: the tenant. ``closed_through``: last day whose books are closed.
    ``birthdays_through``: last local day whose birthdays were found; None before the first. ``mails_text``: see
    ``mail_settings``; None: the usual ones.
    """

    number = fields.IntField(primary_key=True)
    public_id = fields.CharField(max_length=36, unique=True)
    name = fields.CharField(max_length=100)
    timezone = fields.CharField(max_length=64)
    starts_at = fields.DatetimeField()
    closed_through = fields.DateField(null=True)
    birthdays_through = fields.DateField(null=True)
    created_at = fields.DatetimeField()
    mails_text = fields.TextField(null=True)

    class Meta:
        table = "programme"


class ProgrammeVersion(Model):
    """One immutable version of a programme's document.

    tells: members hear of it. announced_at: when everybody concerned had a notice of it; nobody joins them later.
    reason: why it was published, None where nobody said. marks_after: members up to this one are marked to be looked at
    when it begins (``storage.marks``); NULL: all are. person, through: who is proven to have published it, and how.
    withdrawn_*: when, by whom, why and how it was withdrawn before it began; withdrawn_at NULL: it was not.
    """

    id = fields.IntField(primary_key=True)
    programme_number = fields.IntField()
    version = fields.IntField()
    effective_from = fields.DatetimeField()
    document = fields.TextField()
    created_at = fields.DatetimeField()
    actor = fields.CharField(max_length=100)
    tells = fields.BooleanField(default=False)
    announced_at = fields.DatetimeField(null=True)
    reason = fields.TextField(null=True)
    marks_after = fields.CharField(max_length=80, null=True)
    person = fields.CharField(max_length=254, db_default="")
    through = fields.CharField(max_length=254, db_default="")
    withdrawn_at = fields.DatetimeField(null=True)
    withdrawn_by = fields.CharField(max_length=100, null=True)
    withdrawn_reason = fields.TextField(null=True)
    withdrawn_person = fields.CharField(max_length=254, db_default="")
    withdrawn_through = fields.CharField(max_length=254, db_default="")

    class Meta:
        table = "programme_version"
        unique_together = (("programme_number", "version"),)


class StoreConnection(Model):
    """One installed store. ``problem``: what the merchant must do before we talk to it again, in words.

    bookmark: newest change date seen by reconcile; checked_at: when it last finished. programme_told: version of the
    programme's summary that the store has. disconnected_at: since then neither side talks to the other. rests_until_us:
    until then nobody asks it, since it did not answer; rests: so many times in a row.
    """

    number = fields.IntField(primary_key=True)
    public_id = fields.CharField(max_length=36, unique=True)
    programme_number = fields.IntField()
    platform = fields.CharField(max_length=20)
    shop = fields.CharField(max_length=255)
    api_url = fields.CharField(max_length=255)
    settings = fields.TextField()
    problem = fields.TextField(null=True)
    problem_since = fields.DatetimeField(null=True)
    bookmark = fields.DatetimeField(null=True)
    checked_at = fields.DatetimeField(null=True)
    programme_told = fields.CharField(max_length=60, null=True)
    disconnected_at = fields.DatetimeField(null=True)
    silent_since_us = fields.BigIntField(null=True)
    rests_until_us = fields.BigIntField(null=True)
    rests = fields.IntField(null=True)
    silent_why = fields.TextField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "connection"
        unique_together = (("platform", "shop"),)


class ConnectionSecret(Model):
    """One secret of a connection, encrypted. ``kind``: ``webhook`` or the name of an API secret."""

    id = fields.IntField(primary_key=True)
    connection_number = fields.IntField()
    kind = fields.CharField(max_length=40)
    sealed = fields.BinaryField()
    created_at = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "connection_secret"


class ApiKey(Model):
    """A key of the read API: ``prefix.secret``, of which only the digest is kept. ``scopes``: separated by spaces.

    made_with: the prefix of the key that made it; empty: none did.
    """

    id = fields.IntField(primary_key=True)
    prefix = fields.CharField(max_length=20, unique=True)
    digest = fields.BinaryField()
    programme_number = fields.IntField()
    name = fields.CharField(max_length=100)
    scopes = fields.CharField(max_length=500)
    owner = fields.CharField(max_length=100, db_default="")
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)
    made_with = fields.CharField(max_length=20, db_default="")

    class Meta:
        table = "api_key"


class OperatorDeed(Model):
    """One command of an operator: who, what, when, and what came of it.

    details: what was asked for, without secrets and persons, as JSON. outcome: ``done``, or why not; None while it
    runs, and for ever if it was ended by force.
    """

    id = fields.IntField(primary_key=True)
    at = fields.DatetimeField()
    command = fields.CharField(max_length=40)
    programme_number = fields.IntField(null=True, db_index=True)
    person = fields.CharField(max_length=100)
    through = fields.CharField(max_length=40)
    details = fields.TextField()
    outcome = fields.TextField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "operator_deed"
        indexes = (Index(name="operator_deed_newest", fields=("programme_number", "at", "id")),)


class BulkAdjust(Model):
    """Points given to, or taken from, every member of a segment. ``state``: see ``storage.bulks.BulkState``."""

    id = fields.IntField(primary_key=True)
    bulk_id = fields.CharField(max_length=32, unique=True)
    programme_number = fields.IntField()
    points = fields.BigIntField()
    members = fields.IntField()
    digest = fields.CharField(max_length=64)
    segment = fields.TextField()
    state = fields.SmallIntField()
    reason = fields.TextField()
    actor = fields.CharField(max_length=100)
    person = fields.CharField(max_length=100)
    through = fields.CharField(max_length=40)
    created_at_us = fields.BigIntField()
    second_actor = fields.CharField(max_length=100, null=True)
    second_person = fields.CharField(max_length=100, null=True)
    second_through = fields.CharField(max_length=40, null=True)
    decided_at_us = fields.BigIntField(null=True)
    undo_actor = fields.CharField(max_length=100, null=True)
    undo_person = fields.CharField(max_length=100, null=True)
    undo_through = fields.CharField(max_length=40, null=True)
    undo_reason = fields.TextField(null=True)
    undone_at_us = fields.BigIntField(null=True)
    listed = fields.SmallIntField(db_default=1)
    dropped_for = fields.CharField(max_length=60, null=True)

    class Meta:
        table = "bulk_adjust"


class JobRun(Model):
    """One firing of a scheduled job. Whoever inserts the row runs the job, anyone else finds it taken.

    result: ``ok``, ``failed`` or ``skipped``, None while it runs; outcome: what came of it, or why, in words. alive_at:
    when whoever runs it was last seen at it.
    """

    id = fields.IntField(primary_key=True)
    job = fields.CharField(max_length=60)
    slot = fields.DatetimeField()
    started_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    outcome = fields.TextField(null=True)
    result = fields.CharField(max_length=10, null=True)
    took_ms = fields.BigIntField(null=True)
    alive_at = fields.DatetimeField(null=True)

    class Meta:
        table = "job_run"
        unique_together = (("job", "slot"),)


class ShopToken(Model):
    """The access token that a shop gave for a while, for every process.

    credentials: digest of what it was asked for with. sealed: the token with its end and what the next is asked for
    with, None before the first. claimed_until: somebody is asking for the next one, until then nobody else does. turn:
    counts those who asked, so that one who comes too late is known.
    """

    connection_number = fields.IntField(primary_key=True, generated=False)
    credentials = fields.CharField(max_length=64, default="")
    sealed = fields.BinaryField(null=True)
    claimed_until = fields.DatetimeField(null=True)
    turn = fields.IntField(default=0)

    class Meta:
        table = "shop_token"


class Arrival(Model):
    """When a connection's webhooks came.

    last_at, last_id: newest that was counted. gaps: seconds of the longest pause that ended on each day in UTC, as JSON
    ``{"2026-11-21": 5400}``.
    """

    connection_number = fields.IntField(primary_key=True, generated=False)
    last_at = fields.DatetimeField(null=True)
    last_id = fields.BigIntField(default=0)
    gaps = fields.TextField(default="{}")

    class Meta:
        table = "arrival"


class ProgrammePause(Model):
    """A time in which a programme's facts are kept and nothing is decided. ``ends_at``: None while it lasts.

    reason, resume_reason: why it was begun and ended, None where nobody said. marks_after: since it ended, members up
    to this one are marked to be looked at (``storage.marks``); NULL: all are, or it lasts.
    """

    id = fields.IntField(primary_key=True)
    programme_number = fields.IntField()
    begins_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)
    actor = fields.CharField(max_length=100)
    resumed_by = fields.CharField(max_length=100, null=True)
    reason = fields.TextField(null=True)
    resume_reason = fields.TextField(null=True)
    person = fields.CharField(max_length=254, db_default="")
    through = fields.CharField(max_length=254, db_default="")
    resumed_person = fields.CharField(max_length=254, db_default="")
    resumed_through = fields.CharField(max_length=254, db_default="")
    marks_after = fields.CharField(max_length=80, null=True)

    class Meta:
        table = "programme_pause"
        unique_together = (("programme_number", "begins_at"),)


class CorrectionRun(Model):
    """How far a correction is: the last member whose sources were decided again, and what came of it.

    wrong_version, paid_from, begun_at: the key of the correction, which an export keeps, as it does not keep ids.
    """

    id = fields.IntField(primary_key=True)
    programme_number = fields.IntField()
    wrong_version = fields.IntField()
    paid_from = fields.DatetimeField()
    after_shard = fields.IntField(default=-1)
    after_member = fields.CharField(max_length=64, default="")
    sources = fields.IntField(default=0)
    members = fields.IntField(default=0)
    points = fields.BigIntField(default=0)
    left_over = fields.IntField(default=0)
    expected_sources = fields.IntField(default=0)
    expected_members = fields.IntField(default=0)
    expected_points = fields.BigIntField(default=0)
    begun_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "correction_run"
        unique_together = (("programme_number", "wrong_version", "paid_from", "begun_at"),)


class ErasureJournal(Model):
    """One file of erasures beside the database, and how many lines it had when it was last written to."""

    id = fields.IntField(primary_key=True)
    journal_id = fields.CharField(max_length=40, unique=True)
    lines = fields.IntField(default=0)

    class Meta:
        table = "erasure_journal"


class ProgrammeCorrection(Model):
    """A mistaken version superseded for a past interval of payments (``programme.Correction``).

    reason: why, None where nobody said. The moment of deciding is part of the key: what is corrected may be led back to
    the version where it began, and corrected anew.
    """

    id = fields.IntField(primary_key=True)
    programme_number = fields.IntField()
    wrong_version = fields.IntField()
    right_version = fields.IntField()
    paid_from = fields.DatetimeField()
    paid_until = fields.DatetimeField()
    decided_at = fields.DatetimeField()
    actor = fields.CharField(max_length=100)
    reason = fields.TextField(null=True)
    person = fields.CharField(max_length=254, db_default="")
    through = fields.CharField(max_length=254, db_default="")

    class Meta:
        table = "programme_correction"
        unique_together = (("programme_number", "wrong_version", "paid_from", "decided_at"),)


class ProgrammeStop(Model):
    """A cap over all members was reached: its rules earn nothing from ``stopped_at`` to the window's end."""

    id = fields.IntField(primary_key=True)
    programme_number = fields.IntField()
    cap_id = fields.CharField(max_length=100)
    window_key = fields.CharField(max_length=40)
    stopped_at = fields.DatetimeField()

    class Meta:
        table = "programme_stop"
        unique_together = (("programme_number", "cap_id", "window_key"),)


class RewardStock(Model):
    """How many of a limited reward were taken, over all members: only ever changed by one conditional update."""

    id = fields.IntField(primary_key=True)
    programme_number = fields.IntField()
    reward_id = fields.CharField(max_length=100)
    taken = fields.IntField()

    class Meta:
        table = "reward_stock"
        unique_together = (("programme_number", "reward_id"),)


class BookClosing(Model):
    """The closed books of one local day: opening + all movements = closing. ``root``: over the day's entry hashes and
    the root of the day before. ``matured``: a memo, no movement.
    """

    id = fields.IntField(primary_key=True)
    programme_number = fields.IntField()
    book_date = fields.DateField()
    opening = fields.BigIntField()
    earned = fields.BigIntField()
    bonus = fields.BigIntField()
    reinstated = fields.BigIntField()
    transferred_in = fields.BigIntField()
    redeemed = fields.BigIntField()
    expired = fields.BigIntField()
    clawed_back = fields.BigIntField()
    transferred_out = fields.BigIntField()
    adjusted = fields.BigIntField()
    closing = fields.BigIntField()
    matured = fields.BigIntField()
    entries = fields.IntField()
    value_minor = fields.BigIntField()
    root = fields.BinaryField()
    closed_at = fields.DatetimeField()

    class Meta:
        table = "book_closing"
        unique_together = (("programme_number", "book_date"),)
