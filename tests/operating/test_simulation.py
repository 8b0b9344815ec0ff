"""``belong simulate``: from the books it finds what the ledger says, from a file what is in it; it writes nothing."""

from __future__ import annotations

import gzip
import json
import pickle
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from connector.cli.main import cli
from connector.errors import Unreadable
from connector.programmes.shop_facts import facts_of_histories, percentile
from connector.programmes.simulation import (
    Chunk,
    OrdersFile,
    OrdersRead,
    Question,
    file_histories,
    own_histories,
    read_orders,
    simulate,
)
from connector.storage.programmes import load_programmes
from loyalty_engine.programme import Rulebook, parse_programme, read_document
from loyalty_engine.programme.resolve import resolve
from loyalty_engine.simulate import Habit
from tests.builders import DOCUMENT, shopfront
from tests.connector.rewarding import reward_shop
from tests.payloads import woocommerce_bodies
from tests.payloads.stories import SoldLine, Story

ZONE = ZoneInfo("America/New_York")
DATA = Path(__file__).parent.parent / "data" / "cdnow_sample_transactions.csv.gz"
DEFAULT = Path(__file__).parent.parent / "engine" / "data" / "default-programme.toml"
UNTIL = datetime(1998, 6, 30, 23, tzinfo=ZONE)


