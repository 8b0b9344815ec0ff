"""Who acts on a member: a person whom something has proven, and through what.

Names in requests are what people call themselves; only ``Actor.person`` is proven: the owner of the API key, or the
user of the operating system who runs a command. Whoever must be another person than somebody else is compared by it.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.access.auth import ProgrammeScope
from loyalty_engine.errors import Refused

OPERATOR = "operator"
"""The parameter of commands that says which user of the operating system runs them."""


@dataclass(frozen=True, slots=True)
class Actor:
    """person: proven; empty if nothing says who it is. through: ``key:<prefix>``, ``store:<number>``, ``command``,
    ``console``, ``shopper``, ``job``.

    name: what is written beside what they did; they gave it themselves.
    """

    person: str
    through: str
    name: str

    @property
    def signed(self) -> str:
        """The name, and through which key if it was one: for books that keep but a text."""
        return f"{self.name[:70]} ({self.through})" if self.through.startswith("key:") else self.name[:100]


SHOPPER = Actor("shopper", "shopper", "shopper")
SHOP = Actor("shop", "job", "shop")
"""What a shop did with its own customers, and says so."""

PLUGIN = Actor("shop", "plugin", "shop")
"""What a paired shop did by a call that it signed."""
SYSTEM = Actor("system", "job", "")
"""What no person did: the programme's own rules, or what follows from something that is noted itself."""


def by_key(scope: ProgrammeScope, name: str = "") -> Actor:
    """Somebody with an API key, who calls themselves ``name``."""
    return Actor(scope.owner, f"key:{scope.prefix}", name or scope.owner or scope.name)


def key_of(actor: Actor) -> str:
    """The prefix of the key through which somebody acts; empty: it was through something else."""
    way, _, prefix = actor.through.partition(":")
    return prefix if way == "key" else ""


def by_store(connection_number: int, name: str) -> Actor:
    """Somebody of a shop's administration: the shop answers for the name, and nothing proves who they are."""
    return Actor("", f"store:{connection_number}", f"shop: {name}")


def by_console(address: str, name: str) -> Actor:
    """Somebody who signed in to the console themselves: known by the address that only they sign in with."""
    return Actor(address, "console", name)


def by_command(params: Mapping[str, Any]) -> Actor:
    """Whoever runs a command. The process that runs it says who that is: see ``os_user``."""
    user = str(params.get(OPERATOR, ""))[:100]
    return Actor(user, "command", user or OPERATOR)


def os_user() -> str:
    """The user this process runs as, from the system; variables of the environment could name anybody."""
    if os.name != "posix":
        return getpass.getuser()
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        # Containers run as numbers that no list of users knows.
        return f"uid-{os.getuid()}"


def folded(person: str) -> str:
    """A person as they are compared: capitals and outer spaces make nobody another one."""
    return person.strip().casefold()


def is_same_caller(one: Actor, other: Actor) -> bool:
    """Whether two requests come from one person; of nobody knows whom, whether through the same key."""
    if folded(one.person) or folded(other.person):
        return folded(one.person) == folded(other.person)
    return one.through == other.through


def refuse_unknown(actor: Actor) -> None:
    """Raises Refused ``owner-unknown``: where two people must agree, each must be somebody."""
    if not actor.person.strip():
        raise Refused("owner-unknown", {"through": actor.through})


def refuse_same_person(asked_by: str, actor: Actor) -> None:
    """Raises Refused ``owner-unknown``, or ``adjust-needs-second-person`` if it is the one who asked."""
    refuse_unknown(actor)
    if not asked_by.strip():
        raise Refused("owner-unknown", {"through": "asked"})
    if folded(asked_by) == folded(actor.person):
        raise Refused("adjust-needs-second-person", {"asked_by": asked_by})
