"""Every GraphQL document of ours against Shopify's real schema: valid, not deprecated, within our scopes, cheap."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    NoDeprecatedCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    print_ast,
    validate,
    visit,
)

from connector.sandbox.shopify.bulk_rules import refusal
from connector.sandbox.shopify.cost import Pricer
from connector.shopify.client import SCOPES, STORE_CREDIT_SCOPES, missing_scopes
from connector.shopify.graphql import API_VERSION, DOCUMENTS, document
from connector.shopify.orders import PAGE_ORDERS
from connector.shopify.subscriptions import TOPICS, enum_of
from tests.connector.shopify import admin_schema
from tests.connector.shopify.admin_schema import AdminSchema

QUERIES = Path(__file__).resolve().parents[3] / "connector" / "shopify" / "queries"
SCOPES_OF_MUTATIONS = {
    "PushSnapshots": {"write_customers"},
    "AddTags": {"write_customers"},
    "RemoveTags": {"write_customers"},
    "Subscribe": {"read_orders", "read_customers", "read_customer_merge"},
}
"""Depend on the owner or topic, so the schema's own list does not have them."""


VERSIONS_BEFORE = ("2026-07", "2026-04")


@pytest.fixture(scope="module")
def admin(request: pytest.FixtureRequest) -> AdminSchema:
    return schema_of(API_VERSION, request)


def schema_of(version: str, request: pytest.FixtureRequest) -> AdminSchema:
    try:
        return admin_schema.load(request.getfixturevalue("npm_folder"), version)
    except (OSError, subprocess.CalledProcessError) as why:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            raise
        pytest.skip(f"Shopify's Admin schema is not at hand (npm package @shopify/dev-mcp): {why}")


def test_every_file_of_queries_belongs_to_an_operation() -> None:
    used = {name for names in DOCUMENTS.values() for name in names}
    assert used == {path.stem for path in QUERIES.glob("*.graphql")}


@pytest.mark.parametrize("operation", DOCUMENTS)
def test_a_document_is_one_operation_of_its_name(operation: str) -> None:
    parsed = parse(document(operation))
    operations = [node for node in parsed.definitions if isinstance(node, OperationDefinitionNode)]
    assert [node.name.value for node in operations if node.name] == [operation]


@pytest.mark.parametrize("operation", DOCUMENTS)
def test_a_document_is_valid_and_uses_nothing_deprecated(operation: str, admin: AdminSchema) -> None:
    parsed = parse(document(operation))
    assert [error.message for error in validate(admin.schema, parsed)] == []
    assert [error.message for error in validate(admin.schema, parsed, [NoDeprecatedCustomRule])] == []


@pytest.mark.parametrize("version", VERSIONS_BEFORE)
def test_every_document_is_valid_in_the_two_versions_before_ours(version: str, request: pytest.FixtureRequest) -> None:
    """Shopify answers a version that it no longer has with its oldest; what we ask must not hang on the newest."""
    before = schema_of(version, request)
    wrong = {
        operation: [error.message for error in validate(before.schema, parse(document(operation)))]
        for operation in DOCUMENTS
    }
    assert {operation: messages for operation, messages in wrong.items() if messages} == {}
    topics = before.schema.type_map["WebhookSubscriptionTopic"]
    assert {enum_of(topic) for topic in TOPICS} <= set(topics.values)  # type: ignore[attr-defined]


@pytest.mark.parametrize("operation", DOCUMENTS)
def test_a_document_needs_no_scope_that_we_do_not_ask_for(operation: str, admin: AdminSchema) -> None:
    for where, choices in scopes_needed(parse(document(operation)), admin).items():
        assert any(not missing_scopes_of(scope) for scope in choices), f"{where} needs one of {sorted(choices)}"
    for scope in SCOPES_OF_MUTATIONS.get(operation, set()):
        assert not missing_scopes_of(scope)


@pytest.mark.parametrize(
    ("operation", "variables", "cost"),
    [
        ("ReadOrder", {"id": "x"}, 91),
        ("OrdersChanged", {"first": PAGE_ORDERS, "query": ""}, 639),
        ("OrdersMade", {"first": PAGE_ORDERS, "query": ""}, 639),
        ("OrdersMade", {"first": PAGE_ORDERS, "query": "", "reverse": True}, 639),
        ("OrdersCount", {"query": ""}, 1),
        ("OrdersOfCustomers", {"ids": ["x"] * 50}, 10),
        ("OrderLineItems", {"id": "x"}, 58),
        ("OrderRefunds", {"id": "x"}, 24),
        ("ReadProducts", {"ids": ["x"]}, 15),
        ("ReadPrices", {"ids": ["x"] * 50}, 13),
        ("Subscriptions", {}, 11),
        ("PushSnapshots", {"metafields": []}, 11),
        ("CustomerTags", {"ids": ["x"] * 25}, 1),
        ("AddTags", {"id": "x", "tags": []}, 10),
        ("RemoveTags", {"id": "x", "tags": []}, 10),
        ("CreditAccounts", {"customer": "x"}, 54),
        ("GiveCredit", {"id": "x", "credit": {}}, 10),
        ("TakeCredit", {"id": "x", "debit": {}}, 10),
    ],
)
def test_a_document_costs_well_below_the_thousand_points_of_a_query(
    operation: str, variables: dict[str, Any], cost: int, admin: AdminSchema
) -> None:
    parsed = parse(document(operation))
    node = next(part for part in parsed.definitions if isinstance(part, OperationDefinitionNode))
    assert Pricer(admin.schema, parsed, variables).cost(node) == cost


