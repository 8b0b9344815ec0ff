"""Who is signed in to the console: hand-overs that wait to be used, and sessions. Of both only digests of the secrets."""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

_WHO = """
        programme_number INT NOT NULL,
        connection_number INT NOT NULL,
        person TEXT NOT NULL,
        person_name TEXT NOT NULL,
        console_role TEXT NOT NULL CHECK (console_role IN ('owner', 'manager', 'support', 'read-only')),
        language TEXT NOT NULL,
        origin TEXT NOT NULL,"""
HAND_OVERS = (
    f"""CREATE TABLE console_hand_over (
        shard SMALLINT NOT NULL,
        digest {{blob}} NOT NULL,{_WHO}
        console_page TEXT NOT NULL,
        ends_at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, digest)
    ) {{clustered}}""",
    "CREATE INDEX console_hand_over_ends ON console_hand_over (ends_at_us)",
)
SESSIONS = (
    f"""CREATE TABLE console_session (
        shard SMALLINT NOT NULL,
        digest {{blob}} NOT NULL,{_WHO}
        seen_at_us BIGINT NOT NULL,
        ends_at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, digest)
    ) {{clustered}}""",
    "CREATE INDEX console_session_ends ON console_session (ends_at_us)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0048_store_plugins")]

    operations = [DialectSQL((*HAND_OVERS, *SESSIONS))]
