"""How each firing of a job ended and how long it took; when webhooks came; access tokens that shops gave for a while."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from connector.storage.dialect_sql import DialectSQL

RESULTS = """UPDATE job_run SET result = CASE WHEN outcome LIKE 'failed: %' THEN 'failed' ELSE 'ok' END
    WHERE finished_at IS NOT NULL"""


class Migration(migrations.Migration):
    dependencies = [("belong", "0025_corrected_again")]

    operations = [
        ops.AddField(model_name="JobRun", name="result", field=fields.CharField(max_length=10, null=True)),
        ops.AddField(model_name="JobRun", name="took_ms", field=fields.BigIntField(null=True)),
        DialectSQL((RESULTS,)),
        ops.CreateModel(
            name="ShopToken",
            fields=[
                ("connection_number", fields.IntField(generated=False, primary_key=True)),
                ("credentials", fields.CharField(max_length=64, default="")),
                ("sealed", fields.BinaryField(null=True)),
                ("claimed_until", fields.DatetimeField(null=True)),
            ],
            options={
                "table": "shop_token",
                "app": "belong",
                "pk_attr": "connection_number",
                "table_description": "The access token that a shop gave for a while, for every process.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Arrival",
            fields=[
                ("connection_number", fields.IntField(generated=False, primary_key=True)),
                ("last_at", fields.DatetimeField(null=True)),
                ("last_id", fields.BigIntField(default=0)),
                ("gaps", fields.TextField(default="{}")),
            ],
            options={
                "table": "arrival",
                "app": "belong",
                "pk_attr": "connection_number",
                "table_description": "When a connection's webhooks came.",
            },
            bases=["Model"],
        ),
    ]
