"""Which orders of guests a shop's request for data names, and the keyed hash of the address that it names."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0054_resting_shops")]

    operations = [
        ops.AddField(model_name="ShopPrivacy", name="orders_text", field=fields.TextField(null=True)),
        ops.AddField(model_name="ShopPrivacy", name="address_hash", field=fields.CharField(max_length=64, null=True)),
    ]
