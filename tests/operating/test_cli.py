"""`belong` as an operator types it: real processes, real files, real HTTP on this machine."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from connector import clock
from connector.cli.main import cli
from connector.sandbox.shop import Basket
from connector.sandbox.woocommerce import SimulatedWooCommerce
from tests.connector.home import KEY, SECRET, Home, simulated_shop
from tests.forked import Said


@pytest.fixture(autouse=True)
def the_log_stays_as_it_was() -> Iterator[None]:
    """Commands that run in this process set up the log of a process of their own."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def shop() -> Iterator[SimulatedWooCommerce]:
    with simulated_shop() as found:
        yield found


def connected(home: Home, shop: SimulatedWooCommerce, *options: str) -> str:
    """Connect the simulated shop; what the command printed."""
    home.environment["BELONG_ALLOW_PRIVATE_HOSTS"] = shop.base_url.removeprefix("http://")
    secrets = {"BELONG_WOOCOMMERCE_KEY": KEY, "BELONG_WOOCOMMERCE_SECRET": SECRET}
    return home.must("connect", "woocommerce", shop.base_url, *options, **secrets)


def deliver(shop: SimulatedWooCommerce) -> list[int]:
    """Send every webhook that waits; the answers."""

    async def drain() -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            shop.courier.http = http
            await shop.courier.drain()

    done = len(shop.courier.log)
    asyncio.run(drain())
    return [attempt.status for attempt in shop.courier.log[done:]]


def assert_sentence(said: Said, *words: str, code: int = 2) -> None:
    """One sentence, a code, and nothing else: no traceback, no secret."""
    assert said.code == code, said
    assert said.out == ""
    assert said.err.startswith("belong: ") and len(said.err.splitlines()) == 1, said.err
    assert all(word in said.err for word in words), said.err
    assert SECRET not in said.err


def buys(shop: SimulatedWooCommerce, customer_id: int) -> int:
    """One order of one thing; the points that it is worth at one point for a euro."""
    product = next(iter(shop.truth.products.values()))
    order = shop.place_order(customer_id, Basket(items=[(product.id, 1)]))
    return sum(line.net_minor for line in order.lines) // 100


def test_from_a_fresh_home_to_a_member_that_a_key_may_read(home: Home, shop: SimulatedWooCommerce) -> None:
    with home.serving(BELONG_ALLOW_PRIVATE_HOSTS=shop.base_url.removeprefix("http://")) as service:
        said = connected(home, shop, "--back-pay-days", "1", "--pending-days", "0")
        assert f"{shop.base_url} is connected to programme 1.\n" in said
        assert f"Webhooks go to: {service.url}/hooks/woocommerce/" in said
        assert said.count("created the webhook for ") == 7
        connection = said.split("Connection id: ")[1].split()[0]

        key = home.must("keys", "create", "--name", "support").strip()
        bearer = {"Authorization": f"Bearer {key}"}
        customer = shop.register_customer("ada@example.test", "Ada", "L")
        worth = buys(shop, customer.id)
        assert set(deliver(shop)) == {200}
        lookup = f"/v1/members?connection={connection}&customer={customer.id}"
        member = service.until(lookup, {"balance": worth, "entries": 1}, **bearer)
        assert (member["available"], member["lifetime"], worth > 0) == (worth, worth, True)

        status = home.must("status")
        assert f"{shop.base_url} (programme 1)" in status and "needs you" not in status
        assert "parked    0" in status
        assert "Everything agrees" in home.must("verify")
        assert json.loads(home.must("verify", "--json"))["ok"] is True
        assert f"{key.partition('.')[0]}  programme 1  valid  members:read  support" in home.must("keys", "list")
        assert key.partition(".")[2] not in home.must("keys", "list")

        home.must("keys", "revoke", key.partition(".")[0])
        assert service.get(lookup, **bearer).status_code == 401
        assert_sentence(home.run("keys", "revoke", key.partition(".")[0]), "There is no valid key bk_")
        assert_sentence(home.run("serve", BELONG_PORT=service.url.rpartition(":")[2]), "Another process is writing")
        assert_sentence(home.run("serve"), "Another process is writing")
        stopped = service.stop()
    assert (stopped.code, "Traceback" in stopped.err) == (0, False)
    assert not (home.folder / "service.json").exists()
    assert "Everything agrees" in home.must("verify")


