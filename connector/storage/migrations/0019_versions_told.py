"""Whether members are told of a version, and when all of them had a notice of it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0018_erasure_journal")]

    operations = [
        ops.AddField(model_name="ProgrammeVersion", name="tells", field=fields.BooleanField(default=False)),
        ops.AddField(model_name="ProgrammeVersion", name="announced_at", field=fields.DatetimeField(null=True)),
    ]
