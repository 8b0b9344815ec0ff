"""The console's page of one shop: its past read into the books, what the brake holds, its settings, the
secrets it is asked with.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, time

from starlette.responses import Response

from connector import clock
from connector.access.console import Role
from connector.commands.settings import CHOICES, LETS_SHOPS_GIVE, SETTINGS, change, checked
from connector.commands.shop_secrets import API_SECRETS, replace_secrets
from connector.console.shop import PastShown, ShopShown, Trouble, settings_shown, shop_page
from connector.delivering.orphans import withdraw_orphans
from connector.delivering.vouchers import Placing
from connector.errors import ConfigProblem, Permanent
from connector.ingest import backfill_runs
from connector.ingest.agreement import repair
from connector.platforms import Connection
from connector.programmes.publishing import zone_of
from connector.routes.console import ConsolePage, Visit
from connector.routes.console_again import shown_again
from connector.routes.console_connection import connections_shown
from connector.routes.errors import Problem
from connector.storage.connections import PLUGIN_TO_SERVICE, connection_of, kept_secrets
from connector.storage.programmes import load_programmes
from connector.storage.session import Session
from connector.storage.shopify_apps import load_installations

HERE = "/console/connection/{connection}"
TYPED = {"shopify": ("client_id", "client_secret"), "woocommerce": API_SECRETS["woocommerce"]}
"""What a person pastes; Shopify's access tokens are asked for with these."""
_SAID = {
    backfill_runs.UNDER_WAY: "shop.under-way",
    backfill_runs.STANDS: "shop.stands",
    backfill_runs.AHEAD: "shop.ahead",
    backfill_runs.BEFORE_ALL: "shop.before-all",
    backfill_runs.IDLE: "shop.idle",
    backfill_runs.ENDED: "shop.over",
    backfill_runs.NONE: "shop.idle",
}


async def show(visit: Visit) -> str:
    """One shop."""
    return await _page(visit, visit.session, await _named(visit, visit.session))


async def look(visit: Visit) -> Response:
    """A dry run of reading its past."""
    return await _begin(visit, is_dry=True)


async def read(visit: Visit) -> Response:
    """Its past is read into the books."""
    return await _begin(visit, is_dry=False)


async def pause(visit: Visit) -> Response:
    """The reading stops after the page under way."""
    return await _turn(visit, backfill_runs.pause, "past-paused")


async def resume(visit: Visit) -> Response:
    """The reading goes on where it stands."""
    return await _turn(visit, backfill_runs.resume, "past-begun")


async def let_go(visit: Visit) -> Response:
    """The shop is right: what the brake holds is repaired."""
    connection = await _acted_on(visit)
    why = " ".join(visit.form.get("reason", "").split())[:500]
    if not why:
        return await _refused(visit, connection, Trouble("held", "refusal.reason-missing"))
    await repair(visit.service.database, connection, None, visit.actor, why, clock.utc_now())
    await withdraw_orphans(Placing(visit.service.pipeline, visit.service.outbox))
    visit.service.wake.set()
    return visit.see(_path(connection), "held-let-go")


async def settings(visit: Visit) -> Response:
    """Settings that were typed over what stood on the page; nothing of it is changed if one value cannot be."""
    connection = await _acted_on(visit)
    known = SETTINGS[connection.platform]
    typed = {name: visit.form[name].strip() for name in known if name in visit.form}
    new = {name: value for name, value in typed.items() if value != visit.form.get(f"was-{name}", "").strip()}
    if not new.keys() <= await _can_set(visit, visit.service.database.reading(), connection):
        return await _refused(visit, connection, Trouble("settings", "setting.operator", typed=typed), 403)
    # What one value may be depends on others that are typed with it.
    typed_over = replace(connection, settings={**connection.settings, **new})
    wrong = [name for name, value in new.items() if not _is_usable(typed_over, name, value)]
    if wrong:
        return await _refused(visit, connection, Trouble("settings", "setting.wrong", typed=typed, wrong=wrong))
    for name, value in new.items():
        await change(visit.service, typed_over, name, value, visit.actor)
    return visit.see(_path(connection), "settings-kept" if new else "settings-same")


async def secrets(visit: Visit) -> Response:
    """From now on the shop is asked with these; those that were left empty stay."""
    connection = await _acted_on(visit)
    given = {
        name: visit.form.get(name, "").strip() for name in await _typed(visit.service.database.reading(), connection)
    }
    given = {name: secret for name, secret in given.items() if secret}
    if not given:
        return await _refused(visit, connection, Trouble("secrets", "shop.secrets-none"))
    try:
        told = await replace_secrets(visit.service, connection, given, visit.actor)
    except ConfigProblem as problem:
        return await _refused(visit, connection, Trouble("secrets", str(problem), quoted=True))
    if told["problem"]:
        return await _refused(visit, connection, Trouble("secrets", str(told["problem"]), quoted=True, kept=True), 200)
    return visit.see(_path(connection), "secrets-replaced")


