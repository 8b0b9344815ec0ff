"""Since a pause is over, members whose points end are looked at a few at a time: how far that is stands with the pause."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0080_withdrawn_versions")]

    operations = [
        ops.AddField(model_name="ProgrammePause", name="marks_after", field=fields.CharField(max_length=80, null=True)),
    ]
