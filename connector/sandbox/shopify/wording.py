"""Validation errors in Shopify's words and shape: message, locations, path, extensions.code and what belongs to each
code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode

Found = re.Match[str]
Worded = tuple[str, dict[str, Any]]


def _unknown_field(found: Found) -> Worded:
    field, kind = found.groups()
    extra = {"code": "undefinedField", "typeName": kind, "fieldName": field}
    return f"Field '{field}' doesn't exist on type '{kind}'", extra


def _missing_argument(found: Found) -> Worded:
    name, argument = found.groups()
    extra = {"code": "missingRequiredArguments", "className": "Field", "name": name, "arguments": argument}
    return f"Field '{name}' is missing required arguments: {argument}", extra


def _unknown_argument(found: Found) -> Worded:
    argument, name = found.groups()
    extra = {"code": "argumentNotAccepted", "name": name, "typeName": "Field", "argumentName": argument}
    return f"Field '{name}' doesn't accept argument '{argument}'", extra


def _no_selection(found: Found) -> Worded:
    field, kind = found.groups()
    bare = kind.strip("[]!")
    message = (
        f"Field must have selections (field '{field}' returns {bare} but has no selections."
        f" Did you mean '{field} {{ ... }}'?)"
    )
    return message, {"code": "selectionMismatch", "nodeName": f"field '{field}'", "typeName": bare}


def _needless_selection(found: Found) -> Worded:
    field, kind = found.groups()
    bare = kind.strip("[]!")
    message = f"Selections can't be made on scalars (field '{field}' returns {bare} but has selections)"
    return message, {"code": "selectionMismatch", "nodeName": f"field '{field}'", "typeName": bare}


def _unused_variable(found: Found) -> Worded:
    variable, operation = found.groups()
    message = f"Variable ${variable} is declared by {operation or 'anonymous query'} but not used"
    return message, {"code": "variableNotUsed", "variableName": variable}


def _undefined_variable(found: Found) -> Worded:
    variable, operation = found.groups()
    message = f"Variable ${variable} is used by {operation or 'anonymous query'} but not declared"
    return message, {"code": "variableNotDefined", "variableName": variable}


def _missing_input_field(found: Found) -> Worded:
    kind, argument, wanted = found.groups()
    message = f"Argument '{argument}' on InputObject '{kind}' is required. Expected type {wanted}"
    extra = {"argumentName": argument, "argumentType": wanted, "inputObjectType": kind}
    return message, {"code": "missingRequiredInputObjectAttribute", **extra}


WORDINGS: tuple[tuple[re.Pattern[str], Callable[[Found], Worded]], ...] = (
    (re.compile(r"Cannot query field '(\w+)' on type '(\w+)'"), _unknown_field),
    (re.compile(r"Argument '\w+\.(\w+)\((\w+):\)' of type"), _missing_argument),
    (re.compile(r"Field '(\w+)' argument '(\w+)' of type '[^']+' is required"), _missing_argument),
    (re.compile(r"Unknown argument '(\w+)' on field '(?:\w+\.)?(\w+)'"), _unknown_argument),
    (re.compile(r"Field '(\w+)' of type '([^']+)' must have a selection of subfields"), _no_selection),
    (re.compile(r"Field '(\w+)' must not have a selection since type '([^']+)' has no subfields"), _needless_selection),
    (re.compile(r"Variable '\$(\w+)' is never used(?: in operation '(\w+)')?"), _unused_variable),
    (re.compile(r"Variable '\$(\w+)' is not defined(?: by operation '(\w+)')?"), _undefined_variable),
    (re.compile(r"Field '(\w+)\.(\w+)' of required type '([^']+)' was not provided"), _missing_input_field),
)


def validation_error(error: GraphQLError, operation: OperationDefinitionNode | None) -> dict[str, Any]:
    """One entry of ``errors`` for a document that does not fit the schema."""
    message, extensions = error.message, {"code": "invalidDocument"}
    for pattern, worded in WORDINGS:
        found = pattern.match(error.message)
        if found:
            message, extensions = worded(found)
            break
    return {"message": message, "locations": _locations(error), "path": [_title(operation)], "extensions": extensions}


def parse_error(error: GraphQLError) -> dict[str, Any]:
    """A document that is no GraphQL."""
    line, column = (error.locations[0].line, error.locations[0].column) if error.locations else (1, 1)
    unexpected = "end of file" if "<EOF>" in error.message else error.message.removeprefix("Syntax Error: ")
    return {
        "message": f"syntax error, unexpected {unexpected} at [{line}, {column}]",
        "locations": [{"line": line, "column": column}],
        "extensions": {"code": "PARSE_ERROR"},
    }


def variable_error(error: GraphQLError, variables: dict[str, Any], declared: dict[str, str]) -> dict[str, Any]:
    """A variable whose value does not fit its type; ``declared``: name -> type as written."""
    found = re.search(r"\$(\w+)", error.message)
    name = found.group(1) if found else ""
    where = re.search(r"at ([\w.\[\]]+):", error.message)
    path = re.findall(r"\w+", where.group(1)) if where else []
    explanation = error.message.rpartition(": ")[2].rstrip(".")
    missing = re.search(r"to include required field '(\w+)'", error.message)
    if missing:
        path.append(missing.group(1))
    if missing or "of non-null type" in error.message:
        explanation = "Expected value to not be null"
    suffix = f" for {'.'.join(path)} ({explanation})" if path else ""
    problem = {"path": [int(part) if part.isdigit() else part for part in path], "explanation": explanation}
    return {
        "message": f"Variable ${name} of type {declared.get(name, '')} was provided invalid value{suffix}",
        "locations": _locations(error),
        "extensions": {"code": "INVALID_VARIABLE", "value": variables.get(name), "problems": [problem]},
    }


def _locations(error: GraphQLError) -> list[dict[str, int]]:
    return [{"line": where.line, "column": where.column} for where in error.locations or ()]


def _title(operation: OperationDefinitionNode | None) -> str:
    if operation is None:
        return "query"
    kind = operation.operation.value
    return f"{kind} {operation.name.value}" if operation.name else kind
