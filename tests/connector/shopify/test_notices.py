"""What Shopify says in its headers of how we call it is counted, so that somebody sees it before it breaks."""

from __future__ import annotations

import pytest

from connector.running.metrics import Metrics
from connector.shopify.client import ShopifyClient
from tests.connector.calls import api_over
from tests.connector.shopify.fake_admin import CONNECTION, PASTED, FakeAdmin
from tests.connector.shopify.test_client import CHECK


@pytest.mark.parametrize(
    ("headers", "counted"),
    [
        ({"X-Shopify-API-Version": "2026-10"}, {}),
        ({"X-Shopify-API-Version": "2027-01"}, {"other-version": 2.0}),
        ({"X-Shopify-API-Deprecated-Reason": "field x"}, {"deprecated": 2.0}),
    ],
)
async def test_each_answer_of_another_version_or_to_deprecated_use_counts(
    headers: dict[str, str], counted: dict[str, float]
) -> None:
    admin, metrics = FakeAdmin({"Check": lambda _: CHECK}, headers=headers), Metrics()
    api = api_over(admin.handle, admin.time)
    api.on_notice = metrics.note_api
    client = ShopifyClient(CONNECTION, PASTED, api, seconds=admin.time.seconds)
    for _ in range(2):
        await client.check()
    found = {notice: sample(metrics, notice) for notice in ("other-version", "deprecated")}
    assert {notice: value for notice, value in found.items() if value} == counted


def sample(metrics: Metrics, notice: str) -> float | None:
    labels = {"platform": "shopify", "notice": notice}
    return metrics.registry.get_sample_value("loyalty_api_notices_total", labels)
