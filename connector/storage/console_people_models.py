"""Reference tables of people who sign in to the console themselves; see ``models``."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ConsolePerson(Model):
    """Somebody who signs in by address and password. address: folded, so that capitals make nobody another one.

    typed_address: as it was typed, for mails; empty where nothing else than the folded one was kept. failures,
    failed_at_us, paused_until_us: attempts since the last one that was right, when the last was, and until when none is
    looked at; code_...: the same of codes of the second step. sealed: the secret of an authenticator; second_step: of
    the last code of it that was used.
    """

    number = fields.IntField(primary_key=True)
    public_id = fields.CharField(max_length=36, unique=True)
    programme_number = fields.IntField()
    name = fields.CharField(max_length=100)
    address = fields.CharField(max_length=254, unique=True)
    console_role = fields.CharField(max_length=20)
    language = fields.CharField(max_length=35)
    password_hash = fields.CharField(max_length=255)
    failures = fields.IntField()
    paused_until_us = fields.BigIntField()
    created_at_us = fields.BigIntField()
    seen_at_us = fields.BigIntField(null=True)
    disabled_at_us = fields.BigIntField(null=True)
    sealed = fields.BinaryField(null=True)
    second_since_us = fields.BigIntField(null=True)
    second_step = fields.BigIntField(null=True)
    typed_address = fields.CharField(max_length=254, db_default="")
    failed_at_us = fields.BigIntField(db_default=0)
    code_failures = fields.IntField(db_default=0)
    code_failed_at_us = fields.BigIntField(db_default=0)
    code_paused_until_us = fields.BigIntField(db_default=0)

    class Meta:
        table = "console_person"


class ConsoleTicket(Model):
    """An address or a cookie that is good once: to join (``first``, ``join``), or for a new password (``reset``).

    Or, as a cookie, to go on with a code (``code``). tries: codes that were looked at. made_by: who invites, as the
    audit knows them.
    """

    digest = fields.CharField(max_length=64, primary_key=True)
    kind = fields.CharField(max_length=10)
    programme_number = fields.IntField(null=True)
    person_number = fields.IntField(null=True)
    console_role = fields.CharField(max_length=20)
    address = fields.CharField(max_length=254)
    ends_at_us = fields.BigIntField()
    tries = fields.IntField(db_default=0)
    made_by = fields.CharField(max_length=254, db_default="")

    class Meta:
        table = "console_ticket"


class ConsoleBrowser(Model):
    """A browser with which somebody signed in, by the digest of a token that it keeps.

    Wrong passwords that come from it are counted here, as those of strangers are with the person.
    """

    digest = fields.CharField(max_length=64, primary_key=True)
    person_number = fields.IntField(db_index=True)
    seen_at_us = fields.BigIntField()
    failures = fields.IntField(db_default=0)
    failed_at_us = fields.BigIntField(db_default=0)
    paused_until_us = fields.BigIntField(db_default=0)

    class Meta:
        table = "console_browser"


class ConsoleRecovery(Model):
    """A code that stands in for a lost phone, once."""

    digest = fields.CharField(max_length=64, primary_key=True)
    person_number = fields.IntField()

    class Meta:
        table = "console_recovery"


class ConsolePolicy(Model):
    """Since when everybody of a programme who signs in themselves needs the second step."""

    programme_number = fields.IntField(primary_key=True, generated=False)
    second_since_us = fields.BigIntField(null=True)

    class Meta:
        table = "console_policy"
