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
