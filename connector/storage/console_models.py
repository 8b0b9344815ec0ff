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
