"""What both shops really received about the programme obeys the schema that we publish."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

import connector
from connector import clock
from connector.delivering.programme_push import push_programmes
from tests.journeys.world import CIRCLE, simulated, world

SCHEMA = json.loads(Path(connector.__file__).with_name("summary_schema.json").read_text(encoding="utf-8"))


async def test_what_the_shops_were_told_obeys_the_schema(prepared_database_url: str, tmp_path: Path) -> None:
    async with world(prepared_database_url, tmp_path, simulated(), document=CIRCLE) as made:
        assert await push_programmes(made.service.outbox, clock.utc_now()) == 2
        told = {platform: json.loads(made.shop(platform).programme or "null") for platform in made.connections}
        assert sorted(told) == ["shopify", "woocommerce"]
        for document in told.values():
            jsonschema.Draft202012Validator(SCHEMA).validate(document)
            assert document["dropped"] == [] and document["name"] == told["shopify"]["name"]
