"""What carries a valid signature is kept, whatever is in it, and set aside with its reason if nobody can read it."""

from __future__ import annotations

from connector.clock import utc_now
from connector.storage.atomic import atomic
from connector.storage.dead_letters import Range, put_back
from tests.connector.breaking_bodies import BREAKING
from tests.connector.outside import SHOPIFY_SHOP, TOPICS, Outside, order_body

BODY = b'{"id": 5123}'


async def test_headers_that_agree_with_the_address_are_fine(service: Outside) -> None:
    shopify = {"X-Shopify-Topic": TOPICS["shopify"], "X-Shopify-Shop-Domain": SHOPIFY_SHOP.upper()}
    assert (await service.deliver("shopify", BODY, headers=shopify)).status_code == 200
    woocommerce = {"X-WC-Webhook-Topic": TOPICS["woocommerce"]}
    assert (await service.deliver("woocommerce", BODY, headers=woocommerce)).status_code == 200
    assert await service.kept() == 2


async def test_json_by_other_spellings_is_json(service: Outside) -> None:
    for number, kind in enumerate(("application/json; charset=UTF-8", "Application/JSON", " application/json ;x=y"), 1):
        body = order_body("woocommerce", number)
        assert (await service.deliver("woocommerce", body, headers={"Content-Type": kind})).status_code == 200
        assert await service.kept() == number


async def test_well_signed_it_is_kept_and_set_aside_with_its_reason_and_can_be_replayed(service: Outside) -> None:
    for name, body in BREAKING.items():
        assert (name, (await service.deliver("woocommerce", body)).status_code) == (name, 200)
    good = order_body("woocommerce", 77)
    assert (await service.deliver("woocommerce", good)).status_code == 200
    assert await service.kept() == len(BREAKING) + 1
    for _ in range(2):
        await service.work()
        rows = await service.rows("SELECT d.id, state, reason FROM delivery d WHERE state = 2 ORDER BY d.id")
        assert len(rows) == len(BREAKING)
        assert all(row["reason"] and len(row["reason"]) < 1000 and "\x00" not in row["reason"] for row in rows)
        replayed = await atomic(
            service.service.database, lambda session: put_back(session, Range("delivery"), utc_now())
        )
        assert replayed == len(BREAKING)
    assert [tuple(row.values()) for row in await service.rows("SELECT kind, points FROM entry")] == [("earn", 10)]


async def test_the_same_for_shopify(service: Outside) -> None:
    genuine = order_body("shopify")
    breaking = [
        b"", b"null", b"[" * 200_000, b"\xff", b'{"id": NaN}', b'{"id": 1e999}', b'{"id": 5, "line_items": "none"}',
        genuine.replace(b'"id": 5123', b'"id": ' + b"9" * 5000), genuine.replace(b'"EUR"', b'"\\ud800"'),
        genuine[:-10],
    ]  # fmt: skip
    for body in breaking:
        assert (await service.deliver("shopify", body)).status_code == 200
    await service.work()
    assert await service.rows("SELECT state, count(*) AS number FROM delivery GROUP BY state") == [
        {"state": 2, "number": len(breaking)}
    ]
    assert await service.number("SELECT count(*) FROM entry") == 0


async def test_a_readable_copy_of_what_was_set_aside_counts(service: Outside) -> None:
    await service.deliver("woocommerce", BREAKING["a NUL"])
    await service.work()
    await service.deliver("woocommerce", order_body("woocommerce"))
    await service.work()
    rows = await service.rows("SELECT state FROM delivery ORDER BY id")
    assert [row["state"] for row in rows] == [2, 1]
    assert await service.number("SELECT points FROM balance") == 10
