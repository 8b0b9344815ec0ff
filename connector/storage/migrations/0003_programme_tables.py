"""What a programme gives besides points: counters, caps, tiers, badges, redemptions, notices; and what is known of people.

Every key begins with the shard (ADR 0002). Days are ISO dates of the programme's zone, moments microseconds in UTC.
"""

from tortoise import migrations

from connector.storage.dialect_sql import DialectSQL

COUNTERS = (
    """CREATE TABLE counter (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        source_ref TEXT NOT NULL,
        counter TEXT NOT NULL,
        counter_key TEXT NOT NULL,
        programme_number INT NOT NULL,
        day TEXT NOT NULL,
        value BIGINT NOT NULL,
        PRIMARY KEY (shard, member_id, source_ref, counter, counter_key)
    ) {clustered}""",
    "CREATE INDEX counter_board ON counter (shard, programme_number, counter, day)",
    """CREATE TABLE cap_grant (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        cap_id TEXT NOT NULL,
        window_key TEXT NOT NULL,
        source_ref TEXT NOT NULL,
        programme_number INT NOT NULL,
        points BIGINT NOT NULL CHECK (points >= 0),
        times INT NOT NULL CHECK (times >= 0),
        PRIMARY KEY (shard, member_id, cap_id, window_key, source_ref)
    ) {clustered}""",
)

PATHS = (
    """CREATE TABLE tier_change (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        n INT NOT NULL CHECK (n > 0),
        programme_number INT NOT NULL,
        tier TEXT NOT NULL,
        cause TEXT NOT NULL,
        at_us BIGINT NOT NULL,
        programme_version INT NOT NULL,
        metric TEXT NOT NULL,
        value BIGINT NOT NULL,
        threshold BIGINT NOT NULL,
        keep_until TEXT,
        actor TEXT NOT NULL,
        reason TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (shard, member_id, n)
    ) {clustered}""",
    """CREATE TABLE badge_change (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        n INT NOT NULL CHECK (n > 0),
        programme_number INT NOT NULL,
        badge TEXT NOT NULL,
        award_key TEXT NOT NULL,
        level TEXT NOT NULL,
        badge_state TEXT NOT NULL CHECK (badge_state IN ('awarded', 'revoked')),
        at_us BIGINT NOT NULL,
        programme_version INT NOT NULL,
        reason TEXT NOT NULL,
        numbers_text TEXT NOT NULL,
        actor TEXT NOT NULL,
        PRIMARY KEY (shard, member_id, n)
    ) {clustered}""",
    "CREATE INDEX badge_change_badge ON badge_change (shard, programme_number, badge)",
    """CREATE TABLE level_change (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        n INT NOT NULL CHECK (n > 0),
        programme_number INT NOT NULL,
        level TEXT NOT NULL,
        at_us BIGINT NOT NULL,
        programme_version INT NOT NULL,
        reason TEXT NOT NULL,
        numbers_text TEXT NOT NULL,
        actor TEXT NOT NULL,
        PRIMARY KEY (shard, member_id, n)
    ) {clustered}""",
)

