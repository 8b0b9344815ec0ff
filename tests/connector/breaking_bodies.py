"""Bodies that naive readers raise on, or mistake for something else."""

from __future__ import annotations

import json

from tests.connector.outside import order_body


def _order_with(**changes: object) -> bytes:
    return json.dumps(json.loads(order_body("woocommerce")) | changes).encode()


BREAKING = {
    "nothing": b"",
    "a space": b" ",
    "not JSON": b"<html>Maintenance</html>",
    "cut off": order_body("woocommerce")[:200],
    "null": b"null",
    "a list": b"[]",
    "a text": b'"order"',
    "an empty object": b"{}",
    "an error body": b'{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID.","data":{"status":404}}',
    "200 000 brackets": b"[" * 200_000,
    "deep inside a field": b'{"id": 5123, "line_items": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "NaN": order_body("woocommerce").replace(b'"customer_id": 7', b'"customer_id": NaN'),
    "infinity": order_body("woocommerce").replace(b'"customer_id": 7', b'"customer_id": 1e999'),
    "an id of 5 000 digits": order_body("woocommerce").replace(b'"id": 5123', b'"id": ' + b"9" * 5000),
    "a negative id": order_body("woocommerce").replace(b'"id": 5123', b'"id": -1'),
    "an id of true": order_body("woocommerce").replace(b'"id": 5123', b'"id": true'),
    "not UTF-8": order_body("woocommerce").replace(b"Ada", b"\xff\xfe\xc3"),
    "a lone surrogate": order_body("woocommerce").replace(b'"currency": "EUR"', b'"currency": "\\ud800"'),
    "a NUL": order_body("woocommerce").replace(b'"currency": "EUR"', b'"currency": "E\\u0000R"'),
    "an amount that is not": _order_with(total="10,00", discount_total="sNaN", shipping_total="1e100000"),
    "a list for an object": _order_with(line_items={"0": 1}),
}
