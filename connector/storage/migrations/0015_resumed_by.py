"""Who let a programme go on after a pause."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0014_pace")]

    operations = [
        ops.AddField(model_name="ProgrammePause", name="resumed_by", field=fields.CharField(max_length=100, null=True)),
    ]
