"""``POST /v1/store/opening-balances``: what a shop's customers had with another plugin there, page by page: what would
happen, giving it, and taking an import back. One code path (``people/opening``); a look writes nothing.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from connector.people.actors import by_store
from connector.people.opening import ROUNDS_MAX, Doing, Opening, Outcome, State, bring, may_bring
from connector.refusals import meaning
from connector.routes.access import NeedsStore
from connector.routes.operations import Call, Operation
from connector.routes.wallet import Word
from connector.storage.programmes import load_programmes
from connector.woocommerce.settings import PLUGIN_IMPORTS
from loyalty_engine.errors import Refused
from loyalty_engine.explain.opening import SOURCES

BALANCES_MAX = 100
Source = Annotated[str, Meta(pattern="^(" + "|".join(SOURCES) + ")(?!\\n)$")]


class StoreBalance(Struct, forbid_unknown_fields=True):
    """points: in those of the programme, so after the factor that the shop's owner chose."""

    customer: Word
    points: Annotated[int, Meta(ge=-(10**18), le=10**18)] = 0


class StoreOpeningBody(Struct, forbid_unknown_fields=True):
    """source: which plugin it was. kind: its own name of these points. round: 1, and one more after each import that
    was taken back. actor: who of the shop does it. balances: of customers of the calling store, each once; points are
    not looked at where an import is taken back.
    """

    source: Source
    kind: Word
    act: Doing
    actor: Word
    balances: Annotated[list[StoreBalance], Meta(min_length=1, max_length=BALANCES_MAX)]
    round: Annotated[int, Meta(ge=1, le=ROUNDS_MAX)] = 1


class StoreOpened(Struct):
    """One balance. state: ``new`` (would be given), ``booked``, ``known`` (given before, as much), ``nothing``,
    ``taken-back`` or ``refused``; then code and problem say why. points: what was given or taken (below 0), or would
    be; of ``opening-differs``, what was given before. enrols: the customer becomes a member by it.
    """

    customer: str
    state: str
    points: int
    enrols: bool
    code: str | None = None
    problem: str | None = None


class StoreOpening(Struct):
    """state: ``done``; ``refused`` if nothing of it was looked at, and why. items: in the order of the balances."""

    state: str
    code: str | None = None
    problem: str | None = None
    items: list[StoreOpened] = []


async def open_balances(call: Call) -> StoreOpening:
    """Each balance is a transaction of its own: whatever breaks off is begun again from the start of its page."""
    body: StoreOpeningBody = call.body
    connection = call.store.connection
    actor = by_store(connection.number, body.actor)
    opening = Opening(connection, body.source, body.kind, body.round, body.act, actor)
    rulebook = (await load_programmes(call.session))[connection.programme_number].rulebook
    pipeline = call.service.pipeline
    try:
        if len({one.customer for one in body.balances}) != len(body.balances):
            raise Refused("opening-named-twice")
        may_bring(connection.settings.get(PLUGIN_IMPORTS, "").lower(), rulebook, opening, pipeline)
    except Refused as error:
        return StoreOpening("refused", error.code, meaning(error.code))
    items = [_told(one.customer, await bring(pipeline, opening, one.customer, one.points)) for one in body.balances]
    if any(item.state in (State.BOOKED, State.TAKEN_BACK) for item in items):
        call.service.wake.set()
    return StoreOpening("done", items=items)


def _told(customer: str, found: Outcome) -> StoreOpened:
    problem = meaning(found.code) if found.code else None
    return StoreOpened(customer, found.state.value, found.points, found.enrols, found.code, problem)


OPERATIONS = (
    Operation(
        "POST",
        "/v1/store/opening-balances",
        NeedsStore("opening-balances"),
        "Balances that customers of the calling store had with another plugin: looked at, given, or taken back.",
        open_balances,
        StoreOpening,
        body=StoreOpeningBody,
        acts=True,
        tag="stores",
        problems={
            404: "There is no such connection: code not-connected.",
            409: "A call with this id was taken before: code replayed.",
            410: "The store is disconnected: code not-connected.",
        },
    ),
)
