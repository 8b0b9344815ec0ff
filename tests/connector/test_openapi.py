"""The description of the API says what the routes do, for every one of them; and nobody gets in without a policy."""

from __future__ import annotations

import re
import uuid
from typing import Any

import jsonschema
from starlette.routing import Route

from connector.routes import api, health, local, openapi, shopify_app
from connector.routes.access import (
    Anyone,
    NeedsKey,
    NeedsPairing,
    NeedsShopify,
    NeedsShopifyPage,
    NeedsShopper,
    NeedsStore,
)
from connector.routes.webhooks import PREFIX
from tests.connector.outside import Outside, client_of


def all_routes(service: Outside) -> list[Route]:
    served = service.service
    return [*health.routes(served), *api.routes(served), *local.routes(served), *shopify_app.routes(served)]


def filled(path: str) -> str:
    return re.sub(r"\{\w+\}", str(uuid.UUID(int=7)), path)


async def test_every_route_is_described_and_every_description_has_a_route(service: Outside) -> None:
    described = (await service.http.get("/openapi.json")).json()["paths"]
    found = {
        (method.lower(), route.path)
        for route in all_routes(service)
        for method in route.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }
    told = {(method, path) for path, item in described.items() for method in item}
    assert told - found == {("post", f"{PREFIX}{{platform}}/{{connection}}/{{topic}}")}
    assert found - told == set()


async def test_the_description_is_well_formed(service: Outside) -> None:
    document = (await service.http.get("/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    names = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names))
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    references = set(re.findall(r'"#/components/schemas/([^"]+)"', str(document).replace("'", '"')))
    assert references <= set(document["components"]["schemas"])


async def test_without_proof_no_operation_answers(service: Outside) -> None:
    """Every operation that is not for anyone says 401 to a stranger, whatever else is wrong with the request."""
    for number, operation in enumerate(api.OPERATIONS):
        # From an address of its own: one that fails too often is not asked for its proof any more.
        async with client_of(service.app, (f"203.0.113.{number}", 50000)) as stranger:
            answer = await stranger.request(operation.method, filled(operation.path))
            expected = set(range(200, 500)) - {401, 403} if isinstance(operation.access, Anyone) else {401}
            if isinstance(operation.access, NeedsPairing):
                # Only the handler knows the code: first the body must be one.
                expected = {404, 415}
            assert answer.status_code in expected, (operation.method, operation.path, answer.status_code)


async def test_the_description_names_the_scope_that_each_operation_checks(service: Outside) -> None:
    paths = openapi.document(api.OPERATIONS)["paths"]
    for operation in api.OPERATIONS:
        told: Any = paths[operation.path][operation.method.lower()]["security"]
        if isinstance(operation.access, NeedsKey):
            signed: list[Any] = [{"signature": []}] if operation.path == "/v1/events" else []
            assert told == [{"key": [operation.access.scope]}, *signed]
        elif isinstance(operation.access, NeedsShopper):
            assert told == [{"shopper": [operation.access.scope]}]
        elif isinstance(operation.access, NeedsStore):
            assert told == [{"store": []}]
            assert operation.path.rpartition("/")[2] == operation.access.purpose
        elif isinstance(operation.access, NeedsShopifyPage):
            assert told == [{"shopify-page": []}]
        elif isinstance(operation.access, NeedsShopify):
            assert told == [{"shopify-session": []}]
        else:
            assert told == []
