"""Reference tables of outgoing webhooks; see ``models``."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class WebhookEndpoint(Model):
    """An address that is told what happens in a programme.

    topics: what of it, separated by spaces. about: a note. failing_since_us: it has taken nothing since then; problem:
    why, in words. disabled_at_us: nothing is sent any more. rests_until_us: it is left alone until then.
    """

    number = fields.IntField(primary_key=True)
    public_id = fields.CharField(max_length=36, unique=True)
    programme_number = fields.IntField()
    url = fields.CharField(max_length=500)
    topics = fields.TextField()
    about = fields.CharField(max_length=100, default="")
    created_at_us = fields.BigIntField()
    failing_since_us = fields.BigIntField(null=True)
    problem = fields.TextField(null=True)
    disabled_at_us = fields.BigIntField(null=True)
    rests_until_us = fields.BigIntField(default=0)

    class Meta:
        table = "webhook_endpoint"
        unique_together = (("programme_number", "url"),)


class WebhookSecret(Model):
    """A secret that signs what an endpoint is told, encrypted.

    ends_at_us: from then on it signs nothing.
    """

    id = fields.IntField(primary_key=True)
    endpoint_number = fields.IntField()
    sealed = fields.BinaryField()
    created_at_us = fields.BigIntField()
    ends_at_us = fields.BigIntField(null=True)

    class Meta:
        table = "webhook_secret"