REDEMPTIONS = (
    """CREATE TABLE redemption (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        redemption_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        reward_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        redemption_state TEXT NOT NULL CHECK (redemption_state IN
            ('held', 'released', 'lapsed', 'requested', 'issued', 'used', 'expired', 'cancelled', 'moved')),
        points BIGINT NOT NULL CHECK (points >= 0),
        programme_version INT NOT NULL,
        value_minor BIGINT NOT NULL,
        currency TEXT NOT NULL,
        percent_bp INT NOT NULL,
        cap_minor BIGINT,
        product_id TEXT,
        minimum_order_minor BIGINT NOT NULL,
        connection_number INT NOT NULL,
        order_ref TEXT,
        place INT NOT NULL CHECK (place > 0),
        late INT NOT NULL DEFAULT 0,
        reason TEXT,
        created_at_us BIGINT NOT NULL,
        updated_at_us BIGINT NOT NULL,
        lapses_at_us BIGINT,
        expires_at_us BIGINT,
        PRIMARY KEY (shard, member_id, redemption_id),
        UNIQUE (shard, member_id, reward_id, place)
    ) {clustered}""",
    "CREATE INDEX redemption_lapses ON redemption (shard, lapses_at_us) WHERE redemption_state = 'held'",
    "CREATE INDEX redemption_expires ON redemption (shard, expires_at_us) "
    "WHERE redemption_state IN ('requested', 'issued') AND expires_at_us IS NOT NULL",
    """CREATE TABLE booking (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        redemption_id TEXT NOT NULL,
        lot_n INT NOT NULL,
        points BIGINT NOT NULL CHECK (points > 0),
        PRIMARY KEY (shard, member_id, redemption_id, lot_n)
    ) {clustered}""",
    # Shard of the code: an order names the code, nobody yet knows the member.
    """CREATE TABLE voucher (
        shard SMALLINT NOT NULL,
        connection_number INT NOT NULL,
        code TEXT NOT NULL,
        programme_number INT NOT NULL,
        member_id TEXT NOT NULL,
        redemption_id TEXT NOT NULL,
        customer_ref TEXT NOT NULL,
        state SMALLINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 4),
        attempts SMALLINT NOT NULL DEFAULT 0,
        next_at_us BIGINT NOT NULL,
        token TEXT,
        reason TEXT,
        PRIMARY KEY (shard, connection_number, code)
    ) {clustered}""",
    "CREATE INDEX voucher_due ON voucher (connection_number, next_at_us) WHERE state IN (0, 3)",
    # An order that carries a code of ours: its redemption is still to be marked as used.
    """CREATE TABLE code_use (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        redemption_id TEXT NOT NULL,
        order_ref TEXT NOT NULL,
        programme_number INT NOT NULL,
        fact_shard SMALLINT NOT NULL,
        PRIMARY KEY (shard, member_id, redemption_id, order_ref)
    ) {clustered}""",
    # A unit of a limited reward that no redemption stands for, yet or any more; it goes back at that moment.
    """CREATE TABLE stock_claim (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        redemption_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        reward_id TEXT NOT NULL,
        next_at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, member_id, redemption_id)
    ) {clustered}""",
    "CREATE INDEX stock_claim_due ON stock_claim (next_at_us)",
    """CREATE TABLE idempotency (
        shard SMALLINT NOT NULL,
        programme_number INT NOT NULL,
        scope_key TEXT NOT NULL,
        idempotency_key TEXT NOT NULL,
        request_hash TEXT NOT NULL,
        http_status INT NOT NULL,
        body_text TEXT NOT NULL,
        created_at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, programme_number, scope_key, idempotency_key)
    ) {clustered}""",
)

NOTICES = (
    """CREATE TABLE notice (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        notice_key TEXT NOT NULL,
        programme_number INT NOT NULL,
        at_us BIGINT NOT NULL,
        body_text TEXT NOT NULL,
        state SMALLINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
        told_at_us BIGINT,
        told_by TEXT,
        attempts SMALLINT NOT NULL DEFAULT 0,
        next_at_us BIGINT NOT NULL,
        reason TEXT,
        PRIMARY KEY (shard, member_id, kind, notice_key)
    ) {clustered}""",
    "CREATE INDEX notice_due ON notice (shard, next_at_us) WHERE state = 0",
)

PEOPLE = (
    # Everything personal, sealed with the master key; erasing a person deletes this row.
    """CREATE TABLE person (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        sealed {blob} NOT NULL,
        birthday_key TEXT,
        birthday_set_at_us BIGINT,
        updated_at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, member_id)
    ) {clustered}""",
    "CREATE INDEX person_birthday ON person (shard, programme_number, birthday_key) WHERE birthday_key IS NOT NULL",
    """CREATE TABLE merge (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        n INT NOT NULL CHECK (n > 0),
        programme_number INT NOT NULL,
        survivor_id TEXT NOT NULL,
        merge_id TEXT NOT NULL,
        state SMALLINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
        cause TEXT NOT NULL,
        actor TEXT NOT NULL,
        at_us BIGINT NOT NULL,
        undone_at_us BIGINT,
        body_text TEXT NOT NULL,
        PRIMARY KEY (shard, member_id, n)
    ) {clustered}""",
    "CREATE INDEX merge_open ON merge (shard, member_id) WHERE state IN (0, 2)",
    # Which parcels a member has opened: a parcel is opened once.
    """CREATE TABLE parcel (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        merge_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, member_id, merge_id)
    ) {clustered}""",
    # Shard of the member who asks, which the token names. linked_member_id is empty where nobody has the address.
    """CREATE TABLE link_request (
        shard SMALLINT NOT NULL,
        digest {blob} NOT NULL,
        programme_number INT NOT NULL,
        member_id TEXT NOT NULL,
        asked_in INT NOT NULL,
        connection_number INT NOT NULL,
        customer_ref TEXT NOT NULL,
        linked_member_id TEXT NOT NULL,
        address_hash TEXT NOT NULL,
        tries SMALLINT NOT NULL DEFAULT 0,
        created_at_us BIGINT NOT NULL,
        expires_at_us BIGINT NOT NULL,
        used_at_us BIGINT,
        PRIMARY KEY (shard, digest)
    )""",
    "CREATE INDEX link_request_of_member ON link_request (shard, member_id, created_at_us)",
    "CREATE INDEX link_request_to_address ON link_request (programme_number, address_hash, created_at_us)",
    """CREATE TABLE adjust_request (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        request_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        points BIGINT NOT NULL,
        reason TEXT NOT NULL,
        actor TEXT NOT NULL,
        second_actor TEXT,
        state SMALLINT NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 3),
        created_at_us BIGINT NOT NULL,
        decided_at_us BIGINT,
        PRIMARY KEY (shard, member_id, request_id)
    ) {clustered}""",
    # Kept through every restore: whoever is in it stays erased.
    """CREATE TABLE erasure (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        erased_at_us BIGINT NOT NULL,
        actor TEXT NOT NULL,
        PRIMARY KEY (shard, member_id)
    ) {clustered}""",
)

