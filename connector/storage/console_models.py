"""Reference tables of what the console shows without counting it at each page; see ``models``."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ProgrammeFigures(Model):
    """What was counted of a programme last.

    figures_text: JSON of ``storage.figures.Figures``.
    """

    programme_number = fields.IntField(primary_key=True, generated=False)
    counted_at_us = fields.BigIntField()
    took_ms = fields.IntField()
    figures_text = fields.TextField()

    class Meta:
        table = "programme_figures"


class BooksCheck(Model):
    """The last check of all books: one row.

    alive_at_us: when the process that checks was last seen; ended_at_us: NULL while it is under way. report_text: of a
    check that ended, as ``belong verify --json`` prints it. problem: why one broke off.
    """

    id = fields.IntField(primary_key=True, generated=False)
    started_at_us = fields.BigIntField()
    alive_at_us = fields.BigIntField()
    ended_at_us = fields.BigIntField(null=True)
    by_whom = fields.CharField(max_length=200)
    done = fields.IntField()
    total = fields.IntField()
    report_text = fields.TextField(null=True)
    problem = fields.TextField(null=True)

    class Meta:
        table = "books_check"


class ProgrammeDraft(Model):
    """A document that somebody works on and that changes nothing yet.

    draft_id: a UUID. document_text: as it was typed, not necessarily one that can be used. base_version: what it began
    from. edits: how often it was saved, by which two who edit at once notice each other. trial_*: the last what-if of
    it, as in ``storage.trials``; trial_digest: SHA-256 of the document that was tried.
    """

    draft_id = fields.CharField(max_length=36, primary_key=True)
    programme_number = fields.IntField(db_index=True)
    name = fields.CharField(max_length=100)
    document_text = fields.TextField()
    base_version = fields.IntField()
    edits = fields.IntField()
    author = fields.CharField(max_length=200)
    changed_at_us = fields.BigIntField()
    trial_digest = fields.CharField(max_length=64, null=True)
    trial_started_at_us = fields.BigIntField(null=True)
    trial_alive_at_us = fields.BigIntField(null=True)
    trial_ended_at_us = fields.BigIntField(null=True)
    trial_done = fields.IntField(null=True)
    trial_total = fields.IntField(null=True)
    trial_text = fields.TextField(null=True)
    trial_problem = fields.TextField(null=True)

    class Meta:
        table = "programme_draft"


class ProgrammePreview(Model):
    """What an edit of a programme would do to its members: asked for, under way or worked out.

    preview_id: SHA-256 of programme, document, start and the version it is held against. document_text: canonical JSON.
    draft_id: of the draft it was asked for, if it was one. begins_at_us: NULL: as soon as possible. alive_at_us: when
    the process at it was last seen; ended_at_us: NULL before. found_text: JSON of what was found; problem: why it broke
    off.
    """

    preview_id = fields.CharField(max_length=64, primary_key=True)
    programme_number = fields.IntField(db_index=True)
    draft_id = fields.CharField(max_length=36, null=True)
    document_text = fields.TextField()
    begins_at_us = fields.BigIntField(null=True)
    against_version = fields.IntField()
    asked_at_us = fields.BigIntField()
    started_at_us = fields.BigIntField(null=True)
    alive_at_us = fields.BigIntField(null=True)
    ended_at_us = fields.BigIntField(null=True)
    done = fields.IntField()
    total = fields.IntField()
    found_text = fields.TextField(null=True)
    problem = fields.TextField(null=True)

    class Meta:
        table = "programme_preview"


class SavedSegment(Model):
    """Filters of the list of members under a name of their own, for everybody who works in the console.

    saved_id: a UUID. filters_text: a JSON object of what was typed, as ``console.member_list.FILTERS`` names it.
    """

    saved_id = fields.CharField(max_length=36, primary_key=True)
    programme_number = fields.IntField()
    name = fields.CharField(max_length=80)
    filters_text = fields.TextField()
    author = fields.CharField(max_length=200)
    saved_at_us = fields.BigIntField()

    class Meta:
        table = "saved_segment"
        unique_together = (("programme_number", "name"),)


class ToldBoard(Model):
    """A leaderboard as stores are told it, the same by every process that tells them.

    board_key: programme and measure. board_text: JSON of ``storage.boards.Kept``.
    """

    board_key = fields.CharField(max_length=120, primary_key=True)
    programme_number = fields.IntField(db_index=True)
    period = fields.CharField(max_length=20)
    as_of_us = fields.BigIntField()
    board_text = fields.TextField()

    class Meta:
        table = "told_board"


class MadeUpShop(Model):
    """A programme's test shop, whole.

    body: its database, packed; state_text: what is known of it beside that. revision: how often it was changed, so that
    of two who change it at once one begins anew.
    """

    programme_number = fields.IntField(primary_key=True, generated=False)
    revision = fields.IntField()
    changed_at_us = fields.BigIntField()
    state_text = fields.TextField()
    body = fields.BinaryField()

    class Meta:
        table = "test_shop"
