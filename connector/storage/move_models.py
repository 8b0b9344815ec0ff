"""Reference tables of a move into another database; see ``models``."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class DatabaseMove(Model):
    """This database was moved into another one, or came out of one.

    One row in each of the two (``storage.moves``). move_id: the same in both. leaves: True in the database that was
    left. other: the other database, without password.
    """

    move_id = fields.CharField(max_length=36, primary_key=True, generated=False)
    leaves = fields.BooleanField()
    other = fields.CharField(max_length=255)
    began_at_us = fields.BigIntField()
    ended_at_us = fields.BigIntField(null=True)

    class Meta:
        table = "database_move"


class MovePart(Model):
    """How far one table is while rows arrive.

    last_key: of the last row that came, as JSON. Gone when the move ends.
    """

    table_name = fields.CharField(max_length=63, primary_key=True, generated=False)
    last_key = fields.TextField(null=True)
    rows = fields.BigIntField(default=0)
    is_whole = fields.BooleanField(default=False)

    class Meta:
        table = "move_part"
