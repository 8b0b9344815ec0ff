"""Whether pages may read our two metafields, in a shop to which no app was deployed."""

from __future__ import annotations

import pytest

from connector.errors import ConfigProblem
from connector.platforms import PushState
from tests.connector.shopify.test_with_sandbox import World, make_world


@pytest.fixture
def world() -> World:
    return make_world()


PUBLIC = {"admin": "MERCHANT_READ", "storefront": "PUBLIC_READ"}
ACCESS = ({**PUBLIC, "customerAccount": "READ"}, {**PUBLIC, "customerAccount": "NONE"})


async def test_pages_may_read_what_is_pushed_though_no_app_was_deployed(world: World) -> None:
    """With client credentials alone there is no file of the app that says so."""
    definitions = world.shop.definitions
    assert (definitions.access("CUSTOMER", "summary"), definitions.access("SHOP", "programme")) == (None, None)
    for _ in range(2):
        assert (await world.client.push_programme("{}")).state is PushState.ACCEPTED
        assert (definitions.access("CUSTOMER", "summary"), definitions.access("SHOP", "programme")) == ACCESS


@pytest.mark.parametrize("access", [{}, {"storefront": "PUBLIC_READ"}, {"customerAccount": "READ"}])
async def test_a_definition_that_keeps_pages_from_reading_is_named_and_the_programme_pushed(
    world: World, access: dict[str, str]
) -> None:
    given = {"ownerType": "CUSTOMER", "key": "summary", "name": "Loyalty", "type": "json", "access": access}
    assert world.shop.definitions.create(given)["userErrors"] == []
    with pytest.raises(ConfigProblem, match="may not read the app's metafield summary"):
        await world.client.push_programme("{}")
    assert world.shop.programme == "{}"