async def _begin(visit: Visit, *, is_dry: bool) -> Response:
    connection = await _acted_on(visit)
    typed = visit.form.get("since", "").strip()
    try:
        since = await _since(visit, typed)
        await backfill_runs.start(
            visit.service.database, connection, since, visit.actor, clock.utc_now(), is_dry=is_dry, anew=not is_dry
        )
    except Permanent as problem:
        if str(problem) == backfill_runs.UNDER_WAY:
            return visit.see(_path(connection), "past-runs")
        return await _refused(visit, connection, _trouble(problem, since=typed))
    except ValueError:
        return await _refused(visit, connection, Trouble("past", "shop.no-day", typed={"since": typed}))
    visit.service.wake.set()
    return visit.see(_path(connection), "past-begun")


async def _turn(visit: Visit, turn: Callable[..., Awaitable[object]], said: str) -> Response:
    connection = await _acted_on(visit)
    try:
        await turn(visit.service.database, connection, visit.actor, clock.utc_now())
    except Permanent as problem:
        return await _refused(visit, connection, _trouble(problem))
    visit.service.wake.set()
    return visit.see(_path(connection), said)


async def _since(visit: Visit, typed: str) -> datetime | None:
    """The beginning of a day where the programme is. Raises ValueError."""
    if not typed:
        return None
    day = date.fromisoformat(typed)
    zone = await zone_of(visit.service.database.reading(), visit.programme.programme_number)
    return datetime.combine(day, time(), zone)


def _trouble(problem: Permanent, **typed: str) -> Trouble:
    said = _SAID.get(str(problem))
    return Trouble("past", said or str(problem), quoted=said is None, typed=typed)


def _path(connection: Connection) -> str:
    return HERE.format(connection=connection.public_id)


async def _named(visit: Visit, session: Session) -> Connection:
    named = str(visit.request.path_params["connection"])
    connection = await connection_of(session, visit.programme.programme_number, named)
    if connection is None:
        raise Problem(404, "Not found", "")
    return connection


async def _acted_on(visit: Visit) -> Connection:
    connection = await _named(visit, visit.service.database.reading())
    if connection.disconnected_at is not None:
        raise Problem(404, "Not found", "")
    return connection


async def _typed(session: Session, connection: Connection) -> tuple[str, ...]:
    """Shops with our plugin and apps that Shopify installs have secrets that no person types."""
    apps = {one.connection_number for one in await load_installations(session)}
    kinds = {one.kind for one in await kept_secrets(session, connection.number)}
    made = connection.number in apps or PLUGIN_TO_SERVICE in kinds
    return () if made else TYPED[connection.platform]


async def _can_set(visit: Visit, session: Session, connection: Connection) -> frozenset[str]:
    """What lets a shop's own people give points is not theirs to say, nor one person's where two must agree."""
    number = visit.programme.programme_number
    rulebook = (await load_programmes(session))[number].rulebook
    is_shops = visit.scope.visitor.connection_number is not None
    if is_shops or rulebook.in_force(clock.utc_now()).adjust.asks_for_two:
        return SETTINGS[connection.platform] - LETS_SHOPS_GIVE
    return SETTINGS[connection.platform]


def _is_usable(connection: Connection, name: str, value: str) -> bool:
    try:
        checked(connection, name, value)
    except ConfigProblem:
        return False
    return True


async def _page(visit: Visit, session: Session, connection: Connection, trouble: Trouble | None = None) -> str:
    shown = next(one for one in await connections_shown(visit, session) if one.connection.number == connection.number)
    secrets_kept = await kept_secrets(session, connection.number)
    can_set = await _can_set(visit, session, connection)
    it = ShopShown(
        shown,
        PastShown(shown.run),
        secrets_kept,
        await _typed(session, connection),
        settings_shown(can_set, connection.settings, CHOICES),
        can_set == SETTINGS[connection.platform],
    )
    may = {"look": visit.allows(Role.MANAGER), "own": visit.allows(Role.OWNER)}
    return shop_page(it, visit.frame("connection"), visit.language, may, trouble, clock.utc_now())


async def _refused(visit: Visit, connection: Connection, trouble: Trouble, status: int = 422) -> Response:
    return await shown_again(visit, lambda seen: _page(seen, seen.session, connection, trouble), status)


PAGES = (
    ConsolePage("GET", HERE, Role.READ_ONLY, show),
    ConsolePage("POST", f"{HERE}/past/look", Role.MANAGER, look, acts=True),
    ConsolePage("POST", f"{HERE}/past/read", Role.OWNER, read, acts=True),
    ConsolePage("POST", f"{HERE}/past/pause", Role.MANAGER, pause, acts=True),
    ConsolePage("POST", f"{HERE}/past/resume", Role.MANAGER, resume, acts=True),
    ConsolePage("POST", f"{HERE}/held", Role.OWNER, let_go, acts=True, moves=True),
    ConsolePage("POST", f"{HERE}/settings", Role.OWNER, settings, acts=True),
    ConsolePage("POST", f"{HERE}/secrets", Role.OWNER, secrets, acts=True),
)
