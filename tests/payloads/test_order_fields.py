"""What is decoded of a fetched order is what our GraphQL documents ask for, to the last field."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import msgspec
from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionSetNode, parse

import connector.shopify
from connector.shopify.normalise_fetched import FetchedOrder
from tests.payloads import shopify_bodies
from tests.payloads.stories import Story

DOCUMENT = Path(connector.shopify.__file__).parent / "queries" / "order_fields.graphql"
ONLY_FOR_PAGING = {"id", "lineItems.pageInfo.endCursor"}

Shape = dict[str, Any]


def selected(selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]) -> Shape:
    """Field names and what is selected below them."""
    shape: Shape = {}
    for node in selections.selections:
        if isinstance(node, FragmentSpreadNode):
            shape |= selected(fragments[node.name.value].selection_set, fragments)
        else:
            assert isinstance(node, FieldNode)
            shape[node.name.value] = selected(node.selection_set, fragments) if node.selection_set else {}
    return shape


def decoded(struct: type[msgspec.Struct]) -> Shape:
    """Field names of a struct and of the structs below it."""
    shape: Shape = {}
    for field in msgspec.structs.fields(struct):
        below = struct_within(field.type)
        shape[field.encode_name] = decoded(below) if below else {}
    return shape


def struct_within(kind: Any) -> type[msgspec.Struct] | None:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return next((found for part in get_args(kind) if (found := struct_within(part))), None)


def paths(shape: Shape, prefix: str = "") -> set[str]:
    found = set()
    for name, below in shape.items():
        found |= {prefix + name} | paths(below, f"{prefix}{name}.")
    return found


def the_document() -> Shape:
    definitions = parse(DOCUMENT.read_text()).definitions
    fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
    return selected(fragments["OrderFields"].selection_set, fragments)


def test_every_field_that_is_decoded_is_asked_for_and_none_is_asked_for_in_vain() -> None:
    assert paths(the_document()) - paths(decoded(FetchedOrder)) == ONLY_FOR_PAGING
    assert paths(decoded(FetchedOrder)) - paths(the_document()) == set()


def test_the_invented_answers_of_these_tests_have_the_same_fields() -> None:
    assert set(shopify_bodies.fetched_order(Story(()))) == set(the_document())