def test_no_scope_is_asked_for_in_vain(admin: AdminSchema) -> None:
    needed = set().union(*SCOPES_OF_MUTATIONS.values())
    for operation in DOCUMENTS:
        for choices in scopes_needed(parse(document(operation)), admin).values():
            needed |= choices
    assert {*SCOPES, *STORE_CREDIT_SCOPES} <= needed


def missing_scopes_of(scope: str) -> list[str]:
    """Scopes missing when we are granted exactly what we ask for."""
    asked = (*SCOPES, *STORE_CREDIT_SCOPES)
    granted = set(asked) | {name.replace("write_", "read_") for name in asked}
    return [] if scope in granted else [scope]


def scopes_needed(parsed: DocumentNode, admin: AdminSchema) -> dict[str, frozenset[str]]:
    """Where -> the scopes of which one is needed there, for fields and for the types that they return."""
    found: dict[str, frozenset[str]] = {}
    info = TypeInfo(admin.schema)

    class Scopes(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent, kind = info.get_parent_type(), info.get_type()
            assert parent is not None and kind is not None
            named: GraphQLNamedType = get_named_type(kind)
            where = f"{parent.name}.{node.name.value}"
            for choices in (admin.field_scopes.get((parent.name, node.name.value)), admin.type_scopes.get(named.name)):
                if choices:
                    found[where] = choices

    visit(parsed, TypeInfoVisitor(info, Scopes()))
    return found


def test_every_topic_exists(admin: AdminSchema) -> None:
    topics = admin.schema.type_map["WebhookSubscriptionTopic"]
    assert {enum_of(topic) for topic in TOPICS} <= set(topics.values)  # type: ignore[attr-defined]


def test_scopes_that_include_others_are_understood() -> None:
    assert missing_scopes(set(SCOPES)) == []
    assert (
        missing_scopes({"write_orders", "write_customers", "write_products", "write_discounts", "read_customer_merge"})
        == []
    )
    assert "read_orders" in missing_scopes({"write_customers"})
    assert "write_customers" in missing_scopes({"read_orders", "read_customers"})


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("OrderLineItems", ("lineItems",)),
        ("OrderShippingLines", ("shippingLines",)),
        ("OrderRefunds", ("refunds",)),
        ("RefundLineItems", ("refunds", "refundLineItems")),
    ],
)
def test_the_rest_of_a_long_list_is_asked_for_with_the_same_fields(operation: str, path: tuple[str, ...]) -> None:
    whole = fields_below(parse(document("ReadOrder")), "OrderFields", path)
    rest = fields_below(parse(document(operation)), None, path[-1:])
    assert rest == whole


def test_a_bulk_operation_reads_what_the_pages_read_of_an_order_but_for_its_refunds() -> None:
    paged = fields_below(without_fragments("ReadOrder"), None, ("order",))
    bulk = fields_below(parse(document("BulkOrders")), None, ("orders", "edges", "node"))
    lists = ("lineItems", "shippingLines", "refunds")
    assert [flat for flat in bulk if not flat.startswith(lists)] == [
        flat for flat in paged if not flat.startswith(lists)
    ]
    for name in lists[:2]:
        [type_name, *parts] = fields_below(parse(document("BulkOrders")), None, ("orders", name, "edges", "node"))
        assert (type_name, parts) == ("__typename", fields_below(without_fragments("ReadOrder"), None, ("order", name)))


def test_shopify_takes_the_bulk_query(admin: AdminSchema) -> None:
    assert refusal(document("BulkOrders"), admin.schema) is None


def without_fragments(operation: str) -> DocumentNode:
    """The document with its fragments written out."""
    parsed = parse(document(operation))
    fragments = {node.name.value: node for node in parsed.definitions if isinstance(node, FragmentDefinitionNode)}

    class Spread(Visitor):
        def leave_selection_set(self, node: SelectionSetNode, *_: Any) -> SelectionSetNode:
            parts = [
                inner
                for part in node.selections
                for inner in (
                    visit(fragments[part.name.value], self).selection_set.selections
                    if isinstance(part, FragmentSpreadNode)
                    else (part,)
                )
            ]
            return replace(node, selections=tuple(parts))

    operations = [node for node in parsed.definitions if isinstance(node, OperationDefinitionNode)]
    return replace(parsed, definitions=tuple(visit(node, Spread()) for node in operations))


def fields_below(parsed: DocumentNode, fragment: str | None, path: tuple[str, ...]) -> list[str]:
    """The node fields of the list at ``path``, as text in order, page info and sizes aside."""
    for node in parsed.definitions:
        name = getattr(getattr(node, "name", None), "value", None)
        if (fragment is None and isinstance(node, OperationDefinitionNode)) or (fragment and name == fragment):
            found: Any = node
            for step in path:
                found = find_field(found, step)
            nodes = next((part for part in found.selection_set.selections if name_of(part) == "nodes"), found)
            return [print_ast(part) for part in nodes.selection_set.selections]
    raise AssertionError(fragment)


def find_field(node: Any, name: str) -> FieldNode:
    """The first field of that name anywhere below."""
    for part in node.selection_set.selections:
        if name_of(part) == name:
            assert isinstance(part, FieldNode)
            return part
        if part.kind != "fragment_spread" and part.selection_set is not None:
            try:
                return find_field(part, name)
            except LookupError:
                continue
    raise LookupError(name)


def name_of(node: Any) -> str:
    return str(node.name.value) if getattr(node, "name", None) else ""
