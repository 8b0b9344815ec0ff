"""A second step of signing in: the secret of an authenticator, codes for a lost phone, and whether everybody needs it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0056_console_people")]

    operations = [
        ops.AddField(model_name="ConsolePerson", name="sealed", field=fields.BinaryField(null=True)),
        ops.AddField(model_name="ConsolePerson", name="second_since_us", field=fields.BigIntField(null=True)),
        ops.AddField(model_name="ConsolePerson", name="second_step", field=fields.BigIntField(null=True)),
        ops.CreateModel(
            name="ConsoleRecovery",
            fields=[
                ("digest", fields.CharField(max_length=64, primary_key=True, unique=True, db_index=True)),
                ("person_number", fields.IntField()),
            ],
            options={
                "table": "console_recovery",
                "app": "belong",
                "pk_attr": "digest",
                "table_description": "A code that stands in for a lost phone, once.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ConsolePolicy",
            fields=[
                ("programme_number", fields.IntField(primary_key=True, unique=True, db_index=True, generated=False)),
                ("second_since_us", fields.BigIntField(null=True)),
            ],
            options={
                "table": "console_policy",
                "app": "belong",
                "pk_attr": "programme_number",
                "table_description": "Since when everybody of a programme who signs in themselves needs the second step.",
            },
            bases=["Model"],
        ),
    ]