def told(_members: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture
def cdnow(tmp_path: Path) -> OrdersRead:
    path = tmp_path / "cdnow.csv"
    path.write_bytes(gzip.decompress(DATA.read_bytes()))
    return read_orders(OrdersFile(path, "USD", ZONE, ("customer_id", "date", "amount_usd")))


async def test_the_default_programme_on_real_orders(cdnow: OrdersRead) -> None:
    """Two thousand customers of a music shop. Beside them what the same replay was expected to give: 45 % of points
    redeemed, 30 % expired, 25 % outstanding; cost 1.73 % and liability 0.93 % of revenue; 20 % ever redeem.
    """
    facts = await facts_of_histories(file_histories(cdnow), "America/New_York", "USD", UNTIL)
    document = resolve(read_document(DEFAULT.read_text(encoding="utf-8"), "toml"), facts).document
    programme = parse_programme(document, 1, datetime(1996, 12, 1, tzinfo=UTC))
    question = Question(Rulebook((programme,)), None, UNTIL, Habit.SOON)
    found = (await simulate(question, file_histories(cdnow), told, processes=2)).document()
    points = found["points"]
    assert (found["members"], found["orders"]) == (2357, 6919)
    assert points["earned"] == points["redeemed"] + points["expired"] + points["outstanding"]
    assert Decimal(40) < Decimal(points["redeemed_percent"]) < Decimal(52)
    assert Decimal(20) < Decimal(points["expired_percent"]) < Decimal(35)
    assert Decimal("1.4") < Decimal(found["reward_cost_percent"]) < Decimal("1.9")
    assert Decimal("0.8") < Decimal(found["liability_percent"]) < Decimal("1.1")
    assert sum(found["tiers"].values()) == 2357
    assert found["badges"]["first_order:bronze"] == 2357


async def test_one_process_finds_what_two_find(cdnow: OrdersRead) -> None:
    document = {**DOCUMENT, "programme": {**DOCUMENT["programme"], "currency": "USD"}}
    document["points"] = {"earn": {"per_unit": 1}}
    programme = parse_programme(document, 1, datetime(1996, 12, 1, tzinfo=UTC))
    question = Question(Rulebook((programme,)), None, UNTIL, Habit.NEVER)

    async def some() -> AsyncIterator[Chunk]:
        count = 0
        async for chunk in file_histories(cdnow):
            yield chunk
            count += 1
            if count == 3:
                return

    answers = [(await simulate(question, some(), told, processes)).document() for processes in (1, 2)]
    assert answers[0] == answers[1]
    assert answers[0]["members"] == 600


async def test_the_books_replayed_under_their_own_rules_give_the_ledger(prepared_database_url: str) -> None:
    async with shopfront(prepared_database_url) as shop:
        for number, net in enumerate([1000, 2599, 40_000, 7777]):
            story = Story((SoldLine(90001, 1, net),), order_id=6000 + number, customer=7 + number % 2)
            await shop.receive("order.created", woocommerce_bodies.webhook(story))
        session = shop.database.reading()
        rules = (await load_programmes(session))[shop.programme].rulebook
        question = Question(rules, rules, shop.clock() + timedelta(days=2), Habit.NEVER)
        answer = await simulate(question, own_histories(session, shop.programme), told, processes=1)
        found = answer.document()
        assert found["before"] == found["after"]
        assert found["after"]["points"]["outstanding"] == sum((await shop.points()).values())
        assert found["after"]["members"] == 2
        before = await shop.entries()
    assert len(before) == found["after"]["orders"]


GIVING = {
    **DOCUMENT,
    "points": {
        "earn": {"rates": {"EUR": "1"}, "pending_days": 0},
        "start": {"welcome": 20, "confirm_email": False},
    },
    "rewards": [{"id": "five", "kind": "amount", "points": 500, "value": "5.00"}],
}


async def test_activities_and_what_was_really_redeemed_are_replayed(prepared_database_url: str) -> None:
    async with reward_shop(prepared_database_url, document=GIVING) as shop:
        used = await shop.redeem("five")
        await shop.settle()
        shop.front.clock.forward(minutes=1)
        await shop.order(2, 9_500, code=(await shop.shown(used))["code"])
        assert await shop.balance() == 1_000 + 20 - 500 + 95
        session = shop.front.database.reading()
        rules = (await load_programmes(session))[shop.front.programme].rulebook
        question = Question(rules, None, shop.front.clock() + timedelta(days=2), Habit.RECORDED)
        answer = await simulate(question, own_histories(session, shop.front.programme), told, processes=1)
        found = answer.document()
    assert (found["orders"], found["activities"], found["redemptions"]) == (2, 1, 1)
    assert found["points"]["outstanding"] == 1_000 + 20 - 500 + 95
    assert (found["revenue"], found["reward_cost"]) == ("1095.00", "5.00")
    assert "adjustments" in found["not_replayed"]


async def test_a_chunk_of_a_file_crosses_to_another_process_as_lines(cdnow: OrdersRead) -> None:
    chunk = await anext(file_histories(cdnow))
    there = pickle.loads(pickle.dumps(chunk))
    assert list(there) == list(chunk)
    assert sum(len(history.orders) for history in there) > len(chunk) == 200
    assert len(pickle.dumps(chunk)) < len(pickle.dumps(list(chunk))) / 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("customer_id,date\n1,2026-01-01\n", "orders.csv has no column amount; it has customer_id, date."),
        (
            "customer_id,date,amount\n1,2026-13-01,1.00\n",
            "Line 2 of orders.csv cannot be read: month must be in 1..12.",
        ),
        (
            'customer_id,date,amount\n1,2026-01-01,1.00\n2,2026-01-01,"1,00"\n',
            "Line 3 of orders.csv cannot be read: not an amount: '1,00'.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_names_the_line(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable) as error:
        read_orders(OrdersFile(path, "EUR", ZONE))
    assert str(error.value) == sentence


def test_the_command_answers_for_people_and_for_programs(tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text(
        "\ufeffcustomer_id,date,amount\n1,2026-01-05,120.00\n1,2026-03-01,30.00\n2,2026-02-01,9.99\n", "utf-8"
    )
    programme = tmp_path / "new.json"
    programme.write_text(
        json.dumps({**DOCUMENT, "rewards": [{"id": "five", "kind": "amount", "points": 100, "value": "5.00"}]})
    )
    asked = ["simulate", "--programme", str(programme), "--orders", str(orders), "--processes", "1"]
    answer = CliRunner().invoke(cli, [*asked, "--json"])
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.stdout)
    assert found["points"]["earned"] == 120 + 25 + 9
    assert (found["redemptions"], found["reward_cost"]) == (1, "5.00")
    text = CliRunner().invoke(cli, asked)
    assert text.exit_code == 0
    assert "2 members, 3 orders, 154.99 EUR of goods" in text.stdout
    never = CliRunner().invoke(cli, [*asked, "--habit", "never", "--json"])
    assert json.loads(never.stdout)["points"]["outstanding"] == 120 + 30 + 9


@pytest.mark.parametrize(("percent", "value"), [(1, 1), (50, 5), (51, 6), (80, 8), (81, 9), (99, 10)])
def test_a_percentile_is_the_nearest_rank(percent: int, value: int) -> None:
    assert percentile(range(1, 11), percent) == value