@pytest.mark.parametrize(
    ("answer", "sentence"), [("", "there is nobody to answer"), ("n\n", "That was no yes: nothing was changed.")]
)
def test_a_question_without_a_yes_ends_in_a_sentence(home: Home, answer: str, sentence: str) -> None:
    for command in (("keys", "drop-old"), ("member", "erase", "0" * 32, "--reason", "asked for it")):
        said = home.run(*command, answer=answer)
        assert (said.code, len(said.err.splitlines())) == (2, 1), said
        assert said.err.startswith("belong: ") and sentence in said.err, said
    assert not home.folder.exists(), "nothing was even opened"


def test_a_programme_is_published_paused_and_resumed_and_tells_why(
    home: Home, shop: SimulatedWooCommerce, tmp_path: Path
) -> None:
    document = tmp_path / "next.toml"
    with home.serving(BELONG_ALLOW_PRIVATE_HOSTS=shop.base_url.removeprefix("http://")) as service:
        connected(home, shop)
        document.write_text(home.must("programme", "new", "plain-3"))
        assert "points.earn.per_unit: 1 -> 3" in home.must("programme", "diff", str(document))
        published = home.must("programme", "publish", str(document), "--tell", "--reason", "A better rate")
        assert "Programme 1 has version 2, in force from " in published and "  New: 3 points for every" in published
        assert "programme 1 version 2, in force from " in home.must("programme", "show")
        assert home.run("programme", "pause").code == 2
        assert_sentence(home.run("programme", "pause", "--reason", " "), "Say why, as a reason")
        assert "Programme 1 is paused." in home.must("programme", "pause", "--reason", "We move our shop")
        assert_sentence(home.run("programme", "pause", "--reason", "Again"), "Programme 1 is paused since ")
        assert "Programme 1 goes on" in home.must("programme", "resume", "--reason", "It is moved")
        done = [line.partition(" UTC ")[2] for line in home.must("programme", "show").splitlines()[-4:]]
        assert [one.partition(" ")[2] for one in done] == [
            "published version 1",
            "published version 2: A better rate",
            "paused it: We move our shop",
            "let it go on: It is moved",
        ]
        reader = {"Authorization": f"Bearer {home.must('keys', 'create', '--scope', 'programme:read').strip()}"}
        changes = service.get("/v1/programme", **reader).json()["changes"]
        assert [(one["act"], one["reason"]) for one in changes] == [
            ("publish", ""),
            ("publish", "A better rate"),
            ("pause", "We move our shop"),
            ("resume", "It is moved"),
        ]


def test_a_planned_version_is_withdrawn_after_a_question_and_the_list_says_so(
    home: Home, shop: SimulatedWooCommerce, tmp_path: Path
) -> None:
    document, begins = tmp_path / "next.toml", f"{clock.utc_now() + timedelta(days=30):%Y-%m-%d}"
    with home.serving(BELONG_ALLOW_PRIVATE_HOSTS=shop.base_url.removeprefix("http://")):
        connected(home, shop)
        document.write_text(home.must("programme", "new", "plain-3"))
        home.must("programme", "publish", str(document), "--from", begins)
        withdraw = ("programme", "withdraw", "2", "--reason", "Too early")
        refused = home.run(*withdraw, answer="n\n")
        assert "It never will; version 1 holds then." in refused.out and refused.code == 2
        assert "withdrawn" not in home.must("programme", "show")
        assert "Version 2 is withdrawn. Version 1 holds" in home.must(*withdraw, "--yes")
        assert_sentence(home.run(*withdraw), "It was withdrawn already.")
        assert_sentence(
            home.run("programme", "withdraw", "1", "--reason", "x"), "It holds, has held, or begins within a minute."
        )
        assert_sentence(home.run("programme", "withdraw", "7", "--reason", "x"), "The programme has no such version.")
        said = home.must("programme", "show")
        assert "programme 1 version 2, withdrawn, was to begin " in said
        assert said.splitlines()[-1].endswith("withdrew version 2 before it began: Too early")


