"""Whom an adjustment of many means is written down by the job, which drops it where that is not what was confirmed."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0083_told_boards")]

    # Those that are there have their list.
    operations = [
        ops.AddField(model_name="BulkAdjust", name="listed", field=fields.SmallIntField(db_default=1)),
        ops.AddField(model_name="BulkAdjust", name="dropped_for", field=fields.CharField(null=True, max_length=60)),
    ]
