"""Who may ask for each route: declared beside it, and nothing is served that has no declaration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from starlette.routing import BaseRoute, Route

from connector.routes.access import FROM_PAGES, Anyone, NeedsHandOver, NeedsSession, Policy
from connector.routes.api import OPERATIONS
from connector.routes.console_door import DOORS
from connector.routes.console_pages import PAGES
from connector.routes.handing_over import ENTRANCE
from connector.routes.openapi import PLAIN


def policies() -> Mapping[tuple[str, str], Policy]:
    """By (method, path). A browser's question before a shopper's call is anyone's."""
    found: dict[tuple[str, str], Policy] = {(each.method, each.path): each.access for each in (*PLAIN, *OPERATIONS)}
    found["GET", ENTRANCE + "{token}"] = NeedsHandOver()
    found |= {(each.method, each.path): each.access for each in DOORS}
    found |= {(each.method, each.path): NeedsSession(each.role) for each in PAGES}
    for each in OPERATIONS:
        if isinstance(each.access, FROM_PAGES):
            found["OPTIONS", each.path] = Anyone()
    return found


def undeclared(routes: Sequence[BaseRoute], prefixes: Iterable[str]) -> list[str]:
    """What has no policy: routes, anything a router may hold besides, and raw apps by the prefix of their paths."""
    known = policies()
    missing = []
    for each in routes:
        if not isinstance(each, Route) or not each.methods:
            missing.append(str(getattr(each, "path", each)))
            continue
        # Whoever may read a page may ask for its head.
        methods = each.methods - {"HEAD"} if "GET" in each.methods else each.methods
        missing += [f"{method} {each.path}" for method in sorted(methods) if (method, each.path) not in known]
    declared = [path for _, path in known]
    return missing + [prefix for prefix in prefixes if not any(path.startswith(prefix) for path in declared)]
