"""What the simulated Admin API offers is a part of Shopify's real one: same names, types, arguments and values."""

from __future__ import annotations

import os
import subprocess

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)

from connector.sandbox.shop import Basket
from connector.sandbox.shopify.schema import schema
from tests.connector.shopify import admin_schema
from tests.sandbox.shops import Receiver, admin, ask, shelf, shopify


@pytest.fixture(scope="module")
def real(request: pytest.FixtureRequest) -> GraphQLSchema:
    try:
        return admin_schema.load(request.getfixturevalue("npm_folder")).schema
    except (OSError, subprocess.CalledProcessError) as why:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            raise
        pytest.skip(f"Shopify's Admin schema is not at hand (npm package @shopify/dev-mcp): {why}")


def test_every_type_field_and_argument_exists_in_the_real_schema(real: GraphQLSchema) -> None:
    ours = {name: kind for name, kind in schema().type_map.items() if not name.startswith("__")}
    found = [line for name, kind in ours.items() for line in differences(kind, real.type_map.get(name))]
    assert found == []


def differences(ours: GraphQLNamedType, real: GraphQLNamedType | None) -> list[str]:
    if real is None or type(real) is not type(ours):
        return [f"{ours.name}: {type(ours).__name__} against {type(real).__name__}"]
    if isinstance(ours, GraphQLEnumType) and isinstance(real, GraphQLEnumType):
        return [f"{ours.name}.{value}" for value in ours.values if value not in real.values]
    if isinstance(ours, GraphQLInputObjectType) and isinstance(real, GraphQLInputObjectType):
        pairs = [(name, str(field.type), real.fields.get(name)) for name, field in ours.fields.items()]
        return [f"{ours.name}.{name}" for name, kind, other in pairs if other is None or str(other.type) != kind]
    composite = (GraphQLObjectType, GraphQLInterfaceType)
    return _fields(ours, real) if isinstance(ours, composite) and isinstance(real, composite) else []


def _fields(
    ours: GraphQLObjectType | GraphQLInterfaceType, real: GraphQLObjectType | GraphQLInterfaceType
) -> list[str]:
    found = []
    for name, field in ours.fields.items():
        other = real.fields.get(name)
        if other is None or str(other.type) != str(field.type):
            found.append(f"{ours.name}.{name}: {field.type} against {other and other.type}")
            continue
        for argument, kind in field.args.items():
            if argument not in other.args or str(other.args[argument].type) != str(kind.type):
                found.append(f"{ours.name}.{name}({argument})")
    return found


async def test_with_the_real_schema_a_field_that_only_it_knows_is_no_validation_error(real: GraphQLSchema) -> None:
    shop = shopify(Receiver(), real_schema=real)
    shop.place_order(None, Basket(items=[(shelf(shop)[0], 1)]))
    async with admin(shop) as client:
        wrong = await ask(client, "{ shop { nothingLikeThis } }")
        right = await ask(client, "{ shop { name } }")
    assert wrong["errors"][0]["extensions"]["code"] == "undefinedField"
    assert right["data"] == {"shop": {"name": "Belong Roasters"}}
