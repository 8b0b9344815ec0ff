"""What shoppers and the shop do with accounts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime

from connector.sandbox.records import Customer, Happened, Truth


class Accounts(ABC):
    """Accounts of one shop. Subclasses say what goes out."""

    truth: Truth

    @abstractmethod
    def announce(self, happened: Happened) -> None:
        """Queue what the platform sends about it."""

    @abstractmethod
    def next_id(self, kind: str) -> int:
        """The next id of a kind: ``product customer order refund item``."""

    @abstractmethod
    def now(self) -> datetime:
        """The shop's time, to the second as shops keep it."""

    def register_customer(self, email: str, first_name: str, last_name: str, *, verified: bool = True) -> Customer:
        """A shopper opens an account. ``verified`` False: nobody has shown yet that the address is theirs."""
        now = self.now()
        customer = Customer(
            self.next_id("customer"), email, first_name, last_name, now, now, is_verified=verified, can_sign_in=verified
        )
        self.truth.customers[customer.id] = customer
        self.announce(Happened("registered", customer=customer))
        return customer

    def verify_address(self, customer_id: int) -> None:
        """The owner of an account opens what the shop mailed to its address, and can sign in."""
        customer = self.truth.customers[customer_id]
        customer.is_verified = customer.can_sign_in = True
        customer.updated_at = self.now()
        self.announce(Happened("updated", customer=customer))

    def delete_customer(self, customer_id: int) -> None:
        """The account goes away."""
        customer = self.truth.customers[customer_id]
        customer.deleted = True
        self.announce(Happened("left", customer=customer))
