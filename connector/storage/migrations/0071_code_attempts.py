"""Codes of the second step are counted by themselves, attempts are forgotten after a while, an invitation knows who made
it, and mails go to an address as it was typed.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0070_newest_members")]

    operations = [
        ops.AddField(
            model_name="ConsolePerson", name="typed_address", field=fields.CharField(max_length=254, db_default="")
        ),
        ops.AddField(model_name="ConsolePerson", name="failed_at_us", field=fields.BigIntField(db_default=0)),
        ops.AddField(model_name="ConsolePerson", name="code_failures", field=fields.IntField(db_default=0)),
        ops.AddField(model_name="ConsolePerson", name="code_failed_at_us", field=fields.BigIntField(db_default=0)),
        ops.AddField(model_name="ConsolePerson", name="code_paused_until_us", field=fields.BigIntField(db_default=0)),
        ops.AddField(model_name="ConsoleTicket", name="tries", field=fields.IntField(db_default=0)),
        ops.AddField(model_name="ConsoleTicket", name="made_by", field=fields.CharField(max_length=254, db_default="")),
    ]
