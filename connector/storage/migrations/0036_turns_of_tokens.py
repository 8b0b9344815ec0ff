"""Whose turn it is to ask a shop for the next token: one who comes too late must not put back an older one."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0030_redemptions_of_orders")]

    operations = [ops.AddField(model_name="ShopToken", name="turn", field=fields.IntField(default=0))]
