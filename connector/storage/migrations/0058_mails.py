"""Which mails a programme sends."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0057_second_step")]

    operations = [
        ops.AddField(model_name="Programme", name="mails_text", field=fields.TextField(null=True)),
    ]
