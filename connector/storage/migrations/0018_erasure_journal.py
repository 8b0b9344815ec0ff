"""How many lines each journal of erasures had, so that a missing or an older file is noticed."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0017_waiting_perks")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ErasureJournal",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("journal_id", fields.CharField(unique=True, max_length=40)),
                ("lines", fields.IntField(default=0)),
            ],
            options={
                "table": "erasure_journal",
                "app": "belong",
                "pk_attr": "id",
                "table_description": "One file of erasures beside the database, and how many lines it had when it was last written to.",
            },
            bases=["Model"],
        ),
    ]
