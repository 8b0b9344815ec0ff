"""Refunds as ``/orders/{id}/refunds`` tells them: lines with negative quantities that need not add up to the amount."""

from __future__ import annotations

from html import escape
from typing import Any

from connector.sandbox.records import Order, Refund, RefundLine
from connector.sandbox.woocommerce.addresses import links
from connector.sandbox.woocommerce.bodies import Bodies, local, unit_price, utc

Body = dict[str, Any]


def refund_body(bodies: Bodies, order: Order, refund: Refund, *, with_parent: bool = False) -> Body:
    """One refund; ``with_parent``: as ``/refunds`` lists it, across orders."""
    whole = order.refunded_minor >= order.total_minor
    kind = "full" if whole and refund is order.refunds[-1] else "partial"
    return {
        "id": refund.id,
        **({"parent_id": order.id} if with_parent else {}),
        "date_created": local(refund.created_at, bodies.zone),
        "date_created_gmt": utc(refund.created_at),
        "amount": bodies.amount(refund.amount_minor, order.currency),
        "reason": refund.reason,
        "refunded_by": 1,
        "refunded_payment": False,
        "meta_data": [{"id": refund.id, "key": "_refund_type", "value": kind}],
        "line_items": [_line(bodies, order, line) for line in refund.lines],
        "shipping_lines": _shipping(bodies, order, refund),
        "tax_lines": _taxes(bodies, order, refund),
        "fee_lines": [],
        "_links": links(bodies.base_url, "refunds", refund.id, f"orders/{order.id}"),
    }


def _line(bodies: Bodies, order: Order, refunded: RefundLine) -> Body:
    line = order.line(refunded.line_id)

    def amount(minor: int) -> str:
        return bodies.amount(-minor, order.currency)

    net, tax = amount(refunded.net_minor), amount(refunded.tax_minor)
    return {
        "id": refunded.id,
        "name": escape(line.product.title, quote=False),
        "product_id": line.product.id,
        "variation_id": 0,
        "quantity": -refunded.quantity,
        "tax_class": "",
        "subtotal": net,
        "subtotal_tax": tax,
        "total": net,
        "total_tax": tax,
        "taxes": [{"id": 1, "total": tax, "subtotal": tax}] if refunded.tax_minor else [],
        "meta_data": [_refunded_item(refunded.id * 10, refunded.line_id)],
        "sku": line.product.sku,
        "global_unique_id": "",
        "price": unit_price(refunded.net_minor, refunded.quantity, order.currency),
        "image": {"id": "", "src": ""},
        "parent_name": None,
    }


def _shipping(bodies: Bodies, order: Order, refund: Refund) -> list[Body]:
    if not refund.shipping_net_minor:
        return []
    tax = bodies.amount(-refund.shipping_tax_minor, order.currency)
    return [
        {
            "id": refund.id * 10 + 1,
            "method_title": "Flat rate",
            "method_id": "flat_rate",
            "instance_id": "1",
            "total": bodies.amount(-refund.shipping_net_minor, order.currency),
            "total_tax": tax,
            "taxes": [{"id": 1, "total": tax, "subtotal": ""}],
            "tax_status": "taxable",
            "meta_data": [_refunded_item(refund.id * 10 + 2, order.id * 10 + 2)],
        }
    ]


def _taxes(bodies: Bodies, order: Order, refund: Refund) -> list[Body]:
    goods_tax = sum(line.tax_minor for line in refund.lines)
    if not goods_tax and not refund.shipping_tax_minor:
        return []
    return [
        {
            "id": refund.id * 10 + 3,
            "rate_code": "DE-MWST.-1",
            "rate_id": 1,
            "label": "MwSt.",
            "compound": False,
            "tax_total": bodies.amount(-goods_tax, order.currency),
            "shipping_tax_total": bodies.amount(-refund.shipping_tax_minor, order.currency),
            "rate_percent": bodies.tax_basis_points // 100,
            "meta_data": [],
        }
    ]


def _refunded_item(id_: int, item: int) -> Body:
    key, value = "_refunded_item_id", str(item)
    return {"id": id_, "key": key, "value": value, "display_key": key, "display_value": value}
