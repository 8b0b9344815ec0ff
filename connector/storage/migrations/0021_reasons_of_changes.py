"""Why a programme was changed: a version published, a pause begun and ended, a past interval corrected."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0020_wished_orders")]

    operations = [
        ops.AddField(model_name="ProgrammeVersion", name="reason", field=fields.TextField(null=True, unique=False)),
        ops.AddField(model_name="ProgrammePause", name="reason", field=fields.TextField(null=True, unique=False)),
        ops.AddField(
            model_name="ProgrammePause", name="resume_reason", field=fields.TextField(null=True, unique=False)
        ),
        ops.AddField(model_name="ProgrammeCorrection", name="reason", field=fields.TextField(null=True, unique=False)),
    ]
