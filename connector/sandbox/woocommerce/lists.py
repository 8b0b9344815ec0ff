"""Lists of the REST API: their parameters, their filters, their pages and their headers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams
from starlette.requests import Request

from connector.sandbox.woocommerce.errors import RestError, invalid_param

Item = TypeVar("Item")
ORDER_STATUSES = (
    "any", "trash", "auto-draft", "pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed",
    "checkout-draft",
)  # fmt: skip


def number(query: QueryParams, name: str, default: int, least: int, most: int | None = None) -> int:
    """An integer parameter within its bounds."""
    text = query.get(name)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        raise invalid_param(name, f"{name} is not of type integer.", "rest_invalid_type") from None
    if most is not None and not least <= value <= most:
        message = f"{name} must be between {least} (inclusive) and {most} (inclusive)"
        raise invalid_param(name, message, "rest_out_of_bounds")
    if value < least:
        raise invalid_param(name, f"{name} must be greater than or equal to {least}", "rest_out_of_bounds")
    return value


def many(query: QueryParams, name: str) -> list[str]:
    """A list parameter: ``a,b``, ``name[]=a`` or ``name[0]=a``."""
    found = [value for key, value in query.multi_items() if key == name or key.startswith(f"{name}[")]
    return [part.strip() for value in found for part in value.split(",") if part.strip()]


def numbers(query: QueryParams, name: str) -> list[int]:
    """A list of ids."""
    try:
        return [int(part) for part in many(query, name)]
    except ValueError:
        raise invalid_param(name, f"{name}[0] is not of type integer.", "rest_invalid_type") from None


def one_of(query: QueryParams, name: str, default: str, allowed: Sequence[str]) -> str:
    """A word out of a list."""
    value = query.get(name, default)
    if value not in allowed:
        raise invalid_param(name, f"{name} is not one of {_listed(allowed)}.", "rest_not_in_enum")
    return value


def statuses(query: QueryParams) -> set[str]:
    """Which states of orders: by default all but the bin; ``any`` leaves the bin out even when both are named."""
    wanted = many(query, "status") or ["any"]
    for place, status in enumerate(wanted):
        if status not in ORDER_STATUSES:
            message = f"status[{place}] is not one of {_listed(ORDER_STATUSES)}."
            raise invalid_param("status", message, "rest_not_in_enum")
    return set(ORDER_STATUSES) - {"any", "trash"} if "any" in wanted else set(wanted)


def between(query: QueryParams, prefix: str, zone: ZoneInfo) -> Callable[[datetime], bool]:
    """Filter by ``after``/``before`` (prefix "") or ``modified_after``/``modified_before`` (prefix "modified_"): both
    strict.
    """
    after = _moment(query, f"{prefix}after", zone)
    before = _moment(query, f"{prefix}before", zone)
    return lambda moment: (after is None or moment > after) and (before is None or moment < before)


def _moment(query: QueryParams, name: str, zone: ZoneInfo) -> datetime | None:
    """The instant that WooCommerce compares with.

    A time zone *and* ``dates_are_gmt`` give an instant that is off by the site's own offset: so it was seen on real
    shops.
    """
    text = query.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid_param(name, "Invalid date.", "rest_invalid_date") from None
    are_gmt = query.get("dates_are_gmt", "").lower() in ("1", "true")
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC if are_gmt else zone)
    if are_gmt:
        return moment + (moment.astimezone(zone).utcoffset() or moment - moment)
    return moment


def page_of(request: Request, rows: Sequence[Item], base_url: str) -> tuple[list[Item], dict[str, str]]:
    """One page and its headers. Beyond the end: nothing, and a total of 0."""
    query = request.query_params
    size, page = number(query, "per_page", 10, 1, 100), number(query, "page", 1, 1)
    start = number(query, "offset", (page - 1) * size, 0)
    chosen = list(rows[start : start + size])
    total = len(rows) if chosen or page == 1 else 0
    pages = -(-total // size)
    headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
    links = []
    if page > 1:
        links.append(_link(request, base_url, min(page - 1, pages), "prev"))
    if page < pages:
        links.append(_link(request, base_url, page + 1, "next"))
    if links:
        headers["Link"] = ", ".join(links)
    return chosen, headers


def fields_of(query: QueryParams, body: dict[str, Any]) -> dict[str, Any]:
    """``_fields``: the top-level keys that are asked for."""
    wanted = {part.partition(".")[0] for part in many(query, "_fields")}
    return {key: value for key, value in body.items() if key in wanted} if wanted else body


def refuse_unless_list(body: Any) -> list[Any]:
    """A list of items in a batch, or nothing."""
    if body is None:
        return []
    if not isinstance(body, list):
        raise RestError(400, "rest_invalid_param", "Invalid parameter(s): batch")
    return body


def _link(request: Request, base_url: str, page: int, rel: str) -> str:
    shown = [(key, value) for key, value in request.query_params.multi_items() if not key.startswith("consumer_")]
    query = urlencode([*(pair for pair in shown if pair[0] != "page"), ("page", str(page))])
    return f'<{base_url}{request.url.path}?{query}>; rel="{rel}"'


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])}, and {words[-1]}"
