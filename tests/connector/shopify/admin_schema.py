"""Shopify's real Admin schema, read from the locked npm package @shopify/dev-mcp. Never committed."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_client_schema

from connector.shopify.graphql import API_VERSION


@dataclass(frozen=True)
class AdminSchema:
    """The schema, and which scopes its types and fields need (several for one entry mean: any of them)."""

    schema: GraphQLSchema
    type_scopes: dict[str, frozenset[str]]
    field_scopes: dict[tuple[str, str], frozenset[str]]


@cache
def load(node_modules: Path, version: str = API_VERSION) -> AdminSchema:
    """The schema of a version, normally the one that we ask for; ``assume_valid``, because Shopify's own has small
    irregularities.
    """
    packed = node_modules / "@shopify" / "dev-mcp" / "dist" / "data" / f"admin_{version}.json.gz"
    raw: dict[str, Any] = json.loads(gzip.decompress(packed.read_bytes()))
    items: list[dict[str, Any]] = raw["offline_scopes"]["items"]
    return AdminSchema(
        build_client_schema(raw["data"], assume_valid=True),
        {item["typeName"]: frozenset(item["offlineScopes"]) for item in items if item["type"] == "type"},
        {
            (item["typeName"], item["fieldName"]): frozenset(item["offlineScopes"])
            for item in items
            if item["type"] == "field"
        },
    )
