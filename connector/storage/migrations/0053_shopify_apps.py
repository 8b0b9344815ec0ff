"""Shopify apps, the shops that installed them, who opens the console there, and what shops ask for people's data."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from connector.storage.dialect_sql import DialectSQL

WORDS = (
    # What shops said of the app itself and what was not looked at yet.
    "CREATE INDEX delivery_app ON delivery (shard, id) "
    "WHERE topic IN ('app/uninstalled', 'app/scopes_update') AND reason IS NULL",
)
GUARDED = ("entry", "tier_change", "badge_change", "level_change", "audit", "programme_deed")
_NAMED = {"entry": "entries are"}
_EMPTYING = "EXISTS (SELECT 1 FROM programme_emptying e WHERE e.programme_number = OLD.programme_number)"
SQLITE_GUARDS = tuple(
    statement
    for table in GUARDED
    for statement in (
        f"DROP TRIGGER {table}_is_never_deleted",
        f"CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table} WHEN NOT {_EMPTYING} "
        f"BEGIN SELECT RAISE(ABORT, '{_NAMED.get(table, table + ' is')} append-only'); END",
    )
)
POSTGRES_GUARDS = (
    f"""CREATE FUNCTION refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF {_EMPTYING} THEN RETURN OLD; END IF;
        RAISE EXCEPTION '% append-only',
            CASE TG_TABLE_NAME WHEN 'entry' THEN 'entries are' ELSE TG_TABLE_NAME || ' is' END;
    END $$""",
    "DROP TRIGGER entry_is_never_changed ON entry",
    "CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry FOR EACH ROW EXECUTE FUNCTION refuse_entry_change()",
    *(
        statement
        for table in ("audit", "programme_deed")
        for statement in (
            f"DROP TRIGGER {table}_is_never_changed ON {table}",
            f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE ON {table} FOR EACH ROW "
            "EXECUTE FUNCTION refuse_change()",
        )
    ),
    *(f"DROP TRIGGER {table}_is_never_deleted ON {table}" for table in ("tier_change", "badge_change", "level_change")),
    *(
        f"CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_delete()"
        for table in GUARDED
    ),
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0052_redemptions_of_members")]

    operations = [
        ops.CreateModel(
            name="ShopifyAppRow",
            fields=[
                ("client_id", fields.CharField(max_length=100, primary_key=True, unique=True, db_index=True)),
                ("sealed", fields.BinaryField()),
                ("programme_number", fields.IntField(null=True)),
                ("document_text", fields.TextField(null=True)),
                ("api_version", fields.CharField(max_length=20)),
                ("admin_url", fields.CharField(max_length=255)),
                ("created_at_us", fields.BigIntField()),
            ],
            options={
                "table": "shopify_app",
                "app": "belong",
                "pk_attr": "client_id",
                "table_description": "An app of a merchant. sealed: its client secrets. document_text: of the programme that each new shop gets;",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ShopifyInstallation",
            fields=[
                ("connection_number", fields.IntField(primary_key=True, unique=True, db_index=True, generated=False)),
                ("client_id", fields.CharField(max_length=100)),
                ("scopes_text", fields.TextField()),
                ("started_at_us", fields.BigIntField()),
                ("ended_at_us", fields.BigIntField(null=True)),
            ],
            options={
                "table": "shopify_installation",
                "app": "belong",
                "pk_attr": "connection_number",
                "table_description": "A shop that has an app, or had it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ShopifyStaff",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("connection_number", fields.IntField()),
                ("person", fields.CharField(max_length=40)),
                ("person_name", fields.CharField(max_length=100)),
                ("console_role", fields.CharField(max_length=20)),
                ("ends_at_us", fields.BigIntField()),
            ],
            options={
                "table": "shopify_staff",
                "app": "belong",
                "unique_together": (("connection_number", "person"),),
                "pk_attr": "id",
                "table_description": "One of a shop's staff, as Shopify said of them for some hours.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ShopPrivacy",
            fields=[
                ("request_id", fields.CharField(max_length=64, primary_key=True, unique=True, db_index=True)),
                ("topic", fields.CharField(max_length=100)),
                ("shop_text", fields.CharField(max_length=255)),
                ("connection_number", fields.IntField(null=True)),
                ("programme_number", fields.IntField(null=True)),
                ("customer_ref", fields.CharField(max_length=40, null=True)),
                ("at_us", fields.BigIntField()),
                ("ended_at_us", fields.BigIntField(null=True)),
                ("done", fields.CharField(max_length=40, null=True)),
            ],
            options={
                "table": "shop_privacy",
                "app": "belong",
                "pk_attr": "request_id",
                "table_description": "What a shop asked for a person's data, or for its own; of the person only the shop's number for them.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ProgrammeEmptying",
            fields=[
                ("programme_number", fields.IntField(primary_key=True, unique=True, db_index=True, generated=False)),
                ("at_us", fields.BigIntField()),
            ],
            options={
                "table": "programme_emptying",
                "app": "belong",
                "pk_attr": "programme_number",
                "table_description": "While a programme stands here, its histories may be deleted: its only shop has asked for that (invariant 9).",
            },
            bases=["Model"],
        ),
        DialectSQL(WORDS, only_sqlite=SQLITE_GUARDS, only_postgres=POSTGRES_GUARDS),
    ]