def test_a_correction_is_shown_first_and_compared_with_what_came_of_it(
    home: Home, shop: SimulatedWooCommerce, tmp_path: Path
) -> None:
    with home.serving(BELONG_ALLOW_PRIVATE_HOSTS=shop.base_url.removeprefix("http://")) as service:
        connection = connected(home, shop, "--back-pay-days", "1").split("Connection id: ")[1].split()[0]
        bearer = {"Authorization": f"Bearer {home.must('keys', 'create', '--name', 'support').strip()}"}
        customer = shop.register_customer("ada@example.test", "Ada", "L")
        worth = buys(shop, customer.id)
        assert set(deliver(shop)) == {200}
        lookup = f"/v1/members?connection={connection}&customer={customer.id}"
        service.until(lookup, {"balance": worth}, **bearer)
        document = tmp_path / "next.toml"
        document.write_text(home.must("programme", "new", "plain-3"))
        home.must("programme", "publish", str(document))
        net = sum(line.net_minor for order in shop.truth.orders.values() for line in order.lines)
        more = net * 3 // 100 - worth
        now = clock.utc_now()
        span = ("--from", (now - timedelta(days=1)).isoformat(), "--until", now.isoformat())
        correct = ("programme", "correct", "--wrong", "1", "--right", "2", *span)
        said = home.must(*correct)
        assert f"1 members get another sum, {more:+d} points in all." in said and "Nothing was changed." in said
        assert home.run(*correct, "--apply").code == 2
        why = ("--apply", "--reason", "One in place of three")
        said = home.must(*correct, *why)
        assert f"Corrected: {more:+d} points for 1 members.\nThat is what the preview said." in said
        service.until(lookup, {"balance": worth + more}, **bearer)
        assert f"Corrected: {more:+d} points for 1 members." in home.must("programme", "correcting")
        assert_sentence(home.run(*correct, *why), "Version 1 is corrected from ")
        last = home.must("programme", "show").splitlines()[-1]
        assert "corrected version 1 by 2 for what was paid " in last and last.endswith(": One in place of three")


def test_sigterm_loses_nothing_that_was_answered(home: Home, shop: SimulatedWooCommerce) -> None:
    """Defect seen: after SIGTERM the signal was raised again and killed the process in the middle of tidying up."""
    with home.serving(BELONG_ALLOW_PRIVATE_HOSTS=shop.base_url.removeprefix("http://")) as service:
        connected(home, shop, "--back-pay-days", "1")
        customers = [shop.register_customer(f"{n}@example.test", "Ada", "L") for n in range(5)]
        worth = [buys(shop, customer.id) for customer in customers]
        assert set(deliver(shop)) == {200}
        stopped = service.stop()
    assert (stopped.code, "ERROR" in stopped.err, "Traceback" in stopped.err) == (0, False, False)
    assert sorted(path.name for path in home.folder.iterdir()) == ["belong.lock", "belong.sqlite3", "master.key"]
    with home.serving() as service:
        key = home.must("keys", "create").strip()
        connection = home.must("status").split("/hooks/woocommerce/")[1].partition("/")[0]
        for customer, points in zip(customers, worth, strict=True):
            lookup = f"/v1/members?connection={connection}&customer={customer.id}"
            service.until(lookup, {"balance": points}, Authorization=f"Bearer {key}")


