"""Errors of the REST API: ``{"code", "message", "data": {"status"}}``. Codes are what clients may rely on."""

from __future__ import annotations

from typing import Any


class RestError(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status: int, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.data = data

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        return {"code": self.code, "message": self.message, "data": {"status": self.status, **self.data}}


def invalid_param(name: str, message: str, code: str = "rest_invalid_param") -> RestError:
    """A query parameter that does not fit: ``code`` says in which way."""
    details = {name: {"code": code, "message": message, "data": None}}
    text = f"Invalid parameter(s): {name}"
    return RestError(400, "rest_invalid_param", text, params={name: message}, details=details)


def invalid_order() -> RestError:
    """No such order."""
    return RestError(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")


def invalid_customer() -> RestError:
    """No such customer, when read."""
    return RestError(404, "wc_user_invalid_id", "Invalid user ID.")


def invalid_coupon() -> RestError:
    """No such coupon."""
    return RestError(404, "woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.")


def no_route() -> RestError:
    """No such address or method."""
    return RestError(404, "rest_no_route", "No route was found matching the URL and request method.")
