"""What the console shows of a programme without counting it at each page, and the last check of the books."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0059_newest_members")]

    operations = [
        ops.CreateModel(
            name="ProgrammeFigures",
            fields=[
                ("programme_number", fields.IntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ("counted_at_us", fields.BigIntField()),
                ("took_ms", fields.IntField()),
                ("figures_text", fields.TextField(unique=False)),
            ],
            options={
                "table": "programme_figures",
                "app": "belong",
                "pk_attr": "programme_number",
                "table_description": "What was counted of a programme last.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BooksCheck",
            fields=[
                ("id", fields.IntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ("started_at_us", fields.BigIntField()),
                ("alive_at_us", fields.BigIntField()),
                ("ended_at_us", fields.BigIntField(null=True)),
                ("by_whom", fields.CharField(max_length=200)),
                ("done", fields.IntField()),
                ("total", fields.IntField()),
                ("report_text", fields.TextField(null=True, unique=False)),
                ("problem", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "books_check",
                "app": "belong",
                "pk_attr": "id",
                "table_description": "The last check of all books: one row.",
            },
            bases=["Model"],
        ),
    ]
