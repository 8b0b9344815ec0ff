"""An API key knows with which other key it was made: that one may revoke it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0073_waiting_lists")]

    operations = [
        ops.AddField(model_name="ApiKey", name="made_with", field=fields.CharField(max_length=20, db_default="")),
    ]
