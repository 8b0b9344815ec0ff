"""Reference tables of Shopify apps and the shops that have them; see ``models``."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class ShopifyAppRow(Model):
    """An app of a merchant. sealed: its client secrets. document_text: of the programme that each new shop gets;
    programme_number: the one that all join instead. admin_url: only of a simulated shop.
    """

    client_id = fields.CharField(max_length=100, primary_key=True)
    sealed = fields.BinaryField()
    programme_number = fields.IntField(null=True)
    document_text = fields.TextField(null=True)
    api_version = fields.CharField(max_length=20)
    admin_url = fields.CharField(max_length=255)
    created_at_us = fields.BigIntField()

    class Meta:
        table = "shopify_app"


class ShopifyInstallation(Model):
    """A shop that has an app, or had it."""

    connection_number = fields.IntField(primary_key=True, generated=False)
    client_id = fields.CharField(max_length=100)
    scopes_text = fields.TextField()
    started_at_us = fields.BigIntField()
    ended_at_us = fields.BigIntField(null=True)

    class Meta:
        table = "shopify_installation"


class ShopifyStaff(Model):
    """One of a shop's staff, as Shopify said of them for some hours."""

    id = fields.IntField(primary_key=True)
    connection_number = fields.IntField()
    person = fields.CharField(max_length=40)
    person_name = fields.CharField(max_length=100)
    console_role = fields.CharField(max_length=20)
    ends_at_us = fields.BigIntField()

    class Meta:
        table = "shopify_staff"
        unique_together = (("connection_number", "person"),)


class ShopPrivacy(Model):
    """What a shop asked for a person's data, or for its own; of the person only the shop's number for them.

    Or, of a guest, orders_text: the numbers of the orders, with commas; address_hash: the keyed hash of the address.
    """

    request_id = fields.CharField(max_length=64, primary_key=True)
    topic = fields.CharField(max_length=100)
    shop_text = fields.CharField(max_length=255)
    connection_number = fields.IntField(null=True)
    programme_number = fields.IntField(null=True)
    customer_ref = fields.CharField(max_length=40, null=True)
    at_us = fields.BigIntField()
    ended_at_us = fields.BigIntField(null=True)
    done = fields.CharField(max_length=40, null=True)
    orders_text = fields.TextField(null=True)
    address_hash = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "shop_privacy"


class ProgrammeEmptying(Model):
    """While a programme stands here, its histories may be deleted: its only shop has asked for that (invariant 9)."""

    programme_number = fields.IntField(primary_key=True, generated=False)
    at_us = fields.BigIntField()

    class Meta:
        table = "programme_emptying"
