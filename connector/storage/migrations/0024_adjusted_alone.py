"""What people adjusted alone lately is found fast, for each of them and through members who were merged; and histories
that are never changed lose the words of people when a member is erased, and nothing else.
"""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

INDEXES = (
    "CREATE INDEX audit_adjusted ON audit (programme_number, at_us) WHERE act = 'adjust'",
    "CREATE INDEX merge_survivor ON merge (survivor_id)",
)

HISTORIES = {
    "tier_change": "n programme_number tier cause at_us programme_version metric value threshold keep_until actor",
    "badge_change": ("n programme_number badge award_key level badge_state at_us programme_version numbers_text actor"),
    "level_change": "n programme_number level at_us programme_version numbers_text actor",
}
"""Every column but the reason."""


def _row(of: str, columns: str) -> str:
    return "(" + ", ".join(f"{of}.{name}" for name in f"shard member_id {columns}".split()) + ")"


SQLITE_GUARDS = tuple(
    statement
    for table, columns in HISTORIES.items()
    for statement in (
        f"DROP TRIGGER {table}_is_never_changed",
        f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE ON {table} "
        f"WHEN NEW.reason <> 'erased' OR {_row('NEW', columns)} IS NOT {_row('OLD', columns)} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    )
)
POSTGRES_GUARDS = tuple(
    statement
    for table, columns in HISTORIES.items()
    for statement in (
        f"DROP TRIGGER {table}_is_never_changed ON {table}",
        f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN (NEW.reason <> 'erased' OR {_row('NEW', columns)} IS DISTINCT FROM {_row('OLD', columns)}) "
        "EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table} FOR EACH ROW "
        "EXECUTE FUNCTION refuse_change()",
    )
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0023_past_addresses")]

    operations = [DialectSQL(INDEXES, only_sqlite=SQLITE_GUARDS, only_postgres=POSTGRES_GUARDS)]
