"""Shops that do not answer rest: since when, how often, and until when nobody asks them."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0053_shopify_apps")]

    operations = [
        ops.AddField(model_name="StoreConnection", name="silent_since_us", field=fields.BigIntField(null=True)),
        ops.AddField(model_name="StoreConnection", name="rests_until_us", field=fields.BigIntField(null=True)),
        ops.AddField(model_name="StoreConnection", name="rests", field=fields.IntField(null=True)),
        ops.AddField(model_name="StoreConnection", name="silent_why", field=fields.TextField(null=True)),
    ]
