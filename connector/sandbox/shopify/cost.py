"""What a document costs, and the bucket it is paid from.

The rule fits every recorded answer we know of: a mutation 10, an object 1, money, page info and scalars 0, a list of
objects 1, a connection of up to N nodes 2 + weight(N) x (cost of a node). One document may cost at most 1000.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)
from graphql.type import GraphQLSchema

WEIGHTS = ((1, 1), (2, 1), (3, 2), (5, 3), (10, 4), (20, 5), (50, 7), (100, 9), (200, 10), (250, 11))
"""(nodes, weight) as recorded; a size in between weighs as much as the next larger one."""
FREE = frozenset(("MoneyBag", "MoneyV2", "PageInfo", "UserError", "MetafieldsSetUserError"))
MOST_EXPENSIVE = 1000
BUCKET_SIZE = 2000
RESTORE_PER_SECOND = 100

Composite = GraphQLObjectType | GraphQLInterfaceType


def weight(nodes: int) -> int:
    """Weight of a page of so many nodes; 0 for an empty one."""
    if nodes <= 0:
        return 0
    return next((worth for size, worth in WEIGHTS if nodes <= size), WEIGHTS[-1][1])


class Pricer:
    """Costs of one document. With the data of the answer in hand, ``cost`` says what it really took."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self.schema = schema
        self.variables = variables
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def cost(self, operation: OperationDefinitionNode, data: Any = None) -> int:
        """Requested cost, or with ``data`` the actual one."""
        root = self.schema.get_root_type(operation.operation)
        if root is None:
            return 0
        if operation.operation is OperationType.MUTATION:
            return self._mutation(operation.selection_set, root, data)
        return self._selections(operation.selection_set, root, data)

    def _mutation(self, selections: SelectionSetNode, root: GraphQLObjectType, data: Any) -> int:
        total = 0
        for field in selections.selections:
            if isinstance(field, FieldNode) and field.name.value in root.fields and field.selection_set:
                payload = get_named_type(root.fields[field.name.value].type)
                inner = _of(data, field)
                if isinstance(payload, GraphQLObjectType):
                    # What a mutation hands back directly is in its price; only what hangs below is counted.
                    total += 10 + self._below(field.selection_set, payload, inner)
        return total

    def _below(self, selections: SelectionSetNode, payload: GraphQLObjectType, data: Any) -> int:
        total = 0
        for field in selections.selections:
            if isinstance(field, FieldNode) and field.selection_set and field.name.value in payload.fields:
                inner = get_named_type(payload.fields[field.name.value].type)
                if isinstance(inner, GraphQLObjectType):
                    total += self._selections(field.selection_set, inner, _of(data, field))
        return total

    def _selections(self, selections: SelectionSetNode, parent: Composite, data: Any) -> int:
        total = 0
        for node in selections.selections:
            if isinstance(node, FieldNode):
                total += self._field(node, parent, data)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                total += self._selections(
                    fragment.selection_set, self._type(fragment.type_condition.name.value, parent), data
                )
            elif isinstance(node, InlineFragmentNode):
                inner = self._type(node.type_condition.name.value, parent) if node.type_condition else parent
                total += self._selections(node.selection_set, inner, data)
        return total

    def _field(self, field: FieldNode, parent: Composite, data: Any) -> int:
        if field.selection_set is None or field.name.value not in parent.fields:
            return 0
        kind = get_named_type(parent.fields[field.name.value].type)
        inner = _of(data, field)
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) or (data is not None and inner is None):
            return 0
        if kind.name.endswith("Connection"):
            size = self._page(field) if data is None else _returned(inner)
            return 2 + weight(size) * self._nodes(field.selection_set, kind)
        if kind.name in FREE:
            return 0
        return 1 + self._selections(field.selection_set, kind, inner[0] if isinstance(inner, list) and inner else inner)

    def _nodes(self, selections: SelectionSetNode, connection: Composite) -> int:
        """Cost of one node, whether asked for by ``nodes`` or by ``edges``."""
        total = 0
        for field in selections.selections:
            if not isinstance(field, FieldNode) or not field.selection_set:
                continue
            kind = get_named_type(connection.fields[field.name.value].type)
            if field.name.value == "nodes" and isinstance(kind, Composite):
                total += 1 + self._selections(field.selection_set, kind, None)
            elif field.name.value == "edges" and isinstance(kind, Composite):
                total += self._selections(field.selection_set, kind, None)
        return max(total, 1)

    def _page(self, field: FieldNode) -> int:
        for argument in field.arguments or ():
            if argument.name.value in ("first", "last"):
                value = argument.value
                if isinstance(value, IntValueNode):
                    return int(value.value)
                if isinstance(value, VariableNode):
                    given = self.variables.get(value.name.value)
                    return given if isinstance(given, int) else 0
        return 0

    def _type(self, name: str, otherwise: Composite) -> Composite:
        found = self.schema.type_map.get(name)
        return found if isinstance(found, GraphQLObjectType | GraphQLInterfaceType) else otherwise


def _of(data: Any, field: FieldNode) -> Any:
    key = field.alias.value if field.alias else field.name.value
    return data.get(key) if isinstance(data, dict) else None


def _returned(connection: Any) -> int:
    lists = [value for value in connection.values() if isinstance(value, list)] if isinstance(connection, dict) else []
    return max((len(each) for each in lists), default=0)


class Bucket:
    """A leaky bucket per app and shop. It leaks by the clock that it is given."""

    def __init__(
        self, clock: Callable[[], datetime], size: int = BUCKET_SIZE, per_second: int = RESTORE_PER_SECOND
    ) -> None:
        self.clock = clock
        self.size = size
        self.per_second = per_second
        self.available = size
        self._filled_at = clock()

    def refill(self) -> None:
        """Add what has come back since last time, whole points only."""
        now = self.clock()
        points = int((now - self._filled_at).total_seconds() * self.per_second)
        if points > 0:
            self.available = min(self.size, self.available + points)
            self._filled_at = now

    def take(self, cost: int) -> bool:
        """Pay; False when there is not enough."""
        self.refill()
        if cost > self.available:
            return False
        self.available -= cost
        return True

    def give_back(self, cost: int) -> None:
        """The difference between what was asked and what it took."""
        self.available = min(self.size, self.available + cost)

    def status(self) -> dict[str, int]:
        """``throttleStatus``."""
        return {"maximumAvailable": self.size, "currentlyAvailable": self.available, "restoreRate": self.per_second}
