from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="ApiKey",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("prefix", fields.CharField(unique=True, max_length=20)),
                ("digest", fields.BinaryField()),
                ("programme_number", fields.IntField()),
                ("name", fields.CharField(max_length=100)),
                ("scopes", fields.CharField(max_length=200)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "api_key",
                "app": "belong",
                "pk_attr": "id",
                "table_description": "A key of the read API: ``prefix.secret``, of which only the digest is kept. ``scopes``: separated by spaces.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ConnectionSecret",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("connection_number", fields.IntField()),
                ("kind", fields.CharField(max_length=40)),
                ("sealed", fields.BinaryField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("retired_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "connection_secret",
                "app": "belong",
                "pk_attr": "id",
                "table_description": "One secret of a connection, encrypted. ``kind``: ``webhook`` or the name of an API secret.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Instance",
            fields=[
                ("id", fields.SmallIntField(generated=False, primary_key=True, unique=True, db_index=True)),
                ("epoch", fields.IntField()),
                ("key_check", fields.BinaryField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "instance",
                "app": "belong",
                "pk_attr": "id",
                "table_description": "This installation. One row. ``epoch`` rises with every restore, so that stores know old snapshots from new.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="JobRun",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("job", fields.CharField(max_length=60)),
                ("slot", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("started_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("outcome", fields.TextField(null=True, unique=False)),
            ],
            options={
                "table": "job_run",
                "app": "belong",
                "unique_together": (("job", "slot"),),
                "pk_attr": "id",
                "table_description": "One firing of a scheduled job. Whoever inserts the row runs the job, anyone else finds it taken.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Programme",
            fields=[
                ("number", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("public_id", fields.CharField(unique=True, max_length=36)),
                ("name", fields.CharField(max_length=100)),
                ("timezone", fields.CharField(max_length=64)),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("closed_through", fields.DateField(null=True)),
                ("birthdays_through", fields.DateField(null=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "programme",
                "app": "belong",
                "pk_attr": "number",
                "table_description": "One merchant's programme: the tenant. ``closed_through``: last day whose books are closed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProgrammeVersion",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("programme_number", fields.IntField()),
                ("version", fields.IntField()),
                ("effective_from", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("document", fields.TextField(unique=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor", fields.CharField(max_length=100)),
            ],
            options={
                "table": "programme_version",
                "app": "belong",
                "unique_together": (("programme_number", "version"),),
                "pk_attr": "id",
                "table_description": "One immutable version of a programme's document.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StoreConnection",
            fields=[
                ("number", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("public_id", fields.CharField(unique=True, max_length=36)),
                ("programme_number", fields.IntField()),
                ("platform", fields.CharField(max_length=20)),
                ("shop", fields.CharField(max_length=255)),
                ("api_url", fields.CharField(max_length=255)),
                ("settings", fields.TextField(unique=False)),
                ("problem", fields.TextField(null=True, unique=False)),
                ("problem_since", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("bookmark", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("checked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("programme_told", fields.CharField(null=True, max_length=60)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "connection",
                "app": "belong",
                "unique_together": (("platform", "shop"),),
                "pk_attr": "number",
                "table_description": "One installed store. ``problem``: what the merchant must do before we talk to it again, in words.",
            },
            bases=["Model"],
        ),
    ]
