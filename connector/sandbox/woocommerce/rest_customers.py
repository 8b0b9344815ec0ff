"""``/customers``, ``/customers/{id}`` and ``/customers/batch``: meta keys that start with ``_`` are dropped, with a
200.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from connector.sandbox.records import Customer, Happened
from connector.sandbox.shop import Shop
from connector.sandbox.woocommerce.bodies import Bodies
from connector.sandbox.woocommerce.errors import RestError, invalid_customer
from connector.sandbox.woocommerce.lists import fields_of, numbers, one_of, page_of, refuse_unless_list

Answer = tuple[Any, dict[str, str]]
MAX_BATCH = 100
ROLES = ("all", "administrator", "editor", "author", "contributor", "subscriber", "customer", "shop_manager")


class Customers:
    """Reads of customers, and writes of their names and meta."""

    def __init__(self, shop: Shop, bodies: Bodies, body_of: Callable[[Request], Any]) -> None:
        self.shop = shop
        self.bodies = bodies
        self.body_of = body_of

    async def index(self, request: Request) -> Answer:
        """A page of customers. Date parameters are ignored in silence, as real shops do."""
        query = request.query_params
        role = one_of(query, "role", "customer", ROLES)
        email, only, never = query.get("email"), numbers(query, "include"), numbers(query, "exclude")
        rows = [
            customer
            for customer in self.shop.truth.live_customers()
            if role in ("all", customer.role)
            and (email is None or customer.email.lower() == email.lower())
            and (not only or customer.id in only)
            and customer.id not in never
        ]
        chosen = one_of(query, "orderby", "name", ("id", "include", "name", "registered_date"))
        descending = one_of(query, "order", "asc", ("asc", "desc")) == "desc"
        rows.sort(key=_sort_key(chosen), reverse=descending)
        page, headers = page_of(request, rows, self.bodies.base_url)
        return [fields_of(query, self.bodies.customer(customer)) for customer in page], headers

    async def one(self, request: Request) -> Answer:
        """One customer."""
        customer = self._find(request.path_params["id"])
        if customer is None:
            raise invalid_customer()
        return fields_of(request.query_params, self.bodies.customer(customer)), {}

    async def update(self, request: Request) -> Answer:
        """Change one customer."""
        given = await self.body_of(request)
        return self._update(request.path_params["id"], given if isinstance(given, dict) else {}), {}

    async def batch(self, request: Request) -> Answer:
        """At most 100 items in all; always 200, with an error in each item that failed."""
        given = await self.body_of(request)
        asked = given if isinstance(given, dict) else {}
        items = {verb: refuse_unless_list(asked.get(verb)) for verb in ("create", "update", "delete")}
        if sum(map(len, items.values())) > MAX_BATCH:
            message = f"Unable to accept more than {MAX_BATCH} items for this request."
            raise RestError(413, "woocommerce_rest_request_entity_too_large", message)
        deeds: dict[str, Callable[[Any], Any]] = {
            "create": self._create,
            "update": lambda item: self._update(item.get("id", 0), item),
            "delete": self._delete,
        }
        return {verb: [_tried(deeds[verb], item) for item in wanted] for verb, wanted in items.items() if wanted}, {}

    def _update(self, number: int, given: dict[str, Any]) -> dict[str, Any]:
        customer = self._find(number)
        if customer is None:
            raise RestError(400, "woocommerce_rest_invalid_id", "Invalid resource ID.")
        customer.first_name = given.get("first_name", customer.first_name)
        customer.last_name = given.get("last_name", customer.last_name)
        for row in given.get("meta_data") or []:
            _write_meta(customer, row)
        # Saving a customer moves its date and tells whoever listens, also when the writer was the listener itself.
        customer.updated_at = self.shop.now()
        self.shop.announce(Happened("updated", customer=customer))
        return self.bodies.customer(customer)

    def _create(self, given: dict[str, Any]) -> dict[str, Any]:
        email = given.get("email")
        if not isinstance(email, str) or "@" not in email:
            raise RestError(400, "registration-error-invalid-email", "Please provide a valid email address.")
        if any(customer.email.lower() == email.lower() for customer in self.shop.truth.live_customers()):
            message = f"An account is already registered with {email}. Please log in or use a different email address."
            raise RestError(400, "registration-error-email-exists", message)
        customer = self.shop.register_customer(email, given.get("first_name", ""), given.get("last_name", ""))
        for row in given.get("meta_data") or []:
            _write_meta(customer, row)
        return self.bodies.customer(customer)

    def _delete(self, number: int) -> dict[str, Any]:
        customer = self._find(number)
        if customer is None:
            raise RestError(400, "woocommerce_rest_invalid_id", "Invalid resource id.")
        body = self.bodies.customer(customer)
        self.shop.delete_customer(customer.id)
        return body

    def _find(self, number: Any) -> Customer | None:
        customer = self.shop.truth.customers.get(number) if isinstance(number, int) else None
        return customer if customer and not customer.deleted else None


def _write_meta(customer: Customer, row: Any) -> None:
    key = row.get("key") if isinstance(row, dict) else None
    if not isinstance(key, str) or key.startswith("_"):
        return
    if row.get("value") is None:
        customer.meta.pop(key, None)
    else:
        customer.meta[key] = row["value"]


def _tried(deed: Callable[[Any], Any], item: Any) -> Any:
    try:
        return deed(item)
    except RestError as error:
        number = item.get("id", 0) if isinstance(item, dict) else item
        return {"id": number, "error": error.body()}


def _sort_key(chosen: str) -> Callable[[Customer], Any]:
    if chosen == "name":
        return lambda customer: (f"{customer.first_name} {customer.last_name}", customer.id)
    if chosen == "registered_date":
        return lambda customer: (customer.created_at, customer.id)
    return lambda customer: customer.id
