"""The result of a bulk operation: one JSON object a line, children with ``__parentId``, from the shop's records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    execute_sync,
    parse,
)

from connector.sandbox.json_text import rails_json
from connector.sandbox.shopify.bulk_rules import node_of, only_query
from connector.sandbox.shopify.paging import MAX_PAGE, whole_connections
from connector.sandbox.shopify.schema import Access

Node = dict[str, Any]
_PAGE_INFO = "pageInfo { hasNextPage endCursor }"


class Denied(Exception):
    """A scope is missing for something that the query asks for."""


def pages(text: str, schema: GraphQLSchema, access: Access, grouped: bool) -> Iterator[tuple[list[bytes], int]]:
    """Lines, and how many roots are among them, page by page. grouped: children follow their own parent; otherwise
    those of a whole page come behind all its roots. Raises Denied.
    """
    document = parse(text)
    operation = only_query(document)
    assert operation is not None
    [root] = operation.selection_set.selections
    assert isinstance(root, FieldNode)
    after: str | None = None
    while True:
        asked = _page_of(document, operation, root, after)
        with whole_connections():
            result = execute_sync(schema, asked, context_value=access)
        for error in result.errors or ():
            if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
                raise error.original_error
            raise Denied(error.message)
        assert result.data is not None
        page = result.data[root.name.value]
        nodes = [_split(edge["node"], root) for edge in page["edges"]]
        yield _in_order(nodes, grouped), len(nodes)
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def _in_order(nodes: list[tuple[Node, list[Node]]], grouped: bool) -> list[bytes]:
    if grouped:
        return [rails_json(part) + b"\n" for root, children in nodes for part in (root, *children)]
    roots = [rails_json(root) + b"\n" for root, _ in nodes]
    return roots + [rails_json(child) + b"\n" for _, children in nodes for child in children]


def _split(node: Node, connection: FieldNode) -> tuple[Node, list[Node]]:
    """A node without its connections, and the nodes of those."""
    root, children = dict(node), list[Node]()
    selected = node_of(connection)
    assert selected is not None
    for part in selected.selections:
        if isinstance(part, FieldNode) and part.selection_set and node_of(part):
            inner = root.pop(part.alias.value if part.alias else part.name.value)
            for edge in inner["edges"]:
                child, below = _split(edge["node"], part)
                children += [{**child, "__parentId": root["id"]}, *below]
    return root, children


def _page_of(
    document: DocumentNode, operation: OperationDefinitionNode, root: FieldNode, after: str | None
) -> DocumentNode:
    """The same document for one page of its root connection."""
    page_info = parse(f"{{ {_PAGE_INFO} }}").definitions[0]
    assert isinstance(page_info, OperationDefinitionNode)
    assert root.selection_set is not None
    own = tuple(given for given in root.arguments or () if given.name.value not in ("first", "last", "after", "before"))
    first = _argument("first", IntValueNode(value=str(MAX_PAGE)))
    more = (_argument("after", StringValueNode(value=after)),) if after else ()
    field = replace(
        root,
        arguments=(*own, first, *more),
        selection_set=_selections(*root.selection_set.selections, *page_info.selection_set.selections),
    )
    return replace(document, definitions=(replace(operation, selection_set=_selections(field)),))


def _argument(name: str, value: IntValueNode | StringValueNode) -> ArgumentNode:
    return ArgumentNode(name=NameNode(value=name), value=value)


def _selections(*parts: Any) -> SelectionSetNode:
    return SelectionSetNode(selections=parts)