def test_commands_work_without_a_service_and_errors_are_one_sentence(home: Home, shop: SimulatedWooCommerce) -> None:
    assert_sentence(home.run("status"), "There is no database at")
    assert_sentence(home.run("verify"), "There is no master key at")
    assert not home.folder.exists()
    said = connected(home, shop)
    assert f"{shop.base_url} is connected to programme 1.\n" in said
    assert stat.S_IMODE((home.folder / "master.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700
    again = home.run("connect", "woocommerce", shop.base_url + "/", "--consumer-key", KEY, "--consumer-secret", SECRET)
    assert_sentence(again, "is connected already")
    assert home.must("replay") == "In line again: nothing.\n"
    assert json.loads(home.must("reconcile")) == {"1": {"read": 0, "asked": 0, "found": 0, "held": 0}}
    assert_sentence(home.run("keys", "create", "--programme", "9"), "There is no programme 9.")
    (home.folder / "master.key").rename(home.folder / "copy.key")
    assert_sentence(home.run("keys", "create"), "was written with a master key", "Put your copy of it there")
    assert not (home.folder / "master.key").exists()
    home.must("keys", "master")
    assert_sentence(home.run("keys", "create"), "this is not the key it was written with")
    os.replace(home.folder / "copy.key", home.folder / "master.key")
    (home.folder / "master.key").chmod(0o644)
    assert_sentence(home.run("serve"), "Others can read the master key.", "chmod 600")
    (home.folder / "master.key").chmod(0o600)
    assert len(home.must("keys", "create").strip()) > 40


def test_a_shop_that_stops_answering_makes_reconcile_fail_visibly(home: Home) -> None:
    with simulated_shop() as shop:
        connected(home, shop)
    said = home.run("reconcile")
    assert (said.code, list(json.loads(said.out)["1"])) == (1, ["problem"])
    report = home.run("reconcile", "--report")
    assert report.code == 1 and "Nobody knows: the last 90 days were never read to the end." in report.out
    page = home.folder / "books.html"
    report = home.run("reconcile", "--report", "--html", str(page), "--language", "de")
    assert (report.code, report.out) == (1, f"Wrote {page}.\n")
    assert "Noch unbekannt" in page.read_text("utf-8")
    assert_sentence(home.run("reconcile", "--html", str(home.folder / "no" / "where.html")), "cannot be written")
    assert_sentence(home.run("reconcile", "--language", "de"), "goes with --html")


def test_a_report_without_a_shop_says_that_there_is_none(home: Home) -> None:
    with home.serving():
        report = home.run("reconcile", "--report")
    assert (report.code, report.out.startswith("No shop is connected")) == (0, True)


def test_a_port_that_is_taken_is_a_sentence(home: Home, shop: SimulatedWooCommerce) -> None:
    port = shop.base_url.rpartition(":")[2]
    said = home.run("serve", BELONG_PORT=port)
    assert_sentence(said, f"Port {port} on 127.0.0.1 cannot be used: Address already in use. Set BELONG_PORT.")
    assert not home.folder.exists() or not (home.folder / "belong.sqlite3").exists()


def test_a_database_that_cannot_be_used_is_a_sentence(home: Home, tmp_path: Path) -> None:
    """Defect seen: tracebacks."""
    (tmp_path / "text").write_text("hello, I am no database, and long enough to be looked at" * 20)
    for url, words in (
        ("mysql://root:hidden-word@127.0.0.1/x", "DATABASE_URL must begin with"),
        (f"sqlite://{tmp_path / 'text'}", "The database cannot be used: file is not a database"),
        ("postgresql://u:hidden-word@127.0.0.1:1/x", "The database cannot be used"),
    ):
        said = home.run("status", DATABASE_URL=url)
        assert_sentence(said, words)
        assert "hidden-word" not in said.err


def test_one_process_has_every_role_on_an_embedded_database(home: Home) -> None:
    assert_sentence(home.run("serve", "--role", "web"), "An embedded database has one process")
    assert not home.folder.exists()


USAGE = [
    ["frobnicate"],
    ["serve", "--role", "cook"],
    ["connect", "magento"],
    ["connect", "woocommerce"],
    ["keys", "create", "--programme", "0"],
    ["keys", "create", "--programme", "99999999999999999999"],
    ["programme", "publish"],
    ["programme", "publish", "no-such-file.toml"],
    ["programme", "correct", "--wrong", "1"],
    ["programme", "pause", "--programme", "one"],
    ["connect", "woocommerce", "https://x.example", "--consumer-key", "k", "--consumer-secret", "s"]
    + ["--template", "plain-1", "--rate", "2"],
    ["connect", "woocommerce", "https://x.example", "--consumer-key", "k", "--consumer-secret", "s"]
    + ["--programme", "1", "--currency", "USD"],
    ["secret", "c0ffee", "password", "--value", "x"],
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_nonsense_is_refused_before_anything_is_opened(arguments: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, arguments, env={"BELONG_HOME": str(tmp_path / "home")})
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (2, True)
    assert not (tmp_path / "home").exists()


def every_command() -> list[list[str]]:
    groups = {name: command for name, command in cli.commands.items()}
    found = [[name] for name in groups]
    found += [[name, inner] for name, group in groups.items() for inner in getattr(group, "commands", {})]
    return [[], *found]


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_command_explains_itself(command: list[str]) -> None:
    result = CliRunner().invoke(cli, [*command, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith("Usage: cli") and len(result.output.split("\n\n")[1].strip()) > 20
