"""Linking two accounts: the address and the first session must both be proven, once, in time; and it can be undone."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector import clock
from connector.access.shopper_tokens import LINK, mint_token
from connector.people import linking
from connector.people.adjusting import adjust_points
from connector.people.merging import merge, unmerge
from connector.running.app import build_app
from connector.sandbox.shop import Basket
from connector.storage.atomic import atomic
from connector.storage.connections import create_connection
from connector.storage.programmes import create_programme
from connector.verify import verify
from loyalty_engine.errors import Refused
from tests.builders import MIA
from tests.journeys.world import CIRCLE, World, simulated, world

LINKED: dict[str, Any] = {
    **CIRCLE,
    "points": {"earn": {"rates": {"EUR": "1"}, "pending_days": 0}, "start": {"welcome": 20}},
}
ADDRESS = "Ada@Example.test"


@dataclass
class Shopper:
    """Somebody with an account in each shop. customers, members: by platform."""

    world: World
    http: httpx.AsyncClient
    customers: dict[str, int]
    members: dict[str, str]

    @property
    def number(self) -> int:
        return self.world.connections["shopify"].programme_number

    def bearer(self, platform: str = "shopify", member: str | None = None, scope: str = LINK) -> dict[str, str]:
        token, _ = mint_token(
            self.world.service.keys,
            self.number,
            self.world.connections[platform].number,
            member or self.members[platform],
            frozenset({scope}),
            clock.utc_now(),
        )
        return {"Authorization": f"Bearer {token}"}

    async def ask(self, address: str = ADDRESS, store: str | None = None, **more: Any) -> httpx.Response:
        body = {"connection": store or self.world.connections["woocommerce"].public_id, "address": address}
        return await self.http.post("/v1/me/links", json=body, headers=self.bearer(**more))

    async def asked(self) -> tuple[str, str]:
        """(path of the link, code)."""
        answer = await self.ask()
        assert answer.status_code == 202, answer.text
        return self.newest_link(), str(answer.json()["code"])

    def mails(self) -> list[Any]:
        folder = self.world.service.settings.mail_folder / "new"
        files = sorted(folder.glob("*.eml"), key=lambda each: each.stat().st_mtime_ns) if folder.exists() else []
        return [email.message_from_bytes(each.read_bytes(), policy=email.policy.default) for each in files]

    def newest_link(self) -> str:
        found = re.search(r"https://\S+(/link/\S+)", self.mails()[-1].get_content())
        assert found is not None
        return found[1]

    async def points(self) -> dict[str, int]:
        return {
            platform: (await self.world.ledger(platform))[customer] for platform, customer in self.customers.items()
        }

    async def merges(self) -> int:
        return await self.world.number("SELECT count(*) FROM merge")

    async def assert_clean(self) -> None:
        report = await verify(self.world.service.database, self.world.service.keys)
        assert report.ok, report.as_text()


@pytest.fixture
async def ada(prepared_database_url: str, tmp_path: Path) -> AsyncIterator[Shopper]:
    async with world(prepared_database_url, tmp_path, simulated(), document=LINKED) as made:
        customers, members = {}, {}
        for platform, units in (("shopify", 1), ("woocommerce", 4)):
            shop = made.shop(platform)
            customers[platform] = shop.register_customer("ada@example.test", "Ada", "Lovelace").id
            shop.place_order(customers[platform], Basket([(next(iter(shop.truth.products)), units)]))
        await made.deliver()
        for platform, customer in customers.items():
            [row] = await made.service.database.reading().rows(
                "SELECT member_id FROM identity WHERE connection_number = $1 AND customer_ref = $2",
                made.connections[platform].number,
                str(customer),
            )
            members[platform] = row["member_id"]
        transport = httpx.ASGITransport(build_app(made.service))
        async with httpx.AsyncClient(transport=transport, base_url="https://belong.example.com") as http:
            yield Shopper(made, http, customers, members)


def at(ada: Shopper, moment: datetime) -> None:
    ada.world.service.pipeline.now = lambda: moment


async def test_address_and_code_make_one_member_whom_both_shops_show(ada: Shopper) -> None:
    before = await ada.points()
    path, code = await ada.asked()
    assert ada.mails()[-1]["To"] == "ada@example.test"
    assert code not in ada.mails()[-1].get_content()
    assert await ada.world.number("SELECT count(DISTINCT member_id) FROM identity") == 2
    answer = await ada.http.post(path, data={"code": code.lower()})
    assert answer.status_code == 200, answer.text
    await ada.world.settle()
    # The welcome of 20 points counts once.
    total = before["shopify"] + before["woocommerce"] - 20
    assert await ada.points() == {"shopify": total, "woocommerce": total}
    shown = {platform: ada.world.shown(platform)[customer] for platform, customer in ada.customers.items()}
    assert shown == {"shopify": total, "woocommerce": total}
    await ada.assert_clean()


async def test_the_preview_is_what_becomes_of_it(ada: Shopper) -> None:
    path, code = await ada.asked()
    pending = await linking.look(ada.world.service.pipeline, path.rpartition("/")[2])
    assert pending.outlook is not None
    page = await ada.http.get(path)
    assert page.status_code == 200
    assert f"<td>{pending.outlook.merged['points']}</td>" in page.text
    assert await ada.merges() == 0
    await ada.http.post(path, data={"code": code})
    await ada.world.settle()
    assert (await ada.points())["shopify"] == pending.outlook.merged["points"]
    assert pending.outlook.once == (f"belong:joined:{ada.members['woocommerce']}",)


async def test_the_page_is_kept_nowhere_and_tells_nobody_its_address(ada: Shopper) -> None:
    path, _ = await ada.asked()
    headers = (await ada.http.get(path)).headers
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    stored = await ada.world.service.database.reading().rows("SELECT digest FROM link_request")
    assert path.rpartition("/")[2].encode() not in bytes(stored[0]["digest"])


async def test_a_link_works_once(ada: Shopper) -> None:
    path, code = await ada.asked()
    assert (await ada.http.post(path, data={"code": code})).status_code == 200
    before = await ada.points()
    assert (await ada.http.post(path, data={"code": code})).status_code == 410
    assert (await ada.http.get(path)).status_code == 410
    assert (await ada.points(), await ada.merges()) == (before, 1)


@pytest.mark.parametrize(("late", "status"), [(timedelta(microseconds=-1), 200), (timedelta(0), 410)])
async def test_a_link_lives_half_an_hour(ada: Shopper, late: timedelta, status: int) -> None:
    now = clock.utc_now()
    at(ada, now)
    path, code = await ada.asked()
    at(ada, now + timedelta(minutes=30) + late)
    assert (await ada.http.post(path, data={"code": code})).status_code == status
    assert await ada.merges() == (1 if status == 200 else 0)


async def test_a_forged_link_leads_nowhere(ada: Shopper) -> None:
    path, code = await ada.asked()
    other = path[:-1] + ("A" if path[-1] != "A" else "B")
    for forged in (other, path[:-1], "/link/zz" + path[8:], "/link/x", f"{path}A"):
        assert (await ada.http.get(forged)).status_code == 410
        assert (await ada.http.post(forged, data={"code": code})).status_code == 410
    assert await ada.merges() == 0


async def test_without_the_code_of_the_first_session_nothing_is_joined(ada: Shopper) -> None:
    path, code = await ada.asked()
    for wrong in ("", "BBBB-BBBB", code[:-1], "ü"):
        assert (await ada.http.post(path, data={"code": wrong})).status_code == 403
    assert (await ada.http.post(path, data={"code": "BBBB-BBBC"})).status_code == 403
    # Five were wrong: now the right one does not help any more.
    assert (await ada.http.post(path, data={"code": code})).status_code == 410
    assert await ada.merges() == 0


async def test_an_unknown_address_is_answered_the_same_and_nothing_is_mailed(ada: Shopper) -> None:
    unknown = await ada.ask("nobody@example.test")
    own = await ada.ask(ADDRESS, store=ada.world.connections["shopify"].public_id)
    known = await ada.ask()
    assert [a.status_code for a in (unknown, own, known)] == [202, 202, 202]
    assert {tuple(a.json()) for a in (unknown, own, known)} == {("code", "expires_at")}
    assert {len(a.json()["code"]) for a in (unknown, own, known)} == {9}
    assert len(ada.mails()) == 1


async def test_a_member_may_ask_five_times_a_day_and_an_address_gets_three_mails_an_hour(ada: Shopper) -> None:
    now = clock.utc_now()
    at(ada, now)
    assert [(await ada.ask()).status_code for _ in range(6)] == [202] * 5 + [429]
    assert len(ada.mails()) == 3
    at(ada, now + timedelta(days=1))
    assert (await ada.ask()).status_code == 202
    assert len(ada.mails()) == 4


async def test_requests_at_once_pass_no_limit(ada: Shopper) -> None:
    """Defect seen: on PostgreSQL all of them counted before any of them was there to be counted."""
    answers = await asyncio.gather(*(ada.ask() for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [429] * 7
    assert await ada.world.number("SELECT count(*) FROM link_request") == 5
    assert len(ada.mails()) == 3


async def test_stores_of_another_programme_are_unknown(ada: Shopper) -> None:
    async def found(session: Any) -> str:
        now = clock.utc_now()
        number = await create_programme(session, LINKED, now, now)
        other = await create_connection(
            session, number, "woocommerce", "https://b.example", "https://b.example", {}, now
        )
        return other.public_id

    theirs = await atomic(ada.world.service.database, found)
    assert (await ada.ask(store=theirs)).status_code == 404
    assert await ada.world.number("SELECT count(*) FROM link_request") == 0


async def test_a_token_for_something_else_links_nothing(ada: Shopper) -> None:
    assert (await ada.ask(scope="read")).status_code == 403
    assert ada.mails() == []


async def test_taking_a_link_back_restores_both(ada: Shopper) -> None:
    before = await ada.points()
    path, code = await ada.asked()
    await ada.http.post(path, data={"code": code})
    await ada.world.settle()
    [link] = (await ada.http.get("/v1/me/links", headers=ada.bearer())).json()["links"]
    store = ada.world.connections["woocommerce"].public_id
    assert (link["member"], link["store"]) == (ada.members["woocommerce"], store)
    undo = f"/v1/me/links/{link['member']}/undo"
    # Who is not the member has nothing to take back.
    stranger = ada.bearer("woocommerce", member=ada.members["woocommerce"])
    assert (await ada.http.post(undo, headers=stranger)).status_code == 404
    assert (await ada.http.post(undo, headers=ada.bearer())).status_code == 200
    await ada.world.settle()
    assert await ada.points() == before
    assert {p: ada.world.shown(p)[c] for p, c in ada.customers.items()} == before
    assert (await ada.http.get("/v1/me/links", headers=ada.bearer())).json() == {"links": []}
    assert (await ada.http.post(undo, headers=ada.bearer())).status_code == 404
    await ada.assert_clean()


async def test_who_was_merged_on_since_is_told_what_to_undo_first(ada: Shopper) -> None:
    path, code = await ada.asked()
    await ada.http.post(path, data={"code": code})
    shop = ada.world.shop("woocommerce")
    customer = shop.register_customer("bea@example.test", "Bea", "Byron").id
    shop.place_order(customer, Basket([(next(iter(shop.truth.products)), 1)]))
    await ada.world.deliver()
    [row] = await ada.world.service.database.reading().rows(
        "SELECT member_id FROM identity WHERE customer_ref = $1 AND connection_number = $2",
        str(customer),
        ada.world.connections["woocommerce"].number,
    )
    bea, linked = row["member_id"], ada.members["woocommerce"]
    pipeline = ada.world.service.pipeline
    await merge(pipeline, ada.number, ada.members["shopify"], bea, "merchant", MIA)
    await ada.world.settle()
    held = await ada.points()
    bearer = ada.bearer("woocommerce", member=bea)
    assert [one["member"] for one in (await ada.http.get("/v1/me/links", headers=bearer)).json()["links"]] == [linked]
    answer = await ada.http.post(f"/v1/me/links/{linked}/undo", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (409, "merged-on")
    assert answer.json()["numbers"] == {"member": ada.members["shopify"], "merge": 1, "survivor": bea}
    assert "joined with another one" in answer.json()["detail"]
    assert await ada.points() == held
    await unmerge(pipeline, ada.number, ada.members["shopify"], MIA, "they are two")
    assert (await ada.http.post(f"/v1/me/links/{linked}/undo", headers=ada.bearer())).status_code == 200
    await ada.world.settle()
    await ada.assert_clean()


async def test_a_link_is_not_taken_back_once_its_points_are_spent(ada: Shopper) -> None:
    path, code = await ada.asked()
    await ada.http.post(path, data={"code": code})
    await ada.world.settle()
    held = await ada.points()
    survivor, pipeline = ada.members["shopify"], ada.world.service.pipeline
    programme = ada.world.connections["shopify"].programme_number
    await adjust_points(pipeline, programme, survivor, -held["shopify"], "all", MIA, "spent")
    answer = await ada.http.post(f"/v1/me/links/{ada.members['woocommerce']}/undo", headers=ada.bearer())
    assert (answer.status_code, answer.json()["code"]) == (409, "merged-points-spent")
    assert str(answer.json()["numbers"]["missing"]) in answer.json()["detail"]
    assert len((await ada.http.get("/v1/me/links", headers=ada.bearer())).json()["links"]) == 1
    await ada.world.settle()
    assert await ada.points() == {"shopify": 0, "woocommerce": 0}
    await ada.assert_clean()


async def test_what_was_joined_otherwise_meanwhile_is_refused(ada: Shopper) -> None:
    path, code = await ada.asked()
    second, other = await ada.asked()
    assert (await ada.http.post(second, data={"code": other})).status_code == 200
    await ada.world.settle()
    with pytest.raises(Refused, match="link-over"):
        await linking.confirm(ada.world.service.pipeline, path.rpartition("/")[2], code)
    assert await ada.merges() == 1
