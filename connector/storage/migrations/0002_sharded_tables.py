"""Everything that grows with shoppers and orders. Every key begins with the shard (ADR 0002).

Moments are microseconds since 1970 in UTC. Points and amounts are integers. There are no foreign keys between these
tables, so that each shard can live on a node of its own.
"""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

INBOX = (
    """CREATE TABLE delivery (
        shard SMALLINT NOT NULL,
        id BIGINT NOT NULL,
        programme_number INT NOT NULL,
        connection_number INT NOT NULL,
        topic TEXT NOT NULL,
        object_kind TEXT NOT NULL,
        object_id TEXT NOT NULL,
        dedupe_key TEXT NOT NULL,
        read_at_us BIGINT NOT NULL,
        received_at_us BIGINT NOT NULL,
        state SMALLINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
        attempts SMALLINT NOT NULL DEFAULT 0,
        reason TEXT,
        PRIMARY KEY (shard, id),
        UNIQUE (shard, connection_number, dedupe_key)
    ) {clustered}""",
    "CREATE INDEX delivery_waiting ON delivery (shard, id) WHERE state = 0",
    "CREATE INDEX delivery_parked ON delivery (shard, id) WHERE state = 2",
    """CREATE TABLE delivery_body (
        shard SMALLINT NOT NULL,
        id BIGINT NOT NULL,
        body {blob} {external} NOT NULL,
        UNIQUE (shard, id)
    )""",
    """CREATE TABLE read_wish (
        shard SMALLINT NOT NULL,
        connection_number INT NOT NULL,
        object_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        reason TEXT NOT NULL,
        mark BIGINT NOT NULL DEFAULT 1,
        attempts SMALLINT NOT NULL DEFAULT 0,
        next_at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, connection_number, object_id)
    ) {clustered}""",
)

FACTS = (
    """CREATE TABLE source_fact (
        shard SMALLINT NOT NULL,
        source_ref TEXT NOT NULL,
        programme_number INT NOT NULL,
        connection_number INT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('order', 'customer', 'activity')),
        customer_ref TEXT,
        member_id TEXT,
        address_hash TEXT,
        read_at_us BIGINT NOT NULL,
        updated_at_us BIGINT,
        fact {blob} NOT NULL,
        PRIMARY KEY (shard, source_ref)
    )""",
    "CREATE INDEX source_fact_guest ON source_fact (shard, address_hash) WHERE member_id IS NULL AND address_hash IS NOT NULL",
    "CREATE INDEX source_fact_waiting ON source_fact (connection_number, customer_ref) "
    "WHERE member_id IS NULL AND customer_ref IS NOT NULL",
    "CREATE INDEX source_fact_address ON source_fact (address_hash, programme_number) "
    "WHERE address_hash IS NOT NULL AND kind <> 'order'",
    """CREATE TABLE identity (
        shard SMALLINT NOT NULL,
        connection_number INT NOT NULL,
        customer_ref TEXT NOT NULL,
        programme_number INT NOT NULL,
        member_id TEXT NOT NULL,
        created_at_us BIGINT NOT NULL,
        gone_at_us BIGINT,
        PRIMARY KEY (shard, connection_number, customer_ref)
    ) {clustered}""",
)

MEMBERS = (
    """CREATE TABLE member (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        enrolled_at_us BIGINT NOT NULL,
        created_at_us BIGINT NOT NULL,
        status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'left', 'blocked', 'merged', 'erased')),
        status_at_us BIGINT,
        merged_into TEXT,
        PRIMARY KEY (shard, member_id)
    ) {clustered}""",
    """CREATE TABLE balance (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        points BIGINT NOT NULL DEFAULT 0,
        deficit BIGINT NOT NULL DEFAULT 0 CHECK (deficit >= 0),
        lifetime BIGINT NOT NULL DEFAULT 0 CHECK (lifetime >= 0),
        last_n INT NOT NULL DEFAULT 0 CHECK (last_n >= 0),
        last_hash {blob} NOT NULL,
        next_change_at_us BIGINT,
        places INT NOT NULL DEFAULT 0 CHECK (places >= 0),
        activity_at_us BIGINT,
        next_review_at_us BIGINT,
        PRIMARY KEY (shard, member_id)
    ) {clustered}""",
    "CREATE INDEX balance_next_change ON balance (shard, next_change_at_us) WHERE next_change_at_us IS NOT NULL",
    "CREATE INDEX balance_next_review ON balance (shard, next_review_at_us) WHERE next_review_at_us IS NOT NULL",
    """CREATE TABLE work (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        source_ref TEXT NOT NULL,
        programme_number INT NOT NULL,
        fact_shard SMALLINT NOT NULL,
        mark BIGINT NOT NULL DEFAULT 1,
        state SMALLINT NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
        attempts SMALLINT NOT NULL DEFAULT 0,
        reason TEXT,
        PRIMARY KEY (shard, member_id, source_ref)
    ) {clustered}""",
    "CREATE INDEX work_held ON work (programme_number) WHERE state = 1",
    "CREATE INDEX work_parked ON work (shard, member_id) WHERE state = 2",
)

