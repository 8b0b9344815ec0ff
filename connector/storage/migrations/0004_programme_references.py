from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("belong", "0003_programme_tables")]

    initial = False

    operations = [
        ops.CreateModel(
            name="BookClosing",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("programme_number", fields.IntField()),
                ("book_date", fields.DateField()),
                ("opening", fields.BigIntField()),
                ("earned", fields.BigIntField()),
                ("bonus", fields.BigIntField()),
                ("reinstated", fields.BigIntField()),
                ("transferred_in", fields.BigIntField()),
                ("redeemed", fields.BigIntField()),
                ("expired", fields.BigIntField()),
                ("clawed_back", fields.BigIntField()),
                ("transferred_out", fields.BigIntField()),
                ("adjusted", fields.BigIntField()),
                ("closing", fields.BigIntField()),
                ("matured", fields.BigIntField()),
                ("entries", fields.IntField()),
                ("value_minor", fields.BigIntField()),
                ("root", fields.BinaryField()),
                ("closed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "book_closing",
                "app": "belong",
                "unique_together": (("programme_number", "book_date"),),
                "pk_attr": "id",
                "table_description": "The closed books of one local day: opening + all movements = closing. ``root``: over the day's entry hashes and",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProgrammeCorrection",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("programme_number", fields.IntField()),
                ("wrong_version", fields.IntField()),
                ("right_version", fields.IntField()),
                ("paid_from", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("paid_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor", fields.CharField(max_length=100)),
            ],
            options={
                "table": "programme_correction",
                "app": "belong",
                "unique_together": (("programme_number", "wrong_version", "paid_from"),),
                "pk_attr": "id",
                "table_description": "A mistaken version superseded for a past interval of payments (``programme.Correction``).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProgrammePause",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("programme_number", fields.IntField()),
                ("begins_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("actor", fields.CharField(max_length=100)),
            ],
            options={
                "table": "programme_pause",
                "app": "belong",
                "unique_together": (("programme_number", "begins_at"),),
                "pk_attr": "id",
                "table_description": "A time in which a programme's facts are kept and nothing is decided. ``ends_at``: None while it lasts.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProgrammeStop",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("programme_number", fields.IntField()),
                ("cap_id", fields.CharField(max_length=100)),
                ("window_key", fields.CharField(max_length=40)),
                ("stopped_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "programme_stop",
                "app": "belong",
                "unique_together": (("programme_number", "cap_id", "window_key"),),
                "pk_attr": "id",
                "table_description": "A cap over all members was reached: its rules earn nothing from ``stopped_at`` to the window's end.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RewardStock",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("programme_number", fields.IntField()),
                ("reward_id", fields.CharField(max_length=100)),
                ("taken", fields.IntField()),
            ],
            options={
                "table": "reward_stock",
                "app": "belong",
                "unique_together": (("programme_number", "reward_id"),),
                "pk_attr": "id",
                "table_description": "How many of a limited reward were taken, over all members: only ever changed by one conditional update.",
            },
            bases=["Model"],
        ),
    ]
