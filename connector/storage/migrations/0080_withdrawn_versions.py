"""A version that has not begun can be withdrawn: it stays in its row, with when, by whom and why."""

from typing import Any

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

WITHDRAWN: dict[str, fields.Field[Any]] = {
    "withdrawn_at": fields.DatetimeField(null=True),
    "withdrawn_by": fields.CharField(max_length=100, null=True),
    "withdrawn_reason": fields.TextField(null=True, unique=False),
    "withdrawn_person": fields.CharField(max_length=254, db_default=""),
    "withdrawn_through": fields.CharField(max_length=254, db_default=""),
}


class Migration(migrations.Migration):
    dependencies = [("belong", "0079_saved_segments")]

    operations = [
        ops.AddField(model_name="ProgrammeVersion", name=name, field=field) for name, field in WITHDRAWN.items()
    ]