REFERRALS = (
    # Shard of the code.
    """CREATE TABLE referral_code (
        shard SMALLINT NOT NULL,
        programme_number INT NOT NULL,
        code TEXT NOT NULL,
        member_id TEXT NOT NULL,
        created_at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, programme_number, code)
    ) {clustered}""",
    # Shard of the referrer.
    """CREATE TABLE referral (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        friend_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        code TEXT NOT NULL,
        referral_state TEXT NOT NULL CHECK (referral_state IN
            ('registered', 'ordered', 'review', 'completed', 'refused', 'void')),
        score INT NOT NULL,
        reasons TEXT NOT NULL,
        order_ref TEXT,
        registered_at_us BIGINT NOT NULL,
        decided_at_us BIGINT,
        actor TEXT NOT NULL,
        PRIMARY KEY (shard, member_id, friend_id)
    ) {clustered}""",
    "CREATE INDEX referral_open ON referral (shard, member_id, friend_id) "
    "WHERE referral_state IN ('registered', 'ordered', 'review')",
    # Keyed hashes of what members show of themselves: addresses, devices... Erasing a person deletes them.
    """CREATE TABLE member_sign (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        sign_hash TEXT NOT NULL,
        programme_number INT NOT NULL,
        at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, member_id, kind, sign_hash)
    ) {clustered}""",
    # Shard of the hash: how many friends came from one address on the net.
    """CREATE TABLE referral_ip (
        shard SMALLINT NOT NULL,
        programme_number INT NOT NULL,
        sign_hash TEXT NOT NULL,
        member_id TEXT NOT NULL,
        at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, programme_number, sign_hash, member_id)
    ) {clustered}""",
    # Shard of the friend: one referrer for each, for ever.
    """CREATE TABLE referred_by (
        shard SMALLINT NOT NULL,
        member_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        referrer_id TEXT NOT NULL,
        PRIMARY KEY (shard, member_id)
    ) {clustered}""",
)

CATALOGUE = (
    """CREATE TABLE product (
        shard SMALLINT NOT NULL,
        connection_number INT NOT NULL,
        product_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        body_text TEXT NOT NULL,
        read_at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, connection_number, product_id)
    ) {clustered}""",
    "CREATE INDEX product_read ON product (connection_number, read_at_us)",
    """CREATE TABLE product_wish (
        shard SMALLINT NOT NULL,
        connection_number INT NOT NULL,
        product_id TEXT NOT NULL,
        programme_number INT NOT NULL,
        mark BIGINT NOT NULL DEFAULT 1,
        attempts SMALLINT NOT NULL DEFAULT 0,
        wished_at_us BIGINT NOT NULL,
        next_at_us BIGINT NOT NULL,
        PRIMARY KEY (shard, connection_number, product_id)
    ) {clustered}""",
)

# Guards, not logic: the paths are histories.
APPEND_ONLY = ("tier_change", "badge_change", "level_change")
SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER {table}_is_never_{done} BEFORE {verb} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    for table in APPEND_ONLY
    for verb, done in (("UPDATE", "changed"), ("DELETE", "deleted"))
)
POSTGRES_GUARDS = (
    """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$""",
    *(
        f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        for table in APPEND_ONLY
    ),
)


class Migration(migrations.Migration):
    dependencies = [("belong", "0002_sharded_tables")]

    operations = [
        DialectSQL((*COUNTERS, *PATHS, *REDEMPTIONS, *NOTICES, *PEOPLE, *REFERRALS, *CATALOGUE)),
        DialectSQL(only_sqlite=SQLITE_GUARDS, only_postgres=POSTGRES_GUARDS),
    ]
