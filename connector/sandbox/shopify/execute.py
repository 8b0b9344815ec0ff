"""One POST to the Admin API: parse, validate, price, pay, execute; the answer in Shopify's shape, errors included."""

from __future__ import annotations

from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    execute_sync,
    get_operation_ast,
    parse,
    print_ast,
    validate,
)
from graphql.execution.values import get_variable_values

from connector.sandbox.shopify.cost import MOST_EXPENSIVE, Bucket, Pricer
from connector.sandbox.shopify.schema import Access
from connector.sandbox.shopify.wording import parse_error, validation_error, variable_error

Answer = dict[str, Any]
MAX_REMEMBERED = 500


class Executor:
    """Executes documents against ``schema``; ``real``: Shopify's whole schema, when a test has it, to validate against
    too.
    """

    def __init__(self, schema: GraphQLSchema, bucket: Bucket, real: GraphQLSchema | None = None) -> None:
        self.schema = schema
        self.bucket = bucket
        self.real = real
        self._checked: dict[str, tuple[DocumentNode, list[GraphQLError]]] = {}

    def answer(self, text: str, variables: dict[str, Any], operation_name: str | None, access: Access) -> Answer:
        """The JSON of the answer; always HTTP 200."""
        try:
            document, problems = self._parsed(text)
        except GraphQLError as error:
            return {"errors": [parse_error(error)]}
        operation = get_operation_ast(document, operation_name)
        if operation is None:
            return {"errors": [{"message": f'No operation named "{operation_name or ""}"'}]}
        refused = self._refused(problems, operation, variables)
        if refused:
            return {"errors": refused}
        pricer = Pricer(self.schema, document, variables)
        return self._paid(document, operation, variables, access, pricer)

    def _parsed(self, text: str) -> tuple[DocumentNode, list[GraphQLError]]:
        """The document and what is wrong with it, worked out once per text."""
        if len(self._checked) > MAX_REMEMBERED:
            self._checked.clear()
        if text not in self._checked:
            document = parse(text)
            problems = validate(self.real, document) if self.real else []
            self._checked[text] = document, problems or validate(self.schema, document)
        return self._checked[text]

    def _refused(
        self, problems: list[GraphQLError], operation: OperationDefinitionNode, variables: dict[str, Any]
    ) -> list[dict[str, Any]]:
        if problems:
            return [validation_error(problem, operation) for problem in problems]
        coerced = get_variable_values(self.schema, operation.variable_definitions or (), variables)
        if isinstance(coerced, list):
            declared = {node.variable.name.value: print_ast(node.type) for node in operation.variable_definitions or ()}
            return [variable_error(problem, variables, declared) for problem in coerced]
        return []

    def _paid(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: dict[str, Any],
        access: Access,
        pricer: Pricer,
    ) -> Answer:
        requested = pricer.cost(operation)
        if requested > MOST_EXPENSIVE:
            message = f"Query cost is {requested}, which exceeds the single query max cost limit ({MOST_EXPENSIVE})."
            extensions = {"code": "MAX_COST_EXCEEDED", "cost": requested, "maxCost": MOST_EXPENSIVE}
            return {"errors": [{"message": message, "extensions": extensions}]}
        if not self.bucket.take(requested):
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return {"errors": [error], "extensions": self._cost(requested, None)}
        name = operation.name.value if operation.name else None
        result = execute_sync(
            self.schema, document, variable_values=variables, operation_name=name, context_value=access
        )
        actual = min(requested, pricer.cost(operation, result.data or {}))
        self.bucket.give_back(requested - actual)
        answer: Answer = {"data": result.data}
        if result.errors:
            answer["errors"] = [_shown(error) for error in result.errors]
        return {**answer, "extensions": self._cost(requested, actual)}

    def _cost(self, requested: int, actual: int | None) -> dict[str, Any]:
        self.bucket.refill()
        spent = {"requestedQueryCost": requested, "actualQueryCost": actual}
        return {"cost": {**spent, "throttleStatus": self.bucket.status()}}


def _shown(error: GraphQLError) -> dict[str, Any]:
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        # A defect of the simulated shop itself must fail the test that met it, not look like one of Shopify's.
        raise error.original_error
    locations = [{"line": where.line, "column": where.column} for where in error.locations or ()]
    return {
        "message": error.message,
        "locations": locations,
        "path": list(error.path or ()),
        "extensions": error.extensions or {},
    }