LEDGER = (
    """CREATE TABLE entry (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        n INT NOT NULL CHECK (n > 0),
        programme_number INT NOT NULL,
        kind TEXT NOT NULL,
        points BIGINT NOT NULL,
        source_ref TEXT NOT NULL,
        source_n INT NOT NULL CHECK (source_n > 0),
        programme_version INT NOT NULL,
        book_date TEXT NOT NULL,
        recorded_at_us BIGINT NOT NULL,
        digest {blob} NOT NULL,
        entry_hash {blob} NOT NULL,
        PRIMARY KEY (shard, member_id, n),
        UNIQUE (shard, member_id, source_ref, source_n),
        CHECK (
            (kind IN ('earn', 'bonus', 'reinstate') AND points > 0)
            OR (kind IN ('redeem', 'clawback', 'expire') AND points < 0)
            OR (kind IN ('adjust', 'transfer') AND points <> 0)
        )
    ) {clustered}""",
    "CREATE INDEX entry_book ON entry (shard, programme_number, book_date)",
    """CREATE TABLE explanation (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        n INT NOT NULL,
        salt {blob} NOT NULL,
        body_text TEXT NOT NULL,
        PRIMARY KEY (shard, member_id, n)
    ) {clustered}""",
    """CREATE TABLE lot (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        n INT NOT NULL,
        source_ref TEXT NOT NULL,
        size BIGINT NOT NULL CHECK (size > 0),
        remaining BIGINT NOT NULL CHECK (remaining BETWEEN 0 AND size),
        matures_at_us BIGINT NOT NULL,
        expires_at_us BIGINT,
        nominal_at_us BIGINT,
        booked BIGINT NOT NULL DEFAULT 0 CHECK (booked BETWEEN 0 AND remaining),
        expired BIGINT NOT NULL DEFAULT 0 CHECK (expired BETWEEN 0 AND size - remaining),
        PRIMARY KEY (shard, member_id, n)
    ) {clustered}""",
    """CREATE TABLE consumption (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        debit_n INT NOT NULL,
        lot_n INT NOT NULL,
        points BIGINT NOT NULL CHECK (points > 0),
        PRIMARY KEY (shard, member_id, debit_n, lot_n)
    ) {clustered}""",
    """CREATE TABLE context (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        source_ref TEXT NOT NULL,
        programme_version INT NOT NULL,
        enrolled_at_us BIGINT NOT NULL,
        paid_at_us BIGINT NOT NULL,
        matures_at_us BIGINT NOT NULL,
        decided_at_us BIGINT NOT NULL,
        tier TEXT,
        place INT NOT NULL DEFAULT 0,
        values_text TEXT NOT NULL DEFAULT '{{}}',
        seal {blob} NOT NULL,
        PRIMARY KEY (shard, member_id, source_ref)
    ) {clustered}""",
    """CREATE TABLE reason (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        source_ref TEXT NOT NULL,
        kind TEXT NOT NULL,
        body_text TEXT NOT NULL,
        decided_at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, member_id, source_ref)
    ) {clustered}""",
)

PUSH = (
    """CREATE TABLE push (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        connection_number INT NOT NULL,
        customer_ref TEXT NOT NULL,
        programme_number INT NOT NULL,
        wanted BIGINT NOT NULL DEFAULT 1,
        accepted BIGINT NOT NULL DEFAULT 0,
        state SMALLINT NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
        attempts SMALLINT NOT NULL DEFAULT 0,
        next_at_us BIGINT NOT NULL,
        token TEXT,
        reason TEXT,
        PRIMARY KEY (shard, member_id, connection_number, customer_ref)
    ) {clustered}""",
    "CREATE INDEX push_due ON push (connection_number, next_at_us) WHERE state = 0",
    "CREATE INDEX push_given_up ON push (shard, member_id) WHERE state = 2",
)

SLOTS = (
    """CREATE TABLE shard_slot (
        shard SMALLINT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('inbox', 'work')),
        PRIMARY KEY (shard, kind)
    )""",
)

FILL_SLOTS = tuple(
    f"INSERT INTO shard_slot (shard, kind) VALUES ({shard}, '{kind}')"
    for kind in ("inbox", "work")
    for shard in range(64)
)

# A guard, not logic: entries are never changed by anyone.
SQLITE_GUARDS = (
    "CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END",
    "CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END",
)
POSTGRES_GUARDS = (
    """CREATE FUNCTION refuse_entry_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'entries are append-only'; END $$""",
    """CREATE TRIGGER entry_is_never_changed BEFORE UPDATE OR DELETE ON entry
    FOR EACH ROW EXECUTE FUNCTION refuse_entry_change()""",
    "ALTER TABLE balance SET (fillfactor = 80)",
    "ALTER TABLE lot SET (fillfactor = 80)",
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0001_initial")]

    operations = [
        DialectSQL((*INBOX, *FACTS, *MEMBERS, *LEDGER, *PUSH, *SLOTS, *FILL_SLOTS)),
        DialectSQL(
            only_sqlite=(
                "CREATE TABLE id_sequence (name TEXT PRIMARY KEY, last BIGINT NOT NULL)",
                "INSERT INTO id_sequence (name, last) VALUES ('delivery', 0)",
                *SQLITE_GUARDS,
            ),
            only_postgres=("CREATE SEQUENCE delivery_id AS BIGINT INCREMENT BY 256", *POSTGRES_GUARDS),
        ),
    ]
