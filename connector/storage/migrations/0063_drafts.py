"""Drafts of programmes, each with the last what-if of it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0062_figures")]

    operations = [
        ops.CreateModel(
            name="ProgrammeDraft",
            fields=[
                ("draft_id", fields.CharField(max_length=36, primary_key=True, unique=True, db_index=True)),
                ("programme_number", fields.IntField(db_index=True)),
                ("name", fields.CharField(max_length=100)),
                ("document_text", fields.TextField(unique=False)),
                ("base_version", fields.IntField()),
                ("edits", fields.IntField()),
                ("author", fields.CharField(max_length=200)),
                ("changed_at_us", fields.BigIntField()),
                ("trial_digest", fields.CharField(max_length=64, null=True)),
                ("trial_started_at_us", fields.BigIntField(null=True)),
                ("trial_alive_at_us", fields.BigIntField(null=True)),
                ("trial_ended_at_us", fields.BigIntField(null=True)),
                ("trial_done", fields.IntField(null=True)),
                ("trial_total", fields.IntField(null=True)),
                ("trial_text", fields.TextField(null=True, unique=False)),
                ("trial_problem", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "programme_draft",
                "app": "belong",
                "pk_attr": "draft_id",
                "table_description": "A document that somebody works on and that changes nothing yet.",
            },
            bases=["Model"],
        ),
    ]
