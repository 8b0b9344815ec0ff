"""What Shopify takes as the query of a bulk operation, and what it says to others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    parse,
    validate,
)

QUERY_BYTES_MAX = 65_535
CONNECTIONS_MAX = 5
DEPTH_MAX = 2
Composite = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True, slots=True)
class Connected:
    """One connection in a query: the field, how deep it is nested, whether it hangs in a list."""

    field: FieldNode
    depth: int
    in_list: bool


def refusal(text: str, schema: GraphQLSchema) -> str | None:
    """Why a query cannot be run in bulk, or None."""
    if len(text.encode()) > QUERY_BYTES_MAX:
        return f"Query is too long (maximum is {QUERY_BYTES_MAX} bytes)"
    try:
        document = parse(text)
    except GraphQLError as error:
        return f"Invalid bulk query: {error.message}"
    problems = validate(schema, document)
    if problems:
        return f"Invalid bulk query: {problems[0].message}"
    operation = only_query(document)
    if operation is None or operation.variable_definitions:
        return "Invalid bulk query: one query without variables is expected"
    return _broken_rule(operation, schema)


def only_query(document: DocumentNode) -> OperationDefinitionNode | None:
    """The query of a document that holds nothing else."""
    match document.definitions:
        case (OperationDefinitionNode(operation=OperationType.QUERY) as only,):
            return only
    return None


def _broken_rule(operation: OperationDefinitionNode, schema: GraphQLSchema) -> str | None:
    root = schema.query_type
    assert root is not None
    fields = [field for field in operation.selection_set.selections if isinstance(field, FieldNode)]
    if len(fields) != 1 or fields[0].name.value in ("node", "nodes"):
        return "Bulk queries cannot contain a top level `node` field, and must contain one top level field."
    found = list(connections(operation.selection_set, root))
    if not found:
        return "Bulk queries must contain at least one connection."
    if len(found) > CONNECTIONS_MAX:
        return f"Bulk queries cannot contain more than {CONNECTIONS_MAX} connections."
    if any(one.depth > DEPTH_MAX for one in found):
        return f"Bulk queries cannot contain connections with a nesting depth greater than {DEPTH_MAX}."
    if any(one.in_list for one in found):
        return "Queries that contain a connection field within a list field are not currently supported."
    return next((why for one in found if (why := _bad_selection(one))), None)


def _bad_selection(one: Connected) -> str | None:
    name, node = one.field.name.value, node_of(one.field)
    if node is None:
        return f"Bulk queries must read connections by `edges` and `node`: {name}."
    selected = [part for part in node.selections if isinstance(part, FieldNode)]
    is_parent = any(part.selection_set and node_of(part) for part in selected)
    if is_parent and not any(part.name.value == "id" and part.alias is None for part in selected):
        return (
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be"
            f" of 'ID' return type. Connection fields without 'id': {name}."
        )
    return None


def node_of(connection: FieldNode) -> SelectionSetNode | None:
    """What is selected of each node by ``edges { node { ... } }``."""
    for edges in _fields(connection.selection_set):
        if edges.name.value == "edges":
            for node in _fields(edges.selection_set):
                if node.name.value == "node":
                    return node.selection_set
    return None


def connections(
    selections: SelectionSetNode, parent: Composite, depth: int = 0, in_list: bool = False
) -> Iterator[Connected]:
    """Every connection below a selection."""
    for part in selections.selections:
        if isinstance(part, InlineFragmentNode):
            yield from connections(part.selection_set, parent, depth, in_list)
        if not isinstance(part, FieldNode) or part.selection_set is None or part.name.value not in parent.fields:
            continue
        kind = parent.fields[part.name.value].type
        inner = get_named_type(kind)
        if not isinstance(inner, Composite):
            continue
        is_connection = inner.name.endswith("Connection")
        if is_connection:
            yield Connected(part, depth + 1, in_list)
        bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        is_list = isinstance(bare, GraphQLList) and not parent.name.endswith("Connection")
        yield from connections(part.selection_set, inner, depth + is_connection, in_list or is_list)


def _fields(selections: SelectionSetNode | None) -> list[FieldNode]:
    return [part for part in selections.selections if isinstance(part, FieldNode)] if selections else []
